"""A comment on the canvas."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QTextLayout, QTextLine, QTextOption
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from convstudio.document.project import Comment
from convstudio.look.letters import card_font
from convstudio.look.theme import radius, space, theme

RING, CORNER, TINT = 2.0, 16.0, 0.1
EMPTY = "Double-click to write"
LINE_END, LONGEST_LINE = "\u2028", 1000  # how Qt marks the end of a line; letters that no line has


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
        inner = face.adjusted(space(3), space(2), -space(3), -space(2))
        asks = "" if widget is None else EMPTY  # nobody can write in a picture
        paint_lines(painter, self.comment.text or asks, inner)
        if chosen:
            painter.setPen(QPen(colors.color("accent"), RING))
            for share in (1.0, 0.5):
                reach = CORNER * share - 4
                painter.drawLine(face.bottomRight() - QPointF(reach, 4), face.bottomRight() - QPointF(4, reach))


def paint_lines(painter: QPainter, text: str, room: QRectF) -> None:
    """As many lines as there is room for; dots say that there are more. Drawings of lines cut nothing off."""
    face, top, more = card_font("body"), 0.0, False
    layout = QTextLayout(text.replace("\n", LINE_END), face)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    lines: list[QTextLine] = []
    layout.beginLayout()
    while (line := layout.createLine()).isValid():
        line.setLineWidth(room.width())
        more = bool(lines) and top + line.height() > room.height()
        if more:
            break
        line.setPosition(QPointF(0, top))
        top += line.height()
        lines.append(line)
    layout.endLayout()
    painter.setFont(face)
    for line in lines[:-1] if more else lines:
        line.draw(painter, room.topLeft())
    if more:
        last = lines[-1]
        rest = QFontMetricsF(face).elidedText(_from(text, last.textStart()), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(QRectF(room.left(), room.top() + last.y(), room.width(), last.height()), rest)


def _from(text: str, start: int) -> str:
    """The line that begins there, counted as Qt counts letters; dots where another one follows."""
    rest = text.encode("utf-16-le", "surrogatepass")[2 * start :].decode("utf-16-le", "replace")
    line, _, other = rest[:LONGEST_LINE].partition("\n")
    return f"{line} …" if other else line
