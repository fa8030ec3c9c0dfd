"""The engine as a library: everything it promises is there, and what computes is loaded on first use."""

import subprocess
import sys
from pathlib import Path

import pytest

import engine
from tests.patience import PATIENCE_S

FIRST_USE = """
import sys, engine
engine.infer(engine.template("lenet5"))
assert "numba" not in sys.modules
engine.Network(engine.template("lenet5"))
assert "numba" in sys.modules
"""


def test_every_promised_name_is_there() -> None:
    assert [name for name in engine.__all__ if not hasattr(engine, name)] == []
    assert set(engine.__all__) <= set(dir(engine))


def test_an_unknown_name_is_missing_as_in_any_module() -> None:
    with pytest.raises(AttributeError, match=r"^module 'engine' has no attribute 'Netwerk'$"):
        _ = engine.Netwerk


def test_what_computes_is_loaded_on_first_use(project: Path) -> None:
    subprocess.run([sys.executable, "-c", FIRST_USE], cwd=project, check=True, timeout=PATIENCE_S)


def test_kinds_of_layers_can_be_asked_for_again_and_again() -> None:
    import engine

    assert engine.layer_kinds() == engine.layer_kinds()  # `engine.layers` would be the package once it is loaded
