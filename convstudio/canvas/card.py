"""A layer's card: what it is, what it makes of the shape, and its ports."""

from __future__ import annotations

from collections.abc import Hashable
from functools import cache

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from convstudio.canvas.album import COARSE, Album, Pictured
from convstudio.canvas.tensor_block import block_left, paint_block
from convstudio.document.project import ACROSS, DOWN
from convstudio.look.icons import LAYERS, SYMBOLS, paint_icon
from convstudio.look.letters import card_font, smaller
from convstudio.look.theme import DARK, Theme, radius, theme
from convstudio.wording import TIMES, rounded, sizes, thousands
from engine.graph import Node
from engine.shapes import NodeShape
from engine.spec import Shape

WIDTH, HEIGHT = 176.0, 84.0
BAND, ICON, PADDING, LINE_Y = 4.0, 20.0, 12.0, 54.0
CLOSER, LIVE_LINE_Y, LIVE_HIGH = 4.0, 46.0, 20.0  # where a row of measurements is shown below the rest
BLOCK = QRectF(WIDTH - PADDING - 44, 5, 44, 44)
TEXT_LEFT = BAND + PADDING + ICON + 6
NAME_TOP, NAME_HIGH = 7, 20  # of the line with the name
PORT_RADIUS, PORT_NEAR_RADIUS, PORT_GAP = 5.0, 7.0, 24.0
RING = 2.0  # of a selected card, around it
BADGE, SIGN_GAP = 18.0, 3.0
HAIR = "\u200a"  # the narrowest space
LEAST_SHARE = 0.85  # how much smaller letters may get where words would not fit
LEFT = Qt.AlignmentFlag.AlignLeft
LINE_HIGH = 3.0  # of the line that says how far the epoch is


def blended(ground: QColor, ink: QColor, share: float = 0.45) -> QColor:
    """A colour between two: what a card looks like from far away."""
    mixed = (g + share * (i - g) for g, i in zip(ground.getRgb()[:3], ink.getRgb()[:3], strict=True))  # type: ignore[index]
    return QColor(*map(round, mixed))


def closer(text: str) -> str:
    """The same words with less between them."""
    return text.replace(" · ", f"{HAIR}·{HAIR}").replace(TIMES, f"{HAIR}×{HAIR}").replace(" ", HAIR)


def fitted(text: str, face: QFont, room: float) -> tuple[str, QFont]:
    """Words stand closer together, and are somewhat smaller, before any of them is cut off."""
    if QFontMetricsF(face).horizontalAdvance(text) <= room:
        return text, face
    close = closer(text)
    fitting = smaller(face, close, room, LEAST_SHARE)
    return QFontMetricsF(fitting).elidedText(close, Qt.TextElideMode.ElideRight, room), fitting


def fitting_line(shape: str, parameters: int, room: float) -> tuple[str, str]:
    """A shape, and beside it how many parameters: where there is no room for both in full, rounded, closer or alone."""
    face = card_font("strong")
    full, less = (thousands(parameters), rounded(parameters)) if parameters else ("", "")
    for words, count in ((shape, full), (shape, less)):
        if QFontMetricsF(face).horizontalAdvance(words) <= shape_room(count, room):
            return words, count
    close, left = closer(shape), shape_room(less, room)
    fits = QFontMetricsF(smaller(face, close, left, LEAST_SHARE)).horizontalAdvance(close) <= left
    return close, less if fits else ""


def shape_room(number: str, room: float) -> float:
    """How much of a line is left for a shape beside the number of parameters."""
    return room - QFontMetricsF(card_font("caption")).horizontalAdvance(f"{number} ") if number else room


def paint_line(
    painter: QPainter, style: str, color: QColor, place: QRectF, text: str, side: Qt.AlignmentFlag = LEFT
) -> None:
    """Words in one line, closer and smaller where there is little room."""
    words, face = fitted(text, card_font(style), place.width())
    painter.setFont(face)
    painter.setPen(color)
    painter.drawText(place, side | Qt.AlignmentFlag.AlignVCenter, words)


