"""Opens the window and stays until it is closed."""

from __future__ import annotations

import os
import sys

from PySide6.QtWidgets import QApplication

from convstudio.main_window import MainWindow
from engine.errors import EngineError


def open_window() -> int:
    """Shows the window and returns the exit code when it was closed."""
    if not has_display():
        raise EngineError("There is no display here to open a window on; `convstudio train` trains without one.")
    application = QApplication([sys.argv[0]])
    application.setApplicationName("convstudio")
    application.setApplicationDisplayName("ConvStudio")
    window = MainWindow()
    window.show()
    return application.exec()


def has_display() -> bool:
    """Qt ends the whole process where there is none, so it is asked about first."""
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
