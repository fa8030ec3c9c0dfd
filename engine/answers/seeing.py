"""Kernels and maps as bytes to look at, exact numbers of one of them, and the samples that move a channel most."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import attrs
import numpy as np

from engine.answers.inside import known
from engine.errors import InputError
from engine.jit import LANES
from engine.kernel_images import KernelImages, kernel_images
from engine.partial import partial_plan, values
from engine.plan import Plan
from engine.planes import planes
from engine.progress import TRAINING
from engine.protocol import REPORT_BYTES
from engine.questions.seeing import (
    CloserMap,
    Excited,
    Exciting,
    ExcitingSamples,
    Kernels,
    KernelSeen,
    KernelsSeen,
    LayerMaps,
    Maps,
    MapsSeen,
    OneKernel,
)
from engine.sight import sight
from engine.trainer import Trainer

Array = np.ndarray[Any, Any]
ROOM = REPORT_BYTES - 16 * 1024  # of an answer, for its numbers
LARGEST_SIDE = 64  # pixels of a small map
BARS = 64  # of a histogram
MOST_COUNTED = 1 << 16  # numbers in a histogram; of more, evenly chosen ones
PIECE_S, TELL_S = 0.005, 0.25  # of a search: what it may take between two steps, and how often it tells
SEARCH_BLOCKS = 2
SIGNED, BYTE = 127, 255


def kernels(trainer: Trainer, question: Kernels) -> KernelsSeen:
    """Some input channels of every kernel, as far as there is room."""
    began, found = time.perf_counter(), _images(trainer, question.node)
    weights = np.nan_to_num(found.weights, posinf=0.0, neginf=0.0)
    inputs = weights.shape[1]
    first = min(max(0, question.first), inputs - 1)
    pixels = weights.shape[2] * weights.shape[3]
    fitting = min(len(weights), max(1, ROOM // pixels))
    count = min(max(1, question.count), inputs - first, max(1, ROOM // (fitting * pixels)))
    shown = weights[:fitting, first : first + count]
    largest = np.abs(shown).max(axis=(1, 2, 3))
    scaled = shown * (SIGNED / np.where(largest > 0, largest, 1.0))[:, None, None, None]
    norms = np.sqrt(np.square(weights.reshape(len(weights), -1)).sum(1, dtype=np.float64))
    return KernelsSeen(
        question.number,
        question.node,
        first,
        np.rint(scaled).astype(np.int8),
        largest.astype(np.float32),
        norms[:fitting].astype(np.float32),
        len(weights),
        inputs,
        found.depth,
        found.row,
        time.perf_counter() - began,
    )


def one_kernel(trainer: Trainer, question: OneKernel) -> KernelSeen:
    """Every number of a kernel, as far as there is room."""
    found = _images(trainer, question.node)
    _check(question.node, question.kernel, len(found.weights), "kernels")
    weights = found.weights[question.kernel]
    fitting = max(1, ROOM // max(1, weights[:1].nbytes))
    bias = None if found.biases is None else float(found.biases[question.kernel])
    norm = float(np.sqrt(np.square(weights.astype(np.float64)).sum()))
    kept = np.ascontiguousarray(weights[:fitting])
    return KernelSeen(question.number, question.node, question.kernel, kept, len(weights), found.depth, norm, bias)


def _images(trainer: Trainer, node: str) -> KernelImages:
    network = trainer.network
    own = {n.rpartition(".")[2]: a for n, a in network.store.arrays.items() if n.rpartition(".")[0] == node}
    found = kernel_images(network.graph, network.inference, known(trainer, node), own)
    if found is None:
        raise InputError(f"{node} has no weights: it learns nothing. Select a layer that does, such as a convolution.")
    return found


def _check(node: str, index: int, count: int, what: str) -> None:
    if not 0 <= index < count:
        raise InputError(f"{node} has {count} {what}, numbered from 0; there is no number {index}.")


# --- maps -------------------------------------------------------------------------------------------------------------


def maps(trainer: Trainer, question: Maps) -> MapsSeen:
    """All channels of some layers, and one channel with every number."""
    began = time.perf_counter()
    nodes = dict.fromkeys(known(trainer, node) for node in (*question.nodes, question.closer) if node)
    if question.image is None:
        batches, pick = trainer.place(question.sample)
        sample, label = trainer.sample(question.sample), _label(trainer, batches.part.labels, pick)
        part = next(name for name, found in trainer.parts.items() if found is batches)
    else:
        sample, label, part = trainer.normalised(question.image), "", ""
    found = values(trainer.network, sample, frozenset(nodes))
    closer = _closer(question.closer, question.channel, found[question.closer]) if question.closer else None
    room = ROOM - (closer.values.nbytes if closer else 0)
    layers, room_each = [], room // max(1, len(question.nodes) + 1)
    for node in question.nodes:
        layers.append(_layer(node, found[node], room_each))
    picture = _bytes(planes(sample))
    shown = picture.tiles if picture.nbytes <= room_each and sample.ndim == 3 else np.zeros((0, 0, 0), np.uint8)
    samples, seconds = sum(map(len, trainer.parts.values())), time.perf_counter() - began
    return MapsSeen(question.number, tuple(layers), closer, shown, label, part, samples, seconds)


def _label(trainer: Trainer, labels: Array, pick: int) -> str:
    """The name of a sample's class; nothing where it belongs to none."""
    if labels.ndim > 1 or not np.issubdtype(labels.dtype, np.integer):
        return ""
    names, label = getattr(trainer.data, "classes", ()), int(labels[pick])
    return str(names[label]) if label < len(names) else str(label)