def paint_result(painter: QPainter, colors: Theme, place: QRectF, shape: Shape, parameters: int) -> None:
    """What comes out, at the left, and how many parameters that takes, at the right."""
    words, number = fitting_line(sizes(shape), parameters, place.width())
    left = QRectF(place.topLeft(), QSizeF(shape_room(number, place.width()), place.height()))
    paint_line(painter, "strong", colors.color("text"), left, words)
    paint_line(painter, "caption", colors.color("text_quiet"), place, number, Qt.AlignmentFlag.AlignRight)


def entry_of(flow: str) -> QPointF:
    """The middle of the edge where data enter a card, from its corner."""
    return QPointF(0, HEIGHT / 2) if flow == ACROSS else QPointF(WIDTH / 2, 0)


def exit_of(flow: str) -> QPointF:
    """The middle of the edge where data leave."""
    return QPointF(WIDTH, HEIGHT / 2) if flow == ACROSS else QPointF(WIDTH / 2, HEIGHT)


def _outline() -> QPainterPath:
    """The edge of its face."""
    path = QPainterPath()
    path.addRoundedRect(QRectF(0, 0, WIDTH, HEIGHT), radius("card"), radius("card"))
    return path


def is_near(port: QPointF, place: QPointF, reach: float) -> bool:
    """Whether the hand is at a port."""
    offset = port - place
    return abs(offset.x()) <= reach and abs(offset.y()) <= reach


@cache
def _band() -> QPainterPath:
    """Its coloured side: as a shape, since drawings of lines cut nothing off."""
    side = QPainterPath()
    side.addRect(QRectF(0, 0, BAND, HEIGHT))
    return _outline().intersected(side)


def badge_of(corner: QPointF) -> QRectF:
    """Where one clicks on the sign of a card with this corner, in the scene."""
    return QRectF(corner.x() + WIDTH - BADGE, corner.y() - BADGE / 2, BADGE + 6, BADGE + 4)


