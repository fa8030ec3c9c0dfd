"""Questions about the inside of a network in training, through the trainer's own door."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from engine import Graph, chain, graph, make
from engine.answers.inside import explain
from engine.batches import ArrayData, ArrayPart
from engine.explained import number
from engine.link import InlineLink
from engine.network import Network
from engine.protocol import REPORT_BYTES, Start, StepOnce
from engine.questions import Explain, Explained, Look, Looked, NotAnswered
from engine.settings import TrainingSettings
from engine.shapes import infer
from engine.sight import sight
from engine.spec import Layer
from engine.trainer import Trainer


@pytest.fixture
def link(tiny_graph: Graph, tiny_data: ArrayData) -> InlineLink:
    made = InlineLink()
    made.send(Start(graph.dumps(tiny_graph), TrainingSettings(batch=20, epochs=1), tiny_data, paused=True))
    for _ in range(200):
        made.poll()
    return made


def asked(link: InlineLink, question: Any) -> Any:
    link.send(question)
    return link.poll()[-1]


def test_every_layer_tells_its_numbers_and_how_they_were_made(link: InlineLink, tiny_graph: Graph) -> None:
    inference = infer(tiny_graph)
    for node in tiny_graph:
        looked = asked(link, Look(3, node.id))
        assert isinstance(looked, Looked)
        assert looked.values.shape == inference.nodes[node.id].output
        if not node.layer.ports:
            continue
        at = tuple(n // 2 for n in looked.values.shape)
        found = asked(link, Explain(4, node.id, at))
        assert isinstance(found, Explained)
        assert found.value == looked.values[at]
        assert f"{found.explanation.result:.5g}" == f"{found.value:.5g}"
        assert set(found.sight) >= set(found.sources)
        assert len(pickle.dumps(found)) < REPORT_BYTES


def test_weights_are_shown_as_they_are(link: InlineLink, tiny_graph: Graph) -> None:
    node = next(n.id for n in tiny_graph if n.layer.parameters(*infer(tiny_graph).nodes[n.id].inputs))
    looked = asked(link, Look(1, node, "weights"))
    assert looked.values.shape == infer(tiny_graph).nodes[node].parameters["weight"].shape
    assert looked.values.any()
    assert asked(link, Look(1, "input1", "weights")).values.size == 0


def test_what_is_not_there_is_said(link: InlineLink) -> None:
    assert asked(link, Look(1, "conv9")) == NotAnswered(
        1, "The network in training has no layer 'conv9'. It was drawn after the run began."
    )
    shape = asked(link, Look(1, "input1")).values.shape
    beyond = (99, *(0 for _ in shape[1:]))
    link.send(Explain(1, "input1", beyond))
    assert link.poll()[-1] == NotAnswered(
        1, f"input1 has the shape {shape}; there is no number at {beyond}. Click one of its pixels."
    )


def test_what_a_number_sees_is_a_box_in_every_layer_below() -> None:
    net = chain(
        make("input", shape=(1, 12, 12)),
        make("conv2d", out_channels=2, kernel_size=3, padding=1),
        make("max_pool2d"),
        make("conv2d", out_channels=2, kernel_size=3),
    )
    names = [node.id for node in net.order]
    boxes = sight(net, infer(net), names[3], (0, 0, 2))
    assert boxes[names[2]] == ((0, 3), (2, 5))
    assert boxes[names[1]] == ((0, 6), (4, 10))
    assert boxes[names[0]] == ((0, 7), (3, 11))


def test_what_is_seen_is_what_changes_the_number() -> None:
    """Each pixel outside the box may change without changing the number; the box's own corners count."""
    from engine.network import Network

    net = chain(
        make("input", shape=(1, 9, 9)),
        make("conv2d", out_channels=2, kernel_size=3, stride=2),
        make("upsample_bilinear", scale=2),
        make("transposed_conv2d", out_channels=1),
    )
    network, rng = Network(net), np.random.default_rng(2)
    x = rng.standard_normal((1, 1, 9, 9)).astype(np.float32)
    last, at = net.order[-1].id, (0, 7, 6)
    ((top, bottom), (left, right)) = sight(net, network.inference, last, at)["input1"]
    outside = x.copy()
    outside[0, 0] += 1
    outside[0, 0, top:bottom, left:right] = x[0, 0, top:bottom, left:right]
    assert network.predict(outside)[0][at] == network.predict(x)[0][at]
    assert (bottom - top) * (right - left) < 81


