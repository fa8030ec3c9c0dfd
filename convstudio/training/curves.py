"""The values of a run as they come in, ready to be drawn by step, epoch or time."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterable, Iterator
from copy import copy
from pathlib import Path
from typing import Any

import numpy as np

from convstudio.training.thinning import Thinned
from engine.progress import EpochResult
from engine.protocol import Report
from engine.run_files import CURVE, Mark, read_marks

Array = np.ndarray[Any, Any]
STEP, EPOCH, TIME = "step", "epoch", "time"
AXES = {STEP: "step", EPOCH: "epoch", TIME: "time, s"}
WIDTHS = (1, 10, 50, 250)  # steps that are averaged, for each level of smoothing
EARLY = 5  # a mean is over no more than this part of the steps so far
FIRST_ROOM = 1024
BEYOND = 0.02  # of a curve's length, behind its end: there one still reads its last value
MOST_KEPT = 50_000_000  # steps of a run: a file that has more would fill the memory
PIXELS = 1024  # of a chart whose width nobody tells
LOSS, ACCURACY = "loss", "accuracy"
MOST_EPOCHS = 1_000_000  # that the steps behind the last epoch are counted on with
ALL = slice(None)
LINES = 4096  # that are written at a time
MEASURED = "loss", "accuracy", "validation_loss", "validation_accuracy"
CSV_COLUMNS = "run", "step", "epoch", "seconds", *MEASURED, "change"
Span = tuple[float, float]


def smoothed(values: Array, level: int, stretch: int = 1, before: int = 0) -> Array:
    """A running mean over the steps before: over fewer at first, or it would hide how fast the loss falls.

    The values may be means of `stretch` steps each, and so many may have been left away `before` them.
    """
    width = width_of(level, stretch)
    if width == 1 or len(values) == 0:
        return values
    known = np.isfinite(values)
    sums = np.concatenate([[0.0], np.cumsum(np.where(known, values, 0.0))])
    counts = np.concatenate([[0], np.cumsum(known)])
    ends = np.arange(1, len(values) + 1)
    begins = np.maximum(0, ends - np.minimum(width, 1 + (before + ends) // EARLY))
    some = counts[ends] - counts[begins]
    return np.where(some > 0, (sums[ends] - sums[begins]) / np.maximum(1, some), np.nan)


def width_of(level: int, stretch: int = 1) -> int:
    """How many values a mean is over."""
    return max(1, WIDTHS[level] // stretch)


class Curves:
    """Steps, losses and accuracies of one run; room grows by doubling, so a million points stay cheap."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._began = clock, clock()
        self._columns = np.zeros((4, FIRST_ROOM))  # step, loss, accuracy, seconds
        self._count = 0
        self.steps_per_epoch = 1.0
        self.history: list[EpochResult] = []
        self.marks: list[Mark] = []  # what was changed in the middle of the run
        self._thinned = {LOSS: Thinned(), ACCURACY: Thinned()}
        self._reached = 0.0, 0.0  # the newest step, and how many epochs it is

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
        self._columns[2, new], self._columns[3, new] = report.accuracies, self._times(report)
        self._count = end
        self.history += [result for result in report.history if result not in self.history[-1:]]
        if report.epochs:
            self.steps_per_epoch = max(1.0, report.total_steps / report.epochs)
            self._reached = float(report.step), report.epoch + report.seen / max(1, report.samples_per_epoch)

    def _times(self, report: Report) -> Array:
        """When each step of a report was: it comes some steps late, at the speed at which they were made."""
        now, count = self._clock() - self._began, len(report.losses)
        each_s = _seconds_each(report)
        if not self._count and count:  # time begins with the first step, not with all that is prepared before
            self._began += now - count * each_s if each_s else 0.0
            now = count * each_s if each_s else now
        since_s = min(count * each_s, max(0.0, now - (float(self.seconds[-1]) if self._count else 0.0)))
        return now - since_s + since_s * (np.arange(count) + 1) / max(1, count)

    def go_on(self) -> None:
        """The clock goes on where it was: what a run rested in between does not count."""
        if self._count:
            self._began = self._clock() - float(self.seconds[-1])

    @classmethod
    def load(cls, folder: Path, history: Iterable[EpochResult] = ()) -> Curves:
        """The curves of a run that is kept; empty where its steps were not written, or not by us."""
        curves = cls()
        curves.history, curves.marks = list(history), read_marks(folder)
        if curves.history:
            curves.steps_per_epoch = max(1.0, curves.history[-1].steps / max(1, curves.history[-1].epoch))
        try:
            columns = np.load(folder / CURVE, mmap_mode="r", allow_pickle=False)  # no more than the file holds
        except (OSError, ValueError, EOFError):
            return curves
        ours = columns.ndim == 2 and len(columns) == len(curves._columns) and columns.dtype == np.float32
        if ours and 0 < columns.shape[1] <= MOST_KEPT:  # room for none could not grow by doubling
            curves._columns, curves._count = columns.astype(np.float64), columns.shape[1]
            curves._began -= float(columns[3, -1])
        return curves

    def to_bytes(self) -> bytes:
        """Every step, as `load` reads it from a file."""
        data = io.BytesIO()
        np.save(data, self._columns[:, : self._count].astype(np.float32), allow_pickle=False)
        return data.getvalue()

    def snapshot(self) -> Curves:
        """The same, which stays as it is while the run goes on."""
        other = copy(self)
        other.history, other.marks = list(self.history), list(self.marks)
        return other

    def cut_at(self, step: int) -> None:
        """Forgets what came after this step."""
        self._count = int(np.searchsorted(self.steps, step, side="right"))
        self.history = [result for result in self.history if result.steps <= step]
        self.marks = [mark for mark in self.marks if mark.step <= step]  # what came later was not done yet
        self._reached = 0.0, 0.0
        self._thinned = {LOSS: Thinned(), ACCURACY: Thinned()}

    def along(self, unit: str, indices: Array | slice = ALL) -> Array:
        """The horizontal places of points."""
        if unit == TIME:
            return self.seconds[indices]
        return np.interp(self.steps[indices], *self._epochs()) if unit == EPOCH else self.steps[indices]

    def _epochs(self) -> tuple[list[float], list[float]]:
        """Steps, and the epochs that they belong to: epochs have another number of them where the batch was changed."""
        steps, epochs = [0.0, *(float(r.steps) for r in self.history)], [0.0, *(float(r.epoch) for r in self.history)]
        here = self._reached if self._reached[0] > steps[-1] else (steps[-1], epochs[-1])
        steps += [here[0], here[0] + MOST_EPOCHS * self.steps_per_epoch]
        epochs += [here[1], here[1] + MOST_EPOCHS]
        return steps, epochs

    def _seen(self, unit: str, span: Span | None) -> tuple[int, int]:
        """The indices of the points in a span of places, and of the one on each side."""
        if span is None:
            return 0, len(self)
        low, high = span
        if unit == EPOCH:
            steps, epochs = self._epochs()
            low, high = float(np.interp(low, epochs, steps)), float(np.interp(high, epochs, steps))
        row = self.seconds if unit == TIME else self.steps
        return max(0, int(np.searchsorted(row, low)) - 1), min(len(self), int(np.searchsorted(row, high, "right")) + 1)

    def _of(self, what: str) -> Array:
        return self.losses if what == LOSS else self.accuracies

    def peaks(self, what: str, unit: str, span: Span | None = None, pixels: int = PIXELS) -> tuple[Array, Array]:
        """The lowest and highest value in each pixel, so that no peak is lost; all values where they are few."""
        values, (begin, end) = self._of(what), self._seen(unit, span)
        if end - begin <= 2 * pixels:
            here = slice(begin, end)
            return self.along(unit, here), values[here]
        thin = self._thinned[what].over(values, begin, end, pixels)
        lows, highs, ends = thin.lows, thin.highs, thin.ends
        if thin.covered < end:  # a stretch that is not whole yet
            rest = values[thin.covered : end]
            lows, highs, ends = np.append(lows, rest.min()), np.append(highs, rest.max()), np.append(ends, end - 1)
        return np.repeat(self.along(unit, ends), 2), np.stack([lows, highs], axis=1).ravel()

    def smooth_line(
        self, what: str, unit: str, level: int, span: Span | None = None, pixels: int = PIXELS
    ) -> tuple[Array, Array]:
        """The smoothed values, a point for every two pixels where they are many."""
        values, (begin, end) = self._of(what), self._seen(unit, span)
        if end - begin <= pixels:
            first = max(0, begin - width_of(level))
            return self.along(unit, slice(begin, end)), smoothed(values[first:end], level, 1, first)[begin - first :]
        thin = self._thinned[what].over(values, max(0, begin - WIDTHS[level]), end, pixels // 2)
        return self.along(unit, thin.ends), smoothed(thin.means, level, thin.stretch, thin.first)

    def place(self, step: int, unit: str) -> float:
        """Where a step lies."""
        if unit != TIME:
            return float(np.interp(step, *self._epochs())) if unit == EPOCH else float(step)
        return float(self.seconds[min(int(np.searchsorted(self.steps, step)), len(self) - 1)]) if len(self) else 0.0

    def validation(self, unit: str, what: str) -> tuple[Array, Array]:
        """Places and values of the measurements after each epoch."""
        found = [(self.place(r.steps, unit), getattr(r, f"validation_{what}")) for r in self.history]
        known = np.array([pair for pair in found if pair[1] is not None], np.float64).reshape(-1, 2)
        return known[:, 0], known[:, 1]

    def changes(self) -> dict[int, str]:
        """What was changed, at the last step before it; what was changed before the first one stands there."""
        found: dict[int, str] = {}
        for mark in self.marks if len(self) else ():
            step = int(self.steps[max(0, int(np.searchsorted(self.steps, mark.step, "right")) - 1)])
            found[step] = f"{found[step]}; {mark.text}" if step in found else mark.text
        return found

    def nearest(self, place: float, unit: str) -> int | None:
        """The index of the point that is nearest to a place; None where the run has not been or was over."""
        if not len(self):
            return None
        first, last = self.along(unit, np.array([0, len(self) - 1]))
        room = BEYOND * (last - first) + (unit == STEP)
        begin, end = self._seen(unit, (place, place))
        if not first - room <= place <= last + room:
            return None
        begin = min(begin, len(self) - 1)
        return begin + int(np.abs(self.along(unit, slice(begin, max(end, begin + 1))) - place).argmin())

    def at(self, index: int, what: str, level: int) -> float:
        """What the smoothed line shows at a point."""
        first = max(0, index + 1 - width_of(level))
        return float(smoothed(self._of(what)[first : index + 1], level, 1, first)[-1])

    def validated(self, index: int, what: str) -> float | None:
        """What was measured after the last epoch before a point."""
        before = [getattr(r, f"validation_{what}") for r in self.history if r.steps <= self.steps[index]]
        return before[-1] if before else None


def _seconds_each(report: Report) -> float:
    """Seconds of a step, as far as a report tells."""
    if not report.samples_per_second or not report.total_steps:
        return 0.0
    return report.samples_per_epoch * report.epochs / report.total_steps / report.samples_per_second


def quoted(words: str) -> str:
    """Words in a line of a table; nothing stays nothing."""
    return '"' + words.replace('"', '""') + '"' if words else ""


def to_csv(runs: Iterable[tuple[str, Curves]]) -> Iterator[bytes]:
    """All points as they came, some thousand lines at a time; measurements stand on the last step of their epoch."""
    yield (",".join(CSV_COLUMNS) + "\n").encode()
    for title, curves in runs:
        name = quoted(title)
        measured = {result.steps: result for result in curves.history}
        changes = curves.changes()
        for begin in range(0, len(curves), LINES):
            here = slice(begin, begin + LINES)
            columns = (curves.along(unit, here) for unit in (STEP, EPOCH, TIME))
            rows = zip(*(c.tolist() for c in (*columns, curves.losses[here], curves.accuracies[here])), strict=True)
            lines = (_line(name, row, measured.get(int(row[0])), changes.get(int(row[0]), "")) for row in rows)
            yield "".join(lines).encode()


def _line(name: str, row: tuple[float, ...], result: EpochResult | None, change: str) -> str:
    step, epoch, seconds, loss, accuracy = row
    found = (result.validation_loss, result.validation_accuracy) if result else (None, None)
    numbers = (loss, accuracy, *(float("nan") if value is None else value for value in found))
    texts = ("" if number != number else f"{number:.7g}" for number in numbers)
    return f"{name},{int(step)},{epoch:.6g},{seconds:.3f},{','.join(texts)},{quoted(change)}\n"
