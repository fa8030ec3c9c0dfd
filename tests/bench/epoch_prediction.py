"""How well the time of an epoch is foreseen: layers are timed before a run, then a part of an epoch is really trained.

    .venv/bin/python tests/bench/epoch_prediction.py [FOLDER_OF_MNIST] [ROUNDS]

Fails where a prediction is more than 20 % off. Both are measured on one thread and in the processor's time, so that
other programs disturb little; the shortest of several rounds counts. Without a folder the program's own digits are
trained on.
"""

from __future__ import annotations

import sys
import time

from engine.batches import ArrayData, ArrayPart
from engine.data.source import DataSource
from engine.profile import measure
from engine.settings import TrainingSettings
from engine.templates import template
from engine.trainer import Trainer

NETWORKS = ("lenet5", "mnist_cnn", "deep_mnist")
SAMPLES, TESTED = 9600, 1600
LIMIT = 0.20
CLOCK = time.process_time


def some(folder: str) -> ArrayData:
    """A sixth of MNIST, which has the same steps."""
    data = DataSource("mnist", folder).load() if folder else DataSource("digits").load()
    train, test = data.train, data.test
    assert test is not None
    first = ArrayPart(train.images[:SAMPLES], train.labels[:SAMPLES])
    return ArrayData(first, None, ArrayPart(test.images[:TESTED], test.labels[:TESTED]), mean=data.mean, std=data.std)


def foreseen(name: str, data: ArrayData, settings: TrainingSettings) -> float:
    """Seconds of an epoch, from a network that has not been trained."""
    return [found for found in measure(Trainer(template(name), data, settings), CLOCK) if found][-1].seconds_per_epoch


def needed(name: str, data: ArrayData, settings: TrainingSettings) -> float:
    """Seconds of an epoch, trained; the first one warms up."""
    trainer = Trainer(template(name), data, settings)
    while trainer.progress.epoch < 1:
        trainer.step()
    start = CLOCK()
    while trainer.progress.epoch < 2:
        trainer.step()
    return CLOCK() - start


def main() -> int:
    folder = sys.argv[1] if len(sys.argv) > 1 else ""
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    data, wrong = some(folder), 0
    for name in NETWORKS:
        settings = TrainingSettings(epochs=2, threads=1)
        pairs = [(foreseen(name, data, settings), needed(name, data, settings)) for _ in range(rounds)]
        share = min(guess for guess, _ in pairs) / min(real for _, real in pairs)
        wrong += abs(share - 1) > LIMIT
        told = ", ".join(f"{guess:.2f} s foreseen and {real:.2f} s needed" for guess, real in pairs)
        print(f"{name}: {told}; foreseen / needed {share:.2f}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
