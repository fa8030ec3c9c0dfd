"""A shape as a small box, so that one sees a network narrow and deepen."""

from __future__ import annotations

from math import log2, prod

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from engine.spec import Shape

MOST_LOG = 9.0  # the logarithm of the longest side that still grows: 512
SMALLEST_PX = 4.0
SLOPE = 0.5  # how far depth goes to the side and up


def box(shape: Shape, place: QRectF) -> tuple[float, float, float]:
    """Width, height and depth of the box, within the place."""
    depth, *space = shape
    height = space[-2] if len(space) >= 2 else (space[0] if space and len(shape) == 2 else 1)
    width = space[-1] if space else 1
    if len(space) == 3:
        depth = prod((depth, space[0]))
    if len(shape) == 1:
        height, depth = depth, 1
    elif len(shape) == 2:
        height, width = 1, space[0]
    room = place.width() / (1 + SLOPE)
    sides = [SMALLEST_PX + (room - SMALLEST_PX) * min(1.0, log2(max(1, side)) / MOST_LOG) for side in (width, height)]
    return sides[0], sides[1], SMALLEST_PX + (room - SMALLEST_PX) * min(1.0, log2(max(1, depth)) / MOST_LOG)


def block_left(shape: Shape, place: QRectF) -> float:
    """Where the drawing begins: beside it there is room for words."""
    width, _, depth = box(shape, place)
    return place.right() - width - depth * SLOPE


def paint_block(painter: QPainter, shape: Shape, place: QRectF, color: QColor) -> None:
    """An isometric box at the right of the place, filled a fifth."""
    width, height, depth = box(shape, place)
    side, up = depth * SLOPE, depth * SLOPE
    left = block_left(shape, place)
    top = place.center().y() - (height + up) / 2 + up
    front = QRectF(left, top, width, height)
    shift = QPointF(side, -up)
    lid = QPolygonF([front.topLeft(), front.topLeft() + shift, front.topRight() + shift, front.topRight()])
    flank = QPolygonF([front.topRight(), front.topRight() + shift, front.bottomRight() + shift, front.bottomRight()])
    painter.setPen(QPen(color, 1))
    for share, face in ((0.2, QPolygonF(front)), (0.1, lid), (0.3, flank)):
        fill = QColor(color)
        fill.setAlphaF(share)
        painter.setBrush(fill)
        painter.drawPolygon(face)
