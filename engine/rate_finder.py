"""Finds a learning rate: the loss while the rate grows from tiny to too much."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
import numpy as np

from engine.batches import ArrayData
from engine.divergence import Diverged
from engine.schedules import Constant
from engine.trainer import Trainer

Array = np.ndarray[Any, Any]
LOW, HIGH = 1e-6, 10.0
SMOOTHING = 0.8  # of the losses that are compared
EXPLOSION = 4.0  # times the lowest loss: nothing more to learn from there
FEWEST = 10  # losses of which a mean is one
BEGUN = 0.1  # of the whole fall: then it has begun


def find_learning_rate(
    trainer: Trainer, *, low: float = LOW, high: float = 1.0, steps: int = 100
) -> Iterator[tuple[float, float]]:
    """Pairs of rate and loss, on a copy of the trainer's network, until the loss explodes."""
    settings = attrs.evolve(
        trainer.settings, schedule=Constant(), epochs=100_000, validation_fraction=0.0, patience=0, keep_best=False
    )
    data = trainer.data
    copy = Trainer(trainer.graph, ArrayData(data.train, None, None, data.mean, data.std), settings)
    for name, array in trainer.network.store.arrays.items():
        copy.network.store.array(name)[...] = array
    smooth, lowest = 0.0, float("inf")
    for number in range(steps):
        rate = low * (high / low) ** (number / max(1, steps - 1))
        copy.set_learning_rate(rate)
        try:
            loss = copy.step().loss
        except Diverged:
            return
        yield rate, loss
        smooth = SMOOTHING * smooth + (1 - SMOOTHING) * loss
        mean = smooth / (1 - SMOOTHING ** (number + 1))
        lowest = min(lowest, mean)
        if mean > EXPLOSION * lowest:
            return


def smoothed(losses: Array) -> Array:
    """Running means, in which the newest loss counts most."""
    means, mean = np.empty(len(losses)), 0.0
    for number, loss in enumerate(losses):
        mean = SMOOTHING * mean + (1 - SMOOTHING) * float(loss)
        means[number] = mean / (1 - SMOOTHING ** (number + 1))
    return means


def suggested(rates: Array, losses: Array) -> float | None:
    """Two thirds of the way, in powers of ten, from where the loss begins to fall to where it is lowest.

    Where it falls fastest depends on chance, and at the lowest the rate is too much already.
    """
    means = smoothed(losses)[FEWEST:]  # the first ones are means of few losses
    if len(means) < 2:
        return None
    lowest = int(means.argmin())
    before = means[: lowest + 1]
    high = before >= before.max() - BEGUN * (before.max() - before.min())
    begin = int(np.flatnonzero(high)[-1])
    if begin == lowest:
        return None
    low, best = np.log(rates[FEWEST + begin]), np.log(rates[FEWEST + lowest])
    return float(np.exp(low + (best - low) * 2 / 3))
