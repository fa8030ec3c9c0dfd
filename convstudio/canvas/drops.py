"""Layers that are dragged from the palette and dropped on the canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QDropEvent

from convstudio.canvas.block import BlockItem
from convstudio.canvas.card import HEIGHT, WIDTH, Card
from convstudio.canvas.edge_scrolling import EdgeScrolling
from convstudio.canvas.wire import Wire
from convstudio.document import edits
from engine.spec import Layer, layers, make

if TYPE_CHECKING:
    from convstudio.canvas.canvas import Canvas

LAYER_MIME = "application/x-convstudio-layer"


class Drops:
    """Takes layers; the wire that one would be put into lights up, and so does the card that it would follow."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._scrolling = EdgeScrolling(canvas)
        self._lit: Wire | Card | BlockItem | None = None

    def enter(self, event: QDropEvent) -> None:
        if event.mimeData().hasFormat(LAYER_MIME):
            self._scrolling.begin()
            event.acceptProposedAction()
        else:
            event.ignore()  # so that the window gets what it can open

    def move(self, event: QDropEvent) -> None:
        self.light(self._target(self._place(event)))
        self._scrolling.follow(event.position().toPoint(), self._light_again)
        event.acceptProposedAction()

    def _light_again(self) -> None:
        self.light(self._target(self._canvas.mapToScene(self._scrolling.hand)))

    def leave(self) -> None:
        """What was dragged is elsewhere, or was let go."""
        self._scrolling.end()
        self.light(None)

    def take(self, event: QDropEvent) -> None:
        """The layer of this kind, where it was let go."""
        self.leave()
        kind = event.mimeData().data(LAYER_MIME).toStdString()
        if kind in layers():  # anybody can put anything under that name
            self.put(make(kind), self._place(event))
            event.acceptProposedAction()
            self._canvas.setFocus(Qt.FocusReason.MouseFocusReason)

    def put(self, layer: Layer, place: QPointF) -> None:
        """On a wire the layer goes into it, on a card after it, on a folded block too; elsewhere it stands alone."""
        target, project = self._target(place) if layer.ports else None, self._canvas.document.project
        if isinstance(target, Wire):
            self._canvas.attempt(lambda: edits.insert(project, layer, target.edge))
        elif target is not None:
            followed = target.block.id if isinstance(target, BlockItem) else target.node.id
            self._canvas.attempt(lambda: edits.append(project, layer, followed))
        else:  # with its middle at the place
            corner = place.x() - WIDTH / 2, place.y() - HEIGHT / 2
            self._canvas.attempt(lambda: edits.add(project, layer, corner))

    def light(self, target: Wire | Card | BlockItem | None) -> None:
        """This one, and no other."""
        for item, lit in ((self._lit, False), (target, True)):
            if item is not None and item.scene() is not None:
                item.lit = lit
                item.update()
        self._lit = target

    def _target(self, place: QPointF) -> Wire | Card | BlockItem | None:
        """What a layer that is put there would be wired to."""
        scene = self._canvas.scene_
        name = scene.named_at(place) or ""
        block = scene.blocks.get(name)
        folded = block if block is not None and block.block.collapsed else None
        return scene.cards.get(name) or folded or scene.wire_at(place)

    def _place(self, event: QDropEvent) -> QPointF:
        return self._canvas.mapToScene(event.position().toPoint())
