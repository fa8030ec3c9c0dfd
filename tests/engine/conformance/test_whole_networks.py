"""Whole networks against the textbook formulas of their layers, put together by the chain rule in float64."""

from collections import defaultdict
from typing import Any

import numpy as np
import pytest

from engine import Graph, Network, chain, make, template

SAMPLES = 5
TOLERANCE = 2e-5  # of the largest number of an array


def reference(network: Network, x: Any, dy: Any) -> dict[str, Any]:
    """The output, and gradients by "node.parameter" and by the input's name."""
    graph, values, backs = network.graph, dict[str, Any](), dict[str, Any]()
    for node in graph.order:
        if not node.layer.ports:
            values[node.id] = x.astype(np.float64)
            continue
        own = {
            name.removeprefix(f"{node.id}."): array.astype(np.float64)
            for name, array in network.store.arrays.items()
            if name.rpartition(".")[0] == node.id
        }
        inputs = [values[edge.source] for edge in graph.incoming(node.id)]
        values[node.id], backs[node.id] = node.layer.reference(own, *inputs)
    found, gradients = {"output": values[network.output]}, defaultdict[str, Any](float, {network.output: dy})
    for node in reversed(graph.order):
        if not node.layer.ports:
            found[node.id] = gradients[node.id]
            continue
        parts = backs[node.id](gradients[node.id])
        shares = parts.pop("xs", None) or [parts.pop("x")]
        for edge, share in zip(graph.incoming(node.id), shares, strict=True):
            gradients[edge.source] = gradients[edge.source] + share
        found |= {f"{node.id}.{name}": gradient for name, gradient in parts.items()}
    return found


def conv(channels: int, kernel_size: int = 3, **settings: Any) -> Any:
    return make("conv2d", out_channels=channels, kernel_size=kernel_size, **settings)


def residual_block() -> Graph:
    """A projection on the way round, as where a stage begins; and a second block that adds its own input."""
    graph = chain(make("input", shape=(3, 9, 9)), conv(8, padding=1, bias=False), make("batch_norm"), make("relu"))
    for name, stride in (("a", 2), ("b", 1)):
        entry = graph.outputs[0].id
        graph = graph.add(conv(8, stride=stride, padding=1, bias=False), entry, id=f"{name}1")
        graph = graph.add(make("batch_norm"), f"{name}1", id=f"{name}2").add(make("relu"), f"{name}2", id=f"{name}3")
        graph = graph.add(conv(8, padding=1, bias=False), f"{name}3", id=f"{name}4")
        graph = graph.add(make("batch_norm"), f"{name}4", id=f"{name}5")
        if stride > 1:
            graph = graph.add(conv(8, 1, stride=stride, bias=False), entry, id=f"{name}6")
        graph = graph.add(make("add"), f"{name}5", f"{name}6" if stride > 1 else entry, id=f"{name}7")
        graph = graph.add(make("relu"), f"{name}7", id=f"{name}8")
    return graph.add(make("global_avg_pool"), "b8").add(make("flatten"), "global_avg_pool1")


def inception_block() -> Graph:
    graph = chain(make("input", shape=(4, 7, 7)), conv(6, 1), make("relu"))
    ends = []
    for name, kernel in (("one", 1), ("three", 3), ("five", 5)):
        graph = graph.add(conv(5, kernel, padding=kernel // 2), "relu1", id=name).add(
            make("relu"), name, id=f"{name}_r"
        )
        ends.append(f"{name}_r")
    graph = graph.add(make("max_pool2d", kernel_size=3, stride=1, padding=1), "relu1", id="pool")
    return graph.add(make("concatenate"), *ends, "pool", id="join").add(conv(3, 3), "join", id="last")


def u_net() -> Graph:
    graph = chain(make("input", shape=(1, 8, 8)), conv(4, padding=1), make("relu"), make("max_pool2d"))
    graph = graph.add(conv(8, padding=1), "max_pool1", id="low").add(make("relu"), "low", id="low_r")
    graph = graph.add(make("transposed_conv2d", out_channels=4), "low_r", id="grow")
    graph = graph.add(make("concatenate"), "relu1", "grow", id="join")
    return graph.add(conv(4, padding=1), "join", id="high").add(conv(2, 1), "high", id="classes")


NETWORKS = {
    "lenet5": template("lenet5"),
    "signals": chain(
        make("input", shape=(1, 40)), make("conv1d", stride=2, padding=1), make("relu"), make("flatten"), make("dense")
    ),
    "convolution then dense": chain(make("input", shape=(2, 6, 5)), conv(5), make("flatten"), make("dense")),
    "dense then convolution": chain(
        make("input", shape=(7,)), make("dense", out_features=72), make("reshape", shape=(2, 6, 6)), conv(3, padding=1)
    ),
    "residual block": residual_block(),
    "inception block": inception_block(),
    "u-net": u_net(),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_network_is_what_its_formulas_say(name: str) -> None:
    network, rng = Network(NETWORKS[name], seed=3), np.random.default_rng(4)
    [shape] = network.input_shapes.values()
    x = rng.standard_normal((SAMPLES, *shape)).astype(np.float32)
    dy = rng.standard_normal((SAMPLES, *network.output_shape)).astype(np.float32)
    wanted = reference(network, x, dy)
    found = network.pullback(x, dy)
    if not any(node.layer.kind == "batch_norm" for node in network.graph):  # which predicts with what it measured
        found["output"] = network.predict(x)
    else:
        del wanted["output"]
    assert found.keys() == wanted.keys()
    for key, array in wanted.items():
        error = np.abs(found[key].reshape(array.shape) - array).max() / np.abs(array).max()
        assert error < TOLERANCE, f"{key}: {error:.2e}"
