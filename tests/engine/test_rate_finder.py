"""Which learning rate the finder suggests, and that it leaves the network alone."""

import attrs
import numpy as np
import pytest

from engine import Graph
from engine.answers import answer
from engine.batches import ArrayData
from engine.questions.rates import FindRate, RatesTried
from engine.rate_finder import smoothed, suggested
from engine.settings import TrainingSettings
from engine.trainer import Trainer

RATES = np.geomspace(1e-6, 1, 100)


def test_the_rate_lies_between_the_beginning_of_the_fall_and_its_end() -> None:
    fall = 2.3 / (1 + (RATES / 1e-3) ** 2) + np.where(RATES > 0.05, (RATES / 0.05) ** 2, 0)
    found = suggested(RATES, fall)
    assert found is not None
    assert 2e-3 < found < 2e-2


def test_a_loss_that_never_falls_suggests_nothing() -> None:
    assert suggested(RATES, np.linspace(1, 5, 100)) is None
    assert suggested(RATES[:5], np.linspace(5, 1, 5)) is None


def test_running_means_begin_with_the_first_loss() -> None:
    assert smoothed(np.array([2.0, 2.0, 2.0])) == pytest.approx([2, 2, 2])
    assert smoothed(np.array([1.0, 2.0]))[1] == pytest.approx((0.8 * 0.2 + 0.2 * 2) / 0.36)


def test_the_finder_answers_while_it_tries_and_leaves_training_alone(tiny_graph: Graph, tiny_data: ArrayData) -> None:
    settings = TrainingSettings(batch=20, epochs=2, validation_fraction=0.2)
    trainer, other = Trainer(tiny_graph, tiny_data, settings), Trainer(tiny_graph, tiny_data, settings)
    answers = [found for found in answer(trainer, FindRate(3)) if isinstance(found, RatesTried)]
    assert {found.number for found in answers} == {3}
    assert [found.done for found in answers] == [False] * (len(answers) - 1) + [True]
    last = answers[-1]
    assert len(last.rates) == len(last.losses) == len(last.smoothed)
    assert last.suggested is not None
    assert 1e-4 < last.suggested < 1
    assert [trainer.step() for _ in range(3)] == [other.step() for _ in range(3)]
    better = Trainer(tiny_graph, tiny_data, attrs.evolve(settings, learning_rate=last.suggested, epochs=4))
    while not better.finished:
        better.step()
    assert better.history[-1].train_loss < better.history[0].train_loss
