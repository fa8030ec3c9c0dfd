"""Whether the mouse is on an item of the canvas: asking the view whenever it is drawn takes longer than drawing it."""

from __future__ import annotations

from PySide6.QtWidgets import QGraphicsItem, QGraphicsSceneHoverEvent


class Hovering(QGraphicsItem):
    """Remembers that the mouse came, until it leaves."""

    def __init__(self) -> None:
        super().__init__()
        self.hovered = False
        self.setAcceptHoverEvents(True)

    def hoverEnterEvent(self, event: QGraphicsSceneHoverEvent) -> None:  # noqa: N802  (Qt's name)
        self.hovered = True
        self.update()

    def hoverLeaveEvent(self, event: QGraphicsSceneHoverEvent) -> None:  # noqa: N802
        self.hovered = False
        self.update()
