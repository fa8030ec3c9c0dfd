"""Which colour stands for which number: an upright bar with the limits beside it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from convstudio.look.colormaps import packed
from convstudio.look.letters import font
from convstudio.look.mosaic import as_image
from convstudio.look.theme import space, theme
from engine.numerals import written

BAR_PX, TICK_PX = 12, 4
LOWEST_PX, HIGHEST_PX = 64, 220
WIDEST = "−0.0000"  # a number as it is written beside the bar


def short(value: float) -> str:
    """A number with three digits and a true minus."""
    return written(value, 3)


class ScaleBar(QWidget):
    """Shows a colour map from its lowest to its highest number."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._map, self._marks = "", tuple[tuple[float, str], ...]()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.setMaximumHeight(HIGHEST_PX)

    def show_scale(self, colormap: str, low: str, high: str, middle: str = "") -> None:
        """A colour map, and what its ends and its middle stand for."""
        marks = ((0.0, high), (0.5, middle), (1.0, low))
        if (colormap, marks) != (self._map, self._marks):
            self._map, self._marks = colormap, marks
            self.setAccessibleName(f"Colours from {low} to {high}")
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802  (Qt's name)
        wide = QFontMetricsF(font("caption")).horizontalAdvance(WIDEST)
        return QSize(BAR_PX + TICK_PX + space(1) + int(wide) + 1, LOWEST_PX * 2)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(self.sizeHint().width(), LOWEST_PX)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        if not self._map:
            return
        painter = QPainter(self)
        painter.setFont(font("caption"))
        half = painter.fontMetrics().height() / 2
        bar = QRectF(0, half, BAR_PX, self.height() - 2 * half)
        colors = np.ascontiguousarray(packed(self._map)[::-1, None])
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(bar, as_image(colors))
        for share, words in self._marks:
            if words:
                y = bar.top() + share * bar.height()
                painter.setPen(theme().color("border"))
                painter.drawLine(int(bar.right()), int(y), int(bar.right()) + TICK_PX, int(y))
                painter.setPen(theme().color("text_quiet"))
                place = QRectF(bar.right() + TICK_PX + space(1), y - half, self.width(), 2 * half)
                painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
        painter.end()
