"""What every gesture has: a beginning, places on its way, and one of two ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QPointF, Qt

if TYPE_CHECKING:
    from convstudio.canvas.canvas import Canvas


class Gesture(Protocol):
    """From pressing a button to letting it go; places are in the scene."""

    def move(self, canvas: Canvas, place: QPointF, keys: Qt.KeyboardModifier) -> None: ...

    def end(self, canvas: Canvas, place: QPointF, keys: Qt.KeyboardModifier) -> None: ...

    def cancel(self, canvas: Canvas) -> None:
        """Leaves everything as it was before the gesture."""
