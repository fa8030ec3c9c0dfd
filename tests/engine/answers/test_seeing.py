"""Kernels, maps and exciting samples: what is sent is what the network has."""

from __future__ import annotations

import pickle
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from engine import Graph, chain, graph, make, partial
from engine.answers import answer
from engine.batches import ArrayData, ArrayPart
from engine.kernel_images import kernel_images
from engine.link import InlineLink
from engine.network import Network
from engine.partial import KEPT, partial_plan, up_to, values
from engine.protocol import REPORT_BYTES, Start
from engine.questions import NotAnswered
from engine.questions.seeing import (
    Exciting,
    ExcitingSamples,
    Kernels,
    KernelSeen,
    KernelsSeen,
    Maps,
    MapsSeen,
    OneKernel,
)
from engine.settings import TrainingSettings
from engine.trainer import Trainer


class Trained:
    """A trainer that rests, and what it says."""

    def __init__(self, net: Graph, data: ArrayData) -> None:
        self.link = InlineLink()
        settings = TrainingSettings(batch=20, epochs=1, threads=1, validation_fraction=0.0)
        self.link.send(Start(graph.dumps(net), settings, data, paused=True))
        for _ in range(200):
            self.link.poll()
        self.same = Trainer(net, data, settings)  # the same seed, the same numbers

    def ask(self, question: Any, polls: int = 1) -> list[Any]:
        self.link.send(question)
        return [message for _ in range(polls) for message in self.link.poll()]


@pytest.fixture
def trained(tiny_graph: Graph, tiny_data: ArrayData) -> Trained:
    return Trained(tiny_graph, tiny_data)


def node_of(net: Graph, kind: str) -> str:
    return next(node.id for node in net if node.layer.kind == kind)


def test_bytes_of_kernels_stand_for_their_weights(trained: Trained) -> None:
    conv = node_of(trained.same.graph, "conv2d")
    weight = trained.same.network.parameters[f"{conv}.weight"]
    (seen,) = trained.ask(Kernels(7, conv))
    assert isinstance(seen, KernelsSeen)
    assert (seen.number, seen.node, seen.kernels, seen.inputs, seen.depth, seen.row) == (7, conv, 4, 1, 1, False)
    assert np.allclose(seen.tiles * (seen.scales / 127)[:, None, None, None], weight, atol=seen.scales.max() / 250)
    assert np.abs(seen.tiles).max(axis=(1, 2, 3)).tolist() == [127] * 4
    assert np.allclose(seen.norms, np.sqrt((weight**2).sum(axis=(1, 2, 3))))


def test_one_kernel_has_every_number(trained: Trained) -> None:
    conv = node_of(trained.same.graph, "conv2d")
    (seen,) = trained.ask(OneKernel(1, conv, 2))
    assert isinstance(seen, KernelSeen)
    weight = trained.same.network.parameters[f"{conv}.weight"][2]
    assert (seen.weights == weight).all()
    assert seen.norm == pytest.approx(float(np.linalg.norm(weight)))
    assert seen.bias == 0.0
    (seen,) = trained.ask(OneKernel(1, node_of(trained.same.graph, "batch_norm"), 1))
    assert seen.weights.tolist() == [[[1.0]]]


def test_what_is_not_there_is_said(trained: Trained) -> None:
    relu, conv = node_of(trained.same.graph, "relu"), node_of(trained.same.graph, "conv2d")
    assert trained.ask(Kernels(1, relu)) == [
        NotAnswered(1, f"{relu} has no weights: it learns nothing. Select a layer that does, such as a convolution.")
    ]
    assert trained.ask(OneKernel(2, conv, 4)) == [
        NotAnswered(2, f"{conv} has 4 kernels, numbered from 0; there is no number 4.")
    ]
    assert trained.ask(Maps(3, closer=conv, channel=9)) == [
        NotAnswered(3, f"{conv} has 4 channels, numbered from 0; there is no number 9.")
    ]
    assert trained.ask(Maps(4, ("conv9",))) == [
        NotAnswered(4, "The network in training has no layer 'conv9'. It was drawn after the run began.")
    ]


def images(layer: Any, *shape: int) -> Any:
    net = chain(make("input", shape=shape), layer)
    network = Network(net)
    node = net.order[-1].id
    own = {n.rpartition(".")[2]: a for n, a in network.store.arrays.items()}
    return kernel_images(net, network.inference, node, own), own["weight"]


