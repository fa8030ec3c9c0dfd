"""Trains networks that are known to learn, looks at their health once a second, and counts false alarms and the cost.

    .venv/bin/python tests/bench/health_of_networks.py [FOLDER_OF_DATA] [SECONDS_EACH]

The folder holds "mnist" and "cifar10-subset"; without it the program's own digits are trained on. Fails where anything
is found, or where looking takes more than 5 % of the time.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from engine.data.source import DataSource
from engine.health import Health
from engine.optimizers import Adam, Momentum, Optimizer
from engine.settings import TrainingSettings
from engine.templates import template
from engine.trainer import Trainer
from engine.vitals import Monitor

RUNS: tuple[tuple[str, str, Optimizer, float], ...] = (
    ("lenet5", "mnist", Adam(), 1e-3),
    ("lenet5", "mnist", Momentum(), 1e-2),
    ("mnist_cnn", "mnist", Adam(), 1e-3),
    ("deep_mnist", "mnist", Adam(), 1e-3),
    ("resnet20", "cifar10", Adam(), 1e-3),
)
FOLDERS = {"mnist": "mnist", "cifar10": "cifar10-subset"}
LOOK_SECONDS, MOST_COST = 1.0, 0.05


def watched(trainer: Trainer, seconds: float) -> tuple[list[Health], float]:
    """What was said, and the share of the time that looking took; steps are not counted as looking."""
    monitor, said, spent = Monitor(trainer.network), list[Health](), 0.0
    start = last = time.perf_counter()
    while time.perf_counter() - start < seconds and not trainer.finished:
        trainer.step()
        if time.perf_counter() - last < LOOK_SECONDS:
            continue
        last, pieces = time.perf_counter(), monitor.check(trainer)
        while True:
            began = time.perf_counter()
            try:
                next(pieces)
            except StopIteration as end:
                said.append(end.value)
                spent += time.perf_counter() - began
                break
            spent += time.perf_counter() - began
            if not trainer.finished:
                trainer.step()
    return said, spent / (time.perf_counter() - start)


def main() -> int:
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    seconds, wrong = float(sys.argv[2]) if len(sys.argv) > 2 else 60.0, 0
    for name, data, optimizer, rate in RUNS:
        if root is None and data != "mnist":
            continue
        source = DataSource(data, str(root / FOLDERS[data])) if root else DataSource("digits")
        settings = TrainingSettings(epochs=1000, optimizer=optimizer, learning_rate=rate)
        trainer = Trainer(template(name), source.load(), settings)
        said, cost = watched(trainer, seconds)
        found = {finding.text for health in said for finding in health.findings}
        step = trainer.progress.steps
        print(
            f"{name}, {optimizer.title}: {len(said)} looks in {step} steps, {100 * cost:.1f} % of the time",
            *found,
            sep="\n  ",
        )
        wrong += bool(found) or cost > MOST_COST
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
