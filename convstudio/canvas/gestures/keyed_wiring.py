"""Draws a wire without a mouse: arrow keys choose where it ends, Enter connects it, Escape lets it go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from convstudio.canvas.announcing import announce
from convstudio.canvas.gestures.wiring import Wiring
from convstudio.document import edits
from convstudio.document.project import ACROSS

if TYPE_CHECKING:
    from convstudio.canvas.canvas import Canvas

FORWARD = (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Tab)
BACKWARD = (Qt.Key.Key_Up, Qt.Key.Key_Left, Qt.Key.Key_Backtab)
NO_KEYS = Qt.KeyboardModifier.NoModifier


class KeyedWiring:
    """From the output of a card or a folded block; only inputs that take the wire are offered, the nearest first."""

    def __init__(self, canvas: Canvas, source: str) -> None:
        self._canvas, self._source = canvas, source
        self._wiring = Wiring(canvas, source)
        scene = canvas.scene_
        start, seen = scene.start_of(source), scene.inputs_seen()
        fitting = [end for end in self._wiring.fitting if end in seen]
        flow = canvas.document.project.flow
        self._ends = sorted(fitting, key=lambda end: _distance(start, scene.end_of(*end), flow))
        self._at = 0
        if self._ends:
            self._show()

    @property
    def possible(self) -> bool:
        return bool(self._ends)

    def press(self, key: Qt.Key) -> bool:
        """Chooses, connects or lets go; other keys wait until then."""
        if key in FORWARD or key in BACKWARD:
            self._at = (self._at + (1 if key in FORWARD else -1)) % len(self._ends)
            self._show()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.close()
            end, project = self._ends[self._at], self._canvas.document.project
            self._canvas.attempt(lambda: edits.connect(project, self._source, *end))
        elif key == Qt.Key.Key_Escape:
            self.close()
        return True

    def close(self) -> None:
        """Lets the wire go."""
        self._canvas.wiring_by_key = None
        self._wiring.cancel(self._canvas)

    def _show(self) -> None:
        name, port = self._ends[self._at]
        scene = self._canvas.scene_
        self._canvas.ensureVisible(scene.items_named()[scene.shown_as(name)].face(), 40, 40)
        self._wiring.move(self._canvas, scene.end_of(name, port), NO_KEYS)
        which = f", input {port + 1}" if scene.cards[name].ports > 1 else ""
        text = f"{self._source} to {name}{which}: Enter connects, arrow keys choose another, Escape lets go"
        self._canvas.say(text)
        announce(self._canvas, text)


def _distance(start: QPointF, end: QPointF, flow: str) -> float:
    """Backwards counts twice: wires mostly go on."""
    way = end - start
    ahead, aside = (way.x(), way.y()) if flow == ACROSS else (way.y(), way.x())
    return abs(aside) + abs(ahead) * (2 if ahead < 0 else 1)
