"""The mouse on the canvas: what pressing at a place begins."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent

from convstudio.canvas.choosing import choose, chosen_wires
from convstudio.canvas.edge_scrolling import EdgeScrolling
from convstudio.canvas.gestures.gesture import Gesture
from convstudio.canvas.gestures.move import Move
from convstudio.canvas.gestures.pan import Pan
from convstudio.canvas.gestures.resize import Resize
from convstudio.canvas.gestures.select import Select
from convstudio.canvas.gestures.wiring import REACH_PX, Wiring
from convstudio.document import edits

if TYPE_CHECKING:
    from convstudio.canvas.canvas import Canvas

MULTI = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier


class Hand:
    """Begins gestures, leads them, and ends them."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._scrolling = EdgeScrolling(canvas)
        self._held = Qt.MouseButton.NoButton  # what the gesture began with, and ends with

    def press(self, event: QMouseEvent) -> None:
        if self._canvas.gesture:
            return  # another button means nothing until the first one is let go
        canvas, place, self._held = self._canvas, self._place(event), event.button()
        self._scrolling.begin()
        canvas.keyboard.show_focus(False)
        if canvas.wiring_by_key is not None:
            canvas.wiring_by_key.close()
        folding = canvas.scene_.fold_at(place)
        if event.button() == Qt.MouseButton.MiddleButton or canvas.keyboard.space_held:
            canvas.gesture = Pan(canvas, place)
        elif event.button() == Qt.MouseButton.LeftButton and folding:
            self._fold(folding)
        elif event.button() == Qt.MouseButton.LeftButton:
            canvas.gesture = self._begin(place, event.modifiers())

    def move(self, event: QMouseEvent) -> bool:
        """Whether a gesture is under way, and took the event."""
        canvas, place = self._canvas, self._place(event)
        if canvas.gesture and not event.buttons() & self._held:
            canvas.cancel_gesture()  # it was let go where nobody told the canvas, as over a dialog that has opened
        if canvas.gesture:
            canvas.gesture.move(canvas, place, event.modifiers())
            if not isinstance(canvas.gesture, Pan):
                self._scrolling.follow(event.position().toPoint(), partial(self._go_on, event.modifiers()))
            return True
        if canvas.scene_.corner_at(place) is not None:
            canvas.viewport().setCursor(Qt.CursorShape.SizeFDiagCursor)
        elif not canvas.keyboard.space_held:
            canvas.viewport().unsetCursor()
        return False

    def release(self, event: QMouseEvent) -> None:
        if event.button() != self._held:
            return
        self._scrolling.end()
        gesture, self._canvas.gesture = self._canvas.gesture, None
        if gesture:
            gesture.end(self._canvas, self._place(event), event.modifiers())

    def _go_on(self, keys: Qt.KeyboardModifier) -> None:
        """The ground has moved under the hand."""
        canvas = self._canvas
        if canvas.gesture and canvas.isActiveWindow():
            canvas.gesture.move(canvas, canvas.mapToScene(self._scrolling.hand), keys)
        else:
            self._scrolling.end()  # it was cancelled, or a dialog has opened, over which nobody is told of letting go

    def press_twice(self, place: QPointF) -> None:
        """On the ground it adds a layer; on a name it lets one write it; on a block it opens or folds it."""
        canvas = self._canvas
        name = canvas.scene_.named_at(place)
        if canvas.scene_.fold_at(place):
            return  # the first click has done it
        if name is None:
            canvas.quick_add(place)
        elif name in canvas.scene_.notes or canvas.scene_.is_name_at(name, place):
            canvas.edit_in_place(name)
        elif name in canvas.scene_.blocks:
            self._fold(name)
        else:
            canvas.details_wanted.emit()

    def _fold(self, name: str) -> None:
        folded, project = self._canvas.scene_.blocks[name].block.collapsed, self._canvas.document.project
        self._canvas.attempt(lambda: edits.set_collapsed(project, name, not folded))

    def _place(self, event: QMouseEvent) -> QPointF:
        return self._canvas.mapToScene(event.position().toPoint())

    def _begin(self, place: QPointF, keys: Qt.KeyboardModifier) -> Gesture | None:
        broken = self._canvas.scene_.badge_at(place)
        if broken is not None:
            self._canvas.document.select([broken])
            self._canvas.show_problems(broken)
            return None
        output = self._canvas.scene_.output_at(place, REACH_PX / 2)
        if output is not None:
            return Wiring(self._canvas, output)
        found = self._canvas.scene_.input_at(place, REACH_PX / 2)
        edge = next((e for e in self._canvas.document.graph.edges if found == (e.target, e.port)), None)
        if edge is not None:
            return Wiring(self._canvas, edge.source, rerouted=edge)
        sized = self._canvas.scene_.corner_at(place)
        if sized is not None:
            return Resize(self._canvas, place, sized)
        name, selection = self._canvas.scene_.named_at(place), self._canvas.document.selection
        if name is None:
            return self._begin_on_ground(place, keys)
        if keys & MULTI:
            choose(self._canvas, selection ^ {name}, chosen_wires(self._canvas))
        elif name not in selection:
            choose(self._canvas, [name])
        return Move(self._canvas, place, name) if name in self._canvas.document.selection else None

    def _begin_on_ground(self, place: QPointF, keys: Qt.KeyboardModifier) -> Gesture | None:
        canvas, wire, adds = self._canvas, self._canvas.scene_.wire_at(place), bool(keys & MULTI)
        names, wires = (canvas.document.selection, chosen_wires(canvas)) if adds else (frozenset(), frozenset())
        choose(canvas, names, wires ^ {wire.edge} if wire else wires)
        return None if wire else Select(canvas, place)
