"""What cards show of a network in training: a picture, numbers, how far the epoch is, and what is wrong.

Pictures change many times a second, numbers once: each is an item of its own on its card, so that the card itself is
not drawn again.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

import attrs
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from convstudio.canvas.album import COARSE, Pictured
from convstudio.canvas.card import (
    BAND,
    BLOCK,
    CLOSER,
    HEIGHT,
    LINE_HIGH,
    LIVE_HIGH,
    PADDING,
    WIDTH,
    Card,
    paint_progress,
)
from convstudio.document.unfolding import COPY_MARK
from convstudio.look.letters import card_font
from convstudio.look.theme import theme
from engine.health import Finding

if TYPE_CHECKING:
    from convstudio.canvas.canvas import Canvas

BAR_WIDE, BAR_HIGH = 44.0, 4.0  # of a share of the time
LEGIBLE = 0.5  # of full size: below, pictures are not asked for
MOST_PICTURES, PICTURE_SIDE = 24, 42.0
TRACK_INK = 0.2


@attrs.frozen
class Numbers:
    """A layer's measurements, as they are shown."""

    time_share: float | None = None
    gradient: str = ""


class Glance(QGraphicsItem):
    """A picture in place of the tensor block, and the epoch's line along the bottom."""

    def __init__(self, card: Card) -> None:
        super().__init__(card)
        self.card = card  # held, so that it is not gone before its part is
        self.image: QImage | None = None
        self.progress: float | None = None
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def boundingRect(self) -> QRectF:  # noqa: N802  (Qt's name)
        return QRectF(0, 0, WIDTH, HEIGHT)

    def shape(self) -> QPainterPath:
        return QPainterPath()  # the card itself is what one points at

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        colors = theme()
        if self.progress is not None:
            paint_progress(painter, colors, self.progress, BAND)
        if self.image is not None and option.levelOfDetailFromTransform(painter.worldTransform()) > COARSE:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
            painter.drawImage(self.place(), self.image)

    def place(self) -> QRectF:
        """The picture, in the middle of its room, from a whole pixel on."""
        assert self.image is not None
        size = self.image.deviceIndependentSize()
        room = BLOCK.translated(0, -CLOSER if self.card.measured else 0)
        left, top = room.right() - size.width(), room.center().y() - size.height() / 2
        return QRectF(QPointF(round(left), round(top)), size)


class Row(Pictured):
    """A layer's share of the time and the size of its gradient."""

    effort = 0.3

    def __init__(self, card: Card) -> None:
        super().__init__()
        self.setParentItem(card)
        self.card = card  # held, so that it is not gone before its part is
        self.album = card.album
        self.numbers = Numbers()
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setAcceptHoverEvents(False)

    def boundingRect(self) -> QRectF:  # noqa: N802
        return QRectF(BAND + PADDING, HEIGHT - LIVE_HIGH, WIDTH - BAND - 2 * PADDING, LIVE_HIGH - LINE_HIGH)

    def shape(self) -> QPainterPath:
        return QPainterPath()

    def look(self) -> Hashable:
        return theme().name, self.numbers

    def draw(self, painter: QPainter, detail: float) -> None:
        if detail <= COARSE:
            return
        colors, room = theme(), self.boundingRect()
        painter.setFont(card_font("caption"))
        painter.setPen(colors.color("text_quiet"))
        middle = Qt.AlignmentFlag.AlignVCenter
        share = self.numbers.time_share
        if share is not None:
            track = QRectF(room.left(), room.center().y() - BAR_HIGH / 2, BAR_WIDE, BAR_HIGH)
            painter.fillRect(track, colors.faint(colors.color("text_quiet"), TRACK_INK))
            painter.fillRect(QRectF(track.topLeft(), QSizeF(BAR_WIDE * share, BAR_HIGH)), colors.color("accent"))
            words = room.adjusted(BAR_WIDE + 6, 0, 0, 0)
            painter.drawText(words, Qt.AlignmentFlag.AlignLeft | middle, f"{100 * share:.0f} %")
        if self.numbers.gradient:
            painter.drawText(room, Qt.AlignmentFlag.AlignRight | middle, f"∇ {self.numbers.gradient}")


_Part = TypeVar("_Part", Glance, Row)


