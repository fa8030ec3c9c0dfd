"""A map of numbers that one can point at: each pixel is a whole number of pixels, zero is the panel's own colour."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from convstudio.look.theme import theme
from engine.sight import Box

SHADES = 128  # on each side of zero
MOST_ZOOM = 24
FRAME_PX = 2
KEYS = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}


def colours() -> np.ndarray:
    """From the most negative number over zero to the most positive, as bytes of red, green and blue."""
    ends = theme().category("pooling"), theme().color("panel"), theme().color("accent")
    low, zero, high = (np.array([color.red(), color.green(), color.blue()], np.float64) for color in ends)
    share = np.linspace(0, 1, SHADES + 1)[:, None]
    table = np.concatenate([low + (zero - low) * share[:-1], zero + (high - zero) * share])
    return np.ascontiguousarray(table.round(), np.uint8)


def picture(values: np.ndarray) -> QImage:
    """One pixel for each number; the largest without its sign has the full colour."""
    finite = np.nan_to_num(values, posinf=0.0, neginf=0.0)
    largest = float(np.abs(finite).max(initial=0)) or 1.0
    places = (SHADES + finite / largest * SHADES).round().astype(np.intp)
    pixels = np.ascontiguousarray(colours()[places])
    height, width = values.shape
    return QImage(pixels.data, width, height, width * 3, QImage.Format.Format_RGB888).copy()


class MapView(QWidget):
    """One channel; a click or Enter picks a pixel, a box shows what is lit."""

    picked = Signal(int, int)  # row and column
    pointed = Signal(int, int)  # at which the mouse is; −1, −1 for none

    def __init__(self, side_px: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values = np.zeros((0, 0), np.float32)
        self._box: Box | None = None
        self._side, self._place = side_px, (0, 0)
        self._image = QImage()
        self.pickable = True
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_values(self, values: np.ndarray, box: Box | None = None) -> None:
        """Numbers in rows and columns, and which of them are lit."""
        self._values, self._box = values, box
        self._image = picture(values) if values.size else QImage()
        rows, columns = values.shape
        self._place = (min(self._place[0], max(0, rows - 1)), min(self._place[1], max(0, columns - 1)))
        if box is not None and len(box) == 2 and self.pickable:
            self._place = (box[0][0], box[1][0])
        self.updateGeometry()
        self.setFixedSize(self.sizeHint())
        self.update()

    @property
    def zoom(self) -> int:
        """How many pixels of the screen one number is wide."""
        return max(1, min(MOST_ZOOM, self._side // max(1, *self._values.shape)))

    def centre(self, row: int, column: int) -> QRect:
        """Where a number is drawn."""
        zoom = self.zoom
        return QRect(FRAME_PX + column * zoom, FRAME_PX + row * zoom, zoom, zoom)

    def sizeHint(self) -> QSize:  # noqa: N802  (Qt's name)
        rows, columns = self._values.shape
        return QSize(columns * self.zoom + 2 * FRAME_PX, rows * self.zoom + 2 * FRAME_PX)

    def _number_at(self, event: QMouseEvent) -> tuple[int, int] | None:
        point = event.position().toPoint()
        row, column = (point.y() - FRAME_PX) // self.zoom, (point.x() - FRAME_PX) // self.zoom
        rows, columns = self._values.shape
        return (row, column) if 0 <= row < rows and 0 <= column < columns else None

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        place = self._number_at(event)
        if place and self.pickable and event.button() == Qt.MouseButton.LeftButton:
            self._pick(place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self.pointed.emit(*(self._number_at(event) or (-1, -1)))

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        self.pointed.emit(-1, -1)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        step = KEYS.get(Qt.Key(event.key()))
        if not self.pickable or not self._values.size or step is None:
            super().keyPressEvent(event)
            return
        limits = self._values.shape
        self._pick(tuple(min(max(p + s, 0), n - 1) for p, s, n in zip(self._place, step, limits, strict=True)))

    def _pick(self, place: tuple[int, ...]) -> None:
        self._place = place[0], place[1]
        self.update()
        self.picked.emit(*self._place)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        whole = self.rect().adjusted(FRAME_PX, FRAME_PX, -FRAME_PX, -FRAME_PX)
        if not self._image.isNull():
            painter.drawImage(whole, self._image)
        self._frame(painter, whole, theme().color("accent" if self.hasFocus() else "border"), 1)
        if self._box is not None and len(self._box) == 2:
            (top, bottom), (left, right) = self._box
            lit = self.centre(top, left).united(self.centre(bottom - 1, right - 1))
            self._frame(painter, lit, theme().color("text"), FRAME_PX)
        painter.end()

    def _frame(self, painter: QPainter, rect: QRect, color: QColor, width: int) -> None:
        painter.setPen(QPen(color, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap, Qt.PenJoinStyle.MiterJoin))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(rect.adjusted(-1, -1, 0, 0))
