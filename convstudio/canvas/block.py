"""A block: a frame around its layers, or one card that stands for all of them."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from convstudio.canvas.card import (
    BADGE,
    HEIGHT,
    LINE_HIGH,
    PORT_NEAR_RADIUS,
    PORT_RADIUS,
    RING,
    WIDTH,
    badge_of,
    entry_of,
    exit_of,
    paint_badge,
    paint_progress,
    paint_result,
)
from convstudio.document.layout import HEADER_PX, MARGIN_PX
from convstudio.document.project import DOWN, Block
from convstudio.look.icons import SYMBOLS, paint_icon
from convstudio.look.letters import card_font
from convstudio.look.theme import Theme, radius, theme
from engine.spec import Shape

MARGIN, HEADER = MARGIN_PX, HEADER_PX - MARGIN_PX
EDGE, SIGN = 12.0, 16.0  # beside its words, and of the sign that folds it
DEEPER = 0.01  # how much nearer to the eye the frame of a block in a block is
STACK = 5.0  # how far the second outline of a folded block looks out


class BlockItem(QGraphicsItem):
    """Draws one block; the scene says where its layers are and what they make."""

    def __init__(self, block: Block) -> None:
        super().__init__()
        self.block, self.flow = block, DOWN
        self.layers = 0  # those of blocks in it too
        self.inner = QRectF()  # of its layers, from its own corner
        self.made: Shape | None = None
        self.parameters = 0
        self.problems: tuple[str, ...] = ()  # of all layers in it
        self.findings: tuple[str, ...] = ()
        self.progress: float | None = None  # of the epoch
        self.lit = False  # a layer is about to be dropped on it, to follow it
        self.takes: bool | None = None  # while a wire is drawn: whether its input would take it
        self.near = False  # whether that wire is near its input
        self.holding = False  # whether something in it is selected
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsSelectable)
        self.setZValue(-3)

    def follow(self, block: Block, corner: QPointF, faces: list[QRectF], depth: int, flow: str) -> None:
        """Takes the block's new state, the corner of its layers, what is in it, and how many blocks are around it."""
        self.prepareGeometryChange()
        self.block, self.flow = block, flow
        around = QRectF()
        for face in faces:
            around = around.united(face)
        self.setPos(corner)
        self.inner = around.translated(-corner)
        self.setZValue(0 if block.collapsed else depth * DEEPER - 3)
        self.explain()
        self.update()

    def local_face(self) -> QRectF:
        """The card, or the frame with its header."""
        if self.block.collapsed:
            return QRectF(0, 0, WIDTH, HEIGHT)
        return self.inner.adjusted(-MARGIN, -MARGIN - HEADER, MARGIN, MARGIN)

    def face(self) -> QRectF:
        """The same, in the scene."""
        return self.local_face().translated(self.pos())

    def handle(self) -> QRectF:
        """Where it can be taken hold of, in the scene: the header, or the whole card."""
        face = self.face()
        return face if self.block.collapsed else QRectF(face.left(), face.top(), face.width(), HEADER)

    def title_place(self) -> QRectF:
        """Where its name stands, in the scene."""
        face, metrics = self.face(), QFontMetricsF(card_font("strong"))
        most = face.width() - 2 * EDGE - SIGN
        return QRectF(face.left() + EDGE, face.top(), min(most, metrics.horizontalAdvance(self.block.title)), HEADER)

    def fold_place(self) -> QRectF:
        """Where one click folds or opens it, in the scene."""
        face = self.face()
        return QRectF(face.right() - EDGE / 2 - HEADER, face.top(), HEADER, HEADER)

    def badge(self) -> QRectF:
        """Where the number of problems stands on the card, in the scene."""
        return badge_of(self.pos())

    def explain(self) -> None:
        """Says what is wrong in it where the mouse rests; in an open one the layers do."""
        self.setToolTip("\n".join((*self.problems, *self.findings)) if self.block.collapsed else "")

    def show_progress(self, share: float | None) -> None:
        """How far the epoch is; None takes the line away."""
        if share != self.progress:
            self.progress = share
            if self.block.collapsed:
                self.update(QRectF(0, HEIGHT - LINE_HIGH, WIDTH, LINE_HIGH))

    def input_place(self) -> QPointF:
        return self.pos() + entry_of(self.flow)

    def output_place(self) -> QPointF:
        return self.pos() + exit_of(self.flow)

    def boundingRect(self) -> QRectF:  # noqa: N802  (Qt's name)
        room = BADGE + STACK + RING
        return self.local_face().adjusted(-room, -room, room, room)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        colors, face = theme(), self.local_face()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = self.isSelected()
        marked = chosen or self.lit or (self.holding and self.block.collapsed)
        outline = QPen(colors.color("accent" if marked else "edge"), RING if chosen or self.lit else 1)
        if self.block.collapsed:
            painter.setPen(QPen(colors.color("edge"), 1))
            painter.setBrush(colors.color("panel"))
            painter.drawRoundedRect(face.translated(STACK, STACK), radius("card"), radius("card"))
        else:
            outline.setStyle(Qt.PenStyle.SolidLine if chosen else Qt.PenStyle.DashLine)
        painter.setPen(outline)
        faint = colors.faint(colors.color("accent"), 0.05)
        painter.setBrush(colors.color("panel") if self.block.collapsed else faint)
        painter.drawRoundedRect(face, radius("card"), radius("card"))
        self._paint_words(painter, colors, face)

    def _paint_words(self, painter: QPainter, colors: Theme, face: QRectF) -> None:
        times = f"× {self.block.repeat}" if self.block.repeat > 1 else ""
        line = QRectF(face.left() + EDGE, face.top() + 4, face.width() - 2 * EDGE - SIGN, HEADER - 8)
        sign = "chevron_right" if self.block.collapsed else "chevron_down"
        place = QRectF(face.right() - EDGE - SIGN + 4, face.top() + (HEADER - SIGN) / 2, SIGN, SIGN)
        paint_icon(painter, SYMBOLS, sign, place, colors.color("text_quiet"))
        painter.setFont(card_font("strong"))
        painter.setPen(colors.color("accent"))
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, times)
        painter.setPen(colors.color("text"))
        metrics = QFontMetricsF(card_font("strong"))
        room = line.width() - (metrics.horizontalAdvance(times) + 8 if times else 0)
        title = metrics.elidedText(self.block.title, Qt.TextElideMode.ElideRight, room)
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, title)
        if not self.block.collapsed:
            return
        painter.setFont(card_font("caption"))
        painter.setPen(colors.color("text_quiet"))
        below = line.translated(0, 20)
        count = f"{self.layers} layers" if self.layers != 1 else "1 layer"
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, count)
        right = face.right() - EDGE - line.left()
        bottom = QRectF(line.left(), face.bottom() - 28, right, 24)
        paint_result(painter, colors, bottom, self.made or (), self.parameters)
        self._paint_ports(painter, colors)

    def _paint_ports(self, painter: QPainter, colors: Theme) -> None:
        if self.progress is not None:
            paint_progress(painter, colors, self.progress, 0.0)
        if self.problems or self.findings:
            paint_badge(painter, colors, len(self.problems))
        drawing = self.takes is not None
        if not (drawing or self.isSelected()):
            return
        painter.setPen(QPen(colors.color("edge"), 1.5))
        painter.setOpacity(0.3 if self.takes is False else 1.0)
        painter.setBrush(colors.color("accent" if self.near and self.takes else "panel"))
        size = PORT_NEAR_RADIUS if self.near else PORT_RADIUS
        painter.drawEllipse(entry_of(self.flow), size, size)
        painter.setOpacity(0.3 if drawing else 1.0)
        painter.setBrush(colors.color("panel"))
        painter.drawEllipse(exit_of(self.flow), PORT_RADIUS, PORT_RADIUS)
        painter.setOpacity(1.0)


def is_frame(item: object) -> bool:
    """Whether it is the frame of an open block: what is in it is seen."""
    return isinstance(item, BlockItem) and not item.block.collapsed
