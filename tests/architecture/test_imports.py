"""What the window and the engine load, looked at in processes of their own."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE_S

# Walks by hand: pkgutil.walk_packages would swallow the ImportError that matters.
IMPORT_ALL = """
import importlib, pkgutil, sys

def load(name):
    module = importlib.import_module(name)
    for entry in pkgutil.iter_modules(getattr(module, "__path__", ())):
        if entry.name != "__main__":
            load(f"{name}.{entry.name}")

package, *forbidden = sys.argv[1:]
load(package)
print(*(name for name in forbidden if name in sys.modules))
"""


@pytest.mark.parametrize(
    ("package", "forbidden"),
    [("convstudio", ["numba", "llvmlite", "torch"]), ("engine", ["PySide6", "pyqtgraph", "convstudio", "torch"])],
)
def test_importing_all_of_a_package_loads_nothing_forbidden(project: Path, package: str, forbidden: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, package, *forbidden],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
