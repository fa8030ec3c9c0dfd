"""Small pictures in a row, each with a word below it: the stages of preparation, or the nearest samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from convstudio.look.icons import SYMBOLS, paint_icon
from convstudio.look.letters import font
from convstudio.look.theme import space, theme
from convstudio.panels.draw.drawing import place_in

Array = np.ndarray[Any, Any]
ARROW_PX = 12
FAINT = 0.06  # ink of an empty place


@attrs.frozen(eq=False)
class Cell:
    """A picture, the words below it, and what one reads when the mouse rests on it."""

    pixels: Array  # uint8 [H, W] or [H, W, 3]
    words: str
    tip: str
    strong: bool = False  # whether the words stand out


class Strip(QWidget):
    """Breaks into rows where it is narrow; with arrows each picture leads to the next."""

    clicked = Signal(int)

    def __init__(
        self, picture_px: int, *, arrows: bool = False, most_rows: int = 0, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._side, self._arrows, self._most_rows = picture_px, arrows, most_rows
        self.cells: tuple[Cell, ...] = ()
        self._images: list[QImage] = []
        self.expected = 0  # for how many pictures there is room while there are none
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_cells(self, cells: Sequence[Cell]) -> None:
        """Other pictures."""
        grown = len(cells) != len(self.cells)
        self.cells = tuple(cells)
        self._images = [as_image(cell.pixels) for cell in cells]
        self.setAccessibleDescription(", ".join(cell.words for cell in cells))
        if grown:
            self.updateGeometry()
        self.update()

    def allow_rows(self, most: int) -> None:
        """In so many rows at most pictures are shown."""
        if most != self._most_rows:
            self._most_rows = most
            self.updateGeometry()
            self.update()

    @property
    def row_px(self) -> int:
        """How high a row is, with its words."""
        return self._side + int(QFontMetricsF(font("caption")).height()) + space(2)

    # --- where things are --------------------------------------------------------------------------------------------

    def _columns(self, width: int) -> int:
        count = max(1, len(self.cells), self.expected)
        gap = ARROW_PX if self._arrows else 0
        fit = max(1, (width + gap) // (self._side + space(2) + gap))
        rows = -(-count // fit)
        return fit if self._most_rows and rows > self._most_rows else -(-count // rows)

    def _rows(self, width: int) -> int:
        rows = -(-max(1, len(self.cells), self.expected) // self._columns(width))
        return min(rows, self._most_rows) if self._most_rows else rows

    def hasHeightForWidth(self) -> bool:  # noqa: N802  (Qt's name)
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        return self._rows(width) * self.row_px

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(self._side * 4, self.heightForWidth(max(self.width(), self._side * 4)))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(self._side * 2, self.row_px)

    def cell_place(self, number: int) -> QRectF:
        """Where a picture and its words are."""
        columns = self._columns(self.width())
        row, column = divmod(number, columns)
        wide = self.width() / columns
        return QRectF(column * wide, row * self.row_px, wide, self.row_px)

    def picture_place(self, number: int) -> QRectF:
        """Where a picture itself is."""
        cell = self.cell_place(number)
        left = cell.left() + (cell.width() - self._side) / 2
        return QRectF(round(left), cell.top(), self._side, self._side)

    def cell_at(self, point: QPoint) -> int:
        """Which cell is there; -1 for none."""
        shown = range(min(len(self.cells), self._rows(self.width()) * self._columns(self.width())))
        return next((k for k in shown if self.cell_place(k).contains(point)), -1)

    # --- mouse -------------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        number = self.cell_at(event.position().toPoint())
        if number >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(number)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            number = self.cell_at(event.pos())
            QToolTip.showText(event.globalPos(), self.cells[number].tip if number >= 0 else "", self)
            return True
        return super().event(event)

    # --- painting ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter, colors = QPainter(self), theme()
        painter.setFont(font("caption"))
        metrics = QFontMetricsF(painter.font())
        columns, rows = self._columns(self.width()), self._rows(self.width())
        if not self.cells:
            self._paint_places(painter, min(self.expected, columns * rows))
        for number, (cell, image) in enumerate(zip(self.cells[: columns * rows], self._images, strict=False)):
            self._paint_picture(painter, number, image)
            words = self.cell_place(number)
            words.setTop(words.top() + self._side + space(1))
            painter.setPen(colors.color("text" if cell.strong else "text_quiet"))
            text = metrics.elidedText(cell.words, Qt.TextElideMode.ElideRight, words.width())
            painter.drawText(words, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, text)
            if self._arrows and number + 1 < len(self.cells) and (number + 1) % columns:
                self._paint_arrow(painter, number)
        painter.end()

    def _paint_picture(self, painter: QPainter, number: int, image: QImage) -> None:
        scale, room = self.devicePixelRatioF(), self.picture_place(number)
        zoom = int(self._side * scale) // max(image.width(), image.height())
        if zoom >= 1:
            place = QRectF(0, 0, image.width() * zoom / scale, image.height() * zoom / scale)
            place.moveCenter(room.center())
            place.moveTopLeft((place.topLeft() * scale).toPoint().toPointF() / scale)
        else:
            place = place_in(room, image.width(), image.height())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, zoom < 1)
        painter.drawImage(place, image)
        painter.setPen(QPen(theme().color("border"), 1))
        painter.drawRect(place.adjusted(-0.5, -0.5, 0.5, 0.5))

    def _paint_places(self, painter: QPainter, count: int) -> None:
        """Where pictures will be."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().faint(theme().color("text"), FAINT))
        for number in range(count):
            painter.drawRect(self.picture_place(number))

    def _paint_arrow(self, painter: QPainter, number: int) -> None:
        here, there = self.picture_place(number), self.picture_place(number + 1)
        place = QRectF(0, 0, ARROW_PX, ARROW_PX)
        place.moveCenter((here.center() + there.center()) / 2)
        paint_icon(painter, SYMBOLS, "chevron_right", place, theme().color("text_quiet"))


def as_image(pixels: Array) -> QImage:
    """Bytes as a picture of their own."""
    height, width = pixels.shape[:2]
    kind = QImage.Format.Format_Grayscale8 if pixels.ndim == 2 else QImage.Format.Format_RGB888
    rows = np.ascontiguousarray(pixels)
    return QImage(rows.data, width, height, rows.strides[0], kind).copy()
