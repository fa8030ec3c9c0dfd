"""Selects all that a rubber band touches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPen
from PySide6.QtWidgets import QGraphicsRectItem

from convstudio.canvas.block import is_frame
from convstudio.canvas.choosing import choose, chosen_wires
from convstudio.look.theme import theme

if TYPE_CHECKING:
    from convstudio.canvas.canvas import Canvas


class Select:
    """Drags a rectangle over empty ground, and adds to what is selected when it begins."""

    def __init__(self, canvas: Canvas, place: QPointF) -> None:
        self._start = place
        self._before, self._wires = canvas.document.selection, chosen_wires(canvas)
        self._band = QGraphicsRectItem()
        accent = theme().color("accent")
        pen = QPen(accent, 1)
        pen.setCosmetic(True)
        self._band.setPen(pen)
        self._band.setBrush(theme().faint(accent, 0.12))
        self._band.setZValue(10)
        canvas.scene_.addItem(self._band)

    def move(self, canvas: Canvas, place: QPointF, keys: Qt.KeyboardModifier) -> None:
        area = QRectF(self._start, place).normalized()
        self._band.setRect(area)
        touched = {
            name
            for name, item in canvas.scene_.items_named().items()
            if item.isVisible() and not is_frame(item) and item.face().intersects(area)
        }
        choose(canvas, self._before | touched, self._wires)

    def end(self, canvas: Canvas, place: QPointF, keys: Qt.KeyboardModifier) -> None:
        self.move(canvas, place, keys)
        canvas.scene_.removeItem(self._band)

    def cancel(self, canvas: Canvas) -> None:
        canvas.scene_.removeItem(self._band)
        choose(canvas, self._before, self._wires)
