"""Feature maps: positions of the right samples, with their pictures, still or on the move."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from engine import Graph
from engine.answers import answer
from engine.answers import features as answers
from engine.batches import ArrayData
from engine.errors import InputError
from engine.protocol import REPORT_BYTES
from engine.questions.features import PCA, TSNE, MapFeatures, Mapped, Moved, Placed, Portraits
from engine.settings import TrainingSettings
from engine.trainer import Trainer
from engine.tsne import ITERATIONS


@pytest.fixture
def trainer(tiny_graph: Graph, tiny_data: ArrayData) -> Trainer:
    made = Trainer(tiny_graph, tiny_data, TrainingSettings(batch=20, validation_fraction=0.0, threads=1))
    for _ in range(4):
        made.step()
    return made


def ask(trainer: Trainer, **what: Any) -> list[Any]:
    node = next(n.id for n in trainer.graph if n.layer.kind == "max_pool2d")
    return [found for found in answer(trainer, MapFeatures(5, node, **what)) if found is not None]


def test_samples_come_with_their_classes_and_pictures(trainer: Trainer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "ROOM", 64 * 12)
    placed, *portraits, end = ask(trainer, samples=30)
    assert end == Mapped(5)
    batches = trainer.parts["test"]
    assert isinstance(placed, Placed)
    assert (placed.method, placed.part, placed.among, placed.iterations) == (PCA, "test", 40, 0)
    assert (placed.features, placed.of) == (64, 64)
    assert len(set(placed.numbers.tolist())) == 30
    assert placed.numbers.max() < 40  # the test part comes first
    assert placed.right.tolist() == batches.part.labels[placed.numbers].tolist()
    x = batches.normalised(placed.numbers).reshape(-1, 1, 8, 8)
    assert placed.said.tolist() == trainer.network.predict(x).argmax(1).tolist()
    assert placed.positions.shape == (30, 2)
    assert 0 < placed.shares[1] < placed.shares[0] < 1
    assert [portrait.first for portrait in portraits] == [0, 12, 24]
    pictures = np.concatenate([portrait.pictures for portrait in portraits])
    assert np.array_equal(pictures, batches.part.images[placed.numbers, 0])
    alone, _ = ask(trainer, samples=30, pictures=False)
    assert np.array_equal(alone.positions, placed.positions)


def test_numbers_of_samples_are_those_of_the_session(trainer: Trainer) -> None:
    placed, *_ = ask(trainer, part="training", samples=20)
    assert placed.numbers.min() >= 40
    images = trainer.data.train.images
    first = trainer.sample(int(placed.numbers[0]))
    assert np.array_equal(first, trainer.training_batches.normalised(placed.numbers[:1] - 40).reshape(first.shape))
    assert len(images) == 90


def test_t_sne_moves_the_samples_until_it_ends(trainer: Trainer) -> None:
    said = ask(trainer, method=TSNE, samples=40, perplexity=5)
    placed, moves = said[0], [word for word in said if isinstance(word, Moved)]
    assert isinstance(placed, Placed)
    assert placed.iterations == ITERATIONS
    assert isinstance(said[1], Portraits)
    assert moves[-1].iteration == ITERATIONS
    assert len(moves) == ITERATIONS / answers.FRAME
    assert all(np.isfinite(move.positions).all() for move in moves)
    again = [word for word in ask(trainer, method=TSNE, samples=40, perplexity=5) if isinstance(word, Moved)]
    assert np.array_equal(again[-1].positions, moves[-1].positions)
    assert max(len(pickle.dumps(word)) for word in said) < REPORT_BYTES


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ({"method": "UMAP"}, "Features are mapped by PCA or t-SNE, not by UMAP."),
        ({"samples": 9}, "A map shows 10 to 2000 samples, not 9."),
        ({"perplexity": 500.0}, "The perplexity goes from 2 to 200; it is 500."),
    ],
)
def test_what_cannot_be_mapped_is_said(trainer: Trainer, what: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as said:
        ask(trainer, **what)
    assert str(said.value) == message


def test_training_ends_with_the_same_bits(tiny_graph: Graph, tiny_data: ArrayData) -> None:
    settings = TrainingSettings(batch=20, epochs=3, threads=2)
    alone, watched = (Trainer(tiny_graph, tiny_data, settings) for _ in range(2))
    while not alone.finished:
        alone.step()
    under_way: Any = iter(())
    node = tiny_graph.order[3].id
    while not watched.finished:
        watched.step()
        if next(under_way, "over") == "over":
            under_way = answer(watched, MapFeatures(1, node, TSNE, samples=20, perplexity=5))
    assert all((a == watched.network.store.arrays[n]).all() for n, a in alone.network.store.arrays.items())