@attrs.frozen(eq=False)
class _Bytes:
    tiles: Array
    lows: Array
    highs: Array

    @property
    def nbytes(self) -> int:
        return int(self.tiles.nbytes)


def _bytes(tiles: Array) -> _Bytes:
    """Each channel from its lowest to its highest number."""
    finite = np.nan_to_num(tiles, posinf=0.0, neginf=0.0)
    lows, highs = finite.min(axis=(1, 2)), finite.max(axis=(1, 2))
    spans = np.where(highs > lows, highs - lows, 1.0)
    scaled = (finite - lows[:, None, None]) * (BYTE / spans)[:, None, None]
    return _Bytes(np.rint(scaled).astype(np.uint8), lows.astype(np.float32), highs.astype(np.float32))


def _layer(node: str, array: Array, room: int) -> LayerMaps:
    tiles = planes(array)
    channels, height, width = tiles.shape
    step = -(-max(height, width) // LARGEST_SIDE) if height > 1 else 1
    small = tiles[:, ::step, ::step]
    made = _bytes(small[: max(1, room // (small.shape[1] * small.shape[2]))])
    return LayerMaps(node, made.tiles[:, :, :room], made.lows, made.highs, channels, step)


def _closer(node: str, channel: int, array: Array) -> CloserMap:
    tiles = planes(array)
    _check(node, channel, len(tiles), "channels")
    finite = tiles[np.isfinite(tiles)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    some = finite[:: max(1, finite.size // MOST_COUNTED)]
    counts, _ = np.histogram(some, bins=BARS, range=(low, high if high > low else low + 1))
    height = max(1, ROOM // 2 // max(1, tiles.shape[2] * 4))
    kept = np.ascontiguousarray(tiles[channel, :height], np.float32)
    return CloserMap(node, channel, kept, len(tiles), counts.astype(np.int64), low, high)


# --- the samples that move a channel most -----------------------------------------------------------------------------


@attrs.define(eq=False)
class _Best:
    """The best samples so far, each with the place of its largest number."""

    most: int
    numbers: Array = attrs.field(factory=lambda: np.zeros(0, np.int64))  # in the part's own order
    values: Array = attrs.field(factory=lambda: np.zeros(0, np.float32))
    places: Array = attrs.field(factory=lambda: np.zeros(0, np.int64))

    def add(self, numbers: Array, values: Array, places: Array) -> None:
        together = np.concatenate([self.values, values])
        order = np.argsort(-together, kind="stable")[: self.most]
        self.numbers = np.concatenate([self.numbers, numbers])[order]
        self.places = np.concatenate([self.places, places])[order]
        self.values = together[order]


def exciting_samples(trainer: Trainer, question: ExcitingSamples) -> Iterator[Exciting | None]:
    """Looks through training samples, a few at a time."""
    network, node, batches = trainer.network, known(trainer, question.node), trainer.training_batches
    channels, *space = network.inference.nodes[node].output
    _check(node, question.channel, channels, "channels")
    step = max(1, len(batches) // question.among)
    some, best = np.arange(0, len(batches), step)[: question.among], _Best(question.most)
    (entry,) = network.input_shapes
    looked_at, told = 0, time.perf_counter()
    while looked_at < len(some):
        began = time.perf_counter()
        while looked_at < len(some) and time.perf_counter() - began < PIECE_S:
            plan = partial_plan(network, frozenset({node}), SEARCH_BLOCKS)
            numbers = some[looked_at : looked_at + SEARCH_BLOCKS * LANES]
            batches.pack(np.ascontiguousarray(batches.pool[numbers], np.int64), plan.samples, plan.values[entry])
            plan.forward()
            best.add(numbers, *_largest(plan, node, question.channel, len(numbers)))
            looked_at += len(numbers)
        finished = looked_at >= len(some)
        if finished or time.perf_counter() - told > TELL_S:
            told = time.perf_counter()
            samples = tuple(
                _excited(trainer, question, tuple(space), best, place) for place in range(len(best.numbers))
            )
            yield Exciting(question.number, node, question.channel, _fitting(samples), looked_at, len(some))
        else:
            yield None


def _largest(plan: Plan, node: str, channel: int, count: int) -> tuple[Array, Array]:
    """The largest number of a channel for each sample, and its place in the map."""
    lanes = plan.values[node].array[:, channel]  # [blocks, depth, height, width, lanes]
    flat = np.moveaxis(lanes.reshape(len(lanes), -1, LANES), 1, 2).reshape(len(lanes) * LANES, -1)[:count]
    places = flat.argmax(axis=1)
    return flat[np.arange(count), places], places.astype(np.int64)


def _excited(trainer: Trainer, question: ExcitingSamples, space: tuple[int, ...], best: _Best, place: int) -> Excited:
    network, batches, number = trainer.network, trainer.training_batches, int(best.numbers[place])
    part, pick = batches.part, int(batches.pool[number])
    inside = tuple(map(int, np.unravel_index(int(best.places[place]), space))) if space else ()
    at = (question.channel, *inside)
    box = sight(network.graph, network.inference, question.node, at)[next(iter(network.input_shapes))]
    label = _label(trainer, part.labels, pick)
    sample = trainer.first_of(TRAINING) + number
    return Excited(sample, float(best.values[place]), at, box, label, np.array(part.images[pick]))


def _fitting(samples: tuple[Excited, ...]) -> tuple[Excited, ...]:
    """As many as there is room for; large pictures are few."""
    room = max(1, ROOM // max(1, samples[0].image.nbytes)) if samples else 0
    return samples[:room]
