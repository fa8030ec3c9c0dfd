"""How the numbers of a layer spread."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from convstudio.look.colormaps import GREY, SIGNED, SPECTRUM, shade, table
from convstudio.look.letters import font
from convstudio.look.scale_bar import short
from convstudio.look.theme import space, theme
from convstudio.wording import thousands

Array = np.ndarray[Any, Any]
LOWEST_PX, HIGHEST_PX, NARROWEST_PX = 64, 140, 140


class Histogram(QWidget):
    """Bars in the colours of the maps; their heights are logarithms, so that rare numbers can be seen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts, self._low, self._high, self._colormap = np.zeros(0, np.int64), 0.0, 1.0, SPECTRUM
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setMaximumHeight(HIGHEST_PX)
        self.setAccessibleName("Histogram of the layer's numbers")
        self.setToolTip("How often numbers of this size occur in the layer; heights are logarithms")

    def show_counts(self, counts: Array, low: float, high: float, colormap: str) -> None:
        """How many numbers lie in each step from the lowest to the highest."""
        self._counts, self._low, self._high, self._colormap = counts, low, high, colormap
        self.setAccessibleDescription(f"from {short(low)} to {short(high)}")
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802  (Qt's name)
        return QSize(NARROWEST_PX + space(6), LOWEST_PX + space(6))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(NARROWEST_PX, LOWEST_PX)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        if not len(self._counts):
            return
        painter = QPainter(self)
        painter.setFont(font("caption"))
        line = painter.fontMetrics().height()
        top, bottom = line + space(1), self.height() - line - space(1)
        painter.setPen(theme().color("text_quiet"))
        most = int(self._counts.max())
        painter.drawText(QRectF(0, 0, self.width(), line), Qt.AlignmentFlag.AlignLeft, f"up to {thousands(most)} a bar")
        self._paint_bars(painter, top, bottom)
        painter.setPen(theme().color("border"))
        painter.drawLine(0, bottom, self.width(), bottom)
        painter.setPen(theme().color("text_quiet"))
        below = QRectF(0, bottom + space(1), self.width(), line)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, short(self._low))
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, short(self._high))
        painter.end()

    def _paint_bars(self, painter: QPainter, top: int, bottom: int) -> None:
        heights = np.log1p(self._counts) / (np.log1p(self._counts.max()) or 1.0) * (bottom - top)
        count, width = len(heights), self.width()
        steps = self._low + (np.arange(count) + 0.5) * (self._high - self._low) / count
        colors = table(self._colormap)[shade(steps, self._colormap, self._low, self._high)]
        plain = self._colormap in (GREY, SIGNED)  # whose light ends would vanish on the panel
        for number, (height, color) in enumerate(zip(heights, colors, strict=True)):
            left, right = number * width // count, (number + 1) * width // count
            shown = theme().color("edge") if plain else QColor(*map(int, color))
            painter.fillRect(QRectF(left, bottom - height, right - left, height), shown)
