"""Wires: curves from one card to the next, with the shape that flows through them."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPainterPathStroker, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from convstudio.canvas.hovering import Hovering
from convstudio.canvas.routing import BEND, LEAST_PULL_PX, Span, span_of
from convstudio.document.project import ACROSS, DOWN
from convstudio.look.letters import card_font
from convstudio.look.theme import theme
from engine.graph import Edge

THICK, REACH = 2.0, 10.0
TURN_PX, TURN_BEND = 44.0, 0.7  # into a lane and out of it, between two cards
ARROW = 6.0


def curve(start: QPointF, end: QPointF, flow: str = DOWN, lane: float | None = None) -> QPainterPath:
    """Out of one card and into the other, both in the direction that data flow; in between in its lane, if any."""
    path = QPainterPath(start)
    if lane is None:
        _bend(path, end, flow, BEND)
        return path
    length = end.x() - start.x() if flow == ACROSS else end.y() - start.y()
    turn = min(TURN_PX, length / 3)
    for along, to in ((turn, None), (length - turn, None), (length, end)):
        if to is None:
            to = QPointF(start.x() + along, lane) if flow == ACROSS else QPointF(lane, start.y() + along)
        _bend(path, to, flow, TURN_BEND)
    return path


def _bend(path: QPainterPath, end: QPointF, flow: str, share: float) -> None:
    start = path.currentPosition()
    way = end - start
    pull = max(LEAST_PULL_PX, abs(way.x() if flow == ACROSS else way.y()) * share)
    bend = QPointF(pull, 0) if flow == ACROSS else QPointF(0, pull)
    path.cubicTo(start + bend, end - bend, end)


class Wire(Hovering):
    """Draws one edge."""

    def __init__(self, edge: Edge) -> None:
        super().__init__()
        self.edge, self.text = edge, ""
        self.arrow = False  # where several wires end
        self.lit = False  # something is about to be dropped on it
        self._path, self._flow, self._room = QPainterPath(), DOWN, QRectF()
        self._ends: tuple[QPointF, QPointF] | None = None
        self.lane: float | None = None
        self.setZValue(-1)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsSelectable)

    def lead(self, start: QPointF, end: QPointF, flow: str = DOWN, lane: float | None = None) -> None:
        """Gives the wire its ends, and a lane beside the cards that it passes."""
        if self._ends == (start, end) and (self._flow, self.lane) == (flow, lane):
            return
        self.prepareGeometryChange()
        self._path, self._flow, self._ends, self.lane = curve(start, end, flow, lane), flow, (start, end), lane
        self._room = self._path.boundingRect().adjusted(-80, -REACH, 80, REACH)

    @property
    def span(self) -> Span | None:
        """From where to where it leads."""
        return span_of(*self._ends, self._flow) if self._ends else None

    def end(self) -> QPointF:
        """Where it arrives."""
        return self._path.currentPosition()

    def boundingRect(self) -> QRectF:  # noqa: N802  (Qt's name)
        return self._room

    def shape(self) -> QPainterPath:
        stroker = QPainterPathStroker()
        stroker.setWidth(2 * REACH)
        return stroker.createStroke(self._path)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        colors = theme()
        chosen = self.isSelected() or self.lit
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        thick = max(THICK, 1 / option.levelOfDetailFromTransform(painter.worldTransform()))  # seen from afar, too
        painter.setPen(QPen(colors.color("accent" if chosen else "edge"), thick + self.lit))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(self._path)
        if self.arrow:
            tip = self.end()
            painter.drawLine(tip, tip + QPointF(-ARROW, -ARROW))
            painter.drawLine(tip, tip + (QPointF(-ARROW, ARROW) if self._flow == ACROSS else QPointF(ARROW, -ARROW)))
        if self.text and (self.hovered or self.isSelected()):
            self._paint_chip(painter)

    def _paint_chip(self, painter: QPainter) -> None:
        colors, face = theme(), card_font("caption")
        room = QFontMetricsF(face).boundingRect(self.text)
        chip = QRectF(0, 0, room.width() + 16, room.height() + 6)
        chip.moveCenter(self._path.pointAtPercent(0.5))
        painter.setPen(QPen(colors.color("border"), 1))
        painter.setBrush(colors.color("panel"))
        painter.drawRoundedRect(chip, chip.height() / 2, chip.height() / 2)
        painter.setFont(face)
        painter.setPen(colors.color("text"))
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, self.text)
