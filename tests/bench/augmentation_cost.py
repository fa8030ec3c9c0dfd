#!/usr/bin/env python3
"""How much longer an epoch takes with augmentation, alternating in one run.

    python tests/bench/augmentation_cost.py [--network mnist_cnn] [--augment digits] [--rounds 5]

Trains steps of 64 random images of 28 × 28 for a few seconds with and without, in turns, and prints the median ratio;
fails where augmentation costs more than a twentieth.
"""

import argparse
import statistics
import time

import attrs
import numpy as np

from engine.augmentation import Augmentation, parse
from engine.batches import ArrayData, ArrayPart
from engine.settings import TrainingSettings
from engine.templates import template
from engine.trainer import Trainer

ALLOWED = 1.05


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", default="mnist_cnn")
    parser.add_argument("--augment", default="digits")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=150)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    part = ArrayPart(rng.integers(0, 256, (20_000, 1, 28, 28), np.uint8), rng.integers(0, 10, 20_000))
    settings = TrainingSettings(epochs=100_000, validation_fraction=0.0, augmentation=parse(options.augment))
    changed, plain = (
        Trainer(template(options.network), ArrayData(part), attrs.evolve(settings, augmentation=augmentation))
        for augmentation in (settings.augmentation, Augmentation())
    )
    ratios = []
    for number in range(options.rounds + 1):
        slow, fast = seconds(changed, options.steps), seconds(plain, options.steps)
        if number:  # the first round warms up
            ratios.append(slow / fast)
            print(f"with {1e3 * slow / options.steps:.2f} ms a step, without {1e3 * fast / options.steps:.2f} ms")
    ratio = statistics.median(ratios)
    print(f"{options.network} with {options.augment}: {100 * (ratio - 1):+.1f} %")
    raise SystemExit(0 if ratio <= ALLOWED else "Too slow.")


def seconds(trainer: Trainer, steps: int) -> float:
    began = time.perf_counter()
    for _ in range(steps):
        trainer.step()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