class Card(Pictured):
    """Draws one node; the scene tells it what to show."""

    def __init__(self, node: Node, ports: int, flow: str = DOWN, album: Album | None = None) -> None:
        super().__init__()
        self.album = album
        self.node, self.ports, self.flow = node, ports, flow
        self.shape_made: NodeShape | None = None
        self.problems: tuple[str, ...] = ()
        self.findings: tuple[str, ...] = ()  # what is wrong in training
        self.pictured, self.measured = False, False  # whether `canvas.live` draws a picture, or a row of numbers
        self.lit = False  # a layer is about to be dropped on it, to follow it
        self.lifted = False
        self.near_port: int | None = None  # of the inputs: grown, since a wire is near
        self.open_ports: set[int] | None = None  # while a wire is drawn: those that would take it
        self.fresh = 0.0  # how strongly a change of its shape is shown
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsSelectable)
        self.setPos(*node.position)

    # --- places ------------------------------------------------------------------------------------------------------

    def boundingRect(self) -> QRectF:  # noqa: N802  (Qt's name)
        edge = PORT_NEAR_RADIUS + RING + 6
        return QRectF(-edge, -edge, WIDTH + 2 * edge, HEIGHT + 2 * edge)

    def room(self) -> QRectF:
        """All of it where there is something around its face."""
        marked = self.problems or self.findings or self.lifted or self.lit or self.open_ports is not None
        around = marked or self.hovered or self.isSelected()
        return self.boundingRect() if around else QRectF(-1, -1, WIDTH + 2, HEIGHT + 2)

    def shape(self) -> QPainterPath:
        path = QPainterPath()
        reach = PORT_NEAR_RADIUS
        path.addRect(QRectF(-reach, -reach, WIDTH + 2 * reach, HEIGHT + 2 * reach))
        return path

    def face(self) -> QRectF:
        """The card itself, in the scene."""
        return QRectF(self.pos().x(), self.pos().y(), WIDTH, HEIGHT)

    def input_place(self, port: int) -> QPointF:
        """Where a wire ends, in the scene."""
        return self.pos() + self._input(port)

    def output_place(self) -> QPointF:
        """Where wires begin, in the scene."""
        return self.pos() + exit_of(self.flow)

    def _input(self, port: int) -> QPointF:
        side = (HEIGHT if self.flow == ACROSS else WIDTH) - 2 * PADDING
        gap = min(PORT_GAP, side / max(1, self.ports - 1))
        off = (port - (self.ports - 1) / 2) * gap
        return entry_of(self.flow) + (QPointF(0, off) if self.flow == ACROSS else QPointF(off, 0))

    def port_at(self, place: QPointF, reach: float) -> int | None:
        """The input port near a place in the scene."""
        for port in range(self.ports):
            if is_near(self.input_place(port), place, reach):
                return port
        return None

    def badge(self) -> QRectF:
        """Where the number of problems stands, in the scene."""
        return badge_of(self.pos())

    def explain(self) -> None:
        """Says what is wrong where the mouse rests."""
        self.setToolTip("\n".join((*self.problems, *self.findings)))

    def is_output_at(self, place: QPointF, reach: float) -> bool:
        return is_near(self.output_place(), place, reach)

    # --- drawing -----------------------------------------------------------------------------------------------------

    def look(self) -> Hashable:
        """All that the drawing depends on."""
        drawing = None if self.open_ports is None else tuple(sorted(self.open_ports))
        marks = len(self.problems), bool(self.findings), self.pictured, self.measured, self.lifted, self.lit
        hand = self.hovered, self.isSelected(), self.near_port, drawing
        return theme().name, self.node.id, self.node.layer, self.ports, self.flow, self.shape_made, marks, hand

    def draw(self, painter: QPainter, detail: float) -> None:
        colors = theme()
        hue = colors.category(self.node.layer.category)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_face(painter, colors, hue, detail)
        if detail > COARSE:
            self._paint_text(painter, colors, hue)
        self._paint_ports(painter, colors)
        if self.problems or self.findings:
            paint_badge(painter, colors, len(self.problems))

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        super().paint(painter, option, widget)
        if self.fresh:
            self._paint_fresh(painter)

    def _paint_fresh(self, painter: QPainter) -> None:
        """A tint behind the words of the last line, which fades: many times a second, so not part of the picture."""
        colors = theme()
        modes, dark = QPainter.CompositionMode, colors.name == DARK
        painter.setCompositionMode(modes.CompositionMode_Lighten if dark else modes.CompositionMode_Darken)
        painter.setClipPath(_outline(), Qt.ClipOperation.IntersectClip)
        tint = colors.mixed(colors.color("panel"), colors.color("accent"), self.fresh)
        painter.fillRect(QRectF(BAND, LINE_Y, WIDTH - BAND, HEIGHT - LINE_Y), tint)

    def _paint_face(self, painter: QPainter, colors: Theme, hue: QColor, detail: float) -> None:
        face, round_ = QRectF(0, 0, WIDTH, HEIGHT), radius("card")
        if self.lifted:
            painter.setPen(Qt.PenStyle.NoPen)
            for spread in (6, 4, 2):
                painter.setBrush(colors.faint(QColor(0, 0, 0), 0.07))
                painter.drawRoundedRect(face.adjusted(-spread / 2, 0, spread / 2, spread), round_, round_)
        if self.isSelected():
            painter.setPen(QPen(colors.color("accent"), RING))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            ring = face.adjusted(-RING - 1, -RING - 1, RING + 1, RING + 1)
            painter.drawRoundedRect(ring, round_ + RING, round_ + RING)
        edge = "accent" if self.lit else "edge" if self.hovered else "border"
        painter.setPen(QPen(colors.color(edge), 1 + self.lit))
        painter.setBrush(colors.color("panel") if detail > COARSE else blended(colors.color("panel"), hue))
        painter.drawRoundedRect(face, round_, round_)
        painter.fillPath(_band(), hue)

    def _paint_text(self, painter: QPainter, colors: Theme, hue: QColor) -> None:
        up, line_y = (CLOSER, LIVE_LINE_Y) if self.measured else (0.0, LINE_Y)
        paint_icon(painter, LAYERS, self.node.layer.kind, QRectF(BAND + PADDING - 2, 14 - up, ICON, ICON), hue)
        right = block_left(self.shape_made.output, BLOCK) if self.shape_made else WIDTH - PADDING
        room = (BLOCK.left() if self.pictured else right) - TEXT_LEFT - 4
        paint_line(
            painter, "strong", colors.color("text"), QRectF(TEXT_LEFT, NAME_TOP - up, room, NAME_HIGH), self.node.id
        )
        brief = self.node.layer.brief() or self.node.layer.title
        paint_line(painter, "caption", colors.color("text_quiet"), QRectF(TEXT_LEFT, 27 - 1.5 * up, room, 18), brief)
        painter.setPen(QPen(colors.color("border"), 1))
        painter.drawLine(QPointF(BAND + 8, line_y), QPointF(WIDTH - 8, line_y))
        high = HEIGHT - line_y - (LIVE_HIGH if self.measured else 4)
        bottom = QRectF(BAND + PADDING, line_y + (1 if self.measured else 2), WIDTH - BAND - 2 * PADDING, high)
        if self.shape_made is None:
            paint_line(painter, "caption", colors.color("text_quiet"), bottom, "no shape yet")
            return
        if not self.pictured:
            paint_block(painter, self.shape_made.output, BLOCK.translated(0, -up), hue)
        paint_result(painter, colors, bottom, self.shape_made.output, self.shape_made.parameter_count)

    def _paint_ports(self, painter: QPainter, colors: Theme) -> None:
        drawing = self.open_ports is not None
        if not (drawing or self.hovered or self.isSelected()):
            return
        painter.setPen(QPen(colors.color("edge"), 1.5))
        painter.setBrush(colors.color("panel"))
        for port in range(self.ports):
            fits = not drawing or port in (self.open_ports or ())
            near = port == self.near_port
            painter.setOpacity(1.0 if fits else 0.3)
            painter.setBrush(colors.color("accent" if near and fits else "panel"))
            size = PORT_NEAR_RADIUS if near else PORT_RADIUS
            painter.drawEllipse(self._input(port), size, size)
        painter.setOpacity(0.3 if drawing else 1.0)
        painter.setBrush(colors.color("panel"))
        painter.drawEllipse(exit_of(self.flow), PORT_RADIUS, PORT_RADIUS)
        painter.setOpacity(1.0)


