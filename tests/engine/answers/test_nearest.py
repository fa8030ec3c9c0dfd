"""The training samples that a network sees as most like a picture."""

from __future__ import annotations

import pickle
from collections.abc import Iterator

import numpy as np
import pytest

from engine import Graph, chain, make
from engine.answers import nearest
from engine.batches import ArrayData
from engine.errors import InputError
from engine.jit import LANES
from engine.network import Network
from engine.protocol import REPORT_BYTES
from engine.questions.nearest import ANGLE, DISTANCE, NearestFound, NearestSamples
from engine.settings import TrainingSettings
from engine.trainer import Trainer

SETTINGS = TrainingSettings(batch=20, epochs=1, threads=1, validation_fraction=0.0)


@pytest.fixture
def trainer(tiny_graph: Graph, tiny_data: ArrayData) -> Trainer:
    return Trainer(tiny_graph, tiny_data, SETTINGS)


def last(answers: Iterator[NearestFound | None]) -> NearestFound:
    *_, answer = answers
    assert answer is not None
    return answer


@pytest.mark.parametrize("measure", [ANGLE, DISTANCE])
def test_the_nearest_are_those_with_the_most_similar_numbers(trainer: Trainer, measure: str) -> None:
    image = trainer.data.test.images[5]
    found = last(nearest.nearest_samples(trainer, NearestSamples(4, image, measure, most=5)))
    node = nearest.last_hidden(trainer.network)
    batches = trainer.training_batches
    everything = batches.normalised(batches.pool).reshape(-1, *image.shape)
    rows = trainer.network.activations(everything, (node,))[node].reshape(len(everything), -1)
    row = trainer.network.activations(trainer.normalised(image)[None], (node,))[node].reshape(-1)
    away = np.linalg.norm(rows - row, axis=1)
    turned = 1 - rows @ row / (np.linalg.norm(rows, axis=1) * np.linalg.norm(row))
    wanted = np.sort(turned if measure == ANGLE else away)[:5]
    assert [near.distance for near in found.found] == pytest.approx(wanted.tolist(), abs=1e-5)
    assert (found.number, found.node, found.measure) == (4, node, measure)
    assert found.done
    assert found.among == len(batches)
    for near in found.found:
        where, pick = trainer.place(near.sample)
        assert where is batches
        assert near.label == batches.part.labels[pick]
        assert np.array_equal(near.picture, batches.part.images[pick][0])
    assert len(pickle.dumps(found)) < REPORT_BYTES


def test_a_training_sample_is_nearest_to_itself(trainer: Trainer) -> None:
    image = trainer.training_batches.part.images[17]
    found = last(nearest.nearest_samples(trainer, NearestSamples(1, image)))
    assert found.found[0].sample == trainer.first_of("training") + 17
    assert found.found[0].distance == pytest.approx(0, abs=1e-6)


def test_what_was_found_out_is_remembered_until_the_network_learns(
    trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = []
    further = nearest._Known.look_further
    monkeypatch.setattr(nearest._Known, "look_further", lambda known: (looked.append(1), further(known)))
    image = trainer.data.test.images[0]
    monkeypatch.setattr(nearest, "PIECE_S", 0.0)
    next(nearest.nearest_samples(trainer, NearestSamples(1, image)))
    assert len(looked) == 1  # a later question goes on from there
    last(nearest.nearest_samples(trainer, NearestSamples(2, image)))
    once = len(looked)
    assert once == -(-len(trainer.training_batches) // (nearest.BLOCKS * LANES))
    last(nearest.nearest_samples(trainer, NearestSamples(3, trainer.data.test.images[1])))
    assert len(looked) == once
    trainer.step()
    last(nearest.nearest_samples(trainer, NearestSamples(4, image)))
    assert len(looked) == 2 * once


def test_partial_answers_come_while_it_looks(trainer: Trainer, monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter(np.arange(0, 1000, 0.1))
    monkeypatch.setattr(nearest, "perf_counter", lambda: next(times))
    answers = list(nearest.nearest_samples(trainer, NearestSamples(1, trainer.data.test.images[0], among=80)))
    told = [answer for answer in answers if answer is not None]
    assert len(told) > 1
    assert not told[0].done
    assert told[-1].done
    assert told[0].looked_at < told[-1].looked_at


def test_the_last_layer_with_weights_says_where_one_compares() -> None:
    plain = chain(make("input", shape=(1, 8, 8)), make("flatten"), make("dense", out_features=3), make("softmax"))
    assert nearest.last_hidden(Network(plain)) == "flatten1"
    normed = chain(make("input", shape=(1, 8, 8)), make("conv2d", out_channels=2, kernel_size=3), make("batch_norm"))
    assert nearest.last_hidden(Network(normed)) == "input1"
    weightless = chain(make("input", shape=(1, 8, 8)), make("flatten"), make("relu"))
    assert nearest.last_hidden(Network(weightless)) == "relu1"


def test_what_cannot_be_found_is_told(trainer: Trainer) -> None:
    image = trainer.data.test.images[0]
    with pytest.raises(InputError, match=r"^Samples are compared by angle or distance, not by colour\.$"):
        next(nearest.nearest_samples(trainer, NearestSamples(1, image, "colour")))
    with pytest.raises(InputError) as told:
        next(nearest.nearest_samples(trainer, NearestSamples(1, image, most=0)))
    assert str(told.value) == "The nearest 1 to 64 among 1 to 10000 samples can be found, not 0 among 4000."
