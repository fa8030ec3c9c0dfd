"""One kernel, large, with its numbers written into the cells where they fit."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from convstudio.look.colormaps import SIGNED, ZERO, table
from convstudio.look.letters import font
from convstudio.look.mosaic_view import MosaicView
from convstudio.look.theme import DARK, LIGHT, Theme
from convstudio.panels.filters.arranging import LARGEST, coloured

Array = np.ndarray[Any, Any]
WAYS = ((3, True), (2, True), (2, False))  # to write a number: its decimals, and whether with a zero before them
BREATH_PX = 4  # around a number in its cell
LIGHT_FROM = 140.0  # of 255: on a lighter colour ink is dark


class KernelView(MosaicView):
    """Weights in rows and columns."""

    def __init__(self, side_px: int, parent: QWidget | None = None) -> None:
        super().__init__(side_px, parent, snug=True)
        self._weights, self._largest = np.zeros((0, 0), np.float32), 1.0
        self.setAccessibleName("Kernel")

    def show_weights(self, weights: Array, largest: float) -> None:
        """Other numbers."""
        self._weights, self._largest = weights, largest
        self.show_tiles(coloured(weights, largest)[None])

    def written(self) -> list[str]:
        """The numbers as they stand in the cells; none where they do not fit."""
        cell, metrics = self.grid_.zoom / self._scale, QFontMetricsF(font("caption"))
        if metrics.height() > cell or not self._weights.size:
            return []
        for decimals, zero in WAYS:
            words = [_word(float(value), decimals, zero) for value in self._weights.flat]
            if max(map(metrics.horizontalAdvance, words)) + BREATH_PX <= cell:
                return words
        return []

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  (Qt's name)
        super().paintEvent(event)
        words = self.written()
        if not words:
            return
        painter = QPainter(self)
        painter.setFont(font("caption"))
        colors, cell, corner = table(SIGNED), self.grid_.zoom / self._scale, self.tile_rect(0).topLeft()
        columns = self._weights.shape[1]
        for number, (value, word) in enumerate(zip(self._weights.flat, words, strict=True)):
            row, column = divmod(number, columns)
            share = float(np.clip(np.nan_to_num(value) / (self._largest or 1.0), -1, 1))
            red, green, blue = colors[ZERO + round(share * LARGEST)]
            light = 0.299 * red + 0.587 * green + 0.114 * blue > LIGHT_FROM
            painter.setPen(Theme(LIGHT if light else DARK).color("text"))
            place = QRectF(corner.x() + column * cell, corner.y() + row * cell, cell, cell)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, word)
        painter.end()


def _word(value: float, decimals: int, zero: bool) -> str:
    written = f"{abs(value):.{decimals}f}"
    sign = "−" if value < 0 and float(written) else ""
    return sign + (written if zero else written.removeprefix("0"))
