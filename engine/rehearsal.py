"""What the next step of training would do, without doing it: everything is as before afterwards, bit for bit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import attrs
import numpy as np

from engine import jit
from engine.augmenter import Blend
from engine.optimizers import Updater
from engine.plan import Plan, Step
from engine.trainer import Trainer

Array = np.ndarray[Any, Any]


@attrs.frozen(eq=False)
class Rehearsal:
    """The batch of the next step, its losses, and what trains on it."""

    picks: Array  # the samples' numbers in the training data
    blend: Blend | None  # where samples are mixed two by two
    losses: Array  # each sample's share of the loss; their sum is the loss
    images: Array  # float32 [samples, channels, *space]: as the network saw them, in the data's own units
    rate: float
    updater: Updater  # its store holds the gradients while the rehearsal lasts


@contextmanager
def rehearsal(trainer: Trainer, before: Callable[[Plan, Step], None]) -> Iterator[Rehearsal]:
    """Runs forward and backward on the next batch; `before` may look at the plan's tensors before every kernel."""
    store, progress, random = trainer.network.store, trainer.progress, trainer.network.store.random.copy()
    kept = [(array, array.copy()) for array in (store.gradients, *store.measured.values())]
    jit.set_threads(trainer.threads)
    if progress.seen >= trainer.samples_per_epoch:  # it measures now, and goes on with the next epoch
        trainer.progress = attrs.evolve(progress, epoch=progress.epoch + 1, seen=0)
    try:
        yield _run(trainer, before)
    finally:
        trainer.progress = progress
        store.random[...] = random
        for array, copy in kept:
            array[...] = copy


def _run(trainer: Trainer, before: Callable[[Plan, Step], None]) -> Rehearsal:
    training, progress = trainer._training_plan(), trainer.progress
    picks = trainer._batches.picks(progress.epoch, progress.seen, trainer.settings.batch)
    plan = training.plan
    blend = trainer._load(plan, picks)
    images = _units(trainer, trainer.network.read(plan, plan.values[trainer._input], trainer._input))
    trainer._aim(training, picks, blend)
    trainer.network.store.random[1] = progress.steps
    for step, run in plan.calls:
        if not any(arg is training.losses for arg in step.args):  # the loss belongs to no layer
            before(plan, step)
        run()
    losses = training.losses[: len(picks)].astype(np.float64)
    return Rehearsal(picks, blend, losses, images, trainer.learning_rate, trainer._updater)


def _units(trainer: Trainer, x: Array) -> Array:
    """Back from what the network takes to the data's own units."""
    shape = (-1, *(1,) * (x.ndim - 2))
    batches = trainer._batches
    return np.asarray((x - batches.shift.reshape(shape)) / batches.scale.reshape(shape), np.float32)
