"""The steps of a run that nobody has been told of yet."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.progress import StepResult
from engine.protocol import MOST_POINTS

Array = np.ndarray[Any, Any]


class Curve:
    """Losses and accuracies since the last report; averaged in pairs where nobody asks for a long time."""

    def __init__(self) -> None:
        self._points: list[tuple[int, float, float]] = []

    def add(self, result: StepResult) -> None:
        accuracy = float("nan") if result.accuracy is None else result.accuracy
        self._points.append((result.step, result.loss, accuracy))
        if len(self._points) > MOST_POINTS:
            pairs = zip(self._points[::2], self._points[1::2], strict=False)
            self._points = [(b[0], (a[1] + b[1]) / 2, (a[2] + b[2]) / 2) for a, b in pairs] + self._points[-1:]

    def __len__(self) -> int:
        return len(self._points)

    def take(self) -> tuple[Array, Array, Array]:
        """Steps, losses and accuracies; what was taken is forgotten."""
        columns = np.array(self._points, np.float64).reshape(-1, 3).T
        self._points = []
        return columns[0].astype(np.int64), columns[1].astype(np.float32), columns[2].astype(np.float32)
