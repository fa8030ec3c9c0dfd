"""Where scenes are played: a window of one size, in one theme, which may have trained a network."""

from __future__ import annotations

from collections.abc import Callable

import attrs
from PySide6.QtCore import QEventLoop, QPoint, QSize, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.main_window import MainWindow
from convstudio.panels.draw.pad import Pad
from engine.data.source import DataSource
from engine.progress import FINISHED
from engine.settings import TrainingSettings
from engine.templates import template

SETTLE_MS, LOOK_MS = 300, 20  # animations of the layout are over by then; between two looks at what one waits for
PATIENCE_MS = 300_000
EPOCHS, MANY_EPOCHS = 3, 200
SEVEN = ((0.28, 0.26), (0.50, 0.25), (0.72, 0.26), (0.62, 0.45), (0.50, 0.64), (0.43, 0.80))  # shares of the pad


class StageError(Exception):
    """Something that a scene waits for did not happen."""


class Stage:
    """One window at a time, and what one does in it."""

    def __init__(self, size: QSize, source: DataSource) -> None:
        self._size, self._source = size, source
        self._window: MainWindow | None = None

    @property
    def window(self) -> MainWindow:
        """The window that is open."""
        if self._window is None:
            raise StageError("No window is open.")
        return self._window

    def open(self, project: Project | None = None) -> None:
        """A window with LeNet-5, or with another project."""
        self._window = MainWindow(Document(project or Project(template("lenet5"))))
        self._window.resize(self._size)
        self._window.show()
        self._window.canvas.show_start()

    def close(self) -> None:
        """Ends what goes on, and closes without a question."""
        self.rest()
        window = self.window
        window.document.replace(window.document.project)
        window.close()
        window.deleteLater()
        self._window = None
        self.settle()

    def train(self) -> None:
        """A network that has really learned: LeNet-5, for some seconds."""
        settings = TrainingSettings(epochs=EPOCHS)
        self.open(Project(template("lenet5"), data=self._source, settings=settings))
        ended: list[object] = []
        self.window.session.finished.connect(ended.append)
        self.window.steering.train()
        self.wait(lambda: bool(ended) and self.window.session.phase == FINISHED)

    def train_on(self) -> None:
        """A run that is under way, and will be for long."""
        document, session = self.window.document, self.window.session
        settings = attrs.evolve(document.project.settings, epochs=MANY_EPOCHS)
        document.perform(edits.set_settings(document.project, settings))
        session.start()
        self.wait(lambda: session.phase == "training" and session.report.step > 150)

    def rest(self) -> None:
        """Ends a run, if there is one."""
        session = self.window.session
        if session.running:
            session.stop()
            self.wait(lambda: not session.running)

    def draw_seven(self, pad: Pad) -> None:
        """With the mouse."""
        places = [QPoint(round(x * pad.width()), round(y * pad.height())) for x, y in SEVEN]
        left = Qt.MouseButton.LeftButton
        QTest.mousePress(pad, left, pos=places[0])
        for place in places[1:]:
            QTest.mouseMove(pad, place)
            self.settle(LOOK_MS)
        QTest.mouseRelease(pad, left, pos=places[-1])

    def click(self, widget: QWidget, x: int, y: int) -> None:
        """With the mouse."""
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=QPoint(x, y))

    def settle(self, milliseconds: int = SETTLE_MS) -> None:
        """Lets the window do what it does."""
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()

    def wait(self, done: Callable[[], bool]) -> None:
        """Until something is as it should be."""
        for _ in range(PATIENCE_MS // LOOK_MS):
            if done():
                return
            self.settle(LOOK_MS)
        raise StageError("The window did not come to the state that was to be shown.")
