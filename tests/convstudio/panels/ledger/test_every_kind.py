"""Every kind of layer that there is can be asked: forwards for its numbers, backwards for what it learns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from convstudio.panels.ledger.number_page import NumberPage
from convstudio.panels.ledger.weight_page import WeightPage
from engine import Graph, make
from engine.answers.inside import explain, look
from engine.answers.learning import explain_weight
from engine.batches import ArrayData, ArrayPart
from engine.explained import SUM, number
from engine.questions import Explain, ExplainWeight, Look
from engine.settings import TrainingSettings
from engine.spec import layers
from engine.trainer import Trainer

FEATURES = ("dense",)
SETTINGS: dict[str, dict[str, Any]] = {
    "dense": {"out_features": 5},
    "tiled_conv2d": {"out_channels": 3},
    "locally_connected2d": {"out_channels": 3},
    "group_norm": {"groups": 2},
    "reshape": {"shape": (2, 72)},
    "crop": {"size": 1},
}
KINDS = sorted(kind for kind, cls in layers().items() if cls.ports)


def settings_for(kind: str) -> dict[str, Any]:
    fields = layers()[kind].fields()
    own = {name: value for name, value in (("out_channels", 4), ("kernel_size", 3), ("padding", 1)) if name in fields}
    return SETTINGS.get(kind, own if kind != "crop" else {})


def network_with(kind: str) -> Graph:
    axes = layers()[kind].axes or 2
    shape = (6,) if kind in FEATURES else (4, *((6,) * axes if axes < 3 else (4, 4, 4)))
    graph = Graph().add(make("input", shape=shape), id="input1")
    sources = ["input1"]
    if layers()[kind].ports == -1:
        graph = graph.add(make("relu"), "input1", id="other")
        sources.append("other")
    wanted = {name: value for name, value in settings_for(kind).items() if name in layers()[kind].fields()}
    graph = graph.add(make(kind, **wanted), *sources, id="asked")
    if kind not in FEATURES:
        graph = graph.add(make("flatten"), "asked", id="flat")
    return graph.add(make("dense", out_features=3), graph.nodes[-1].id, id="last")


def trainer_for(kind: str) -> Trainer:
    graph = network_with(kind)
    shape = graph["input1"].layer.settings()["shape"]
    rng = np.random.default_rng(2)
    part = ArrayPart(rng.standard_normal((20, *shape)).astype(np.float32), np.arange(20) % 3)
    trainer = Trainer(graph, ArrayData(part), TrainingSettings(batch=16, validation_fraction=0, threads=1))
    for array in trainer.network.parameters.values():
        array[...] += rng.standard_normal(array.shape) * 0.1
    return trainer


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_asked(qtbot: QtBot, kind: str) -> None:
    trainer, page, rng = trainer_for(kind), NumberPage(), np.random.default_rng(3)
    qtbot.addWidget(page)
    layer = trainer.graph["asked"].layer
    shown = look(trainer, Look(1, "asked"))
    for _ in range(3):
        at = tuple(int(rng.integers(n)) for n in shown.values.shape)
        answer = explain(trainer, Explain(1, "asked", at))
        found = answer.explanation
        page.begin(None, "asked", 0)
        page.show_layer(shown, entry=False)
        page.show_explained(answer, layer)
        value = number(float(shown.values[at]))
        assert page.says.text().endswith(f" = {value}")
        assert value in page.lines.text()
        assert page.table.terms.rowCount() == len(found.parts)
        assert page.as_text().count("\n") >= len(found.parts)
        if not page.figure.isHidden() and found.way == SUM:
            sums = [float(np.nansum(patch.of(found.parts))) for patch in page.figure._patches.values()]
            assert sum(sums) == pytest.approx(found.sum)


@pytest.mark.parametrize("kind", KINDS)
def test_everything_that_is_learned_can_be_asked(qtbot: QtBot, kind: str) -> None:
    trainer, rng = trainer_for(kind), np.random.default_rng(4)
    for name, array in trainer.network.parameters.items():
        node, _, parameter = name.rpartition(".")
        if node != "asked":
            continue
        page = WeightPage()
        qtbot.addWidget(page)
        at = tuple(int(rng.integers(n)) for n in array.shape)
        answer = explain_weight(trainer, ExplainWeight(1, node, parameter, at))
        page.show_answer(answer, "Adam")
        assert page.says.text().startswith(
            f"asked.{parameter}[{', '.join(map(str, at))}]: from {number(float(array[at]))}"
        )
        assert page.table.terms.rowCount() == len(answer.slopes.parts) > 0
        picked: list[Any] = []
        page.asked.connect(picked.append)
        row, column = (int(i[0]) for i in np.nonzero(page.kernel.values == np.float32(answer.weight)))
        page.kernel.picked.emit(row, column)
        assert picked[0].index == at
