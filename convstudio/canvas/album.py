"""Cards as pictures of themselves: drawn once, shown in every frame, and drawn sharply again when the hand rests.

A card takes a third of a millisecond to draw and a hundredth of that to show.  So each keeps the picture that was
drawn of it.  While one zooms these are shown larger or smaller than they were drawn, since none would be of use in the
next frame; where more cards come into sight than can be drawn in a frame the rest follows in the next ones; and cards
out of sight get a small picture while nothing else is to be done, so that there is one when they come into sight.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from math import ceil, floor

import attrs
from PySide6.QtCore import QObject, QPointF, QRectF, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPixmap, QTransform
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from convstudio.canvas.hovering import Hovering

FRAME_MS, TURN_MS = 2.5, 2.0  # what may be drawn in a frame, and in a turn while nothing else is to be done
ITEM_MS, FACE_MS = 0.15, 0.12  # what an item takes to draw: whatever its size, and for its face at full size
REST_MS, IDLE_MS, PAUSE_MS = 120, 400, 16  # until a zoom is over, until cards out of sight get their turn, between two
SMALL = 0.5  # of full size: how large cards out of sight are drawn
COARSE, COARSE_SHARE = 0.35, 0.25  # of full size: below, words cannot be read and are left out; what is left to draw
BLURRED = 1.6  # how many times larger than it was drawn a picture may be shown while one zooms


@attrs.frozen(eq=False)
class Picture:
    """What an item looked like, in pixels of the screen."""

    pixmap: QPixmap
    scale: float  # pixels of the screen for each of the scene
    zoom: float
    look: Hashable
    place: QRectF  # in the item


class Pictured(Hovering):
    """An item that is shown by its picture; `look` names all that its drawing depends on."""

    effort = 1.0  # beside a card's
    picture: Picture | None = None
    album: Album | None = None

    def room(self) -> QRectF:
        """What is drawn on; the less, the faster it is shown."""
        return self.boundingRect()

    def look(self) -> Hashable:
        """Equal as long as the drawing is."""
        raise NotImplementedError

    def draw(self, painter: QPainter, detail: float) -> None:
        """Draws it, for an eye at that distance."""
        raise NotImplementedError

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if widget is None or self.album is None:  # on paper, in lines instead of pixels
            self.draw(painter, option.levelOfDetailFromTransform(painter.worldTransform()))
        else:
            self.album.show(self, painter)


class Album(QObject):
    """Knows how large pictures are needed, and how many can be drawn in a frame."""

    wanting = Signal()  # something is shown that is not sharp: another frame, please

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.zoom, self.ratio = 1.0, 1.0
        self._left_ms, self._blurred, self._held = FRAME_MS, False, False
        self._resting, self._again, self._idle = QTimer(self), QTimer(self), QTimer(self)
        for timer in (self._resting, self._again, self._idle):
            timer.setSingleShot(True)
        self._resting.timeout.connect(self._rest)
        self._again.timeout.connect(self.wanting)
        self.idle = self._idle.timeout

    @property
    def sharp(self) -> bool:
        """Whether all that the last frame showed was drawn for it."""
        return not self._blurred

    # --- frames ------------------------------------------------------------------------------------------------------

    def begin(self, zoom: float, ratio: float) -> None:
        """A frame begins: so near, with so many pixels of the screen for each of the window."""
        self.zoom, self.ratio = zoom, ratio
        self._left_ms, self._blurred = FRAME_MS, False

    def end(self) -> None:
        """A frame ends; what was not sharp in it comes in the next one, or when the hand rests."""
        if self._blurred and not self._held:
            self._again.start(PAUSE_MS)
        if not self._idle.isActive():
            self._idle.start(IDLE_MS)

    def hold(self) -> None:
        """One zooms: a single step is drawn at once, several are drawn when they are over."""
        self._held = self._resting.isActive()
        self._resting.start(REST_MS)

    def _rest(self) -> None:
        if self._held:
            self._held = False
            self.wanting.emit()

    # --- pictures ----------------------------------------------------------------------------------------------------

    def show(self, item: Pictured, painter: QPainter) -> None:
        """Draws an item by its picture, in the place that the painter is at."""
        kept, look = item.picture, (self.zoom > COARSE, item.look())
        if kept is None or kept.zoom != self.zoom or kept.scale != self.zoom * self.ratio or kept.look != look:
            if self._is_due(kept, look) and self._left_ms > 0:
                self._left_ms -= self._cost_ms(item, self.zoom)
                kept = item.picture = drawn(item, look, self.zoom, self.ratio)
            else:
                self._blurred = True
                self._show_other(item, kept, painter)
                return
        at = painter.worldTransform()  # a picture stands on whole pixels, else it would be blurred
        x = round((at.dx() + kept.place.left() * self.zoom) * self.ratio) / self.ratio
        y = round((at.dy() + kept.place.top() * self.zoom) * self.ratio) / self.ratio
        painter.setWorldTransform(QTransform.fromTranslate(x, y))
        painter.drawPixmap(QPointF(), kept.pixmap)
        painter.setWorldTransform(at)

    def _is_due(self, kept: Picture | None, look: Hashable) -> bool:
        """Whether it would be of use in the next frame too, or is needed in any case."""
        if not self._held or kept is None or kept.look != look:
            return True
        return self.zoom * self.ratio > BLURRED * kept.scale

    def _show_other(self, item: Pictured, kept: Picture | None, painter: QPainter) -> None:
        if kept is None:
            item.draw(painter, 0.0)  # as if from far away
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)  # its edges are soft already: half the time
        painter.drawPixmap(kept.place, kept.pixmap, QRectF(kept.pixmap.rect()))

    # --- while nothing else is to be done ----------------------------------------------------------------------------

    def tend(self, items: Iterable[Pictured], near: QRectF) -> None:
        """Gives a few items that are not near a small picture of what they look like now; then goes on with others."""
        left_ms, zoom = TURN_MS, SMALL if self.zoom > COARSE else self.zoom
        for item in items:
            if not item.isVisible() or near.intersects(item.sceneBoundingRect()):
                continue
            kept, look = item.picture, (self.zoom > COARSE, item.look())
            if kept is None or kept.look != look or kept.zoom > SMALL:
                item.picture = drawn(item, look, zoom, self.ratio)
                left_ms -= self._cost_ms(item, zoom)
                if left_ms < 0:
                    self._idle.start(PAUSE_MS)
                    return

    def _cost_ms(self, item: Pictured, zoom: float) -> float:
        """About how long it takes to draw, the same on every machine: what is shown does not depend on its speed."""
        return item.effort * (ITEM_MS + FACE_MS * (zoom * self.ratio) ** 2) * (1 if zoom > COARSE else COARSE_SHARE)


def drawn(item: Pictured, look: Hashable, zoom: float, ratio: float) -> Picture:
    """The item as a picture; its own corner is on a whole pixel."""
    room, scale = item.room(), zoom * ratio
    left, top = floor(room.left() * scale), floor(room.top() * scale)
    size = QSizeF(ceil(room.right() * scale) - left, ceil(room.bottom() * scale) - top)
    pixmap = QPixmap(size.toSize())
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.translate(-left / ratio, -top / ratio)
    painter.scale(zoom, zoom)
    item.draw(painter, zoom)
    painter.end()
    return Picture(pixmap, scale, zoom, look, QRectF(QPointF(left, top) / scale, size / scale))
