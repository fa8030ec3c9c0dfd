"""What the next step makes of a weight: its gradient as terms, then the optimiser's arithmetic."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

from engine.answers.inside import known
from engine.errors import InputError
from engine.explained import number
from engine.influence import Places, Reach
from engine.jit import LANES
from engine.memory import Tensor
from engine.numerals import written
from engine.optimizers import Rehearsed
from engine.plan import Plan, Step
from engine.questions.learning import ExplainedWeight, ExplainWeight, Lot, Slopes
from engine.rehearsal import Rehearsal, rehearsal
from engine.spec import Shape
from engine.trainer import Trainer
from engine.workings import Working, factor

Array = np.ndarray[Any, Any]
MOST_TERMS = 1500
PICTURE_BYTES, LARGEST_SIDE = 64 * 1024, 32
LONGEST_ROW = 1024  # of weights beside the one that was asked for


@attrs.frozen(eq=False)
class Lanes:
    """A tensor of a plan as one reads samples: see `influence.Numbers`."""

    tensor: Tensor
    shape: Shape
    samples: int

    def pick(self, places: Places) -> Array:
        missing = (np.zeros(1, np.intp),) * (4 - len(places))
        axes = places[0], *missing, *places[1:]
        blocks = np.arange(-(-self.samples // LANES))
        found = np.moveaxis(self.tensor.array[np.ix_(blocks, *axes, np.arange(LANES))], -1, 1)
        return np.asarray(found.reshape(-1, *map(len, places))[: self.samples])


@attrs.define
class _Watcher:
    """Reads a layer's inputs before it computes, and the slopes of its outputs before it sends them on."""

    trainer: Trainer
    question: ExplainWeight
    reach: Reach | None = None
    dy: Array | None = None

    def __call__(self, plan: Plan, step: Step) -> None:
        node = self.question.node
        if step.node != node or (self.dy is not None if step.phase == "backward" else self.reach is not None):
            return
        shapes, count = plan.inference.nodes[node], int(plan.samples[0])
        if step.phase == "backward":
            assert self.reach is not None
            self.dy = Lanes(plan.gradients[node], shapes.output, count).pick(self.reach.places)
            return
        incoming = plan.graph.incoming(node)
        xs = [Lanes(plan.values[e.source], s, count) for e, s in zip(incoming, shapes.inputs, strict=True)]
        own = {name: plan.store.array(f"{node}.{name}") for name in shapes.parameters}
        self.reach = plan.graph[node].layer.reach(own, self.question.parameter, self.question.index, *xs)


def explain_weight(trainer: Trainer, question: ExplainWeight) -> ExplainedWeight:
    """Runs the next step's batch, reads the terms of one gradient on the way, and leaves everything as it was."""
    array = _checked(trainer, question)
    name, watcher = f"{question.node}.{question.parameter}", _Watcher(trainer, question)
    with rehearsal(trainer, watcher) as seen:
        gradients = trainer.network.store.gradient_arrays[name]
        found = seen.updater.rehearse(name, question.index, seen.rate)
        length = seen.updater.gradient_norm()
        around, first = _around(array, question.index)
        around_gradient, _ = _around(gradients, question.index)
    assert watcher.reach is not None
    assert watcher.dy is not None
    slopes = _largest(watcher.reach, watcher.dy)
    return ExplainedWeight(
        question.number,
        question.node,
        question.parameter,
        question.index,
        trainer.network.graph.incoming(question.node)[0].source,
        found.weight,
        found.gradient,
        found.after,
        slopes,
        _lot(trainer, seen, slopes.rows),
        _notes(trainer, seen),
        _workings(trainer, seen, found, length),
        found.step,
        around,
        around_gradient,
        first,
    )


def _checked(trainer: Trainer, question: ExplainWeight) -> Array:
    node, parameter = known(trainer, question.node), question.parameter
    array = trainer.network.parameters.get(f"{node}.{parameter}")
    if array is None:
        owned = [n.rpartition(".")[2] for n in trainer.network.parameters if n.rpartition(".")[0] == node]
        have = f"it learns {' and '.join(owned)}" if owned else "it learns nothing"
        raise InputError(f"{node} has no {parameter!r} that is trained; {have}. Choose another number.")
    at = question.index
    if len(at) != array.ndim or not all(0 <= i < n for i, n in zip(at, array.shape, strict=True)):
        raise InputError(f"{node}.{parameter} has the shape {array.shape}; there is no number at {at}.")
    return array


