"""One map, as large as one likes: the wheel zooms, dragging moves, a click asks how a pixel was made."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from convstudio.look.colormaps import GREY, pack, packed
from convstudio.look.mosaic import as_image
from convstudio.look.theme import theme
from convstudio.panels.maps.colouring import see_through

Array = np.ndarray[Any, Any]
LARGEST_ZOOM = 96
DRAG_PX = 4
DIMMED = 0.6  # the light of a picture below a map
NOTCH = 120  # of a wheel
KEYS = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}
ZOOM_KEYS = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Minus: -1}


@attrs.frozen
class Frame:
    """Where a map lies on the input picture: what its first pixel covers begins there, and each is so large."""

    start: tuple[float, float]
    step: tuple[float, float]


class ZoomView(QWidget):
    """Pixels of a map, each a whole number of the screen's."""

    picked = Signal(int, int)  # row and column
    pointed = Signal(int, int)  # −1, −1 for none

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._places, self._colormap = np.zeros((0, 0), np.uint8), GREY
        self._below: Array | None = None  # the input picture, uint32
        self._frame: Frame | None = None
        self._zero = 0
        self._fits, self.zoom_, self._corner = True, 1, QPointF(0, 0)  # pixels of the screen
        self._pressed: QPointF | None = None
        self._dragging = False
        self._cursor: tuple[int, int] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Map")
        self.setToolTip("Wheel: zoom. Drag: move. Click a pixel to see how it was made. Double click: all of it.")

    def show_map(
        self, places: Array, colormap: str, zero: int = 0, picture: Array | None = None, frame: Frame | None = None
    ) -> None:
        """Places in a colour map's table, which of them is zero, and the input picture if it is to lie below."""
        another, self._zero = places.shape != self._places.shape, zero
        self._places, self._colormap, self._frame = places, colormap, frame
        self._below = _behind(picture) if picture is not None and frame is not None else None
        if another:
            self.fit()
        self.update()

    def fit(self) -> None:
        """Shows all of the map."""
        self._fits = True
        rows, columns = self._places.shape
        scale = self.devicePixelRatioF()
        width, height = self.width() * scale, self.height() * scale
        if rows and columns:
            self.zoom_ = max(1, min(LARGEST_ZOOM, int(width // columns), int(height // rows)))
            self._corner = QPointF((width - columns * self.zoom_) // 2, (height - rows * self.zoom_) // 2)
        self.update()

    def zoom_by(self, steps: int, about: QPointF) -> None:
        """Each step makes pixels about a quarter larger or smaller; what is under the mouse stays there."""
        scale, before = self.devicePixelRatioF(), self.zoom_
        for _ in range(abs(steps)):
            change = max(1, self.zoom_ // 4)
            self.zoom_ = max(1, min(LARGEST_ZOOM, self.zoom_ + (change if steps > 0 else -change)))
        fixed, factor = about * scale, self.zoom_ / before
        moved = fixed - (fixed - self._corner) * factor
        self._corner = QPointF(round(moved.x()), round(moved.y()))
        self._fits = False
        self.update()

    def pixel_rect(self, row: int, column: int) -> QRectF:
        """Where a pixel is drawn."""
        zoom, scale = self.zoom_, self.devicePixelRatioF()
        left, top = self._corner.x() + column * zoom, self._corner.y() + row * zoom
        return QRectF(left / scale, top / scale, zoom / scale, zoom / scale)

    def _at(self, point: QPointF) -> tuple[int, int] | None:
        place = (point * self.devicePixelRatioF() - self._corner) / self.zoom_
        row, column = int(np.floor(place.y())), int(np.floor(place.x()))
        rows, columns = self._places.shape
        return (row, column) if 0 <= row < rows and 0 <= column < columns else None

    # --- mouse and keys ----------------------------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802  (Qt's name)
        steps = event.angleDelta().y()
        if steps and self._places.size:
            self.zoom_by(max(1, abs(steps) // NOTCH) * (1 if steps > 0 else -1), event.position())
            event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._dragging = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self._pressed is not None:
            way = event.position() - self._pressed
            self._dragging = self._dragging or way.manhattanLength() > DRAG_PX
            if self._dragging:
                moved = self._corner + way * self.devicePixelRatioF()
                self._corner, self._pressed = QPointF(round(moved.x()), round(moved.y())), event.position()
                self._fits = False
                self.setCursor(Qt.CursorShape.ClosedHandCursor)
                self.update()
                return
        self._point(self._at(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        place = self._at(event.position())
        if self._pressed is not None and not self._dragging and place:
            self._point(place)
            self.picked.emit(*place)
        self._pressed, self._dragging = None, False
        self.unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self.fit()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        self._point(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        key, rows_columns = Qt.Key(event.key()), self._places.shape
        if key in ZOOM_KEYS and self._places.size:
            self.zoom_by(ZOOM_KEYS[key], QPointF(self.width() / 2, self.height() / 2))
        elif key in KEYS and self._places.size:
            place = self._cursor or (0, 0)
            steps = KEYS[key] if self._cursor else (0, 0)
            row, column = (min(max(p + s, 0), n - 1) for p, s, n in zip(place, steps, rows_columns, strict=True))
            self._point((row, column))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._cursor:
            self.picked.emit(*self._cursor)
        elif key == Qt.Key.Key_0:
            self.fit()
        else:
            super().keyPressEvent(event)

    def _point(self, place: tuple[int, int] | None) -> None:
        if place != self._cursor:
            self._cursor = place
            self.pointed.emit(*(place or (-1, -1)))
            self.update()

    # --- drawing -----------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(240, 160)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(96, 72)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        if self._fits:
            self.fit()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter, scale = QPainter(self), self.devicePixelRatioF()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.scale(1 / scale, 1 / scale)  # whole pixels of the screen
        rows, columns = self._places.shape
        place = QRectF(self._corner.x(), self._corner.y(), columns * self.zoom_, rows * self.zoom_)
        if self._below is not None and self._frame is not None:
            painter.drawImage(self._on_map(self._frame, self._below.shape, place), as_image(self._below))
            pixels = see_through(self._places, self._colormap, self._zero)
            painter.drawImage(place, QImage(pixels.data, columns, rows, columns * 4, QImage.Format.Format_ARGB32))
        elif self._places.size:
            painter.drawImage(place, as_image(packed(self._colormap)[self._places]))
        painter.scale(scale, scale)
        if self._cursor:
            self._mark(painter, self.pixel_rect(*self._cursor), theme().color("accent"))
        if self.hasFocus():
            self._mark(painter, QRectF(self.rect()).adjusted(2, 2, -2, -2), theme().color("accent"))
        painter.end()

    def _on_map(self, frame: Frame, shape: tuple[int, ...], place: QRectF) -> QRectF:
        """Where the input picture lies, so that every pixel of the map is over what it sees."""
        (y, x), (down, right) = frame.start, frame.step
        left, top = place.left() - x / right * self.zoom_, place.top() - y / down * self.zoom_
        return QRectF(left, top, shape[1] / right * self.zoom_, shape[0] / down * self.zoom_)

    def _mark(self, painter: QPainter, rect: QRectF, color: QColor) -> None:
        pen = QPen(color, 2)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.drawRect(rect.adjusted(-1, -1, 1, 1))


def _behind(picture: Array) -> Array:
    """uint8 [channels, height, width] as uint32 [height, width], dimmed: three channels are colours."""
    dimmed = (picture * DIMMED).astype(np.uint8)
    if len(picture) == 3:
        return pack(np.ascontiguousarray(np.moveaxis(dimmed, 0, -1)))
    return packed(GREY)[dimmed[0]]