def test_every_kind_of_weights_is_laid_out_kernel_by_kernel() -> None:
    found, weight = images(make("conv1d", out_channels=4, kernel_size=5), 2, 9)
    assert (found.weights == weight.reshape(4, 2, 1, 5)).all()
    found, weight = images(make("conv3d", out_channels=2, kernel_size=3), 2, 4, 5, 6)
    assert found.depth == 3
    assert (found.weights[1, 3 + 2] == weight[1, 1, 2]).all()  # second input channel, third slice
    found, weight = images(make("conv2d", out_channels=6, kernel_size=3, groups=2), 4, 5, 5)
    assert found.weights.shape == (6, 2, 3, 3)
    found, weight = images(make("transposed_conv2d", out_channels=6, kernel_size=3, groups=2), 4, 5, 5)
    assert (found.weights[4, 1] == weight[3, 1]).all()  # the second group's second output from its second input
    found, weight = images(make("locally_connected2d", out_channels=2, kernel_size=2), 3, 4, 5)
    assert found.weights.shape == (2, 3, 3 * 2, 4 * 2)
    assert (found.weights[1, 2, 2:4, 6:8] == weight[1, 1, 3, 2]).all()  # position 1, 3
    found, weight = images(make("layer_norm"), 3, 4, 5)
    assert found.weights.shape == (3, 1, 4, 5)
    assert found.biases is None
    net = chain(make("input", shape=(3, 4, 4)), make("relu"))
    assert kernel_images(net, Network(net).inference, node_of(net, "relu"), {}) is None


def test_dense_kernels_are_pictures_where_their_input_was_one() -> None:
    flatten, dense = make("flatten"), make("dense", out_features=7)
    net = chain(make("input", shape=(2, 3, 4)), flatten, make("dropout"), dense, make("relu"), dense)
    network = Network(net)
    first, second = [node.id for node in net.order if node.layer.kind == "dense"]

    def own(node: str) -> dict[str, Any]:
        return {"weight": network.parameters[f"{node}.weight"]}

    found = kernel_images(net, network.inference, first, own(first))
    assert found is not None
    assert not found.row
    assert (found.weights == own(first)["weight"].reshape(7, 2, 3, 4)).all()
    found = kernel_images(net, network.inference, second, own(second))
    assert found is not None
    assert found.row
    assert found.weights.shape == (7, 1, 1, 7)


def test_maps_are_those_of_the_network_and_of_the_sample_or_the_picture(trained: Trained) -> None:
    same, nodes = trained.same, tuple(node.id for node in trained.same.graph)
    sample = same.sample(3)
    expected = same.network.activations(sample[None])
    (seen,) = trained.ask(Maps(5, nodes, sample=3, closer=nodes[1], channel=2))
    assert isinstance(seen, MapsSeen)
    assert [layer.node for layer in seen.layers] == list(nodes)
    for layer in seen.layers:
        values_ = expected[layer.node][0].reshape(layer.tiles.shape)
        spans = (layer.highs - layer.lows)[:, None, None]
        made = layer.lows[:, None, None] + layer.tiles / np.float32(255) * spans
        assert np.allclose(made, values_, atol=spans.max() / 500)
        assert layer.channels == len(expected[layer.node][0])
    assert seen.closer is not None
    assert np.array_equal(seen.closer.values, expected[nodes[1]][0][2])
    assert (seen.closer.low, seen.closer.high) == (expected[nodes[1]].min(), expected[nodes[1]].max())
    assert seen.closer.counts.sum() == expected[nodes[1]][0].size
    part = same.data.test
    assert part is not None
    assert (seen.label, seen.part, seen.samples) == (str(part.labels[3]), "test", 130)  # of all parts
    image = np.asarray(part.images[3])
    (drawn,) = trained.ask(Maps(6, sample=9, image=image, closer=nodes[1], channel=2))
    assert np.allclose(drawn.closer.values, seen.closer.values, atol=1e-5)
    assert (drawn.label, drawn.part) == ("", "")
    assert np.array_equal(drawn.picture, seen.picture)


