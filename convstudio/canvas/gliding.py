"""Cards that glide to their new places when a network is put in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QVariantAnimation

from convstudio.look.theme import duration_ms

if TYPE_CHECKING:
    from convstudio.canvas.canvas import Canvas


class Gliding:
    """Shows the way between two arrangements; the document has the second one at once."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._starts: dict[str, QPointF] = {}
        self.animation = QVariantAnimation(canvas)
        self.animation.setDuration(duration_ms("layout"))
        self.animation.setStartValue(0.0)
        self.animation.setEndValue(1.0)
        self.animation.valueChanged.connect(self._show)

    def along(self, change: Callable[[], object]) -> None:
        """Does the change, and lets the cards glide from where they were."""
        self._starts = {name: card.pos() for name, card in self._canvas.scene_.cards.items()}
        change()
        self.animation.stop()
        self.animation.start()

    def _show(self, share: float) -> None:
        scene = self._canvas.scene_
        for name, card in scene.cards.items():
            end = QPointF(*card.node.position)
            card.setPos(self._starts.get(name, end) * (1 - share) + end * share)
        scene.settle(at_rest=share == 1)
        self._canvas.in_place.follow()
