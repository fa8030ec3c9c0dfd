"""How a plan fuses, shares and passes gradients on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine import Network, chain, make
from engine.graph import Graph
from engine.losses import CrossEntropy


def by_hand(graph: Graph, network: Network, x: np.ndarray, dy: np.ndarray) -> dict[str, np.ndarray]:
    """Gradients of a chain of layers, from the float64 references."""
    pullbacks, value = [], x.astype(np.float64)
    for node in graph.nodes[1:]:
        prefix = f"{node.id}."
        own = {n.removeprefix(prefix): a.astype(float) for n, a in network.parameters.items() if n.startswith(prefix)}
        value, pullback = node.layer.reference(own, value)
        pullbacks.append((node.id, pullback))
    found: dict[str, np.ndarray] = {}
    for node_id, pullback in reversed(pullbacks):
        gradients = pullback(dy)
        dy = gradients.pop("x")
        found |= {f"{node_id}.{name}": gradient for name, gradient in gradients.items()}
    return found | {"input1": dy}


@pytest.mark.parametrize(
    "kinds",
    [
        ["conv2d", "relu"],  # the loss writes where nobody gates: this ReLU stays a layer of its own
        ["conv2d", "relu", "conv2d", "relu"],
        ["conv2d", "flatten", "dense", "relu"],
        ["conv2d", "relu", "flatten", "dense"],
        ["conv2d", "batch_norm", "relu", "max_pool2d"],
        ["conv2d", "dropout", "conv2d"],
    ],
)
def test_chains_have_the_gradients_of_their_references(kinds: list[str]) -> None:
    settings = {"conv2d": {"out_channels": 3}, "dense": {"out_features": 4}, "dropout": {"p": 0.0}}
    graph = chain(make("input", shape=(3, 8, 8)), *(make(kind, **settings.get(kind, {})) for kind in kinds))
    network, rng = Network(graph, seed=2), np.random.default_rng(2)
    x = rng.standard_normal((5, 3, 8, 8)).astype(np.float32)
    dy = rng.standard_normal((5, *network.output_shape))
    found, wanted = network.pullback(x, dy), by_hand(graph, network, x, dy)
    assert set(found) == set(wanted)
    for name, gradient in wanted.items():
        scale = max(np.abs(gradient).max(), 1e-2)  # what a norm follows has no slope for its bias
        assert np.abs(found[name] - gradient).max() / scale < 1e-4, name


@pytest.mark.parametrize(
    ("shape", "layer"),
    [
        ((3, 12, 12), ("conv2d", {"out_channels": 8, "kernel_size": 3, "padding": 1})),  # by Winograd's method
        ((3, 11, 9), ("conv2d", {"out_channels": 5, "kernel_size": 3, "stride": 2, "dilation": 2})),
        ((4, 9, 9), ("conv2d", {"out_channels": 8, "kernel_size": 1, "groups": 2})),
        ((4, 7, 7), ("transposed_conv2d", {"out_channels": 6, "kernel_size": 3, "stride": 2})),
        ((2, 30), ("conv1d", {"out_channels": 7, "kernel_size": 5})),
        ((2, 6, 6, 6), ("conv3d", {"out_channels": 4, "kernel_size": 3})),
    ],
)
@pytest.mark.parametrize("samples", [3, 40])
def test_work_done_in_shares_has_the_same_bits(
    shape: tuple[int, ...], layer: tuple[str, dict[str, Any]], samples: int
) -> None:
    rng, conv, last = np.random.default_rng(5), make(layer[0], **layer[1]), make("dense", out_features=9)
    graph = chain(make("input", shape=shape), conv, make("relu"), make("flatten"), last)
    network = Network(graph, seed=3)
    training = network.training(samples, CrossEntropy())
    training.targets[:samples] = rng.integers(0, 9, samples)
    x = rng.standard_normal((samples, *shape)).astype(np.float32)

    def found(in_shares: bool) -> dict[str, np.ndarray]:
        calls = 0

        def count() -> None:
            nonlocal calls
            calls += 1

        for array in network.store.gradient_arrays.values():
            array[...] = np.nan  # whatever is not computed is seen
        network.load(training.plan, {"input1": x})
        training.plan.forward(count, in_shares=in_shares)
        training.plan.backward(count, in_shares=in_shares)
        assert (calls > 2 * len(training.plan.calls)) == in_shares
        return {name: array.copy() for name, array in network.store.gradient_arrays.items()}

    whole, shared = found(False), found(True)
    for name, gradient in whole.items():
        assert np.isfinite(gradient).all()
        np.testing.assert_array_equal(gradient, shared[name], err_msg=name)
