"""Makes a comment larger or smaller by its corner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from convstudio.document import edits

if TYPE_CHECKING:
    from convstudio.canvas.canvas import Canvas


class Resize:
    """All of the drag is one step of undo."""

    def __init__(self, canvas: Canvas, place: QPointF, name: str) -> None:
        self._start, self._name = place, name
        self._history = canvas.document.history
        self._size = canvas.scene_.notes[name].comment.size

    def move(self, canvas: Canvas, place: QPointF, keys: Qt.KeyboardModifier) -> None:
        way = place - self._start
        self._resize(canvas, (self._size[0] + way.x(), self._size[1] + way.y()))

    def end(self, canvas: Canvas, place: QPointF, keys: Qt.KeyboardModifier) -> None:
        """What was dragged stays."""

    def cancel(self, canvas: Canvas) -> None:
        if canvas.document.history == self._history:
            self._resize(canvas, self._size)

    def _resize(self, canvas: Canvas, size: tuple[float, float]) -> None:
        if self._name not in canvas.scene_.notes:
            return  # it was deleted by key meanwhile
        edit = edits.resize_comment(canvas.document.project, self._name, size)
        canvas.document.perform(edit, gesture=self)