def paint_badge(painter: QPainter, colors: Theme, problems: int) -> None:
    """How many problems there are, or with none that something is wrong in training."""
    place = QRectF(WIDTH - BADGE / 2 - 4, -BADGE / 2 + 2, BADGE, BADGE)
    painter.setPen(QPen(colors.color("panel"), 1.5))
    painter.setBrush(colors.color("error" if problems else "warning"))
    painter.drawEllipse(place)
    if not problems:
        sign = place.adjusted(SIGN_GAP, SIGN_GAP, -SIGN_GAP, -SIGN_GAP)
        paint_icon(painter, SYMBOLS, "pulse", sign, colors.color("panel"))
        return
    painter.setPen(colors.color("panel"))
    painter.setFont(card_font("caption"))
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, str(problems))


def paint_progress(painter: QPainter, colors: Theme, share: float, left: float) -> None:
    """How far the epoch is: a line along the bottom, from a place beside the edge on."""
    outline = QPainterPath()
    outline.addRoundedRect(QRectF(0, 0, WIDTH, HEIGHT), radius("card"), radius("card"))
    painter.save()
    painter.setClipPath(outline, Qt.ClipOperation.IntersectClip)
    long = (WIDTH - left) * min(1.0, share)
    painter.fillRect(QRectF(left, HEIGHT - LINE_HIGH, long, LINE_HIGH), colors.color("accent"))
    painter.restore()
