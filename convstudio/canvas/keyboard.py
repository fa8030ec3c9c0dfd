"""Everything that can be done on the canvas without a mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit

from convstudio.canvas.choosing import choose, chosen_wires
from convstudio.canvas.walking import neighbour
from convstudio.document import edits
from convstudio.look.theme import theme

if TYPE_CHECKING:
    from convstudio.canvas.canvas import Canvas

NUDGE, STRIDE = 8.0, 1.0  # how far the arrow keys move cards, with Ctrl and with Ctrl and Shift
RING_PX = 2  # around the canvas, where keys go to it
ROOM_PX = 40  # kept around the card that one walks to
KEY = Qt.Key
ARROWS = {KEY.Key_Up: (0, -1), KEY.Key_Down: (0, 1), KEY.Key_Left: (-1, 0), KEY.Key_Right: (1, 0)}


class Keyboard:
    """Keys that are pressed while the canvas has them."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self.space_held = False
        self._focus_shown = False

    def show_focus(self, shown: bool) -> None:
        """Whether a ring says that keys go to the canvas: who uses the mouse sees that anyway."""
        if shown != self._focus_shown:
            self._focus_shown = shown
            self._canvas.viewport().update()

    def paint_focus(self) -> None:
        """Draws the ring, inside the canvas."""
        if self._focus_shown:
            painter, inset = QPainter(self._canvas.viewport()), RING_PX / 2
            painter.setPen(QPen(theme().color("accent"), RING_PX))
            painter.drawRect(QRectF(self._canvas.viewport().rect()).adjusted(inset, inset, -inset, -inset))

    def press(self, event: QKeyEvent) -> bool:
        """Whether the key meant something here."""
        if isinstance(QApplication.focusWidget(), QLineEdit | QPlainTextEdit):
            return True  # a field on the canvas has no use for it, and it is not meant for what lies below
        canvas, key, keys = self._canvas, Qt.Key(event.key()), event.modifiers()
        if canvas.wiring_by_key is not None:
            return canvas.wiring_by_key.press(key)
        if key == KEY.Key_Escape:
            return self._leave()
        elif key == KEY.Key_Space:
            self._hold_space(event)
        elif key in ARROWS and keys & Qt.KeyboardModifier.ControlModifier:
            self._nudge(ARROWS[key], STRIDE if keys & Qt.KeyboardModifier.ShiftModifier else NUDGE)
        elif key in ARROWS:
            self._walk(ARROWS[key], bool(keys & Qt.KeyboardModifier.ShiftModifier))
        elif key in (KEY.Key_Home, KEY.Key_End):
            self._go_to_end(key == KEY.Key_Home)
        elif key in (KEY.Key_Return, KEY.Key_Enter):
            canvas.details_wanted.emit()
        elif key == KEY.Key_Tab and not keys:
            canvas.quick_add_at_mouse()
        elif key == KEY.Key_Backspace and not keys:
            canvas.delete_selection()
        elif key == KEY.Key_Insert:
            canvas.quick_add_next()
        else:
            return False
        return True

    def release(self, event: QKeyEvent) -> None:
        if event.key() == KEY.Key_Space and not event.isAutoRepeat():
            self._let_go()

    def leave(self) -> None:
        """Keys go elsewhere from now on, also that one is let go; and so is a wire that they lead."""
        if self._canvas.wiring_by_key is not None:
            self._canvas.wiring_by_key.close()
        self.show_focus(False)
        self._let_go()

    def _let_go(self) -> None:
        self.space_held = False
        self._canvas.viewport().unsetCursor()

    def _leave(self) -> bool:
        """One thing after the other; with nothing left, the key is the window's."""
        if self._canvas.cancel_gesture():
            return True
        if self._canvas.problem_note.isVisible():
            self._canvas.problem_note.hide()
        elif self._canvas.document.selection or chosen_wires(self._canvas):
            choose(self._canvas)
        else:
            return False
        return True

    def _hold_space(self, event: QKeyEvent) -> None:
        if not event.isAutoRepeat():
            self.space_held = True
            self._canvas.viewport().setCursor(Qt.CursorShape.OpenHandCursor)

    def _nudge(self, way: tuple[int, int], by: float) -> None:
        document, named = self._canvas.document, self._canvas.scene_.items_named()
        starts = {name: named[name].pos() for name in document.selection}
        places = {name: (p.x() + way[0] * by, p.y() + way[1] * by) for name, p in starts.items()}
        if places:
            document.perform(edits.move(document.project, places), gesture=("nudge", document.selection))

    def _walk(self, way: tuple[int, int], extends: bool) -> None:
        """To the next card along the wires, or beside this one; a folded block counts as a card."""
        document = self._canvas.document
        found = neighbour(document.project, document.selection, way)
        if found:
            self._go_to(found, extends)

    def _go_to_end(self, first: bool) -> None:
        ordered = self._canvas.document.graph.order
        if ordered:
            self._go_to(ordered[0 if first else -1].id, extends=False)

    def _go_to(self, node: str, extends: bool) -> None:
        document, scene = self._canvas.document, self._canvas.scene_
        shown = scene.shown_as(node)
        document.select(document.selection | {shown} if extends else {shown})
        self._canvas.ensureVisible(scene.items_named()[shown].face(), ROOM_PX, ROOM_PX)
