"""What a run would have said, for charts to draw."""

from __future__ import annotations

import numpy as np

from convstudio.panels.charts import ChartsPanel
from engine.protocol import Report


def report(losses: np.ndarray, accuracies: np.ndarray | None = None, first: int = 1, **others: object) -> Report:
    """Of some steps, a hundred an epoch."""
    steps = np.arange(first, first + len(losses))
    accuracies = np.clip(1 - losses / 4, 0, 1) if accuracies is None else accuracies
    given = {"epochs": 10, "total_steps": 1000, "steps": steps, "losses": losses, "accuracies": accuracies} | others
    return Report("training", **given)  # type: ignore[arg-type]


def learned(charts: ChartsPanel, steps: int = 500) -> np.ndarray:
    """A run of so many steps."""
    losses = 3 * np.exp(-np.arange(steps) / 100)
    charts.session.curves.add(report(losses))
    charts.session.reported.emit(report(losses))
    return losses
