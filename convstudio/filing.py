"""What a window does with files: open, save, export, remember, and bring back what a crash left unsaved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import attrs
from PySide6.QtCore import QBuffer, QByteArray, QMimeData, QObject, Qt, Signal
from PySide6.QtGui import QImageWriter
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox

from convstudio.canvas.canvas import Canvas
from convstudio.canvas.export import KINDS, export, picture, size_of
from convstudio.document import files
from convstudio.document.autosave import Autosave, Recovery, recoveries
from convstudio.document.document import Document, State
from convstudio.document.project import Project
from convstudio.document.recent import RecentFiles
from convstudio.document.watched_file import Stamp, WatchedFile, stamp_of
from convstudio.training.background import Background
from convstudio.wording import on_button
from engine.errors import EngineError
from engine.mishaps import in_words

OPENED = f"Projects and networks (*{files.SUFFIX} *.json)"
SAVED = f"ConvStudio projects (*{files.SUFFIX})"
THUMBNAIL_SCALE, THUMBNAIL_PX = 0.25, 1024  # and the longest side that it may have
UNSAFE = '<>:"/\\|?*'  # in names of files, on one system or another
KEPT_IN_RUN = "The table of runs can restore it, too, as long as its run is kept there."
CHANGED = "{} was changed by another window or program. What this window shows is in no file now; save it to keep it."
GONE = "{} is no longer there. What this window shows is in no file now; save it to keep it."
LARGE_BYTES = 4 << 20  # files of this size take some time


@attrs.frozen(eq=False)
class Opened:
    """What was in a file, and which file keeps it; None for a network without a project file."""

    stored: files.Stored
    path: Path | None
    stamp: Stamp = None  # of the file when it was read


def is_large(path: Path) -> bool:
    """Whether opening a file would keep a window waiting."""
    try:
        return max(path.stat().st_size, files.unpacked_bytes(path)) > LARGE_BYTES
    except OSError:
        return False  # reading it will say what is wrong


def dropped(mime: QMimeData) -> list[Path]:
    """The files among what is dragged over a window that it can open."""
    paths = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
    return [path for path in paths if files.is_project(path) or files.is_network(path)]


def ended(path: Path, kind: str, kinds: Mapping[str, str]) -> Path:
    """The path as it was written where its ending says what it is, else with that of the kind chosen beside it."""
    if path.suffix.lower() in kinds:
        return path
    wanted = next((ending for ending, words in kinds.items() if words == kind), next(iter(kinds)))
    return path.with_name(path.name + wanted)


def _tried(doing: str, work: Callable[..., Any], *arguments: Any) -> Any:
    """The result, or the problem as one, whatever it is: each kind of work says it in a place of its own."""
    try:
        return work(*arguments)
    except EngineError as problem:
        return problem
    except Exception as problem:  # noqa: BLE001  (what is not told would keep the window waiting)
        return EngineError(in_words(doing, problem))


def warn(canvas: Canvas, title: str, text: str) -> None:
    """Says what did not work in a box that nobody waits for: it goes with its window, whoever closes that."""
    box = QMessageBox(QMessageBox.Icon.Warning, title, text, QMessageBox.StandardButton.Ok, canvas.window())
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()


class Filing(QObject):
    """Keeps a document and its file together, and never loses either."""

    said = Signal(str)
    another_wanted = Signal(object)  # a Project for a window of its own
    opened = Signal()
    settled = Signal(bool)  # nothing is being saved any more; whether the last one was

    def __init__(self, document: Document, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._document, self._canvas = document, canvas
        self.recent = RecentFiles()
        self.trains: Callable[[], bool] = lambda: False  # whether a run goes on, which keeps its network
        self.autosave = Autosave(document)
        self._background, self._saving = Background(self), 0
        self._recovered: Recovery | None = None
        self._file = WatchedFile(self)
        self._file.changed.connect(self._compare_with_file)
        self.autosave.failed.connect(self.said)
        self.autosave.written.connect(self._replace_recovered)
        document.modified_changed.connect(self._forget_recovered)

    # --- opening -----------------------------------------------------------------------------------------------------

    def ask_for_file(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self._canvas, "Open", filter=OPENED)
        if path:
            self.open(Path(path))

    def open(self, path: Path, *, apart: bool = False) -> None:
        """Shows a file, or says why that is not possible and keeps what is shown; a large one comes a little later.

        Where something would be lost it gets a window of its own, as one that is to stand `apart` does.
        """
        read = partial(_tried, f"Opening {path.name}", files.read, path)
        stamp = stamp_of(path)
        if is_large(path):
            self.said.emit(f"Opening {path.name} …")
            self._background.do(read, partial(self._show_read, path, stamp, apart))
        else:
            self._show_read(path, stamp, apart, read())

    def _show_read(self, path: Path, stamp: Stamp, apart: bool, read: files.Stored | EngineError) -> None:
        if isinstance(read, EngineError):
            self.recent.remove(path)
            self.said.emit(str(read))
            warn(self._canvas, "The file cannot be opened", str(read))
            return
        self.recent.add(path)
        own = path if files.is_project(path) else None
        if apart or self._document.modified or self.trains():
            self.another_wanted.emit(Opened(read, own, stamp))
            return
        self.show_opened(Opened(read, own, stamp))

    def show_opened(self, opened: Opened) -> None:
        """What was in a file, with its weights."""
        self._document.replace(opened.stored.project, opened.path, opened.stored.weights)
        self._file.know(opened.path, opened.stamp)
        self.opened.emit()
        self.said.emit(f"Opened {opened.path.name}." if opened.path else "Opened; it has no project file yet.")

    def show_project(self, project: Project) -> None:
        """Here where nothing would be lost, else in a window of its own."""
        if self._document.modified or self._document.path or self.trains():
            self.another_wanted.emit(project)
            return
        self._document.replace(project)
        self.opened.emit()

    def fill_recent(self, menu: QMenu) -> None:
        """The files that were used last, those that are still there."""
        menu.clear()
        menu.setToolTipsVisible(True)
        paths = self.recent.paths()
        often = Counter(path.name for path in paths)
        for path in paths:
            text = path.name if often[path.name] == 1 else f"{path.name} – {path.parent}"
            menu.addAction(on_button(text), self._opener(path)).setToolTip(str(path))
        if menu.isEmpty():
            menu.addAction("Nothing yet").setEnabled(False)

    def _opener(self, path: Path) -> Callable[[], None]:
        return lambda: self.open(path)

    # --- saving ------------------------------------------------------------------------------------------------------

    @property
    def saving(self) -> bool:
        """Whether a file is being written."""
        return self._saving > 0

    def save(self) -> None:
        """Writes the file while the window goes on; asks for its name the first time."""
        path = self._document.path
        if path is None:
            self.save_as()
        elif self._file.is_another(path):
            self._ask_what_stays(path)
        else:
            self.save_to(path)

    def _ask_what_stays(self, path: Path) -> None:
        question = QMessageBox(self._canvas.window())
        question.setWindowTitle("ConvStudio")
        question.setText(f"{path.name} was changed since it was opened here, by another window or program.")
        question.setInformativeText("Saving over it loses those changes. Save yours under another name to keep both.")
        other = question.addButton("Save as …", QMessageBox.ButtonRole.AcceptRole)
        over = question.addButton("Save over it", QMessageBox.ButtonRole.DestructiveRole)
        question.addButton(QMessageBox.StandardButton.Cancel)
        question.setDefaultButton(other)
        acts = {other: self.save_as, over: lambda: self.save_to(path)}
        question.buttonClicked.connect(lambda button: acts.get(button, lambda: None)())
        question.finished.connect(question.deleteLater)
        question.open()

    def save_as(self) -> None:
        path = self._ask_for_target("Save as", f"{self._document.title}{files.SUFFIX}", {files.SUFFIX: SAVED})
        if path is not None:
            self.save_to(path)

    def _ask_for_target(self, title: str, suggestion: str, kinds: Mapping[str, str]) -> Path | None:
        """Where to write, with the ending of its kind; what that ending would replace is asked about here."""
        name = "".join("-" if sign in UNSAFE else sign for sign in suggestion)
        text, kind = QFileDialog.getSaveFileName(self._canvas, title, name, ";;".join(kinds.values()))
        if not text:
            return None
        path = ended(Path(text), kind, kinds)
        completed = path != Path(text) and stamp_of(path) is not None
        return None if completed and not self._may_replace(path) else path

    def _may_replace(self, path: Path) -> bool:
        question = QMessageBox(self._canvas.window())
        question.setWindowTitle("ConvStudio")
        question.setText(f"There is already a file {path.name}.")
        question.setInformativeText("Replacing it loses what is in it.")
        replace = question.addButton("Replace", QMessageBox.ButtonRole.DestructiveRole)
        question.setDefaultButton(question.addButton(QMessageBox.StandardButton.Cancel))
        question.exec()
        return question.clickedButton() is replace

    def save_to(self, path: Path) -> None:
        """Writes what there is now; what is edited meanwhile stays unsaved."""
        state = self._document.state(self._thumbnail())
        self._saving += 1
        if sum(array.nbytes for array in state.stored.weights.values()) > LARGE_BYTES:
            self.said.emit(f"Saving {path.name} …")
        write = partial(_tried, f"Saving {path.name}", files.write, path, state.stored)
        self._background.do(write, partial(self._saved, path, state))

    def _saved(self, path: Path, state: State, problem: EngineError | None) -> None:
        self._saving -= 1
        if problem is None:
            self._document.mark_saved(path, state)
            if self._document.path == path:  # else another file is shown by now, and is watched
                self._file.know(path, stamp_of(path))
            self.recent.add(path)
            self.said.emit(f"Saved as {path}.")
        else:
            warn(self._canvas, "The project could not be saved", str(problem))
        if not self._saving:
            self.settled.emit(problem is None)

    def _thumbnail(self) -> bytes:
        if self._canvas.scene_.content().isEmpty():
            return b""
        buffer = QBuffer()
        buffer.open(QBuffer.OpenModeFlag.WriteOnly)
        size = size_of(self._canvas)
        scale = min(THUMBNAIL_SCALE, THUMBNAIL_PX / max(size.width(), size.height()))
        QImageWriter(buffer, QByteArray(b"png")).write(picture(self._canvas, scale))
        return bytes(buffer.data().data())

    def ask_to_export(self) -> None:
        path = self._ask_for_target("Export", self._document.title, KINDS)
        if path is not None:
            self.export_to(path)

    def export_to(self, path: Path) -> None:
        """Writes a picture, the table or the network file, by the ending of the path."""
        problem = _tried(f"The export to {path.name}", export, self._canvas, path)
        if problem is not None:
            warn(self._canvas, "The export did not work", str(problem))
            return
        self.said.emit(f"Exported to {path}.")

    # --- what others do to the file ----------------------------------------------------------------------------------

    def _compare_with_file(self) -> None:
        """Somebody has written or removed it, perhaps this window itself, or with the same in it."""
        path = self._document.path
        if path is None or self.saving:
            return
        stamp, filed = stamp_of(path), self._document.filed

        def holds_it() -> bool:
            try:
                return filed.is_in(files.read(path))
            except EngineError:
                return False

        self._background.do(holds_it, partial(self._note_file, path, stamp))

    def _note_file(self, path: Path, stamp: Stamp, holds_it: bool) -> None:
        if self._document.path != path or self.saving:
            return
        news = not holds_it and not self._document.displaced
        self._document.set_displaced(not holds_it)
        if holds_it:
            self._file.know(path, stamp)
        elif news:
            self.said.emit((CHANGED if stamp else GONE).format(path.name))

    # --- closing and coming back -------------------------------------------------------------------------------------

    def may_close(self) -> bool:
        """Asks before changes are lost; the safe answer is the default. While it saves it says no: `settled` comes."""
        if self.saving:
            self.said.emit("Saving …")
            return False
        if not self._document.modified:
            return True
        buttons = QMessageBox.StandardButton
        question = QMessageBox(self._canvas.window())
        question.setWindowTitle("ConvStudio")
        changed, learned = (
            f"Save the changes to {self._document.title}?",
            f"Save what {self._document.title} has learned?",
        )
        question.setText(learned if self._document.has_only_learned else changed)
        question.setInformativeText(KEPT_IN_RUN if self._document.has_only_learned else "They are lost otherwise.")
        question.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
        question.setDefaultButton(buttons.Save)
        answer = question.exec()
        if answer == buttons.Save:
            self.save()
        return answer == buttons.Discard

    def close(self) -> None:
        """The window closes: no copy is needed any more."""
        self.autosave.close()
        if self._recovered is not None:
            self._recovered.discard()

    def recover(self, recovery: Recovery, path: Path | None) -> None:
        """Shows what a crash left unsaved; its copy stays until there is a newer one. `path` is its file."""
        load = partial(_tried, "Reading the unsaved work", recovery.load)
        self._background.do(load, partial(self._show_recovered, recovery, path))

    def _show_recovered(self, recovery: Recovery, path: Path | None, stored: files.Stored | EngineError) -> None:
        if isinstance(stored, EngineError):
            warn(self._canvas, "The unsaved work cannot be read", str(stored))
            return
        self._document.restore(stored, path)
        self._file.know(path, stamp_of(path) if path else None)
        self._recovered = recovery
        self.opened.emit()
        self.said.emit("This is your unsaved work from last time. Save it to keep it.")

    def _forget_recovered(self, modified: bool) -> None:
        if not modified:
            self._replace_recovered()

    def _replace_recovered(self) -> None:
        """A newer copy, or the file, has what was recovered: after another crash nobody is asked about it twice."""
        if self._recovered is not None:
            self._recovered.discard()
            self._recovered = None


def unsaved_work() -> tuple[Recovery, ...]:
    """What sessions that crashed have left."""
    return recoveries()
