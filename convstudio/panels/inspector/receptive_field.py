"""The part of the input that one output pixel sees, drawn on a sample image."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from convstudio.look.theme import font, space, theme
from engine.shapes import ReceptiveField
from engine.spec import Shape

SIDE_PX = 168
MOST_PIXELS = 224  # of the sample along an axis: an input may be declared far larger than any memory


class ReceptiveFieldView(QWidget):
    """Shows the field of the output pixel in the middle; a picture for images only."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shape: Shape = ()
        self._field: ReceptiveField | None = None
        self._image = QImage()
        self.setAccessibleName("Receptive field")

    def sizeHint(self) -> QSize:  # noqa: N802  (Qt's name)
        return QSize(SIDE_PX, SIDE_PX + space(5))

    def show_field(self, shape: Shape, field: ReceptiveField | None) -> None:
        """Draws for an input of this shape."""
        drawable = len(shape) == 3 and field is not None and len(field.size) == 2
        self.setVisible(drawable)
        if not drawable:
            return
        if shape != self._shape:
            self._image = _sample(min(shape[1], MOST_PIXELS), min(shape[2], MOST_PIXELS))
        self._shape, self._field = shape, field
        if field is not None:
            self.setAccessibleDescription(f"One output pixel sees {' × '.join(map(str, field.size))} input pixels")
        self.setFixedHeight(SIDE_PX + space(5))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        if self._field is None:
            return
        colors, painter = theme(), QPainter(self)
        _, height, width = self._shape
        scale = SIDE_PX / max(height, width)
        place = QRectF(0, 0, width * scale, height * scale)
        painter.drawImage(place, self._image)
        (rows, columns), (tall, wide) = self._field.size, (height, width)
        area = QRectF((wide - columns) / 2 * scale, (tall - rows) / 2 * scale, columns * scale, rows * scale)
        painter.setClipRect(place)
        painter.fillRect(area & place, colors.faint(colors.color("accent"), 0.3))
        painter.setPen(QPen(colors.color("accent"), 2))
        painter.drawRect(area)
        painter.setClipping(False)
        painter.setPen(colors.color("text_quiet"))
        painter.setFont(font("caption"))
        line = QRectF(0, SIDE_PX + space(1), self.width(), space(4))
        text = "what one output pixel sees of the input"
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)


def _sample(height: int, width: int) -> QImage:
    """A ring and a bar, soft at the edges: something to see that is no real data."""
    y, x = np.mgrid[:height, :width]
    across, down = (x + 0.5) / width * 2 - 1, (y + 0.5) / height * 2 - 1
    ring = np.exp(-(((np.hypot(across, down * 0.8) - 0.55) / 0.12) ** 2))
    bar = np.exp(-(((across - 0.2 * down) / 0.1) ** 2)) * (abs(down) < 0.75)
    pixels = np.ascontiguousarray(40 + 200 * np.clip(np.maximum(ring, 0.7 * bar), 0, 1), np.uint8)
    return QImage(pixels.tobytes(), width, height, width, QImage.Format.Format_Grayscale8).copy()