class Live:
    """Brings what is known to the cards; whoever knows it says so as often as it changes."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self.findings: tuple[Finding, ...] = ()
        self._glances: dict[str, Glance] = {}
        self._rows: dict[str, Row] = {}
        self._progress: float | None = None

    # --- what can be seen --------------------------------------------------------------------------------------------

    def in_sight(self) -> tuple[str, ...]:
        """The cards that can be seen and are near enough for a picture; the ones in the middle first."""
        canvas = self._canvas
        if not canvas.isVisible() or canvas.zoom < LEGIBLE:
            return ()
        seen = canvas.mapToScene(canvas.viewport().rect()).boundingRect()
        middle = seen.center()
        near: list[tuple[float, str]] = []
        for name, card in canvas.scene_.cards.items():
            if card.isVisible() and seen.intersects(card.face()):
                away = card.face().center() - middle
                near.append((abs(away.x()) + abs(away.y()), name))
        return tuple(name for _, name in sorted(near)[:MOST_PICTURES])

    @property
    def picture_room_px(self) -> int:
        """How many pixels of the screen a picture may be wide and high, at full size."""
        return int(PICTURE_SIDE * self._canvas.devicePixelRatioF())

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show_pictures(self, images: Mapping[str, QImage]) -> None:
        """Pictures of some layers; the others keep theirs."""
        for name, image in images.items():
            glance = self._item(self._glances, name, Glance)
            if glance is not None:
                image.setDevicePixelRatio(self._canvas.devicePixelRatioF())
                glance.image = image
                glance.update()
                self._arrange(name)

    def clear_pictures(self) -> None:
        """Back to the tensor blocks."""
        for name, glance in self._alive(self._glances).items():
            glance.image = None
            glance.update()
            self._arrange(name)

    def show_numbers(self, numbers: Mapping[str, Numbers]) -> None:
        """Measurements of all layers; those that are not named have none."""
        for name, row in self._alive(self._rows).items():
            if row.numbers != numbers.get(name, Numbers()):
                row.numbers = numbers.get(name, Numbers())
                row.update()
        for name in numbers.keys() - self._alive(self._rows).keys():
            made = self._item(self._rows, name, Row)
            if made is not None:
                made.numbers = numbers[name]
        for name in self._canvas.scene_.cards:
            self._arrange(name)

    def show_progress(self, share: float | None) -> None:
        """How far the epoch is, on every card, drawn when it is a pixel longer; None takes the line away."""
        share = None if share is None else round(share * WIDTH) / WIDTH
        if share == self._progress and share is not None:
            return
        self._progress = share
        for name, card in self._canvas.scene_.cards.items():
            if share is None and name not in self._glances:
                continue
            glance = self._item(self._glances, name, Glance)
            if glance is not None and glance.progress != share:
                glance.progress = share
                if card.isVisible():
                    glance.update(QRectF(0, HEIGHT - LINE_HIGH, WIDTH, LINE_HIGH))
        for block in self._canvas.scene_.blocks.values():
            block.show_progress(share)

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """What is wrong, as a sign on each card that is concerned."""
        self.findings = tuple(findings)
        sentences: dict[str, list[str]] = {}
        for finding in findings:
            sentences.setdefault(drawn_name(finding.node), []).append(finding.text)
        for name, card in self._canvas.scene_.cards.items():
            found = tuple(sentences.get(name, ()))
            if card.findings != found:
                card.findings = found
                card.explain()
                card.update()
        self._canvas.scene_.show_blocks()

    def _arrange(self, name: str) -> None:
        """Lets the card make room."""
        card, glance, row = self._canvas.scene_.cards[name], self._glances.get(name), self._rows.get(name)
        pictured = glance is not None and glance.image is not None
        measured = row is not None and row.numbers != Numbers()
        if (card.pictured, card.measured) != (pictured, measured):
            card.pictured, card.measured = pictured, measured
            card.update()

    # --- items -------------------------------------------------------------------------------------------------------

    def _item(self, items: dict[str, _Part], name: str, make: Callable[[Card], _Part]) -> _Part | None:
        """The card's item; a card that was drawn anew gets a new one."""
        card = self._canvas.scene_.cards.get(name)
        if card is None:
            return None
        if name not in items or items[name].card is not card:
            items[name] = make(card)
        return items[name]

    def _alive(self, items: dict[str, _Part]) -> dict[str, _Part]:
        """Those whose cards are still there."""
        cards = self._canvas.scene_.cards
        for name in [name for name, item in items.items() if cards.get(name) is not item.card]:
            del items[name]
        return items


def drawn_name(node: str) -> str:
    """The layer on the canvas that stands for a copy of it."""
    return node.partition(COPY_MARK)[0]
