"""A small table of numbers on their colours, as in a worked example; each can be clicked."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from convstudio.look.letters import font, roomy
from convstudio.look.theme import theme
from convstudio.panels.ledger.map_view import SHADES, colours
from engine.explained import number
from engine.numerals import superscript

Array = np.ndarray[Any, Any]
LARGEST_CELL_PX, SMALLEST_CELL_PX = 40, 4  # where the system's text has its usual size
SHORTEST, BREATH_PX = ("−.88", "−888"), 3  # numbers are written where these fit into a cell, with some air
FEWER = (0, 1, 2)  # decimals that are left out where there is no room for them
DARKEST_WITH_DARK_TEXT = 0.45  # of the brightness between black and white
TALLER = 0.72  # a cell with a number is so much lower than wide


class NumberGrid(QWidget):
    """Rows and columns of numbers; NaN is a place without one."""

    picked = Signal(int, int)

    def __init__(self, tip: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.values: Array = np.zeros((0, 0))
        self._tip, self._cell, self._framed, self._power = tip, LARGEST_CELL_PX, (-1, -1), 0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        if tip:
            self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_values(self, values: Array, cell: int, framed: tuple[int, int] = (-1, -1)) -> None:
        """Other numbers, at this many pixels for each; one of them may be framed."""
        self.values, self._cell, self._framed = values, cell, framed
        largest = float(np.abs(values[np.isfinite(values)]).max(initial=0))
        self._power = int(np.floor(np.log10(largest))) if largest and not 0.1 <= largest < 1000 else 0
        self.setFixedSize(self.sizeHint())
        self.update()

    @property
    def with_numbers(self) -> bool:
        """Whether numbers are written into the cells; it depends on their size alone: grids beside each other agree."""
        metrics = QFontMetrics(font("caption"))
        return self._cell >= max(map(metrics.horizontalAdvance, SHORTEST)) + BREATH_PX

    def written(self) -> list[str]:
        """The numbers as they stand in the cells: with as many digits as fit, and all with a zero before or none."""
        metrics, room = QFontMetrics(font("caption")), self._cell - BREATH_PX
        longest = [self._text(value, 0, zero=True) for value in self.values.flat]
        zero = max(map(metrics.horizontalAdvance, longest), default=0) <= room
        words = []
        for value in self.values.flat:
            ways = (self._text(value, fewer, zero=zero) for fewer in FEWER)
            words.append(next((word for word in ways if metrics.horizontalAdvance(word) <= room), ""))
        return words

    @property
    def unit(self) -> str:
        """What the numbers that are drawn must be multiplied by; nothing for 1."""
        return f"× 10{superscript(self._power)}" if self._power and self.with_numbers else ""

    def sizeHint(self) -> QSize:  # noqa: N802  (Qt's name)
        rows, columns = self.values.shape
        return QSize(columns * self._cell + 1, rows * self._height + 1)

    @property
    def _height(self) -> int:
        return round(self._cell * TALLER) if self.with_numbers else self._cell

    def cell(self, row: int, column: int) -> QRect:
        """Where a number is drawn."""
        return QRect(column * self._cell, row * self._height, self._cell, self._height)

    def _at(self, point: QPoint) -> tuple[int, int] | None:
        row, column = point.y() // self._height, point.x() // self._cell
        rows, columns = self.values.shape
        inside = 0 <= row < rows and 0 <= column < columns
        return (row, column) if inside and np.isfinite(self.values[row, column]) else None

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        place = self._at(event.position().toPoint())
        if place and self._tip and event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(*place)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            place = self._at(event.pos())  # type: ignore[attr-defined]
            value = number(float(self.values[place])) if place else "outside the image: nothing is added"
            QToolTip.showText(event.globalPos(), f"{value}\n{self._tip}".strip(), self)  # type: ignore[attr-defined]
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setFont(font("caption"))
        finite = np.nan_to_num(self.values)
        places = (SHADES + finite / (np.abs(finite).max(initial=0) or 1.0) * SHADES).round().astype(int)
        table, words = colours(), self.written() if self.with_numbers else []
        for row, column in np.ndindex(self.values.shape):
            rect = self.cell(row, column)
            if np.isnan(self.values[row, column]):
                painter.fillRect(rect, theme().color("window"))
                continue
            color = QColor(*map(int, table[places[row, column]]))
            painter.fillRect(rect, color)
            if words:
                painter.setPen(readable(color))
                word = words[row * self.values.shape[1] + column]
                painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, word)
        self._lines(painter)
        painter.end()

    def _text(self, value: float, fewer: int, *, zero: bool) -> str:
        if not value or np.isnan(value):
            return "" if value else "0"
        scaled = value / 10.0**self._power
        digits = 2 if abs(scaled) < 10 else 1 if abs(scaled) < 100 else 0
        word = f"{abs(scaled):.{max(0, digits - fewer)}f}"
        sign = "−" if scaled < 0 and float(word) else ""
        return sign + (word if zero or "." not in word else word.removeprefix("0"))

    def _lines(self, painter: QPainter) -> None:
        painter.setPen(QPen(theme().color("border"), 1))
        rows, columns = self.values.shape
        if self._cell > 2 * SMALLEST_CELL_PX:
            for row in range(rows + 1):
                painter.drawLine(0, row * self._height, columns * self._cell, row * self._height)
            for column in range(columns + 1):
                painter.drawLine(column * self._cell, 0, column * self._cell, rows * self._height)
        if self._framed >= (0, 0):
            painter.setPen(QPen(theme().color("text"), 2))
            painter.drawRect(self.cell(*self._framed).adjusted(1, 1, 0, 0))


def readable(ground: QColor) -> QColor:
    """Black or white, whichever can be read on this colour: the themes' own."""
    bright = (0.299 * ground.red() + 0.587 * ground.green() + 0.114 * ground.blue()) / 255
    return QColor(Qt.GlobalColor.black if bright > DARKEST_WITH_DARK_TEXT else Qt.GlobalColor.white)


def cell_for(width: int, columns: int) -> int:
    """How wide a cell may be where so many have this room."""
    return max(SMALLEST_CELL_PX, min(largest_cell_px(), width // max(1, columns)))


def largest_cell_px() -> int:
    """How wide a cell is where there is room: large text needs more."""
    return roomy(LARGEST_CELL_PX)
