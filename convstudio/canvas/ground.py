"""The ground of the canvas: its colour, and the dots that places snap to in the eye."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF
from PySide6.QtGui import QPainter, QPen, QPolygonF

from convstudio.look.theme import theme

GRID_PX, DOT_PX = 24, 1.5
SHOWN_ABOVE = 0.5  # of full size: from farther away dots would be a haze
MOST_DOTS = 100_000  # more than any screen shows; a drawing of a network far apart would be made of them
SPARE = 1.25  # how much longer a row is kept than it is needed: zooming out needs longer ones all the time


class Ground:
    """Draws rows of dots; one row is made once and drawn again and again."""

    def __init__(self) -> None:
        self._row = QPolygonF()

    def paint(self, painter: QPainter, area: QRectF | QRect) -> None:
        """Draws what is seen of it."""
        colors = theme()
        painter.fillRect(area, colors.color("canvas"))
        if painter.worldTransform().m11() < SHOWN_ABOVE:
            return
        if (area.width() / GRID_PX) * (area.height() / GRID_PX) > MOST_DOTS:
            return
        pen = QPen(colors.color("grid"), DOT_PX)
        pen.setCosmetic(True)
        painter.setPen(pen)
        left, top = int(area.left()) // GRID_PX * GRID_PX, int(area.top()) // GRID_PX * GRID_PX
        row = self._row_of((int(area.right()) - left) // GRID_PX + 1)
        painter.save()
        painter.translate(left, top)
        for _ in range(top, int(area.bottom()) + GRID_PX, GRID_PX):
            painter.drawPoints(row)
            painter.translate(0, GRID_PX)
        painter.restore()

    def _row_of(self, dots: int) -> QPolygonF:
        """At least so many dots; those beyond the area are cut off by the painter."""
        if not dots < self._row.size() < 2 * SPARE * SPARE * (dots + 1):
            self._row = QPolygonF([QPointF(GRID_PX * place, 0) for place in range(round(SPARE * dots) + 2)])
        return self._row
