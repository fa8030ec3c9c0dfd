"""Every run that was ever trained here: to look at again, to compare, to take up, to give away."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import attrs
from PySide6.QtCore import QFile, QObject, Signal

from convstudio.document.edits import field_words, value_text
from convstudio.document.files import Weights
from convstudio.training.background import Background
from convstudio.training.curves import Curves
from convstudio.training.folders import found_weights, runs_folder
from engine import run_files
from engine.atomic import neighbour, write_atomically
from engine.graph import Graph
from engine.run_files import CONFIG, CURVE, BrokenRun, RunError, RunSummary
from engine.spec import Declared


class KeptRuns(QObject):
    """The folder of runs; all reading and writing is done behind the window's back."""

    changed = Signal()  # the table
    chosen_changed = Signal()  # which runs the charts draw beside the live one
    said = Signal(str)
    removed = Signal(str, object)  # runs were deleted, in a sentence; and what brings them back
    bin_missing = Signal(object)  # runs that could only be deleted for good, and were not

    def __init__(self, folder: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder = folder or runs_folder()
        self.summaries: tuple[RunSummary, ...] = ()
        self.broken: tuple[BrokenRun, ...] = ()  # those that cannot be read
        self.chosen: dict[Path, Curves] = {}
        self._background = Background(self)
        self._background.failed.connect(self.said)

    def refresh(self) -> None:
        """Reads the folder again."""
        self._background.do(lambda: run_files.listing(self.folder), self._show, doing="Reading the runs")

    def _show(self, found: list[RunSummary | BrokenRun]) -> None:
        self.summaries = tuple(one for one in found if isinstance(one, RunSummary))
        self.broken = tuple(one for one in found if isinstance(one, BrokenRun))
        gone = self.chosen.keys() - {one.folder for one in self.summaries}
        for folder in gone:
            del self.chosen[folder]
        self.changed.emit()
        if gone:
            self.chosen_changed.emit()

    def summary(self, folder: Path) -> RunSummary | None:
        """What the table knows of a run."""
        return next((one for one in self.summaries if one.folder == folder), None)

    def choose(self, one: RunSummary, on: bool) -> None:
        """Whether the charts draw a run."""
        if on:
            load, doing = (lambda: Curves.load(one.folder, one.history)), f"Reading the curves of {one.title}"
            self._background.do(load, lambda found: self._draw(one, found), doing=doing)
        elif self.chosen.pop(one.folder, None) is not None:
            self.chosen_changed.emit()

    def _draw(self, one: RunSummary, curves: Curves) -> None:
        self.chosen[one.folder] = curves
        self.chosen_changed.emit()

    def keep_marks(self, folder: Path, curves: Curves) -> None:
        """Writes what was changed in the middle of a run into its folder, once there is a run in it."""
        marks = tuple(curves.marks)
        self._background.do(
            lambda: run_files.write_marks(folder, marks) if (folder / CONFIG).is_file() else None,
            doing="Keeping what was changed",
        )

    def keep_curve(self, folder: Path, curves: Curves) -> None:
        """Writes the loss of every step into a run's folder, and what was changed."""
        self.keep_marks(folder, curves)
        data = curves.to_bytes()
        self._background.do(
            lambda: write_atomically(folder / CURVE, [data]) if folder.is_dir() else None, doing="Keeping the curves"
        )
        self.refresh()

    def rename(self, one: RunSummary, title: str) -> None:
        """Gives it a name."""
        self._background.do(lambda: run_files.rename(one.folder, title), doing=f"Renaming {one.title}")
        self.refresh()

    def delete(self, *ones: RunSummary | BrokenRun) -> None:
        """Moves their folders to the bin; where there is none nothing is done, and `bin_missing` tells."""
        doing = f"Deleting {_named(ones)}"
        self._background.do(partial(_all_to_bin, ones), self._tell_deleted, self._tell_failed, doing)

    def delete_for_good(self, *ones: RunSummary | BrokenRun) -> None:
        """Removes their folders."""
        self._background.do(partial(_remove_all, ones), doing=f"Deleting {_named(ones)}")
        self.refresh()

    def _tell_deleted(self, moved: list[tuple[RunSummary | BrokenRun, Binned | None]]) -> None:
        gone = [(one, binned) for one, binned in moved if binned is not None]
        left = tuple(one for one, binned in moved if binned is None)
        if gone:
            what = _named([one for one, _ in gone])
            self.removed.emit(f"Deleted {what}.", partial(self._bring_back, what, [binned for _, binned in gone]))
            self.refresh()
        if left:
            self.bin_missing.emit(left)

    def _tell_failed(self, sentence: str) -> None:
        self.said.emit(sentence)
        self.refresh()  # some of them may be gone

    def _bring_back(self, what: str, gone: list[Binned]) -> None:
        self._background.do(partial(_bring_all_back, gone), doing=f"Bringing back {what}")
        self.refresh()

    def export(self, one: RunSummary, target: Path) -> None:
        """Writes everything in its folder into an archive."""
        self._background.do(lambda: _archive(one.folder, target), self.said.emit, doing=f"Exporting {one.title}")

    def restore(self, one: RunSummary, then: Callable[[tuple[Graph, Weights]], None]) -> None:
        """Reads network and weights for `then`, which shows them."""
        read, doing = (lambda: (one.graph(), found_weights(str(one.folder)))), f"Restoring {one.title}"
        self._background.do(read, then, doing=doing)

    def reach(self, one: RunSummary, then: Callable[[tuple[RunSummary, Graph, Weights]], None]) -> None:
        """The same for a run that goes on, with the settings that it had in the end."""

        def read() -> tuple[RunSummary, Graph, Weights]:
            settings = one.settings_reached()
            return attrs.evolve(one, settings=settings), one.graph(), found_weights(str(one.folder))

        self._background.do(read, then, doing=f"Restoring {one.title}")

    def close(self) -> None:
        """Finishes what is being written."""
        self._background.wait()


def _named(ones: Sequence[RunSummary | BrokenRun]) -> str:
    return f"the run {ones[0].title}" if len(ones) == 1 else f"{len(ones)} runs"


@attrs.frozen
class Binned:
    """A folder or a link that is in the bin, or can be made again."""

    place: Path  # where it was
    now: Path | None  # where it is in the bin; None for a link
    target: Path | None = None  # what a link leads to

    def bring_back(self) -> None:
        """Puts it where it was, unless something else is there by now."""
        if os.path.lexists(self.place):
            raise RunError(f"The run cannot come back to {self.place}: there is something else by now.")
        if self.now is None:
            self.place.symlink_to(self.target or "")
            return
        shutil.move(self.now, self.place)
        about = self.now.parent.parent / "info" / f"{self.now.name}.trashinfo"  # the note that Linux keeps of it
        about.unlink(missing_ok=True)


def _remove_all(ones: Sequence[RunSummary | BrokenRun]) -> None:
    for one in ones:
        shutil.rmtree(one.folder)


def _bring_all_back(gone: Sequence[Binned]) -> None:
    for binned in gone:
        binned.bring_back()


def _all_to_bin(ones: Sequence[RunSummary | BrokenRun]) -> list[tuple[RunSummary | BrokenRun, Binned | None]]:
    return [(one, _to_bin(one.folder)) for one in ones]


def _to_bin(folder: Path) -> Binned | None:
    """What there is to bring back; None where there is no bin, and all is as it was."""
    if folder.is_symlink():  # what it leads to belongs to somebody else
        target = folder.readlink()
        folder.unlink()
        return Binned(folder, None, target)
    place = move_to_trash(folder)
    return Binned(folder, place) if place is not None else None


def move_to_trash(folder: Path) -> Path | None:
    """Where it is then; None where the system has no bin for it, and it has not moved."""
    file = QFile(str(folder))
    return Path(file.fileName()) if file.moveToTrash() else None


def _archive(folder: Path, target: Path) -> str:
    part = neighbour(target)  # a disk that becomes full leaves what was there before
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
            for path in filter(Path.is_file, sorted(folder.iterdir())):
                archive.write(path, f"{folder.name}/{path.name}")
        part.replace(target)
    except (OSError, ValueError) as problem:
        with suppress(OSError, ValueError):
            part.unlink(missing_ok=True)
        why = getattr(problem, "strerror", None) or str(problem)
        raise RunError(f"The run was not exported to {target}: {why}. Choose another place.") from problem
    return f"The run was exported to {target}."


def differences(a: RunSummary, b: RunSummary) -> list[tuple[str, str, str]]:
    """Every setting in which two runs differ, with both values, and whether their networks do."""
    left, right = _plain(a), _plain(b)
    pairs = ((name, left.get(name, "—"), right.get(name, "—")) for name in {**left, **right})
    found = [(name, mine, theirs) for name, mine, theirs in pairs if mine != theirs]
    edited = a.network_name == b.network_name and a.layers and b.layers and a.layers != b.layers
    return [("network", a.network_name, "one with other layers"), *found] if edited else found


def _plain(one: RunSummary) -> dict[str, str]:
    """Every setting by what people call it."""
    settings = one.settings
    weights = settings.class_weights
    flat = {
        "network": one.network_name,
        "data": str(one.data.get("name", "")),
        **_fields(settings),
        "class weights": ", ".join(f"{weight:g}" for weight in weights) if weights else "",
        "optimiser": settings.optimizer.title,
        **_fields(settings.optimizer, "of the optimiser"),
        "schedule": settings.schedule.title,
        **_fields(settings.schedule, "of the schedule"),
        **_fields(settings.augmentation, "of the augmentation"),
    }
    return {name: value for name, value in flat.items() if value != ""}


def _fields(of: Declared, whose: str = "") -> dict[str, str]:
    return {f"{field_words(of, name)} {whose}".strip(): value_text(value) for name, value in of.settings().items()}
