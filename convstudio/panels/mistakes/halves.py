"""Two halves with a hairline between them: one above the other, or side by side where there is more width."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSplitter, QSplitterHandle, QWidget

from convstudio.look.theme import space, theme

ASIDE = 1.7  # times as wide as high: then they lie side by side
LEAST_SHARE, MOST_SHARE = 0.35, 0.64  # of the first one, until somebody moves the line
LEAST_ASIDE_PX = 216  # of the second one, where they lie side by side
ACROSS, BELOW = Qt.Orientation.Horizontal, Qt.Orientation.Vertical


class _Hairline(QSplitterHandle):
    """Thin to look at, broad enough to take hold of."""

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  (Qt's name)
        painter, middle = QPainter(self), self.rect().center()
        if self.orientation() == BELOW:
            painter.fillRect(0, middle.y(), self.width(), 1, theme().color("border"))
        else:
            painter.fillRect(middle.x(), 0, 1, self.height(), theme().color("border"))
        painter.end()


class Halves(QSplitter):
    """Neither half can be hidden for good."""

    resized = Signal()

    def __init__(self, first: QWidget, second: QWidget, wanted: Callable[[bool], int]) -> None:
        super().__init__(BELOW)
        self._wanted, self._moved = wanted, False
        self.setChildrenCollapsible(False)
        self.setHandleWidth(space(2) + 1)
        self.addWidget(first)
        self.addWidget(second)
        self.splitterMoved.connect(self._keep)

    def createHandle(self) -> QSplitterHandle:  # noqa: N802
        return _Hairline(self.orientation(), self)

    def arrange(self) -> None:
        """The first half gets what it wants, within limits, until somebody has moved the line."""
        below = self.orientation() == BELOW
        room = self.height() if below else self.width()
        most = round(room * MOST_SHARE) if below else room - LEAST_ASIDE_PX
        first = min(max(self._wanted(below), round(room * LEAST_SHARE)), most)
        if not self._moved:
            self.setSizes([first, room - first])

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        wanted = ACROSS if self.width() > ASIDE * self.height() else BELOW
        if wanted != self.orientation():
            self._moved = False
            self.setOrientation(wanted)
        self.resized.emit()
        self.arrange()

    @property
    def room_px(self) -> int:
        """How wide the first half can be."""
        return self.width() if self.orientation() == BELOW else self.width() - LEAST_ASIDE_PX

    def _keep(self) -> None:
        self._moved = True
