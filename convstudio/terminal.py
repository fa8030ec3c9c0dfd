"""What training says in a terminal: a bar that moves, plain lines where nobody watches, or JSON for programs."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from convstudio.wording import thousands

if TYPE_CHECKING:
    from types import FrameType

    from engine.data.catalogue import Dataset
    from engine.graph import Graph
    from engine.progress import EpochResult, StepResult
    from engine.trainer import Trainer


class Display(Protocol):
    """Is told of every step and of every epoch."""

    def step(self, trainer: Trainer, result: StepResult) -> None: ...

    def epoch(self, result: EpochResult, seconds: float, rate: float) -> None: ...

    def end(self, folder: str) -> None: ...


class JsonLines:
    """One object an epoch, and a last one with the folder."""

    def step(self, trainer: Trainer, result: StepResult) -> None:
        pass

    def epoch(self, result: EpochResult, seconds: float, rate: float) -> None:
        shown = {
            "epoch": result.epoch,
            "train_loss": result.train_loss,
            "train_accuracy": result.train_accuracy,
            "validation_accuracy": result.validation_accuracy,
            "test_accuracy": result.test_accuracy,
            "learning_rate": result.learning_rate,
            "seconds": seconds,
            "samples_per_second": rate,
        }
        print(json.dumps(shown), flush=True)

    def end(self, folder: str) -> None:
        print(json.dumps({"final": True, "folder": folder}), flush=True)


class Lines:
    """One line an epoch."""

    def step(self, trainer: Trainer, result: StepResult) -> None:
        pass

    def epoch(self, result: EpochResult, seconds: float, rate: float) -> None:
        print(epoch_line(result, seconds, rate), flush=True)

    def end(self, folder: str) -> None:
        print(f"The run is in {folder}.")


class Bar:
    """A bar for the epoch with speed, loss, accuracy and the time that is left for the whole run."""

    def __init__(self) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._progress = Progress(
            TextColumn("{task.fields[epoch]}"),
            BarColumn(bar_width=28),
            TextColumn("{task.fields[numbers]}"),
            TimeRemainingColumn(compact=True),
            TextColumn("left"),
            transient=True,
        )
        self._task = self._progress.add_task("", total=None, epoch="", numbers="")
        self._loss, self._accuracy = 0.0, 0.0
        self._progress.start()

    def step(self, trainer: Trainer, result: StepResult) -> None:
        share = 0.02 if trainer.progress.steps > 50 else 1.0  # of the newest: numbers that jump cannot be read
        if result.phase == "training":
            self._loss += share * (result.loss - self._loss)
            self._accuracy += share * ((result.accuracy or 0.0) - self._accuracy)
        task = self._progress.tasks[0]
        speed = (task.speed or 0.0) * trainer.settings.batch
        accuracy = "" if result.accuracy is None else f" · {100 * self._accuracy:.1f} %"
        numbers = f"loss {self._loss:.4f}{accuracy} · {thousands(round(speed))} samples/s"
        doing = "" if result.phase == "training" else f" ({result.phase})"
        epoch = f"epoch {result.epoch} of {trainer.settings.epochs}{doing}"
        steps = trainer.progress.steps
        self._progress.update(self._task, completed=steps, total=trainer.total_steps, epoch=epoch, numbers=numbers)

    def epoch(self, result: EpochResult, seconds: float, rate: float) -> None:
        self._progress.console.print(epoch_line(result, seconds, rate), highlight=False)

    def end(self, folder: str) -> None:
        self._progress.console.print(f"The run is in {folder}.", highlight=False, soft_wrap=True)

    def close(self) -> None:
        self._progress.stop()


@contextmanager
def display(as_json: bool) -> Iterator[Display]:
    """What suits the reader: a program, a file or a person."""
    if as_json:
        yield JsonLines()
    elif not sys.stdout.isatty():
        yield Lines()
    else:
        bar = Bar()
        try:
            yield bar
        finally:
            bar.close()


def epoch_line(result: EpochResult, seconds: float, rate: float) -> str:
    """An epoch in one line."""
    accuracies = (result.train_accuracy, result.validation_accuracy, result.test_accuracy)
    named = zip(("training", "validation", "test"), accuracies, strict=True)
    shares = [f"{name} {100 * share:.2f} %" for name, share in named if share is not None]
    times = f"{seconds:.1f} s, {rate:.0f} samples/s"
    return " · ".join((f"epoch {result.epoch}: loss {result.train_loss:.4f}", *shares, times))


def load_data(name: str, folder: str, graph: Graph) -> Dataset:
    """A data set for a network; where it has to be fetched first, with a bar that says how far that is."""
    from engine.data.catalogue import load

    with noticing_interruption() as interruption, fetching(name) as told:
        shape = next((node.layer.output_shape() for node in graph if not node.layer.ports), ())
        return load(name, folder, shape=shape, progress=told, wanted=lambda: not interruption.wanted)


@contextmanager
def fetching(title: str) -> Iterator[Callable[[int, int], None]]:
    """A bar for a download, which appears with the first byte."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn(f"Fetching {title}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
    bar = Progress(*columns, transient=True, console=Console(stderr=True))
    task = bar.add_task("")

    def told(there: int, total: int) -> None:
        if not bar.live.is_started:
            bar.start()
        bar.update(task, completed=there, total=total)

    try:
        yield told
    finally:
        if bar.live.is_started:
            bar.stop()


class Interruption:
    """Whether Ctrl-C was pressed: asked between two steps, so that none is left half done."""

    wanted = False

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.wanted:  # a second time: whoever presses again does not want to wait
            raise KeyboardInterrupt
        self.wanted = True


@contextmanager
def noticing_interruption() -> Iterator[Interruption]:
    """Ctrl-C is noted instead of breaking into the middle of a step."""
    interruption = Interruption()
    before: Any = signal.signal(signal.SIGINT, interruption._note)
    try:
        yield interruption
    finally:
        signal.signal(signal.SIGINT, before)
