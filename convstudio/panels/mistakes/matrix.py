"""The table of confusion as a picture: a row for each true class, a column for what was said."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from convstudio.look.letters import font, smaller
from convstudio.look.theme import Theme, space, theme
from convstudio.wording import thousands

Array = np.ndarray[Any, Any]
LEAST_CELL_PX, READABLE_CELL_PX, MOST_CELL_PX = 4, 21, 64
MOST_NAME_PX = 88  # of a class, before it is shortened
RING_PX = 2
FAINT = 0.5  # the power that makes small shares visible
LEAST_FONT = 0.75  # of a caption's size: smaller numbers cannot be read
KEYS = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}
WANTED_PX = 300
BESIDE = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
ABOVE = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom
UPRIGHT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
NOTHING = np.zeros((0, 0), np.int64)


def share_text(share: float) -> str:
    """A share of a row in percent: 97, 1.2, 0.05, 0."""
    percent = share * 100
    if not percent:
        return "0"
    return f"{percent:.0f}" if percent >= 9.95 else f"{percent:.1f}" if percent >= 0.095 else f"{percent:.2f}"


def contrast(a: QColor, b: QColor) -> float:
    """How well one colour can be read on the other: from 1 to 21."""
    light, dark = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def ink_on(look: Theme, ground: QColor) -> QColor:
    """The colour of words that can be read better: that of text, or of the panel."""
    return max(look.color("panel"), look.color("text"), key=lambda ink: contrast(ink, ground))


def _luminance(color: QColor) -> float:
    shares = color.redF(), color.greenF(), color.blueF()
    parts = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares)
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))


class ConfusionView(QWidget):
    """Click a cell, or walk with the arrow keys, to have its samples shown."""

    picked = Signal(int, int)  # row and column
    pointed = Signal(int, int)  # under the mouse; −1, −1 for none

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.counts: Array = NOTHING
        self.names: list[str] = []
        self.shares_shown = False
        self.chosen = (-1, -1)
        self._under = (-1, -1)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Confusion matrix: rows are true classes, columns what the network says")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_counts(self, counts: Array, names: list[str]) -> None:
        """How many samples of the row's class were taken for the column's."""
        if len(names) != len(self.names):
            self.chosen = self._under = (-1, -1)
        self.counts, self.names = counts, names
        self.update()

    def show_shares(self, shown: bool) -> None:
        """Shares of each row in percent instead of counts."""
        self.shares_shown = shown
        self.update()

    def choose(self, row: int, column: int) -> None:
        self.chosen = (row, column)
        self.update()

    @property
    def shares(self) -> Array:
        totals = self.counts.sum(axis=1, keepdims=True)
        return np.asarray(self.counts / np.maximum(1, totals), np.float64)

    # --- where things are --------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:  # noqa: N802  (Qt's name)
        return QSize(WANTED_PX, WANTED_PX)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(WANTED_PX // 2, WANTED_PX // 2)

    @property
    def _names_px(self) -> float:
        metrics = QFontMetricsF(font("body"))
        widest = max((metrics.horizontalAdvance(name) for name in self.names), default=0.0)
        return min(widest, MOST_NAME_PX) + space(3)

    @property
    def _upright(self) -> bool:
        """Whether the names of the columns stand upright, because they are wider than a cell."""
        metrics = QFontMetricsF(font("body"))
        room = (self.width() - self._left) / max(1, len(self.names)) - space(1)
        return any(metrics.horizontalAdvance(name) > min(room, MOST_CELL_PX) for name in self.names)

    @property
    def _left(self) -> float:
        return QFontMetricsF(font("caption")).height() + space(1) + self._names_px

    @property
    def _top(self) -> float:
        names = self._names_px if self._upright else QFontMetricsF(font("body")).height() + space(1)
        return QFontMetricsF(font("caption")).height() + space(1) + names

    @property
    def cell_px(self) -> float:
        """A whole number of the screen's pixels, so that all cells are equal."""
        scale, classes = self.devicePixelRatioF(), max(1, len(self.names))
        room = min(self.width() - self._left, self.height() - self._top) - RING_PX
        return max(LEAST_CELL_PX, min(MOST_CELL_PX, int(room * scale / classes) / scale))

    def height_for(self, width: int) -> int:
        """What the table needs where it is so wide."""
        return int(min(width - self._left, MOST_CELL_PX * len(self.names)) + self._top) + RING_PX

    @property
    def readable_px(self) -> int:
        """The width from which on numbers can be read in its cells."""
        return int(self._left) + len(self.names) * READABLE_CELL_PX

    def width_for(self, height: int) -> int:
        """What the table needs where it is so high."""
        return int(min(height - self._top, MOST_CELL_PX * len(self.names)) + self._left) + RING_PX

    def cell_rect(self, row: int, column: int) -> QRectF:
        """Where a number is drawn."""
        side = self.cell_px
        return QRectF(round(self._left) + column * side, round(self._top) + row * side, side, side)

    def _at(self, point: QPointF) -> tuple[int, int]:
        first = self.cell_rect(0, 0)
        row, column = (int((p) // self.cell_px) for p in (point.y() - first.y(), point.x() - first.x()))
        inside = 0 <= row < len(self.names) and 0 <= column < len(self.names)
        return (row, column) if inside else (-1, -1)

    # --- mouse and keys ----------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        place = self._at(event.position())
        if place[0] >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self._pick(*place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._point(self._at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        self._point((-1, -1))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        step, last = KEYS.get(Qt.Key(event.key())), len(self.names) - 1
        if step is None or last < 0:
            super().keyPressEvent(event)
            return
        row, column = (0, 0) if self.chosen[0] < 0 else (c + s for c, s in zip(self.chosen, step, strict=True))
        self._pick(min(max(0, row), last), min(max(0, column), last))

    def _pick(self, row: int, column: int) -> None:
        self.choose(row, column)
        self.picked.emit(row, column)

    def _point(self, place: tuple[int, int]) -> None:
        if place != self._under:
            self._under = place
            self.pointed.emit(*place)
            self.update()

    # --- drawing -----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        if not self.names:
            return
        painter = QPainter(self)
        self._paint_names(painter)
        self._paint_cells(painter)
        look = theme()
        if self._under[0] >= 0:
            self._frame(painter, self._under, look.color("edge"), 1)
        if self.chosen[0] >= 0:
            self._frame(painter, self.chosen, look.color("accent" if self.hasFocus() else "text"), RING_PX)
        elif self.hasFocus():
            last = len(self.names) - 1
            whole = self.cell_rect(0, 0).united(self.cell_rect(last, last))
            painter.setPen(QPen(look.color("accent"), RING_PX))
            painter.drawRect(whole)
        painter.end()

    def _paint_names(self, painter: QPainter) -> None:
        look, last = theme(), len(self.names) - 1
        painter.setFont(font("caption"))
        painter.setPen(look.color("text_quiet"))
        table, line = self.cell_rect(0, 0).united(self.cell_rect(last, last)), painter.fontMetrics().height()
        painter.drawText(QRectF(table.left(), 0, table.width(), line), Qt.AlignmentFlag.AlignCenter, "said")
        self._turned(painter, QRectF(0, table.top(), line, table.height()), "true", Qt.AlignmentFlag.AlignCenter)
        painter.setFont(font("body"))
        metrics = QFontMetricsF(font("body"))
        for number, name in enumerate(self.names):
            if number % self._every:
                continue
            cell = self.cell_rect(number, number)
            short = metrics.elidedText(name, Qt.TextElideMode.ElideRight, self._names_px - space(3) + 1)
            rows, columns = ((self.chosen[axis], self._under[axis]) for axis in (0, 1))
            painter.setPen(look.color("text" if number in rows else "text_quiet"))
            beside = QRectF(line + space(1), cell.top(), self._names_px - space(2), cell.height())
            painter.drawText(_taller(beside, metrics), BESIDE, short)
            painter.setPen(look.color("text" if number in columns else "text_quiet"))
            above = QRectF(cell.left(), line + space(1), cell.width(), table.top() - line - 2 * space(1))
            if self._upright:
                self._turned(painter, above, short, UPRIGHT)
            else:
                painter.drawText(above, ABOVE, short)

    @property
    def _every(self) -> int:
        """Every which name is written, where there is no room for all."""
        return max(1, -(-int(QFontMetricsF(font("body")).height()) // max(1, int(self.cell_px))))

    @staticmethod
    def _turned(painter: QPainter, place: QRectF, words: str, where: Qt.AlignmentFlag) -> None:
        """Upwards along a place."""
        painter.save()
        painter.translate(place.center())
        painter.rotate(-90)
        room = QRectF(-place.height() / 2, -place.width() / 2, place.height(), place.width())
        painter.drawText(_taller(room, QFontMetricsF(painter.font())), where, words)
        painter.restore()

    def _paint_cells(self, painter: QPainter) -> None:
        look, shares, side = theme(), self.shares, self.cell_px
        panel, metrics = look.color("panel"), self._use_fitting_font(painter)
        written = metrics.height() <= side
        hues = {True: look.color("accent"), False: look.color("error")}
        gap = 1 / self.devicePixelRatioF() if side > 2 * LEAST_CELL_PX else 0.0
        for (row, column), count in np.ndenumerate(self.counts):
            cell = self.cell_rect(row, column).adjusted(0, 0, -gap, -gap)
            full = float(shares[row, column]) ** FAINT if count else 0.0
            hue = hues[row == column]
            ground = look.mixed(panel, hue, full) if count else look.color("window")
            painter.fillRect(cell, ground)
            if written and count:
                painter.setPen(ink_on(look, ground))
                words = share_text(float(shares[row, column])) if self.shares_shown else thousands(int(count))
                if metrics.horizontalAdvance(words) <= side - 2:
                    painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, words)

    def _use_fitting_font(self, painter: QPainter) -> QFontMetricsF:
        """As large as the cells allow; where the largest number cannot be read the others, mistakes, still can."""
        widest = "99.9" if self.shares_shown else thousands(int(self.counts.max(initial=0)))
        fitting = smaller(font("caption"), widest, self.cell_px - 2, LEAST_FONT)
        if QFontMetricsF(fitting).horizontalAdvance(widest) > self.cell_px - 2:
            fitting = font("caption")
        painter.setFont(fitting)
        return QFontMetricsF(fitting)

    def _frame(self, painter: QPainter, place: tuple[int, int], color: QColor, width: int) -> None:
        pen = QPen(color, width)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(self.cell_rect(*place).adjusted(0, 0, -1, -1))


def _taller(place: QRectF, metrics: QFontMetricsF) -> QRectF:
    """At least as high as a line of text."""
    missing = max(0.0, metrics.height() - place.height()) / 2
    return place.adjusted(0, -missing, 0, missing)
