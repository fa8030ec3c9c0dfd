"""Those who listen to the canvas instead of looking at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication

from convstudio.canvas.announcing import announce, described
from convstudio.canvas.outline import Outline
from convstudio.look.listening import TELLS

if TYPE_CHECKING:
    from convstudio.canvas.canvas import Canvas


class Listeners:
    """Tells them what is selected, and keeps an outline for them once one of them is there."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self.outline: Outline | None = None
        canvas.setAccessibleName("Network")
        self._describe()
        canvas.document.selection_changed.connect(self._tell)
        canvas.document.content_changed.connect(self._describe)

    def look_for_them(self) -> None:
        """Qt does not say when a screen reader starts: this asks, each time that the canvas is turned to."""
        if self.outline is None and QAccessible.isActive():
            self.outline = Outline(self._canvas)

    def stay(self) -> None:
        """The outline lies where the canvas does, whatever has scrolled."""
        if self.outline is not None:
            self.outline.stay()

    def _describe(self) -> None:
        self._canvas.setAccessibleDescription(described(self._canvas.document))

    def _tell(self) -> None:
        """What is selected by now: in a sentence, or where the keys go to the canvas as one thing that they go to."""
        document = self._canvas.document
        self._describe()
        self.look_for_them()
        focus = QApplication.focusWidget()
        if focus is not None and focus.property(TELLS):
            return
        if self.outline is not None and focus is self._canvas and len(document.selection) == 1:
            self.outline.tell(next(iter(document.selection)))
        else:
            announce(self._canvas, self._canvas.accessibleDescription())