def test_the_samples_that_excite_a_channel_most_are_found(trained: Trained) -> None:
    same, conv = trained.same, node_of(trained.same.graph, "conv2d")
    train = same.data.train
    said = [m for m in trained.ask(ExcitingSamples(8, conv, 1, most=5), polls=60) if isinstance(m, Exciting)]
    assert said[-1].done
    values_ = same.network.activations(same.training_batches.normalised(np.arange(90))[:, :, 0], (conv,))[conv][:, 1]
    expected = np.argsort(-values_.reshape(90, -1).max(1), kind="stable")[:5]
    found = said[-1].samples
    assert [e.sample - 40 for e in found] == expected.tolist()  # the test part's numbers come first
    assert all(a.value >= b.value for a, b in pairwise(found))
    for e in found:
        assert e.value == pytest.approx(values_[e.sample - 40].max())
        assert values_[e.sample - 40][e.at[1:]] == pytest.approx(e.value)
        assert np.array_equal(e.image, train.images[e.sample - 40])
        assert e.label == str(train.labels[e.sample - 40])
        assert all(high - low <= 3 for low, high in e.box)
    fewer = trained.ask(ExcitingSamples(9, conv, 1, most=3, among=30), polls=60)[-1]
    assert (fewer.among, fewer.looked_at, len(fewer.samples)) == (30, 30, 3)


def test_large_layers_fit_into_an_answer() -> None:
    rng = np.random.default_rng(0)
    part = ArrayPart(rng.integers(0, 255, (8, 3, 96, 96), np.uint8), np.arange(8) % 2)
    net = chain(
        make("input", shape=(3, 96, 96)),
        make("conv2d", out_channels=96, kernel_size=11, padding=5),
        make("max_pool2d", kernel_size=8, stride=8),
        make("flatten"),
        make("dense", out_features=600),
    )
    trained = Trained(net, ArrayData(part))
    names = tuple(node.id for node in net)
    dense = names[-1]
    for question in (
        Kernels(1, names[1], count=3),
        Kernels(1, dense, first=2, count=96),
        OneKernel(1, dense, 5),
        Maps(1, names, closer=names[1], channel=95),
        ExcitingSamples(1, names[1], 0),
    ):
        *_, answer = trained.ask(question, polls=20)
        assert not isinstance(answer, NotAnswered)
        assert len(pickle.dumps(answer)) < REPORT_BYTES
    seen = trained.ask(Maps(1, names))[0]
    assert seen.layers[1].step == 2
    assert seen.layers[1].channels == 96
    assert len(seen.layers[1].tiles) < 96  # not all fitted
    seen = trained.ask(Kernels(1, dense, first=2, count=96))[0]
    assert (seen.tiles.shape[:2], seen.inputs, seen.first) == ((600, 2), 96, 2)


def test_only_what_a_layer_is_made_of_is_computed(tiny_graph: Graph) -> None:
    network = Network(tiny_graph)
    conv = node_of(tiny_graph, "conv2d")
    assert [node.id for node in up_to(tiny_graph, frozenset({conv}))] == ["input1", conv]
    sample = np.random.default_rng(1).normal(size=(1, 8, 8)).astype(np.float32)
    expected = network.activations(sample[None])
    for node in tiny_graph:
        found = values(network, sample, frozenset({node.id}))
        assert np.allclose(found[node.id], expected[node.id][0], atol=1e-6)
    assert values(network, sample, frozenset()) == {}


def test_few_plans_are_kept(tiny_graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network(tiny_graph)
    names = [node.id for node in tiny_graph]
    first = partial_plan(network, frozenset(names[:1]))
    assert partial_plan(network, frozenset(names[:1])) is first
    for blocks in range(1, KEPT + 1):
        partial_plan(network, frozenset(names[1:2]), blocks)
    again = partial_plan(network, frozenset(names[:1]))
    assert again is not first
    monkeypatch.setattr(partial, "KEPT_BYTES", again.memory_bytes)
    partial_plan(network, frozenset(names[2:3]))
    assert partial_plan(network, frozenset(names[:1])) is not again  # it had to make room


def test_a_sample_has_the_name_of_its_class_where_there_is_one(tiny_graph: Graph, tiny_data: ArrayData) -> None:
    trainer = Trainer(tiny_graph, tiny_data, TrainingSettings(batch=20, epochs=1, threads=1, validation_fraction=0.0))
    trainer.data = SimpleNamespace(classes=("upper", "middle", "lower"))  # type: ignore[assignment]
    part = tiny_data.test
    assert part is not None
    seen = answer(trainer, Maps(1, sample=5))
    assert seen.label == ("upper", "middle", "lower")[part.labels[5]]
