"""A comment on the canvas."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from convstudio.document.project import Comment
from convstudio.look.letters import card_font
from convstudio.look.theme import radius, space, theme

RING, CORNER, TINT = 2.0, 16.0, 0.1
EMPTY = "Double-click to write"


class Note(QGraphicsItem):
    """Draws one comment."""

    def __init__(self, comment: Comment) -> None:
        super().__init__()
        self.comment = comment
        self.setZValue(-2)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsSelectable)
        self.setPos(*comment.position)

    def face(self) -> QRectF:
        return QRectF(*self.comment.position, *self.comment.size)

    def corner(self) -> QRectF:
        """Where it is taken to make it larger or smaller, in the scene."""
        face = self.face()
        return QRectF(face.right() - CORNER, face.bottom() - CORNER, CORNER + RING, CORNER + RING)

    def boundingRect(self) -> QRectF:  # noqa: N802  (Qt's name)
        return QRectF(0, 0, *self.comment.size).adjusted(-4, -4, 4, 4)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        colors, face = theme(), QRectF(0, 0, *self.comment.size)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = self.isSelected()
        painter.setPen(QPen(colors.color("accent" if chosen else "border"), RING if chosen else 1))
        for paper in (colors.color("panel"), colors.faint(colors.color("warning"), TINT)):
            painter.setBrush(paper)
            painter.drawRoundedRect(face, radius("field"), radius("field"))
        painter.setPen(colors.color("text" if self.comment.text else "text_quiet"))
        painter.setFont(card_font("body"))
        inner = face.adjusted(space(3), space(2), -space(3), -space(2))
        flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft
        painter.drawText(inner, int(flags), self.comment.text or EMPTY)
        if chosen:
            painter.setPen(QPen(colors.color("accent"), RING))
            for share in (1.0, 0.5):
                reach = CORNER * share - 4
                painter.drawLine(face.bottomRight() - QPointF(reach, 4), face.bottomRight() - QPointF(4, reach))
