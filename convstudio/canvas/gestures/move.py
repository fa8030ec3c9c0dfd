"""Moves what is selected, snapping to the cards around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from convstudio.canvas.card import Card
from convstudio.document import edits

if TYPE_CHECKING:
    from convstudio.canvas.canvas import Canvas

SNAP_PX = 7.0
STEADY_PX = 4.0  # a hand trembles: less is a click
GUIDE_PX = 24.0  # how far a snap line reaches beyond the cards


class Move:
    """Drags selected cards and notes; all of the drag is one step of undo."""

    def __init__(self, canvas: Canvas, place: QPointF, held: str) -> None:
        self._start, self._held, self._moved = place, held, False
        named = canvas.scene_.items_named()
        self._places = {name: named[name].pos() for name in canvas.document.selection if name in named}
        self._others = [item for name, item in canvas.scene_.cards.items() if name not in self._places]

    def move(self, canvas: Canvas, place: QPointF, keys: Qt.KeyboardModifier) -> None:
        offset = place - self._start
        if not self._moved and offset.manhattanLength() < STEADY_PX:
            return
        if not self._moved:
            self._moved = True
            self._lift(canvas, True)
        if not keys & Qt.KeyboardModifier.AltModifier:
            offset = self._snapped(canvas, offset)
        places = {name: (p.x() + offset.x(), p.y() + offset.y()) for name, p in self._places.items()}
        canvas.document.perform(edits.move(canvas.document.project, places), gesture=self)

    def end(self, canvas: Canvas, place: QPointF, keys: Qt.KeyboardModifier) -> None:
        self._put_down(canvas)
        if not self._moved and not keys & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier):
            canvas.document.select([self._held])  # a click on one of several

    def cancel(self, canvas: Canvas) -> None:
        self._put_down(canvas)
        if self._moved:
            places = {name: (p.x(), p.y()) for name, p in self._places.items()}
            canvas.document.perform(edits.move(canvas.document.project, places), gesture=self)

    def _put_down(self, canvas: Canvas) -> None:
        self._lift(canvas, False)
        canvas.scene_.guides = []
        canvas.scene_.update()

    def _lift(self, canvas: Canvas, lifted: bool) -> None:
        for name in self._places:
            card = canvas.scene_.cards.get(name)
            if card:
                card.lifted = lifted
                card.setZValue(1 if lifted else 0)
                card.update()

    def _snapped(self, canvas: Canvas, offset: QPointF) -> QPointF:
        """Nudged so that the held card lines up with another one, which a line shows."""
        wanted = self._places[self._held] + offset
        near_x = min(self._others, key=lambda c: abs(c.pos().x() - wanted.x()), default=None)
        near_y = min(self._others, key=lambda c: abs(c.pos().y() - wanted.y()), default=None)
        canvas.scene_.guides = []
        x, y = wanted.x(), wanted.y()
        if near_x and abs(near_x.pos().x() - x) < SNAP_PX:
            x = near_x.pos().x()
            self._show_guide(canvas, near_x, QPointF(x, y), upright=True)
        if near_y and abs(near_y.pos().y() - y) < SNAP_PX:
            y = near_y.pos().y()
            self._show_guide(canvas, near_y, QPointF(x, y), upright=False)
        canvas.scene_.update()
        return QPointF(x, y) - self._places[self._held]

    def _show_guide(self, canvas: Canvas, other: Card, place: QPointF, *, upright: bool) -> None:
        a, held = other.face(), canvas.scene_.cards.get(self._held)
        b = held.face() if held else a
        b.moveTopLeft(place)
        both = a.united(b).adjusted(-GUIDE_PX, -GUIDE_PX, GUIDE_PX, GUIDE_PX)
        line = (
            (QPointF(a.center().x(), both.top()), QPointF(a.center().x(), both.bottom()))
            if upright
            else (QPointF(both.left(), a.center().y()), QPointF(both.right(), a.center().y()))
        )
        canvas.scene_.guides.append(line)
