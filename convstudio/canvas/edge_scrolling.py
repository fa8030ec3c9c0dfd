"""The ground moves on while something is dragged to the edge of the canvas: what lies beyond can be reached."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer

if TYPE_CHECKING:
    from convstudio.canvas.canvas import Canvas

EDGE_PX = 24  # where it begins
STEP_MS, SHARE, FASTEST_PX = 16, 0.35, 32  # of the way that the hand is over the edge, and at most so far in a step


class EdgeScrolling:
    """Follows a hand; whoever drags is told of each step, since what lies under the hand is another place by then."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self.hand, self._tell = QPoint(), lambda: None
        self._ready = False
        self.clock = QTimer(canvas)
        self.clock.setInterval(STEP_MS)
        self.clock.setTimerType(Qt.TimerType.PreciseTimer)
        self.clock.timeout.connect(self._step)

    def begin(self) -> None:
        """A drag that begins at the edge scrolls only once it has left that, or the canvas."""
        self.clock.stop()
        self._ready = False

    def follow(self, hand: QPoint, tell: Callable[[], None]) -> None:
        """The hand is there, in the viewport."""
        self.hand, self._tell = hand, tell
        if self._over().isNull() or not self._canvas.viewport().rect().contains(hand):
            self._ready = True
        if self._over().isNull() or not self._ready:
            self.clock.stop()
        elif not self.clock.isActive():
            self.clock.start()

    def end(self) -> None:
        self.clock.stop()

    def _over(self) -> QPoint:
        """How far the hand is over the edge."""
        inner = self._canvas.viewport().rect().adjusted(EDGE_PX, EDGE_PX, -EDGE_PX, -EDGE_PX)
        x, y = self.hand.x(), self.hand.y()
        return QPoint(x - min(max(x, inner.left()), inner.right()), y - min(max(y, inner.top()), inner.bottom()))

    def _step(self) -> None:
        over, bars = self._over(), (self._canvas.horizontalScrollBar(), self._canvas.verticalScrollBar())
        for bar, way in zip(bars, (over.x(), over.y()), strict=True):
            bar.setValue(bar.value() + round(min(max(way * SHARE, -FASTEST_PX), FASTEST_PX)))
        self._tell()
