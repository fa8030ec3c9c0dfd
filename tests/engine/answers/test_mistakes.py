"""Mistakes: counted as by hand, found between steps without touching them, and small enough to send."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import attrs
import numpy as np
import pytest

from engine import Graph, chain, graph, make
from engine.answers import answer
from engine.answers import mistakes as answers
from engine.batches import ArrayData, ArrayPart
from engine.evaluation import evaluate
from engine.link import InlineLink
from engine.protocol import REPORT_BYTES, Start
from engine.questions import NotAnswered
from engine.questions.mistakes import CellFound, Counting, FindCell, FindMistakes, MistakesFound
from engine.settings import TrainingSettings
from engine.trainer import Trainer

SETTINGS = TrainingSettings(learning_rate=0.02, batch=20, epochs=3, validation_fraction=0.2, threads=2)


def ask(trainer: Trainer, question: Any) -> list[Any]:
    return [found for found in answer(trainer, question) if found is not None]


def last(trainer: Trainer, question: Any) -> Any:
    """The answer, without the words on the way to it: a busy computer makes some."""
    return ask(trainer, question)[-1]


@pytest.fixture
def trainer(tiny_graph: Graph, tiny_data: ArrayData) -> Trainer:
    """One that still makes mistakes."""
    made = Trainer(tiny_graph, tiny_data, SETTINGS)
    made.step()
    return made


def test_the_table_and_its_shares_are_those_of_an_evaluation(trainer: Trainer) -> None:
    data = trainer.data
    assert data.test is not None
    expected = evaluate(trainer.network, data.test, data.mean, data.std)
    found = last(trainer, FindMistakes(3))
    assert isinstance(found, MistakesFound)
    assert expected.confusion is not None
    assert (found.number, found.part, found.parts) == (3, "test", ("validation", "test", "training"))
    assert (found.step, found.samples, found.names) == (1, 40, ())
    assert found.table.tolist() == expected.confusion.tolist()
    assert found.classes.tolist() == [0, 1, 2]
    assert (found.loss, found.accuracy) == (pytest.approx(expected.loss, rel=1e-5), expected.top1)
    assert found.support.tolist() == np.bincount(data.test.labels).tolist()
    for column, shares in ((found.precision, expected.precision()), (found.recall, expected.recall())):
        assert np.array_equal(column, np.array([np.nan if s is None else s for s in shares], np.float32), True)
    both = 2 * found.precision * found.recall / (found.precision + found.recall)
    assert np.allclose(found.f1, np.where(np.isnan(both), 0, both), atol=1e-6)


def test_the_worst_and_the_least_certain_come_first(trainer: Trainer) -> None:
    found = last(trainer, FindMistakes(1, "training", most=500))
    batches = trainer.parts["training"]
    x = batches.normalised(batches.pool).reshape(-1, 1, 8, 8)
    z = trainer.network.predict(x).astype(np.float64)
    shares = np.exp(z - z.max(1, keepdims=True))
    shares /= shares.sum(1, keepdims=True)
    right, said = batches.part.labels[batches.pool], z.argmax(1)
    assert len(found.wrong) > 3
    assert len(found.wrong) == (right != said).sum()
    for samples, order in ((found.wrong, -found.wrong.losses), (found.uncertain, found.uncertain.confidence)):
        assert (np.diff(order) >= 0).all()
        places = samples.numbers - trainer.first_of("training")
        assert samples.right.tolist() == right[places].tolist()
        assert samples.said.tolist() == said[places].tolist()
        assert np.allclose(samples.confidence, shares[places].max(1), atol=1e-5)
        assert np.allclose(samples.losses, -np.log(shares[places, right[places]]), atol=1e-4)
        assert np.array_equal(samples.pictures[0], batches.part.images[batches.pool[places[0]], 0])
    assert (found.wrong.right != found.wrong.said).all()
    assert len(found.uncertain) == 72


def test_a_cell_is_opened_from_what_was_found_even_when_training_has_gone_on(trainer: Trainer) -> None:
    found = last(trainer, FindMistakes(1))
    row, column = np.unravel_index(found.table.argmax(), found.table.shape)
    for _ in range(4):
        trainer.step()
    cell = last(trainer, FindCell(2, "test", int(row), int(column), most=3))
    assert isinstance(cell, CellFound)
    assert (cell.number, cell.right, cell.said, cell.count) == (2, row, column, found.table.max())
    assert len(cell.samples) == 3
    assert (np.diff(cell.samples.confidence) <= 0).all()
    validation = last(trainer, FindCell(3, "validation", 0, 0))  # of another part: it is judged now
    assert validation.count == last(trainer, FindMistakes(4, "validation")).table[0, 0]


def test_a_long_search_says_how_far_it_is(trainer: Trainer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "TELL_S", -1.0)
    monkeypatch.setattr("engine.judgement.PIECE_S", -1.0)
    said = ask(trainer, FindMistakes(9))
    assert all(isinstance(word, Counting) and word.among == 40 for word in said[:-1])
    assert [word.looked_at for word in said[:-1]][-1] == 40


def test_training_ends_with_the_same_bits(tiny_graph: Graph, tiny_data: ArrayData) -> None:
    alone, watched = (Trainer(tiny_graph, tiny_data, SETTINGS) for _ in range(2))
    while not alone.finished:
        alone.step()
    under_way: Any = iter(())
    while not watched.finished:
        watched.step()
        if next(under_way, "over") == "over":
            under_way = answer(watched, FindMistakes(1, "training"))
    assert all((a == watched.network.store.arrays[n]).all() for n, a in alone.network.store.arrays.items())
    assert alone.history == watched.history


def test_what_is_judged_is_the_network_of_one_moment(
    tiny_graph: Graph, tiny_data: ArrayData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.judgement.PIECE_S", -1.0)
    trainer = Trainer(tiny_graph, tiny_data, attrs.evolve(SETTINGS, learning_rate=0.5))
    trainer.step()
    before = last(trainer, FindMistakes(1, "training"))
    said = []
    for word in answer(trainer, FindMistakes(2, "training")):
        said.append(word)
        trainer.step()
    found = said[-1]
    assert found.table.tolist() == before.table.tolist()
    assert found.step == 1


def test_large_pictures_and_many_classes_fit_into_an_answer() -> None:
    rng = np.random.default_rng(0)
    labels = np.concatenate([np.arange(130), rng.integers(0, 130, 20)])
    part = ArrayPart(rng.integers(0, 255, (150, 3, 100, 90), dtype=np.uint8), labels)
    net = chain(
        make("input", shape=(3, 100, 90)), make("global_avg_pool"), make("flatten"), make("dense", out_features=130)
    )
    trainer = Trainer(
        net, ArrayData(part, None, part, (0.5,), (0.3,)), TrainingSettings(batch=50, validation_fraction=0)
    )
    found = last(trainer, FindMistakes(1))
    assert len(pickle.dumps(found)) < REPORT_BYTES
    assert found.table.shape == (100, 100)
    assert found.wrong.pictures.shape[1:] == (50, 45, 3)  # every second pixel
    assert len(found.precision) == 130
    assert len(found.wrong) < 60
    row = int(found.classes[found.table.sum(axis=1).argmax()])
    cell = last(trainer, FindCell(2, "test", row, int(found.wrong.said[0])))
    assert len(pickle.dumps(cell)) < REPORT_BYTES


Refused = Callable[[Graph, ArrayData], tuple[Graph, ArrayData, TrainingSettings]]


@pytest.mark.parametrize(
    ("loss", "question", "message"),
    [
        (
            "mean_squared_error",
            FindMistakes(7),
            "This network is not trained to tell classes apart, so it makes no mistakes of this kind. "
            "Choose cross-entropy as the loss, and data with classes.",
        ),
        ("cross_entropy", FindMistakes(7, "secret"), "The data have no secret part; there are test, training."),
    ],
)
def test_what_cannot_be_answered_is_said(
    tiny_graph: Graph, tiny_data: ArrayData, loss: str, question: FindMistakes, message: str
) -> None:
    link = InlineLink()
    settings = TrainingSettings(batch=20, threads=1, validation_fraction=0.0, loss=loss)
    link.send(Start(graph.dumps(tiny_graph), settings, tiny_data, paused=True))
    for _ in range(200):
        link.poll()
    link.send(question)
    assert [said for _ in range(3) for said in link.poll()] == [NotAnswered(7, message)]


def test_classes_of_pixels_are_no_classes_of_samples() -> None:
    rng = np.random.default_rng(0)
    part = ArrayPart(rng.integers(0, 255, (20, 1, 4, 4), dtype=np.uint8), rng.integers(0, 2, (20, 4, 4)))
    net = chain(make("input", shape=(1, 4, 4)), make("conv2d", out_channels=2, kernel_size=1))
    trainer = Trainer(
        net, ArrayData(part, None, part, (0.5,), (0.3,)), TrainingSettings(batch=20, validation_fraction=0)
    )
    message = "This network names a class for every pixel; mistakes are shown of whole samples."
    with pytest.raises(Exception, match=f"^{message}$"):
        ask(trainer, FindMistakes(1))
