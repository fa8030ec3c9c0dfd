"""The values of a run as they come in, ready to be drawn by step, epoch or time."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from convstudio.training.thinning import MOST_STRETCHES, Thinned
from engine.progress import EpochResult
from engine.protocol import Report
from engine.run_files import CURVE

Array = np.ndarray[Any, Any]
STEP, EPOCH, TIME = "step", "epoch", "time"
AXES = {STEP: "step", EPOCH: "epoch", TIME: "time, s"}
WIDTHS = (1, 10, 50, 250)  # steps that are averaged, for each level of smoothing
EARLY = 5  # a mean is over no more than this part of the steps so far
FIRST_ROOM = 1024
MOST_KEPT = 50_000_000  # steps of a run: a file that has more would fill the memory
MOST_DRAWN = 2 * MOST_STRETCHES  # points of a curve
LOSS, ACCURACY = "loss", "accuracy"


def smoothed(values: Array, level: int, stretch: int = 1) -> Array:
    """A running mean over the steps before: over fewer at first, or it would hide how fast the loss falls."""
    width = max(1, WIDTHS[level] // stretch)  # values may be means of so many steps
    if width == 1 or len(values) == 0:
        return values
    known = np.isfinite(values)
    sums = np.concatenate([[0.0], np.cumsum(np.where(known, values, 0.0))])
    counts = np.concatenate([[0], np.cumsum(known)])
    ends = np.arange(1, len(values) + 1)
    begins = ends - np.minimum(width, 1 + ends // EARLY)
    some = counts[ends] - counts[begins]
    return np.where(some > 0, (sums[ends] - sums[begins]) / np.maximum(1, some), np.nan)


class Curves:
    """Steps, losses and accuracies of one run; room grows by doubling, so a million points stay cheap."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._began = clock, clock()
        self._columns = np.zeros((4, FIRST_ROOM))  # step, loss, accuracy, seconds
        self._count = 0
        self.steps_per_epoch = 1.0
        self.history: list[EpochResult] = []
        self._thinned = {LOSS: Thinned(), ACCURACY: Thinned()}

    def __len__(self) -> int:
        return self._count

    @property
    def steps(self) -> Array:
        return self._columns[0, : self._count]

    @property
    def losses(self) -> Array:
        return self._columns[1, : self._count]

    @property
    def accuracies(self) -> Array:
        return self._columns[2, : self._count]

    @property
    def seconds(self) -> Array:
        return self._columns[3, : self._count]

    def add(self, report: Report) -> None:
        """Everything since the report before; a run that goes on from a checkpoint brings some steps again."""
        if len(report.steps) and self._count and report.steps[0] <= self.steps[-1]:
            self.cut_at(int(report.steps[0]) - 1)
        end = self._count + len(report.losses)
        while end > self._columns.shape[1]:
            self._columns = np.concatenate([self._columns, np.zeros_like(self._columns)], axis=1)
        new = slice(self._count, end)
        self._columns[0, new], self._columns[1, new] = report.steps, report.losses
        self._columns[2, new], self._columns[3, new] = report.accuracies, self._clock() - self._began
        self._count = end
        self.history += [result for result in report.history if result not in self.history[-1:]]
        if report.epochs:
            self.steps_per_epoch = max(1.0, report.total_steps / report.epochs)

    @classmethod
    def load(cls, folder: Path, history: Iterable[EpochResult] = ()) -> Curves:
        """The curves of a run that is kept; empty where its steps were not written, or not by us."""
        curves = cls()
        curves.history = list(history)
        if curves.history:
            curves.steps_per_epoch = max(1.0, curves.history[-1].steps / max(1, curves.history[-1].epoch))
        try:
            columns = np.load(folder / CURVE, mmap_mode="r", allow_pickle=False)  # no more than the file holds
        except (OSError, ValueError, EOFError):
            return curves
        ours = columns.ndim == 2 and len(columns) == len(curves._columns) and columns.dtype == np.float32
        if ours and columns.shape[1] <= MOST_KEPT:
            curves._columns, curves._count = columns.astype(np.float64), columns.shape[1]
            curves._began -= float(columns[3, -1]) if columns.size else 0.0
        return curves

    def to_bytes(self) -> bytes:
        """Every step, as `load` reads it from a file."""
        data = io.BytesIO()
        np.save(data, self._columns[:, : self._count].astype(np.float32), allow_pickle=False)
        return data.getvalue()

    def cut_at(self, step: int) -> None:
        """Forgets what came after this step."""
        self._count = int(np.searchsorted(self.steps, step, side="right"))
        self.history = [result for result in self.history if result.steps <= step]
        self._thinned = {LOSS: Thinned(), ACCURACY: Thinned()}

    def along(self, unit: str) -> Array:
        """The horizontal places of all points."""
        if unit == TIME:
            return self.seconds
        return self.steps / self.steps_per_epoch if unit == EPOCH else self.steps

    def _of(self, what: str) -> Array:
        return self.losses if what == LOSS else self.accuracies

    def peaks(self, what: str, unit: str) -> tuple[Array, Array]:
        """The lowest and highest value of each stretch, so that no peak is lost; all values where they are few."""
        values = self._of(what)
        if len(values) <= MOST_DRAWN:
            return self.along(unit), values
        thin = self._followed(what)
        ends = np.stack([thin.lows, thin.highs], axis=1).ravel()
        rest = np.arange(len(thin.lows) * thin.stretch, len(values))
        x = np.concatenate([np.repeat(self._along(unit, thin.ends), 2), self._along(unit, rest)])
        return x, np.concatenate([ends, values[rest]])

    def smooth_line(self, what: str, unit: str, level: int) -> tuple[Array, Array]:
        """The smoothed values, a point a stretch where they are many."""
        values = self._of(what)
        if len(values) <= MOST_DRAWN:
            return self.along(unit), smoothed(values, level)
        thin = self._followed(what)
        return self._along(unit, thin.ends), smoothed(thin.means, level, thin.stretch)

    def _followed(self, what: str) -> Thinned:
        self._thinned[what].follow(self._of(what))
        return self._thinned[what]

    def _along(self, unit: str, indices: Array) -> Array:
        if unit == TIME:
            return self.seconds[indices]
        return self.steps[indices] / self.steps_per_epoch if unit == EPOCH else self.steps[indices]

    def place(self, step: int, unit: str) -> float:
        """Where a step lies."""
        if unit != TIME:
            return step / self.steps_per_epoch if unit == EPOCH else float(step)
        return float(self.seconds[min(int(np.searchsorted(self.steps, step)), len(self) - 1)]) if len(self) else 0.0

    def validation(self, unit: str, what: str) -> tuple[Array, Array]:
        """Places and values of the measurements after each epoch."""
        found = [(self.place(r.steps, unit), getattr(r, f"validation_{what}")) for r in self.history]
        known = np.array([pair for pair in found if pair[1] is not None], np.float64).reshape(-1, 2)
        return known[:, 0], known[:, 1]

    def at(self, place: float, unit: str, level: int) -> tuple[int, float, float]:
        """Step, loss and accuracy of the point that is nearest."""
        x = self.along(unit)
        right = min(int(np.searchsorted(x, place)), len(x) - 1)
        left = max(0, right - 1)
        index = left if abs(x[left] - place) < abs(x[right] - place) else right
        begin = index + 1 - min(WIDTHS[level], 1 + (index + 1) // EARLY if level else 1)
        window = slice(begin, index + 1)
        return int(self.steps[index]), _mean(self.losses[window]), _mean(self.accuracies[window])

    def to_csv(self) -> str:
        """All points as they came."""
        text = io.StringIO("step,loss,accuracy,seconds\n")
        text.seek(0, io.SEEK_END)
        for step, loss, accuracy, seconds in self._columns[:, : self._count].T:
            text.write(f"{int(step)},{loss:.7g},{accuracy:.7g},{seconds:.3f}\n")
        return text.getvalue()


def _mean(values: Array) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")
