"""One layer against its reference, forward and backward, with lanes that are full, partly filled and empty."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from drawn_layers import Case

from engine.errors import EngineError
from engine.lowering import tiles
from engine.network import Network
from engine.shapes import infer
from engine.spec import Layer, Shape

BATCHES = (1, 5, 17)
Agreement = Callable[..., None]


@pytest.fixture(autouse=True)
def few_tile_shapes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shapes of tiles that the conformance suite compiles, so that they are compiled once."""
    monkeypatch.setattr(tiles, "ROWS", (1, 3))
    monkeypatch.setattr(tiles, "COLUMNS", (1, 4))


def _close(found: Any, wanted: Any, what: str) -> None:
    np.testing.assert_allclose(found, wanted, rtol=2e-5, atol=2e-5 * max(1.0, np.abs(wanted).max()), err_msg=what)


def _agrees(layer: Layer, *inputs: Shape, batches: tuple[int, ...] = BATCHES, spread: float = 2.0) -> None:
    network = Network(Case(layer, inputs, 1).graph, seed=3)
    rng = np.random.default_rng(7)
    for array in network.parameters.values():
        array[...] = rng.standard_normal(array.shape)
    own = {name.partition(".")[2]: a.astype(float) for name, a in network.store.arrays.items()}
    for batch in batches:
        xs = [(rng.standard_normal((batch, *shape)) * spread).astype(np.float32) for shape in inputs]
        named = {f"input{port}": x for port, x in enumerate(xs)}
        y, pullback = layer.reference(own, *(x.astype(float) for x in xs))
        dy = rng.standard_normal(y.shape)
        wanted, found = pullback(dy), network.pullback(named, dy)
        _close(network.predict(named), y, f"y of {batch}")
        for port, dx in enumerate(wanted.get("xs") or [wanted["x"]]):
            _close(found[f"input{port}"], dx, f"dx of input {port}, {batch} samples")
        for name in own:
            _close(found[f"layer.{name}"], wanted[name], f"gradient of {name}, {batch} samples")


@pytest.fixture
def agrees() -> Agreement:
    """Compares a layer with its reference: `agrees(layer, shape, ...)`."""
    return _agrees


def _problem(layer: Layer, *inputs: Shape) -> str:
    problems = infer(Case(layer, inputs, 1).graph).problems
    assert len(problems) == 1
    return problems[0].text


@pytest.fixture
def problem() -> Callable[..., str]:
    """The sentence about a layer that its inputs do not suit; the layer is called "layer"."""
    return _problem


@pytest.fixture
def refusal() -> Callable[..., str]:
    """The sentence of the error that a call raises."""

    def sentence(call: Callable[..., Any], *args: Any, **settings: Any) -> str:
        with pytest.raises(EngineError) as caught:
            call(*args, **settings)
        return str(caught.value)

    return sentence
