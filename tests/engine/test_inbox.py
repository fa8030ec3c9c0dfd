"""A prediction overtakes what does not change its answer, and nothing else."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
import pytest
from numba import get_num_threads, set_num_threads

from engine import Graph, graph
from engine.batches import ArrayData
from engine.inbox import LOOK_S, Inbox
from engine.profile import measure
from engine.protocol import Ask, Pause, Predict, Prediction, Report, SetLearningRate, Start
from engine.questions import Forget, MeasureLayers
from engine.questions.nearest import NearestFound, NearestSamples
from engine.settings import TrainingSettings
from engine.trainer import Trainer
from engine.worker import PEN_RESTS_S, Worker

IMAGE = np.zeros((1, 8, 8), np.uint8)


class Clock:
    """Time that passes only when it is told to."""

    now = 1.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ends() -> Iterator[tuple[Connection, Connection]]:
    ours, theirs = Pipe()
    yield ours, theirs
    ours.close()
    theirs.close()


def test_a_prediction_overtakes_questions_but_no_change(ends: tuple[Connection, Connection]) -> None:
    clock, (ours, theirs) = Clock(), ends
    inbox = Inbox(theirs, clock)
    for message in (Ask(), Forget(3), Predict(7, IMAGE), SetLearningRate(0.1), Predict(8, IMAGE)):
        ours.send(message)
    assert inbox.take_urgent().number == 7  # type: ignore[union-attr]
    clock.now += 2 * LOOK_S
    assert inbox.take_urgent() is None
    taken = [inbox.take(wait=False) for _ in range(5)]
    assert [type(message) for message in taken] == [Ask, Forget, SetLearningRate, Predict, type(None)]


def test_a_newer_prediction_takes_the_place_of_one_that_nobody_has_begun(ends: tuple[Connection, Connection]) -> None:
    ours, theirs = ends
    inbox = Inbox(theirs, Clock())
    for message in (Predict(1, IMAGE), Ask(), Predict(2, IMAGE), Pause(), Predict(3, IMAGE), Predict(4, IMAGE)):
        ours.send(message)
    taken = [inbox.take(wait=True) for _ in range(4)]
    assert [getattr(message, "number", type(message)) for message in taken] == [Ask, 2, Pause, 4]
    assert inbox.take(wait=False) is None


def test_it_does_not_look_too_often(ends: tuple[Connection, Connection]) -> None:
    clock, (ours, theirs) = Clock(), ends
    inbox = Inbox(theirs, clock)
    assert inbox.take_urgent() is None
    ours.send(Predict(1, IMAGE))
    clock.now += LOOK_S / 2
    assert inbox.take_urgent() is None
    clock.now += LOOK_S
    assert inbox.take_urgent() is not None


def test_a_step_is_interrupted_by_a_prediction_and_ends_with_the_same_bits(
    tiny_graph: Graph, tiny_data: ArrayData
) -> None:
    settings = TrainingSettings(batch=20, epochs=1, threads=1, validation_fraction=0.0)
    image = tiny_data.test.images[3]
    waiting: list[Any] = []
    said: list[Any] = []
    worker = Worker(said.append, urgent=lambda: waiting.pop() if waiting else None)
    worker.handle(Start(graph.dumps(tiny_graph), settings, tiny_data, paused=True))
    for _ in range(200):
        worker.work()
    trainer, alone = worker._trainer, Trainer(tiny_graph, tiny_data, settings)
    assert trainer is not None
    before = alone.network.predict(alone.normalised(image)[None])
    for number in range(3):
        waiting.append(Predict(number, image))
        trainer.step()
        alone.step()
    assert [message.number for message in said if isinstance(message, Prediction)] == [0, 1, 2]
    first = next(message for message in said if isinstance(message, Prediction))
    assert first.scores.argmax() == before[0].argmax()
    worker.handle(Pause())
    for name, array in alone.network.store.arrays.items():
        assert np.array_equal(array, trainer.network.store.arrays[name])


@pytest.mark.parametrize("question", [NearestSamples(1, IMAGE), MeasureLayers(2)])
def test_pieces_of_other_answers_are_interrupted(tiny_graph: Graph, tiny_data: ArrayData, question: Any) -> None:
    settings = TrainingSettings(batch=20, epochs=1, threads=1, validation_fraction=0.0)
    waiting: list[Any] = []
    said: list[Any] = []
    worker = Worker(said.append, urgent=lambda: waiting.pop() if waiting else None)
    worker.handle(Start(graph.dumps(tiny_graph), settings, tiny_data, paused=True))
    for _ in range(200):
        worker.work()
    worker.handle(question)
    worker.work()
    for number in range(3):
        waiting.append(Predict(10 + number, IMAGE))
        worker.work()
    assert [message.number for message in said if isinstance(message, Prediction)][:1] == [10]


def test_a_report_waits_for_a_prediction(tiny_graph: Graph, tiny_data: ArrayData) -> None:
    settings = TrainingSettings(batch=20, epochs=1, threads=1, validation_fraction=0.0)
    waiting: list[Any] = []
    said: list[Any] = []
    worker = Worker(said.append, urgent=lambda: waiting.pop() if waiting else None)
    worker.handle(Start(graph.dumps(tiny_graph), settings, tiny_data, paused=True))
    for _ in range(200):
        worker.work()
    said.clear()
    waiting.append(Predict(4, IMAGE))
    worker.handle(Ask(("conv1",)))
    assert [type(message) for message in said] == [Prediction, Report]


def test_a_measured_round_is_interrupted_after_a_kernel(tiny_graph: Graph, tiny_data: ArrayData) -> None:
    trainer = Trainer(tiny_graph, tiny_data, TrainingSettings(batch=20, epochs=1, threads=1, validation_fraction=0.0))
    called: list[int] = []
    trainer.between = lambda: called.append(1)
    before = 0
    for found in measure(trainer):
        if found is not None:
            break
        before = len(called)
    calls = trainer.network.training(20, trainer.loss).plan.calls
    assert len(called) - before >= len(calls)


def test_long_answers_wait_until_the_pen_rests_while_a_network_trains(tiny_graph: Graph, tiny_data: ArrayData) -> None:
    settings = TrainingSettings(batch=20, epochs=1000, threads=1, validation_fraction=0.0)
    said, clock = list[Any](), Clock()
    worker = Worker(said.append, clock)
    worker.handle(Start(graph.dumps(tiny_graph), settings, tiny_data))
    while worker._trainer is None:
        worker.work()
    worker.handle(NearestSamples(1, IMAGE))
    worker.handle(Predict(2, IMAGE))
    for _ in range(20):
        worker.work()
    assert [message.number for message in said if isinstance(message, Prediction | NearestFound)] == [2]
    clock.now += 2 * PEN_RESTS_S
    while not any(isinstance(message, NearestFound) for message in said):
        worker.work()


def test_the_window_has_a_core_while_somebody_draws(tiny_graph: Graph, tiny_data: ArrayData) -> None:
    settings = TrainingSettings(batch=20, epochs=1000, threads=3, validation_fraction=0.0)
    clock = Clock()
    worker = Worker(lambda message: None, clock)
    worker.handle(Start(graph.dumps(tiny_graph), settings, tiny_data))
    while worker._trainer is None:
        worker.work()
    assert get_num_threads() == 3
    worker.handle(Predict(1, IMAGE))
    worker.work()
    assert get_num_threads() == 2
    clock.now += 2 * PEN_RESTS_S
    worker.work()
    assert get_num_threads() == 3


def test_at_rest_there_is_nothing_to_leave_a_core_for(tiny_graph: Graph, tiny_data: ArrayData) -> None:
    settings = TrainingSettings(batch=20, epochs=1, threads=3, validation_fraction=0.0)
    worker = Worker(lambda message: None, Clock())
    worker.handle(Start(graph.dumps(tiny_graph), settings, tiny_data, paused=True))
    for _ in range(200):
        worker.work()
    worker.handle(Predict(1, IMAGE))
    assert get_num_threads() == 3


def test_threads_that_come_and_go_in_the_middle_of_a_step_change_no_bit(
    tiny_graph: Graph, tiny_data: ArrayData
) -> None:
    settings = TrainingSettings(batch=20, epochs=1, threads=2, validation_fraction=0.0)
    shared, alone = Trainer(tiny_graph, tiny_data, settings), Trainer(tiny_graph, tiny_data, settings)
    turns = itertools.cycle((1, 3, 2))
    shared.between = lambda: set_num_threads(next(turns))
    for _ in range(3):
        shared.step()
    set_num_threads(1)
    for _ in range(3):
        alone.step()
    for name, array in alone.network.store.arrays.items():
        assert np.array_equal(array, shared.network.store.arrays[name])
