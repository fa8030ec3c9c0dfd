"""First values: the same however they are drawn, and drawn only where somebody needs them."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from engine.graph import chain
from engine.initialisers import INITIALISERS, PIECE, initialise
from engine.network import Network
from engine.preparation import prepare
from engine.settings import TrainingSettings
from engine.spec import Parameter, make
from engine.store import Store

SHAPE = 3, PIECE // 2 + 7  # more than one piece


@pytest.mark.parametrize("name", sorted(set(INITIALISERS) - {"orthogonal"}))
def test_large_layers_get_the_numbers_that_they_would_get_at_once(name: str) -> None:
    parameter, into = Parameter(SHAPE, fan_in=50, fan_out=20, initial=name), np.empty(SHAPE, np.float32)
    initialise(parameter, np.random.default_rng(5), into)
    at_once = INITIALISERS[name](parameter, np.random.default_rng(5), into.size).reshape(SHAPE).astype(np.float32)
    np.testing.assert_array_equal(into, at_once)
    if name == "he_normal":
        expected = (np.random.default_rng(5).standard_normal(SHAPE) * sqrt(2 / 50)).astype(np.float32)
        np.testing.assert_array_equal(into, expected)


def test_rows_are_at_right_angles_also_in_a_large_layer() -> None:
    into = np.empty((4, PIECE), np.float32)
    initialise(Parameter(into.shape, fan_in=4, fan_out=4, initial="orthogonal"), np.random.default_rng(0), into)
    np.testing.assert_allclose(into @ into.T, np.eye(4), atol=1e-5)


def test_kernels_are_prepared_without_drawing_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("first values were drawn")

    monkeypatch.setattr(Store, "reset", refuse)
    graph = chain(make("input", shape=(1, 6, 6)), make("conv2d", out_channels=2), make("flatten"), make("dense"))
    assert list(prepare(graph, TrainingSettings(batch=4, threads=1)))
    with pytest.raises(AssertionError, match="first values were drawn"):
        Network(graph)
