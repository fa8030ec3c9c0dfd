"""How probable a network finds each class: rows that never change their places, the best one in the accent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from convstudio.look.letters import font
from convstudio.look.theme import radius, space, theme

Array = np.ndarray[Any, Any]
ROW_PX, BAR_PX, LEAST_PX = 16, 8, 0.5
MOST_ROWS, SHOWN = 12, 10  # of more classes only the best are shown
NAME_SHARE = 0.42  # of the width, at most
WIDEST = "100.0 %"


def percent(share: float) -> str:
    """98.2 %."""
    return f"{100 * share:.1f} %"


class ProbabilityBars(QWidget):
    """One bar for each class."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shares, self.names = np.zeros(0, np.float32), tuple[str, ...]()
        self.rows = np.zeros(0, np.int64)  # which classes are shown, from above
        self.setAccessibleName("Probabilities")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def winner(self) -> int:
        """The most probable class; -1 where there is none."""
        return int(self.shares.argmax()) if self.shares.size else -1

    def show_shares(self, shares: Array, names: Sequence[str], *, settled: bool) -> None:
        """Other probabilities; rows are chosen anew only once the pen has `settled`."""
        fresh = len(shares) != len(self.shares)
        self.shares, self.names = shares, tuple(names)
        if len(shares) <= MOST_ROWS:
            self.rows = np.arange(len(shares))
        elif fresh or settled or self.winner not in self.rows:
            self.rows = np.argsort(-shares, kind="stable")[:SHOWN]
        if fresh:
            self.updateGeometry()
        best = f"{self.names[self.winner]} {percent(float(shares.max()))}" if shares.size else ""
        self.setAccessibleDescription(best)
        self.update()

    def forget(self) -> None:
        """There is nothing to tell any more; the rows stay where they are."""
        self.shares = np.zeros_like(self.shares)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802  (Qt's name)
        return QSize(200, ROW_PX * (len(self.rows) or SHOWN))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(120, self.sizeHint().height())

    def bar_place(self, row: int) -> QRectF:
        """Where the bar of a row is when it is full."""
        return _bar(row, self._columns())

    def _columns(self) -> tuple[float, float]:
        """The bars' left and right end."""
        metrics = QFontMetricsF(font("caption"))
        shown = [self.names[k] for k in self.rows if k < len(self.names)]
        widest = max((metrics.horizontalAdvance(name) for name in shown), default=metrics.averageCharWidth())
        left = min(widest, self.width() * NAME_SHARE) + space(2)
        return left, self.width() - metrics.horizontalAdvance(WIDEST) - space(2)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter, colors = QPainter(self), theme()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font("caption"))
        told, winner = bool(self.shares.any()), self.winner
        columns = self._columns()
        for row in range(len(self.rows) or SHOWN):
            full = _bar(row, columns)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.faint(colors.color("text"), 0.08))
            painter.drawRoundedRect(full, radius("field") / 2, radius("field") / 2)
            if row < len(self.rows):
                self._paint_row(painter, row, full, told=told, best=told and int(self.rows[row]) == winner)
        painter.end()

    def _paint_row(self, painter: QPainter, row: int, full: QRectF, *, told: bool, best: bool) -> None:
        colors, label = theme(), int(self.rows[row])
        share = float(np.clip(np.nan_to_num(self.shares[label]), 0, 1))
        painter.setBrush(colors.color("accent" if best else "edge"))
        filled = QRectF(full.topLeft(), full.size())
        filled.setWidth(full.width() * share)
        if told and filled.width() >= LEAST_PX:
            painter.drawRoundedRect(filled, min(radius("field") / 2, filled.width() / 2), radius("field") / 2)
        line = QRectF(0, row * ROW_PX, full.left() - space(2), ROW_PX)
        metrics = QFontMetricsF(painter.font())
        painter.setPen(colors.color("text" if best else "text_quiet"))
        middle = Qt.AlignmentFlag.AlignVCenter
        name = metrics.elidedText(self.names[label], Qt.TextElideMode.ElideRight, line.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | middle, name)
        if told:
            end = QRectF(full.right(), line.top(), self.width() - full.right(), ROW_PX)
            painter.drawText(end, Qt.AlignmentFlag.AlignRight | middle, percent(share))


def _bar(row: int, columns: tuple[float, float]) -> QRectF:
    left, right = columns
    return QRectF(left, row * ROW_PX + (ROW_PX - BAR_PX) / 2, max(1.0, right - left), BAR_PX)