def test_of_too_many_channels_those_around_the_wanted_one_are_shown(
    link: InlineLink, tiny_graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.answers import inside

    monkeypatch.setattr(inside, "REPORT_BYTES", inside.SPARE_BYTES + 3 * 8 * 8 * 4)
    conv = next(node.id for node in tiny_graph if node.layer.kind == "conv2d")
    for wanted, first in ((0, 0), (2, 1), (3, 1)):
        looked = asked(link, Look(1, conv, channel=wanted))
        assert (looked.first, len(looked.values), looked.channels) == (first, 3, 4)


def test_asking_how_numbers_were_made_keeps_no_memory(link: InlineLink, tiny_graph: Graph) -> None:
    network = link._worker._trainer.network  # type: ignore[union-attr]
    asked(link, Look(1, tiny_graph.order[1].id))
    before = set(network._predicting)
    for node in tiny_graph.order[1:]:
        asked(link, Explain(2, node.id, tuple(0 for _ in infer(tiny_graph).nodes[node.id].output)))
    assert set(network._predicting) == before


def test_what_the_activation_behind_makes_of_a_number_is_told(link: InlineLink, tiny_graph: Graph) -> None:
    norm, relu = (next(n.id for n in tiny_graph if n.layer.kind == kind) for kind in ("batch_norm", "relu"))
    looked = asked(link, Look(1, norm))
    for at in ((0, 2, 2), (1, 5, 3), (2, 0, 7)):
        found = asked(link, Explain(2, norm, at))
        assert found.becomes == {relu: max(0.0, float(looked.values[at]))}


def test_where_data_enter_the_normalisation_is_the_arithmetic(link: InlineLink, tiny_data: ArrayData) -> None:
    looked = asked(link, Look(1, "input1", sample=2))
    found = asked(link, Explain(2, "input1", (0, 3, 4), sample=2))
    pool = link._worker._trainer._measured["validation"].pool  # type: ignore[union-attr]
    raw = int(tiny_data.train.images[pool[2], 0, 3, 4])
    assert found.value == looked.values[0, 3, 4]
    share = number(raw / 255)
    assert found.explanation.lines == (
        f"the sample's own number: {raw} of 255 = {share}",
        f"({share} − 0.3) / 0.2 = {number(found.value)}",
        "the mean and the deviation are those of the training data",
    )
    assert found.explanation.result == pytest.approx((raw / 255 - 0.3) / 0.2, rel=1e-6)


def test_numbers_beside_and_below_one_that_was_explained_are_not_computed_anew(
    link: InlineLink, tiny_graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed = list[Any]()
    forward = Network.activations
    monkeypatch.setattr(Network, "activations", lambda *args, **more: computed.append(args) or forward(*args, **more))
    norm, conv = (next(n.id for n in tiny_graph if n.layer.kind == kind) for kind in ("batch_norm", "conv2d"))
    first = asked(link, Look(1, norm))
    for node, at in ((norm, (1, 2, 3)), (norm, (0, 4, 4)), (conv, (0, 1, 1))):
        asked(link, Explain(2, node, at))
    assert len(computed) == 1
    assert asked(link, Explain(2, norm, (1, 2, 3), sample=1)).value != first.values[1, 2, 3]
    assert len(computed) == 2
    link.send(StepOnce())
    for _ in range(20):
        link.poll()
    after = asked(link, Look(1, norm, sample=1)).values
    assert asked(link, Explain(2, norm, (1, 2, 3), sample=1)).value == after[1, 2, 3]
    trainer = link._worker._trainer  # type: ignore[union-attr]
    assert trainer is not None
    assert (forward(trainer.network, trainer.sample(1)[None], (norm,))[norm][0] == after).all()


def deep_trainer(*layers: Layer) -> Trainer:
    rng = np.random.default_rng(1)
    part = ArrayPart(rng.standard_normal((8, *layers[0].settings()["shape"])).astype(np.float32), np.arange(8) % 2)
    return Trainer(chain(*layers), ArrayData(part), TrainingSettings(batch=8, validation_fraction=0))


def test_every_product_of_a_deep_convolution_is_there() -> None:
    layers = make("input", shape=(512, 6, 6)), make("conv2d", out_channels=2, kernel_size=3), make("flatten")
    trainer = deep_trainer(*layers, make("dense", out_features=2))
    found = explain(trainer, Explain(1, trainer.graph.order[1].id, (1, 2, 2)))
    assert len(found.explanation.parts) == found.explanation.total == 512 * 9
    assert len(pickle.dumps(found)) < REPORT_BYTES


def test_of_a_very_wide_layer_the_largest_products_are_there_and_the_rest_is_one_number() -> None:
    trainer = deep_trainer(make("input", shape=(20_000,)), make("dense", out_features=2))
    found = explain(trainer, Explain(1, trainer.graph.order[1].id, (1,)))
    assert 8000 < len(found.explanation.parts) < found.explanation.total == 20_000
    assert found.explanation.sum == pytest.approx(found.value, abs=1e-4)
    assert len(pickle.dumps(found)) < REPORT_BYTES


def test_large_maps_come_small_enough_to_be_looked_at_and_the_data_always() -> None:
    more = [make("conv2d", out_channels=1, kernel_size=3, padding=1) for _ in range(40)]
    last = make("global_avg_pool"), make("flatten"), make("dense", out_features=2)
    trainer = deep_trainer(make("input", shape=(3, 150, 90)), *more, *last)
    data, last_but_one, deep = (trainer.graph.order[place].id for place in (0, 39, 40))
    found = explain(trainer, Explain(1, deep, (0, 70, 45)))
    assert {data, last_but_one, deep} < set(found.planes) < set(found.sight)
    plane, x = found.planes[data], trainer.sample(0)
    assert (plane.step, plane.values.shape, plane.values.dtype) == (2, (75, 45), np.int8)
    seen = x[plane.channel, ::2, ::2]
    assert np.abs(plane.values / 127 - seen / np.abs(seen).max()).max() <= 0.5 / 127 + 1e-6
    assert len(pickle.dumps(found)) < REPORT_BYTES
