"""Opens windows and stays until the last one is closed."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox

from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.filing import Opened, unsaved_work
from convstudio.look.theme import DARK, LIGHT, appearance
from convstudio.main_window import MainWindow
from engine.errors import EngineError

WARM_MS = 500  # after a window opens: first it is drawn


class Windows(QObject):
    """Keeps the windows that are open."""

    def __init__(self, parent: QObject | None = None, *, warms: bool = False) -> None:
        super().__init__(parent)
        self.open_ones: list[MainWindow] = []
        self._warms = warms  # whether kernels are compiled while nobody waits for them

    def open(self, shown: Project | Opened | None = None) -> MainWindow:
        """One more window, for a new project or for what was in a file."""
        window = MainWindow(Document(shown) if isinstance(shown, Project) else None)
        window.another_wanted.connect(self.open)
        window.closed.connect(lambda: self._let_go(window))
        self.open_ones.append(window)
        window.show()
        if isinstance(shown, Opened):
            window.filing.show_opened(shown)
        window.canvas.show_start()
        if self._warms:
            window.filing.opened.connect(window.session.warm)
            QTimer.singleShot(WARM_MS, window.session, window.session.warm)
        return window

    def _let_go(self, window: MainWindow) -> None:
        self.open_ones.remove(window)
        window.deleteLater()

    def offer_recovery(self) -> None:
        """Asks about unsaved work of sessions that crashed, one after the other."""
        for recovery in unsaved_work():
            window = self.open_ones[-1]
            question = QMessageBox(window)
            question.setWindowTitle("ConvStudio")
            question.setText(f"ConvStudio ended unexpectedly with unsaved changes to {recovery.title}.")
            question.setInformativeText("Bring them back? What was saved stays as it is until you save again.")
            back = question.addButton("Bring back", QMessageBox.ButtonRole.AcceptRole)
            away = question.addButton("Throw away", QMessageBox.ButtonRole.DestructiveRole)
            question.addButton("Decide later", QMessageBox.ButtonRole.RejectRole)
            question.setDefaultButton(back)
            question.exec()
            if question.clickedButton() is back:
                target = self.open(Project()) if window.document.modified or window.document.path else window
                target.filing.recover(recovery)
            elif question.clickedButton() is away:
                recovery.discard()


def open_window(paths: Sequence[str] = ()) -> int:
    """Shows a window and returns the exit code when all are closed."""
    if not has_display():
        raise EngineError("There is no display here to open a window on; `convstudio train` trains without one.")
    application = QApplication([sys.argv[0]])
    application.setOrganizationName("ConvStudio")
    application.setApplicationName("convstudio")
    application.setApplicationDisplayName("ConvStudio")
    dress(application)
    windows = Windows(application, warms=True)
    for path in map(Path, paths):
        windows.open().open_path(path)
    if not windows.open_ones:
        windows.open()
    windows.offer_recovery()
    gc.collect()
    gc.freeze()  # what is loaded now stays: collections of what comes later are short enough not to be seen
    return application.exec()


def dress(application: QApplication) -> None:
    """The theme that was chosen, or the system's."""
    chosen = QSettings().value("theme")
    if chosen in (LIGHT, DARK):
        appearance().choose(str(chosen))
    appearance().dress(application)


def has_display() -> bool:
    """Qt ends the whole process where there is none, so it is asked about first."""
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
