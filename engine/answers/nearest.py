"""The training samples that a network sees as most like a picture."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from engine.errors import InputError
from engine.jit import LANES
from engine.network import Network
from engine.partial import up_to
from engine.plan import Plan
from engine.protocol import REPORT_BYTES
from engine.questions.nearest import ANGLE, DISTANCE, Near, NearestFound, NearestSamples
from engine.thumbnails import thumbnails
from engine.trainer import Trainer

Array = np.ndarray[Any, Any]
MOST_FEATURES = 2048  # of a larger layer some are taken, evenly
BLOCKS = 2  # of samples at a time
PIECE_S, TELL_S = 0.004, 0.15  # what a piece of work may take, and how often it is told
ROOM = REPORT_BYTES // 2  # for pictures
PICTURE_SIDE = 48  # pixels
TINY = 1e-12
MOST_FOUND, MOST_AMONG = 64, 10_000


class _Known:
    """What the network of one moment makes of training samples, as far as it was found out."""

    def __init__(self, trainer: Trainer, node: str, among: int) -> None:
        self.node, self.among, self.step = node, among, trainer.progress.steps
        self.network, self.batches = trainer.network, trainer.training_batches
        nodes = frozenset({node})
        graph, inference, store = self.network.graph, self.network.inference, self.network.store.copy()
        self._plan = Plan(up_to(graph, nodes), inference, store, BLOCKS, watch=nodes)
        (self._entry,) = self.network.input_shapes
        step = max(1, len(self.batches) // among)
        self.places = np.arange(len(self.batches))[::step][:among]
        size = int(np.prod(inference.nodes[node].output))
        self._every = -(-size // MOST_FEATURES)
        self.values = np.zeros((len(self.places), -(-size // self._every)), np.float32)
        self.count = 0

    def of(self, sample: Array) -> Array:
        """The numbers of one normalised sample."""
        self.network.load(self._plan, {self._entry: np.ascontiguousarray(sample[None], np.float32)})
        self._plan.forward()
        return np.asarray(self._read(1)[0])

    def look_further(self) -> None:
        """A few more samples."""
        picks = self.batches.pool[self.places[self.count : self.count + BLOCKS * LANES]]
        self.batches.pack(np.ascontiguousarray(picks, np.int64), self._plan.samples, self._plan.values[self._entry])
        self._plan.forward()
        self.values[self.count : self.count + len(picks)] = self._read(len(picks))
        self.count += len(picks)

    def _read(self, count: int) -> Array:
        found = self.network.read(self._plan, self._plan.values[self.node], self.node)
        return np.asarray(np.nan_to_num(found.reshape(count, -1)[:, :: self._every]))


_known: WeakKeyDictionary[Trainer, _Known] = WeakKeyDictionary()


def nearest_samples(trainer: Trainer, question: NearestSamples) -> Iterator[NearestFound | None]:
    """Looks through training samples, a few at a time; those of an unchanged network are remembered."""
    _check(question)
    sample, node = trainer.normalised(question.image), last_hidden(trainer.network)
    known = _known.get(trainer)
    if known is None or (known.node, known.among, known.step) != (node, question.among, trainer.progress.steps):
        known = _known[trainer] = _Known(trainer, node, question.among)
    wanted, told = known.of(sample), perf_counter()
    while known.count < len(known.places):
        began = perf_counter()
        known.look_further()
        while known.count < len(known.places) and perf_counter() - began < PIECE_S:
            known.look_further()
        if perf_counter() - told > TELL_S and known.count < len(known.places):
            told = perf_counter()
            yield _found(trainer, question, known, wanted)
        else:
            yield None
    yield _found(trainer, question, known, wanted)


def last_hidden(network: Network) -> str:
    """The layer that feeds the last one with weights; the output where there is none."""
    node = network.output
    while sources := network.graph.incoming(node):
        weight = network.parameters.get(f"{node}.weight")
        node = sources[0].source
        if weight is not None and weight.ndim > 1:
            return node
    return network.output


def _check(question: NearestSamples) -> None:
    if question.measure not in (ANGLE, DISTANCE):
        raise InputError(f"Samples are compared by {ANGLE} or {DISTANCE}, not by {question.measure}.")
    if not (1 <= question.most <= MOST_FOUND and 1 <= question.among <= MOST_AMONG):
        limits = f"1 to {MOST_FOUND} among 1 to {MOST_AMONG}"
        raise InputError(f"The nearest {limits} samples can be found, not {question.most} among {question.among}.")


def _found(trainer: Trainer, question: NearestSamples, known: _Known, wanted: Array) -> NearestFound:
    values, batches = known.values[: known.count], known.batches
    if question.measure == ANGLE:
        lengths = np.linalg.norm(values, axis=1) * np.linalg.norm(wanted)
        distances = 1 - values @ wanted / np.maximum(lengths, TINY)
    else:
        distances = np.linalg.norm(values - wanted, axis=1)
    order = np.argsort(distances, kind="stable")[: question.most]
    places = known.places[order]
    picks, first = batches.pool[places], trainer.first_of("training")
    pictures = thumbnails(trainer.data, batches, picks, ROOM, PICTURE_SIDE)
    labels = batches.part.labels
    has_classes = labels.ndim == 1 and np.issubdtype(labels.dtype, np.integer)
    found = tuple(
        Near(first + int(place), int(labels[pick]) if has_classes else None, float(distance), picture)
        for place, pick, distance, picture in zip(places, picks, distances[order], pictures, strict=False)
    )
    return NearestFound(question.number, known.node, found, known.count, len(known.places), question.measure)
