"""Opens windows and stays until the last one is closed."""

from __future__ import annotations

import os
import sys

from PySide6.QtCore import QObject, QSettings
from PySide6.QtWidgets import QApplication

from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.look.theme import DARK, LIGHT, appearance
from convstudio.main_window import MainWindow
from engine.errors import EngineError


class Windows(QObject):
    """Keeps the windows that are open."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.open_ones: list[MainWindow] = []

    def open(self, project: Project | None = None) -> MainWindow:
        """One more window."""
        window = MainWindow(Document(project) if project else None)
        window.another_wanted.connect(self.open)
        window.closed.connect(lambda: self.open_ones.remove(window))
        self.open_ones.append(window)
        window.show()
        window.canvas.show_start()
        return window


def open_window() -> int:
    """Shows a window and returns the exit code when all are closed."""
    if not has_display():
        raise EngineError("There is no display here to open a window on; `convstudio train` trains without one.")
    application = QApplication([sys.argv[0]])
    application.setOrganizationName("ConvStudio")
    application.setApplicationName("convstudio")
    application.setApplicationDisplayName("ConvStudio")
    dress(application)
    windows = Windows(application)
    windows.open()
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
