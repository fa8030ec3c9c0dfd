"""How a plan fuses, shares and passes gradients on."""

from __future__ import annotations

import numpy as np
import pytest

from engine import Network, chain, make
from engine.graph import Graph


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