def _largest(reach: Reach, dy: Array) -> Slopes:
    """The terms that give most."""
    parts = dy.astype(np.float64) * reach.factors
    flat, kept = parts.reshape(-1), np.arange(parts.size)
    if parts.size > MOST_TERMS:
        kept = np.argpartition(np.abs(flat), parts.size - MOST_TERMS)[-MOST_TERMS:]
    kept = kept[np.argsort(-np.abs(flat[kept]), kind="stable")]
    rows, *spots = np.unravel_index(kept, parts.shape)
    places, sources = _spots(reach.places, spots), _spots(reach.sources, spots)
    rest = float(np.delete(flat, kept).sum())
    return Slopes(
        reach.what,
        rows.astype(np.int32),
        places,
        sources,
        dy.reshape(-1)[kept],
        reach.factors.reshape(-1)[kept].astype(np.float64),
        flat[kept],
        parts.size,
        rest,
    )


def _spots(places: Places, spots: list[Array]) -> Array:
    """[terms, axes]: where along each axis every term is."""
    if not places:
        return np.zeros((len(spots[0]), 0), np.int32)
    return np.stack([axis[spot] for axis, spot in zip(places, spots, strict=True)], axis=1).astype(np.int32)


def _lot(trainer: Trainer, seen: Rehearsal, rows: Array) -> Lot:
    """The batch, with pictures of the samples that gave most, as many as there is room for."""
    labels = trainer.data.train.labels
    own = labels[seen.picks] if labels.ndim == 1 and np.issubdtype(labels.dtype, np.integer) else np.zeros(0, np.int64)
    shown = np.array(list(dict.fromkeys(rows.tolist())), np.int32)
    channels = seen.images.shape[1] if seen.images.ndim > 2 else 1
    images = seen.images.reshape(len(seen.images), channels, -1, seen.images.shape[-1])
    down, across = (-(-side // LARGEST_SIDE) for side in images.shape[2:])
    small = images[:, : 3 if images.shape[1] >= 3 else 1, ::down, ::across]
    shown = shown[: max(1, PICTURE_BYTES // small[0].size)]
    return Lot(seen.picks, seen.losses, own, shown, _bytes(trainer, small[shown]))


def _bytes(trainer: Trainer, images: Array) -> Array:
    if trainer.data.train.images.dtype == np.uint8:
        return np.clip(images.round(), 0, 255).astype(np.uint8)
    low, high = float(images.min(initial=0)), float(images.max(initial=1))
    return ((images - low) / ((high - low) or 1.0) * 255).astype(np.uint8)


def _notes(trainer: Trainer, seen: Rehearsal) -> tuple[str, ...]:
    """What is in dy already."""
    settings, count = trainer.settings, len(seen.picks)
    loss = float(seen.losses.sum())
    notes = [f"dy is the slope of the loss: {number(loss)}, the mean over the {count} samples of the next batch."]
    if settings.label_smoothing:
        notes.append(
            f"The loss spreads {written(settings.label_smoothing, 3)} of each label over all classes; dy has it in it."
        )
    if settings.class_weights:
        notes.append("The loss counts each class by its own weight; dy has it in it.")
    if seen.blend is not None:
        notes.append("Each picture is a mixture of two samples, and dy of what both labels want.")
    elif settings.augmentation.changes:
        notes.append("The pictures are as the network sees them in this step: changed by the augmentation.")
    if trainer.finished:
        notes.append("The run is finished; this is what one more step would do.")
    return tuple(notes)


def _workings(trainer: Trainer, seen: Rehearsal, found: Rehearsed, length: float) -> tuple[Working, ...]:
    """From the gradient to the next value, with the learning rate and clipping before the optimiser's own lines."""
    settings, g, lines = trainer.settings, found.gradient, list[Working]()
    if settings.clip_norm:
        limit, g = settings.clip_norm, found.gradient * found.scale
        rule, scale = "g·min(1, c / |all g|)", f"min(1, {number(limit)} / {number(length)})"
        lines.append(Working("g clipped", rule, f"{factor(found.gradient)}·{scale}", g))
    share = settings.schedule.factor(trainer.progress.steps, trainer.total_steps)
    scheduled = (
        f"learning rate, {settings.schedule.title.lower()} schedule",
        f"{factor(settings.learning_rate)}·{number(share)}",
    )
    lines.append(Working("η", *(scheduled if share != 1 else ("the learning rate", "")), seen.rate))
    rate = float(np.float32(seen.rate))
    lines += settings.optimizer.workings(found.weight, g, found.state, rate, found.step)
    return tuple(lines)


def _around(array: Array, at: Shape) -> tuple[Array, int]:
    """The kernel or the row that a weight stands in."""
    if array.ndim >= 3:
        plane = array[at[:-2]] if array.ndim >= 4 else array[at[:-1]][None]
        return plane.copy(), 0
    row = array[at[:-1]]
    first = max(0, min(at[-1] - LONGEST_ROW // 2, len(row) - LONGEST_ROW))
    return row[None, first : first + LONGEST_ROW].copy(), first
