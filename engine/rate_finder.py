"""Finds a learning rate: the loss while the rate grows from tiny to too much."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from engine.batches import ArrayData
from engine.divergence import Diverged
from engine.schedules import Constant
from engine.trainer import Trainer

SMOOTHING = 0.8  # of the losses that are compared
EXPLOSION = 4.0  # times the lowest loss: nothing more to learn from there


def find_learning_rate(
    trainer: Trainer, *, low: float = 1e-6, high: float = 1.0, steps: int = 100
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
