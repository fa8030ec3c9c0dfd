"""The loss of one sample, explained: the terms add up to the loss kernel's own number."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine import Graph, chain, make
from engine.answers.loss import explain_loss
from engine.batches import ArrayData, ArrayPart
from engine.explained import number
from engine.questions import ExplainedLoss, ExplainLoss
from engine.settings import TrainingSettings
from engine.trainer import Trainer


def explained(graph: Graph, data: ArrayData, sample: int = 3, **settings: Any) -> ExplainedLoss:
    return explain_loss(Trainer(graph, data, TrainingSettings(**settings)), ExplainLoss(1, sample))


@pytest.mark.parametrize("softmax", [False, True])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("weights", [None, (1, 2, 3)])
def test_a_class_among_several(
    tiny_graph: Graph, tiny_data: ArrayData, softmax: bool, smoothing: float, weights: Any
) -> None:
    last = tiny_graph.outputs[0].id
    graph = tiny_graph.add(make("softmax"), last) if softmax else tiny_graph
    found = explained(graph, tiny_data, label_smoothing=smoothing, class_weights=weights, validation_fraction=0)
    assert found.label == tiny_data.test.labels[3]  # type: ignore[union-attr]
    assert found.source == last
    assert found.value == pytest.approx(found.explanation.result, rel=1e-5)
    assert found.explanation.parts.sum() == pytest.approx(found.explanation.result)
    p = np.exp(found.explanation.values) / np.exp(found.explanation.values).sum()
    assert found.explanation.lines[0].endswith(f" = {number(p[found.label])}")
    if not smoothing:
        assert found.explanation.result == pytest.approx(-np.log(p[found.label]))
    if not weights:
        assert found.explanation.weights[found.label] == pytest.approx(1 - smoothing + smoothing / 3)


def test_a_class_for_every_pixel() -> None:
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 3, (30, 6, 6))
    data = ArrayData(ArrayPart(rng.integers(0, 255, (30, 1, 6, 6), dtype=np.uint8), labels))
    graph = chain(make("input", shape=(1, 6, 6)), make("conv2d", out_channels=3, kernel_size=3, padding=1))
    for settings in ({}, {"label_smoothing": 0.1, "class_weights": (1, 2, 3)}):
        found = explained(graph, data, **settings)
        assert found.label == -1
        assert len(found.explanation.parts) == 36
        assert found.value == pytest.approx(found.explanation.result, rel=1e-5)
        assert found.explanation.parts.sum() == pytest.approx(found.explanation.result)


@pytest.mark.parametrize("loss", ["binary_cross_entropy", "mean_squared_error"])
def test_outputs_that_are_numbers(tiny_graph: Graph, tiny_data: ArrayData, loss: str) -> None:
    found = explained(tiny_graph, tiny_data, loss=loss)
    assert found.explanation.weights.tolist() == [
        float(k == found.explanation.weights.argmax()) for k in range(3)
    ]  # the target
    assert found.value == pytest.approx(found.explanation.result, rel=1e-5)
    assert found.explanation.parts.sum() == pytest.approx(found.explanation.result)
