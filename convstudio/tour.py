"""A short walk through the window: one thing after the other, each with a sentence or two beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from convstudio.canvas.announcing import announce
from convstudio.look.letters import roomy, wear
from convstudio.look.theme import radius, space, theme

WIDTH_PX, RING_PX = 320, 3


@attrs.frozen(eq=False)
class Stop:
    """A place in the window, and what there is to say about it; `prepare` brings it into view."""

    title: str
    text: str
    target: Callable[[], QWidget]
    prepare: Callable[[], object] = lambda: None


class Tour(QObject):
    """Leads from stop to stop; Escape ends it."""

    ended = Signal()

    def __init__(self, window: QWidget, stops: Sequence[Stop]) -> None:
        super().__init__(window)
        self._window, self._stops, self.place = window, stops, -1
        self._target: QWidget = window
        self.ring, self.bubble = _Ring(window), _Bubble(window)
        self.bubble.back.clicked.connect(lambda: self._go(self.place - 1))
        self.bubble.on.clicked.connect(lambda: self._go(self.place + 1))
        self.bubble.leave.clicked.connect(self.end)
        window.installEventFilter(self)
        self.bubble.installEventFilter(self)

    def start(self) -> None:
        self._go(0)

    def end(self) -> None:
        """Leaves the window as it is."""
        self._window.removeEventFilter(self)
        self._target.removeEventFilter(self)
        for widget in (self.ring, self.bubble):
            widget.hide()
            widget.deleteLater()
        self.ended.emit()
        self.deleteLater()

    def _go(self, place: int) -> None:
        if place >= len(self._stops):
            self.end()
            return
        self.place = max(0, place)
        stop = self._stops[self.place]
        stop.prepare()
        if self._target is not self._window:
            self._target.removeEventFilter(self)
        self._target = stop.target()
        self._target.installEventFilter(self)  # panels find their places a moment later
        self.bubble.show_stop(stop, self.place, len(self._stops))
        self._point()
        self.bubble.on.setFocus()

    def _point(self) -> None:
        corner = self._target.mapTo(self._window, QPoint(0, 0))
        area = QRect(corner, self._target.size())
        self.ring.setGeometry(area)
        self.ring.show()
        self.ring.raise_()
        self.bubble.fit(self._window.width())
        self.bubble.move(beside(area, self.bubble.rect(), self._window.rect()))
        self.bubble.show()
        self.bubble.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  (Qt's name)
        moved = event.type() in (QEvent.Type.Resize, QEvent.Type.Move)
        if moved and watched in (self._window, self._target) and self.place >= 0:
            self._point()
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            self.end()
            return True
        return super().eventFilter(watched, event)


def beside(area: QRect, bubble: QRect, room: QRect) -> QPoint:
    """Right of a place, left of it or below it, wherever there is room, so that it can be seen; else in its corner."""
    gap, x, y = space(3), area.right() + space(3), area.top() + space(3)
    if x + bubble.width() > room.right():
        x = area.left() - gap - bubble.width()
    if x < 0:
        x, y = area.center().x() - bubble.width() // 2, area.bottom() + gap
        if y + bubble.height() > room.bottom():
            x, y = area.right() - gap - bubble.width(), area.top() + gap
    return QPoint(max(0, min(x, room.right() - bubble.width())), max(0, min(y, room.bottom() - bubble.height() - gap)))


class _Ring(QWidget):
    """Shows which place is meant, and lets the mouse through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().color("accent"), RING_PX))
        half = RING_PX // 2 + 1
        painter.drawRoundedRect(self.rect().adjusted(half, half, -half, -half), radius("card"), radius("card"))


class _Bubble(QFrame):
    """The words, and the way on."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "floating")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.title, self.text, self.count = QLabel(), QLabel(), QLabel()
        wear(self.title, "title")
        self.text.setWordWrap(True)
        self.count.setProperty("role", "quiet")
        self.back, self.on, self.leave = QPushButton("Back"), QPushButton("Next"), QPushButton("Leave")
        self.on.setDefault(True)
        row = QHBoxLayout()
        for widget in (self.count, self.leave, self.back, self.on):
            row.addWidget(widget)
        row.insertStretch(1, 1)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(space(4), space(4), space(4), space(4))
        column.setSpacing(space(2))
        column.addWidget(self.title)
        column.addWidget(self.text)
        column.addLayout(row)

    def fit(self, room_px: int) -> None:
        """As wide as can be read with ease, however large the text is, and as high as its words need."""
        wide = min(max(roomy(WIDTH_PX), self._column.minimumSize().width()), room_px)
        self.setFixedSize(wide, self._column.totalHeightForWidth(wide))

    def show_stop(self, stop: Stop, place: int, stops: int) -> None:
        self.title.setText(stop.title)
        self.text.setText(stop.text)
        self.count.setText(f"{place + 1} of {stops}")
        self.back.setEnabled(place > 0)
        self.on.setText("Done" if place == stops - 1 else "Next")
        self.setAccessibleName(f"{stop.title}. {stop.text}")
        announce(self, self.accessibleName())  # the keyboard is at Next all the time
