"""Input that does not fit is answered with a sentence, and memory is refused before it is asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine import CrossEntropy, Network, chain, limits, make
from engine.errors import EngineError, MemoryLimitError

X = np.zeros((2, 1, 4, 4))


@pytest.fixture(scope="module")
def network() -> Network:
    return Network(chain(make("input", shape=(1, 4, 4)), make("flatten"), make("dense", out_features=3)))


@pytest.mark.parametrize(
    ("x", "labels", "sentence"),
    [
        (X[0], [0], "The samples have the shape (1, 4, 4); the network needs (samples, 1, 4, 4)."),
        (X[:0], [], "The batch is empty; give at least one sample."),
        (X * np.nan, [0, 1], "The samples hold numbers that are not finite (NaN or infinity). Remove them first."),
        (X, [0, 3], "A label is 3, but the network tells 3 classes apart: labels go from 0 to 2."),
        (X, [-1, 0], "A label is -1, but the network tells 3 classes apart: labels go from 0 to 2."),
        (X, [0.0, 1.0], "Labels must be whole numbers; they are float64."),
        (X, [0], "The labels have the shape (1,); the network needs (2,)."),
    ],
)
def test_input_that_does_not_fit_is_refused(network: Network, x: Any, labels: Any, sentence: str) -> None:
    with pytest.raises(EngineError) as refused:
        network.gradients(x, np.asarray(labels))
    assert str(refused.value) == sentence


def test_class_weights_must_be_as_many_as_classes(network: Network) -> None:
    with pytest.raises(EngineError) as refused:
        network.gradients(X, [0, 1], loss=CrossEntropy(class_weights=(1.0, 2.0)))
    assert str(refused.value) == "There are 2 class weights for 3 classes."


def test_unknown_nodes_are_answered_with_the_known_ones(network: Network) -> None:
    with pytest.raises(EngineError) as refused:
        network.activations(X, ["conv9"])
    assert str(refused.value) == "There is no node 'conv9'; there are input1, flatten1, dense1."


def test_too_much_memory_is_refused_with_the_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "available_bytes", lambda: 1_000_000_000)
    graph = chain(make("input", shape=(64, 512, 512)), make("conv2d", out_channels=64), make("relu"))
    with pytest.raises(MemoryLimitError) as refused:
        Network(graph).predict(np.zeros((8, 64, 512, 512), np.float32))
    assert str(refused.value) == (
        "Running this network on 8 samples at a time needs 1.6 GB, and 0.8 GB are free. "
        "Use a smaller batch, smaller images or fewer channels."
    )


def test_only_what_the_wanted_nodes_need_is_computed() -> None:
    net = Network(
        chain(
            make("input", shape=(1, 8, 8)),
            make("conv2d", out_channels=4, kernel_size=3),
            make("relu"),
            make("flatten"),
            make("dense", out_features=3),
        )
    )
    x = np.random.default_rng(1).standard_normal((2, 1, 8, 8)).astype(np.float32)
    everything = net.activations(x)
    for wanted in net.graph:
        found = net.activations(x, [wanted.id])
        assert (found[wanted.id] == everything[wanted.id]).all()
        plan = net._predicting[1, frozenset([wanted.id])]
        computed = len(net._until(plan, [wanted.id]))
        assert (computed == len(plan.calls)) == (wanted.layer.kind == "dense")
