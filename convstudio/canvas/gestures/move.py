"""Moves what is selected, snapping to the cards around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from convstudio.canvas.block import is_frame
from convstudio.canvas.gestures.snapping import Snapping
from convstudio.document import edits
from convstudio.document.project import members_of

if TYPE_CHECKING:
    from convstudio.canvas.canvas import Canvas

SNAP_PX = 7.0
STEADY_PX = 4.0  # a hand trembles: less is a click


class Move:
    """Drags selected cards and notes; all of the drag is one step of undo."""

    def __init__(self, canvas: Canvas, place: QPointF, held: str) -> None:
        self._start, self._held, self._moved = place, held, False
        self._history = canvas.document.history
        named = canvas.scene_.items_named()
        self._places = {name: named[name].pos() for name in canvas.document.selection if name in named}
        self._face = named[held].face()
        moved = members_of(canvas.document.project, self._places)
        self._snapping = Snapping(
            item.face()
            for name, item in named.items()
            if item.isVisible() and name not in moved and name not in self._places and not is_frame(item)
        )

    def move(self, canvas: Canvas, place: QPointF, keys: Qt.KeyboardModifier) -> None:
        offset = place - self._start
        if not self._moved and offset.manhattanLength() < STEADY_PX:
            return
        if not self._moved:
            self._moved = True
            canvas.scene_.lift(self._places)
        if not keys & Qt.KeyboardModifier.AltModifier:
            offset = self._snapped(canvas, offset)
        else:
            canvas.scene_.show_guides([])
        places = {name: (p.x() + offset.x(), p.y() + offset.y()) for name, p in self._places.items()}
        canvas.document.perform(edits.move(canvas.document.project, places), gesture=self)

    def end(self, canvas: Canvas, place: QPointF, keys: Qt.KeyboardModifier) -> None:
        self._put_down(canvas)
        if not self._moved and not keys & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier):
            canvas.document.select([self._held])  # a click on one of several

    def cancel(self, canvas: Canvas) -> None:
        self._put_down(canvas)
        if self._moved and canvas.document.history == self._history:  # else what it moved is not shown any more
            places = {name: (p.x(), p.y()) for name, p in self._places.items()}
            canvas.document.perform(edits.move(canvas.document.project, places), gesture=self)

    def _put_down(self, canvas: Canvas) -> None:
        canvas.scene_.lift(())
        canvas.scene_.show_guides([])

    def _snapped(self, canvas: Canvas, offset: QPointF) -> QPointF:
        """Nudged so that the held card lines up with others that are seen, which lines show."""
        seen = canvas.mapToScene(canvas.viewport().rect()).boundingRect()
        by, lines = self._snapping.snapped(self._face.translated(offset), seen, SNAP_PX / canvas.zoom)
        canvas.scene_.show_guides(lines)
        return offset + by
