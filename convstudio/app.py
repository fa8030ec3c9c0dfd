"""Opens windows and stays until the last one is closed."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, QPoint, QSize, Qt, QTimer
from PySide6.QtWidgets import QApplication

from convstudio.application import Application
from convstudio.collecting import Collector
from convstudio.document.autosave import Recovery
from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.filing import Opened, unsaved_work, warn
from convstudio.look.theme import appearance, space
from convstudio.main_window import MainWindow
from convstudio.preferences import preferred
from convstudio.recovery import BOTH, RECOVERED, SAVED, RecoveryDialog
from engine.errors import EngineError
from engine.graph import Graph
from engine.mishaps import unforeseen

DRAWN_MS, WARM_MS = 100, 500  # after a window opens, until what it does not show yet is made, and kernels compiled


class Windows(QObject):
    """Keeps the windows that are open."""

    def __init__(self, parent: QObject | None = None, *, warms: bool = False) -> None:
        super().__init__(parent)
        self.open_ones: list[MainWindow] = []
        self._waiting: list[Recovery] = []
        self._warms = warms  # whether panels are made and kernels compiled while nobody waits for them
        self._unreadable: list[str] = []  # what there is to tell of copies that are damaged

    def open(self, shown: Project | Opened | None = None) -> MainWindow:
        """One more window, for a new project or for what was in a file."""
        window = MainWindow(Document(shown) if isinstance(shown, Project) else None)
        window.another_wanted.connect(self.open)
        window.closed.connect(lambda: self._let_go(window))
        self._step_aside(window)
        self.open_ones.append(window)
        window.show()
        if isinstance(shown, Opened):
            window.filing.show_opened(shown)
        window.canvas.show_start()
        if self._warms:
            window.filing.opened.connect(window.session.warm)
            QTimer.singleShot(WARM_MS, window.session, window.session.warm)
            QTimer.singleShot(DRAWN_MS, window.workspace, window.workspace.make_one_by_one)
        return window

    def _step_aside(self, window: MainWindow) -> None:
        """A window that comes where the last one was closed does not cover another one, which would seem to be gone."""
        if not window.testAttribute(Qt.WidgetAttribute.WA_Moved) or window.isMaximized() or window.isFullScreen():
            return  # the system finds a place, or one takes all there is
        step, corner = space(6), window.screen().availableGeometry().bottomRight()
        taken = [other.pos() for other in self.open_ones if not other.isMinimized()]
        while any((place - window.pos()).manhattanLength() < step for place in taken):
            window.move(window.pos() + QPoint(step, step))
        room = corner - window.pos()
        window.resize(window.size().boundedTo(QSize(room.x(), room.y())))

    def tell_mistake(self, kind: type[BaseException], problem: BaseException, trace: TracebackType | None) -> None:
        """What nobody foresaw is no reason to end: a sentence in every window, and the details in a file."""
        if not issubclass(kind, Exception):
            sys.__excepthook__(kind, problem, trace)
            return
        text = unforeseen("What you just did", problem)
        print(f"convstudio: {text}", file=sys.stderr)
        for window in self.open_ones:
            window.say(text)

    def _let_go(self, window: MainWindow) -> None:
        self.open_ones.remove(window)
        window.deleteLater()

    def offer_recovery(self) -> None:
        """Shows unsaved work of sessions that crashed beside what is saved, one after the other."""
        self._waiting = list(unsaved_work())
        self._offer_next()

    def _offer_next(self) -> None:
        if not self.open_ones:
            return
        if not self._waiting:
            self._tell_unreadable()
            return
        recovery = self._waiting.pop(0)
        try:
            dialog = RecoveryDialog(recovery, self.open_ones[-1])
        except EngineError as problem:  # the copy itself is damaged: it can only be told, once nothing lies over it
            recovery.discard()
            self._unreadable.append(f"Unsaved changes to {recovery.title} could not be read. {problem}")
            self._offer_next()
            return
        dialog.chosen.connect(partial(self._recover, recovery))
        dialog.open()

    def _tell_unreadable(self) -> None:
        """In a box that stays: what is lost is no passing message."""
        told, self._unreadable = "\n\n".join(self._unreadable), []
        if told:
            warn(self.open_ones[-1].canvas, "Unsaved work could not be read", told)

    def _recover(self, recovery: Recovery, choice: str) -> None:
        """The copy stays until there is a newer one, or what was recovered is saved or thrown away."""
        path = recovery.path
        if choice in (SAVED, BOTH) and path is not None:
            self._show_file(path)
        if choice in (RECOVERED, BOTH):
            window = (self._showing(path) if choice == RECOVERED else None) or self._free_window()
            window.filing.recover(recovery, path if choice == RECOVERED else None)
        elif choice == SAVED:
            recovery.discard()
        self._offer_next()

    def _show_file(self, path: Path) -> None:
        """In the window that shows it already, as after `convstudio FILE`, else in one of its own."""
        window = self._showing(path)
        if window is None:
            self._free_window().open_path(path)
        else:
            window.raise_()
            window.activateWindow()

    def _showing(self, path: Path | None) -> MainWindow | None:
        """A window that shows what is in a file, unchanged."""
        shown = ((w, w.document) for w in self.open_ones)
        return next((w for w, d in shown if d.path and path and d.path.resolve() == path and not d.modified), None)

    def _free_window(self) -> MainWindow:
        """One that shows nothing yet."""
        free = next((window for window in self.open_ones if window.is_free), None)
        if free is None:
            free = self.open(Project(Graph(name="Untitled")))
        free.is_free = False
        return free


def open_window(paths: Sequence[str] = ()) -> int:
    """Shows a window and returns the exit code when all are closed."""
    if not has_display():
        raise EngineError("There is no display here to open a window on; `convstudio train` trains without one.")
    application = Application([sys.argv[0]])
    application.setOrganizationName("ConvStudio")
    application.setApplicationName("convstudio")
    application.setApplicationDisplayName("ConvStudio")
    Collector(application)
    dress(application)
    windows = Windows(application, warms=True)
    sys.excepthook = windows.tell_mistake
    for path in map(Path, paths):
        windows.open().open_path(path)
    if not windows.open_ones:
        windows.open()
    windows.offer_recovery()
    gc.freeze()  # unsearched: the first picture comes sooner
    windows.open_ones[0].workspace.completed.connect(_keep)
    return application.exec()


def _keep() -> None:
    """What is loaded by now stays: collections of what comes later are short enough not to be seen."""
    gc.collect()
    gc.freeze()


def dress(application: QApplication) -> None:
    """As it is preferred."""
    preferred().read_again()
    appearance().dress(application)


def has_display() -> bool:
    """Qt ends the whole process where there is none, so it is asked about first."""
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
