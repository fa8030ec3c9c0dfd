"""Draws a wire from an output, or leads the end of one elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPen
from PySide6.QtWidgets import QGraphicsPathItem, QToolTip

from convstudio.canvas.wire import curve
from convstudio.document import edits
from convstudio.document.connections import acceptance
from convstudio.look.theme import theme
from engine.graph import Edge

if TYPE_CHECKING:
    from convstudio.canvas.canvas import Canvas

REACH_PX = 22.0  # how near to a port a wire snaps to it


class Wiring:
    """Every port shows at once whether it would take the wire; those that would not say why."""

    def __init__(self, canvas: Canvas, source: str, rerouted: Edge | None = None) -> None:
        self._source, self._rerouted = source, rerouted
        graph = canvas.document.graph
        self._accepts = acceptance(graph.disconnect(rerouted) if rerouted else graph, source)
        self._line = QGraphicsPathItem()
        pen = QPen(theme().color("accent"), 2, Qt.PenStyle.DashLine)
        self._line.setPen(pen)
        self._line.setZValue(5)
        canvas.scene_.addItem(self._line)
        if rerouted:
            canvas.scene_.wires[rerouted].setOpacity(0.25)
        for name, card in canvas.scene_.cards.items():
            card.open_ports = {port for (n, port), reason in self._accepts.items() if n == name and reason is None}
            card.update()
        self._entries = [(block, canvas.scene_.entry(block)) for block in canvas.scene_.folded()]
        for block, entry in self._entries:
            block.takes = entry is not None and self._fits(entry)
            block.update()

    @property
    def fitting(self) -> list[tuple[str, int]]:
        """Every input that takes the wire."""
        return [end for end, reason in self._accepts.items() if reason is None]

    def move(self, canvas: Canvas, place: QPointF, keys: Qt.KeyboardModifier) -> None:
        found = self._target(canvas, place)
        for name, card in canvas.scene_.cards.items():
            near = found[1] if found and found[0] == name else None
            if card.near_port != near:
                card.near_port = near
                card.update()
        for block, entry in self._entries:
            if block.near != (found is not None and found == entry):
                block.near = not block.near
                block.update()
        start = canvas.scene_.start_of(self._source)
        end = canvas.scene_.end_of(*found) if found and self._fits(found) else place
        self._line.setPath(curve(start, end, canvas.document.project.flow))
        reason = self._accepts.get(found) if found else None
        where = canvas.mapToGlobal(canvas.mapFromScene(place))
        if reason:
            QToolTip.showText(where, reason, canvas)
        else:
            QToolTip.hideText()

    def end(self, canvas: Canvas, place: QPointF, keys: Qt.KeyboardModifier) -> None:
        self.cancel(canvas)
        found, project = self._target(canvas, place), canvas.document.project
        if found and self._fits(found):
            if self._rerouted:
                if (self._rerouted.target, self._rerouted.port) != found:
                    canvas.document.perform(edits.reroute(project, self._rerouted, *found))
            else:
                canvas.document.perform(edits.connect(project, self._source, *found))
        elif found:
            canvas.say(str(self._accepts.get(found) or f"{found[0]} cannot take this wire."))
        elif self._rerouted:
            canvas.document.perform(edits.disconnect(project, self._rerouted))
        else:
            canvas.quick_add(place, after=self._source)

    def cancel(self, canvas: Canvas) -> None:
        canvas.scene_.removeItem(self._line)
        if self._rerouted and self._rerouted in canvas.scene_.wires:
            canvas.scene_.wires[self._rerouted].setOpacity(1.0)
        for card in canvas.scene_.cards.values():
            card.open_ports = card.near_port = None
            card.update()
        for block, _ in self._entries:
            block.takes, block.near = None, False
            block.update()

    def _target(self, canvas: Canvas, place: QPointF) -> tuple[str, int] | None:
        """The port near the hand, or the first one of the card under it that would take the wire."""
        found = canvas.scene_.input_at(place, REACH_PX)
        if found:
            return found
        scene, name = canvas.scene_, canvas.scene_.named_at(place)
        if name is None or name == scene.shown_as(self._source):
            return None
        if name in scene.blocks and scene.blocks[name].block.collapsed:
            return scene.entry(scene.blocks[name])
        if name not in scene.cards:
            return None
        ports = [(n, port) for (n, port) in self._accepts if n == name]
        return next((p for p in ports if self._accepts[p] is None), ports[0] if ports else (name, 0))

    def _fits(self, found: tuple[str, int]) -> bool:
        return found in self._accepts and self._accepts[found] is None
