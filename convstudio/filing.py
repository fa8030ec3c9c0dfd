"""What a window does with files: open, save, export, remember, and bring back what a crash left unsaved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QObject, Signal
from PySide6.QtGui import QImageWriter
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox

from convstudio.canvas.canvas import Canvas
from convstudio.canvas.export import KINDS, export, picture
from convstudio.document import files
from convstudio.document.autosave import Autosave, Recovery, recoveries, restore
from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.document.recent import RecentFiles
from engine.errors import EngineError

OPENED = f"Projects and networks (*{files.SUFFIX} *.json)"
SAVED = f"ConvStudio projects (*{files.SUFFIX})"
THUMBNAIL_SCALE = 0.25


class Filing(QObject):
    """Keeps a document and its file together, and never loses either."""

    said = Signal(str)
    another_wanted = Signal(object)  # a Project for a window of its own
    opened = Signal()

    def __init__(self, document: Document, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._document, self._canvas = document, canvas
        self.recent = RecentFiles()
        self.autosave = Autosave(document)
        self._recovered: Recovery | None = None
        document.modified_changed.connect(self._forget_recovered)

    # --- opening -----------------------------------------------------------------------------------------------------

    def ask_for_file(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self._canvas, "Open", filter=OPENED)
        if path:
            self.open(Path(path))

    def open(self, path: Path) -> None:
        """Shows a file, or says why that is not possible and keeps what is shown."""
        try:
            stored = files.read(path)
        except EngineError as problem:
            self.recent.remove(path)
            self.said.emit(str(problem))
            QMessageBox.warning(self._canvas, "The file cannot be opened", str(problem))
            return
        self.recent.add(path)
        if self._document.modified:
            self.another_wanted.emit(stored.project)
            return
        self._document.replace(stored.project, path if path.suffix == files.SUFFIX else None, stored.weights)
        self.opened.emit()

    def show_project(self, project: Project) -> None:
        """Here where nothing would be lost, else in a window of its own."""
        if self._document.modified or self._document.path:
            self.another_wanted.emit(project)
            return
        self._document.replace(project)
        self.opened.emit()

    def fill_recent(self, menu: QMenu) -> None:
        """The files that were used last, those that are still there."""
        menu.clear()
        for path in self.recent.paths():
            menu.addAction(path.name, self._opener(path)).setToolTip(str(path))
        if menu.isEmpty():
            menu.addAction("Nothing yet").setEnabled(False)

    def _opener(self, path: Path) -> Callable[[], None]:
        return lambda: self.open(path)

    # --- saving ------------------------------------------------------------------------------------------------------

    def save(self) -> bool:
        """Writes the file; asks for its name the first time."""
        return self.save_as() if self._document.path is None else self.save_to(self._document.path)

    def save_as(self) -> bool:
        suggestion = f"{self._document.title}{files.SUFFIX}"
        path, _ = QFileDialog.getSaveFileName(self._canvas, "Save as", suggestion, SAVED)
        return bool(path) and self.save_to(Path(path).with_suffix(files.SUFFIX))

    def save_to(self, path: Path) -> bool:
        try:
            self._document.save(path, self._thumbnail())
        except EngineError as problem:
            QMessageBox.warning(self._canvas, "The project could not be saved", str(problem))
            return False
        self.recent.add(path)
        self.said.emit(f"Saved as {path}.")
        return True

    def _thumbnail(self) -> bytes:
        if self._canvas.scene_.content().isEmpty():
            return b""
        buffer = QBuffer()
        buffer.open(QBuffer.OpenModeFlag.WriteOnly)
        QImageWriter(buffer, QByteArray(b"png")).write(picture(self._canvas, THUMBNAIL_SCALE))
        return bytes(buffer.data().data())

    def ask_to_export(self) -> None:
        suggestion = f"{self._document.title}.svg"
        path, _ = QFileDialog.getSaveFileName(self._canvas, "Export", suggestion, ";;".join(KINDS.values()))
        if path:
            self.export_to(Path(path))

    def export_to(self, path: Path) -> None:
        """Writes a picture, the table or the network file, by the ending of the path."""
        try:
            export(self._canvas, path)
        except EngineError as problem:
            QMessageBox.warning(self._canvas, "The export did not work", str(problem))
            return
        self.said.emit(f"Exported to {path}.")

    # --- closing and coming back -------------------------------------------------------------------------------------

    def may_close(self) -> bool:
        """Asks before changes are lost; the safe answer is the default."""
        if not self._document.modified:
            return True
        buttons = QMessageBox.StandardButton
        question = QMessageBox(self._canvas.window())
        question.setWindowTitle("ConvStudio")
        question.setText(f"Save the changes to {self._document.title}?")
        question.setInformativeText("They are lost otherwise.")
        question.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
        question.setDefaultButton(buttons.Save)
        answer = question.exec()
        return answer == buttons.Discard or (answer == buttons.Save and self.save())

    def close(self) -> None:
        """The window closes: no copy is needed any more."""
        self.autosave.close()
        if self._recovered is not None:
            self._recovered.discard()

    def recover(self, recovery: Recovery) -> None:
        """Shows what a crash left unsaved; its copy stays until it is saved."""
        try:
            restore(self._document, recovery)
        except EngineError as problem:
            self.said.emit(str(problem))
            return
        self._recovered = recovery
        self.opened.emit()
        self.said.emit("This is your unsaved work from last time. Save it to keep it.")

    def _forget_recovered(self, modified: bool) -> None:
        if not modified and self._recovered is not None:
            self._recovered.discard()
            self._recovered = None


def unsaved_work() -> tuple[Recovery, ...]:
    """What sessions that crashed have left."""
    return recoveries()
