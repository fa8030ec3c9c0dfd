"""Layers that join several inputs, also the same one twice and behind a ReLU."""

from collections.abc import Callable

import numpy as np
import pytest

from engine import Graph, Network, make

IMAGE = (3, 4, 5)


@pytest.mark.parametrize("kind", ["add", "multiply"])
@pytest.mark.parametrize("inputs", [2, 3, 4])
def test_joins_number_by_number(kind: str, inputs: int, agrees: Callable[..., None]) -> None:
    agrees(make(kind), *[IMAGE] * inputs)


def test_concatenates_channels(agrees: Callable[..., None]) -> None:
    agrees(make("concatenate"), (3, 4, 5), (1, 4, 5), (17, 4, 5))
    agrees(make("concatenate"), (3,), (4,))


@pytest.mark.parametrize(
    ("kind", "value", "slope"),
    [
        ("add", lambda x: 2 * x, lambda x, dy: 2 * dy),
        ("multiply", lambda x: x * x, lambda x, dy: 2 * x * dy),
        ("concatenate", lambda x: np.concatenate([x, x], 1), lambda x, dy: dy[:, :3] + dy[:, 3:]),
    ],
)
def test_one_source_may_feed_both_inputs(kind: str, value: Callable[..., object], slope: Callable[..., object]) -> None:
    graph = Graph().add(make("input", shape=IMAGE), id="x").add(make(kind), "x", "x", id="join")
    network, rng = Network(graph), np.random.default_rng(1)
    x = rng.standard_normal((5, *IMAGE)).astype(np.float32)
    dy = rng.standard_normal((5, *network.output_shape)).astype(np.float32)
    np.testing.assert_allclose(network.predict(x), value(x), rtol=1e-6)
    np.testing.assert_allclose(network.pullback(x, dy)["x"], slope(x, dy), rtol=1e-5, atol=1e-6)


def test_a_residual_block_applies_its_relu_while_adding() -> None:
    graph = Graph().add(make("input", shape=IMAGE), id="x").add(make("relu"), "x", id="inner")
    graph = graph.add(make("add"), "x", "inner", id="sum").add(make("relu"), "sum", id="outer")
    graph = graph.add(make("zero_pad", low=0, high=0), "outer", id="y")
    network, rng = Network(graph), np.random.default_rng(2)
    x, dy = rng.standard_normal((2, 17, *IMAGE)).astype(np.float32)
    np.testing.assert_allclose(network.predict(x), np.maximum(2 * x, 0), rtol=1e-6)
    assert [step.node for step in next(iter(network._predicting.values())).steps] == ["inner", "sum", "y"]
    np.testing.assert_allclose(network.pullback(x, dy)["x"], np.where(x > 0, 2 * dy, 0), rtol=1e-6)


def test_shapes_that_do_not_fit(problem: Callable[..., str]) -> None:
    assert problem(make("add"), (3, 4, 5), (6, 4, 5)) == (
        "layer joins inputs number by number, so they must have the same shape; input 0 has 3 × 4 × 5 and "
        "input 1 has 6 × 4 × 5. Bring them to one shape, for example with a 1 × 1 convolution."
    )
    assert problem(make("concatenate"), (3, 4, 5), (3, 4, 5), (3, 2, 5)) == (
        "layer puts channels one after the other, so its inputs must agree in space; input 0 has 3 × 4 × 5 and "
        "input 2 has 3 × 2 × 5. Pad, crop or pool one of them."
    )
    assert problem(make("multiply"), (3, 4, 5)) == (
        "layer joins two or more inputs, and 1 is wired to it. Wire another one."
    )
