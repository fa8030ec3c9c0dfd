"""Moves the ground under the hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

if TYPE_CHECKING:
    from convstudio.canvas.canvas import Canvas


class Pan:
    """Held with the middle button, or with Space."""

    def __init__(self, canvas: Canvas, place: QPointF) -> None:
        self._held = place
        self._before = canvas.visible_centre()
        canvas.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def move(self, canvas: Canvas, place: QPointF, keys: Qt.KeyboardModifier) -> None:
        canvas.centerOn(canvas.visible_centre() - (place - self._held))

    def end(self, canvas: Canvas, place: QPointF, keys: Qt.KeyboardModifier) -> None:
        canvas.viewport().unsetCursor()

    def cancel(self, canvas: Canvas) -> None:
        canvas.viewport().unsetCursor()
        canvas.centerOn(self._before)
