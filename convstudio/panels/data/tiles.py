"""One sample as a small picture: whole pixels for images, a line for signals."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from convstudio.look.theme import theme
from engine.browsing import shown_size
from engine.spec import Shape

Array = np.ndarray[Any, Any]
GREYS, COLOURS = QImage.Format.Format_Grayscale8, QImage.Format.Format_RGB888
WHITE = 255
OPAQUE = np.uint32(0xFF000000)
LINE_PX = 1.5
RING_PX = 2  # around the sample that is looked at, and as far from it


def tile_size(shape: Shape, wanted_px: float, ratio: float) -> QSizeF:
    """How large a sample of this shape is drawn: so that each of its pixels is a whole number of the screen's."""
    if len(shape) < 3:
        return QSizeF(2 * wanted_px, wanted_px)
    _, height, width = shown_size(shape, round(wanted_px * ratio))
    zoom = max(1, round(wanted_px * ratio / max(height, width)))
    return QSizeF(width * zoom / ratio, height * zoom / ratio)


def image_of(picture: Array) -> QImage:
    """[1 or 3, H, W] bytes as an image."""
    channels, height, width = picture.shape
    pixels = np.ascontiguousarray(picture.transpose(1, 2, 0))
    return QImage(pixels.data, width, height, width * channels, COLOURS if channels == 3 else GREYS).copy()


def inked(pictures: Array) -> Array:
    """[n, 1 or 3, H, W] bytes as [n, H, W] colours of the screen."""
    red, green, blue = (pictures[:, min(channel, pictures.shape[1] - 1)].astype(np.uint32) for channel in range(3))
    return np.asarray(OPAQUE | red << 16 | green << 8 | blue, np.uint32)


def draw_tile(painter: QPainter, place: QRectF, picture: Array) -> None:
    """An image without smoothing, or a signal as a line."""
    if picture.shape[1] > 1:
        painter.drawImage(place, image_of(picture))
        return
    painter.fillRect(place, theme().color("canvas"))
    values = picture[0, 0].astype(np.float64)
    across = np.linspace(place.left() + LINE_PX, place.right() - LINE_PX, len(values))
    down = place.bottom() - LINE_PX - values / WHITE * (place.height() - 2 * LINE_PX)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme().color("accent"), LINE_PX, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in zip(across, down, strict=True)]))
    painter.restore()


def draw_ring(painter: QPainter, place: QRectF, color: QColor) -> None:
    """Says which sample is looked at."""
    pen = QPen(color, RING_PX)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(place.adjusted(-RING_PX, -RING_PX, RING_PX, RING_PX))
