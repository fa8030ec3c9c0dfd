"""A drawing as a value: a picture underneath, and strokes; and the page that they are painted on."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby, pairwise
from typing import Any

import attrs
import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

from engine.data.stages import border

Array = np.ndarray[Any, Any]
SIDE = 280  # pixels of an empty page
PEN, ERASER = 0.085, 0.14  # widths, as shares of the page's longer side
FAINTEST = 0.35  # of the width: a pen that barely touches
PIECES = 6  # straight lines of a curve
MIDDLE = 128  # of 255: darker paper takes light ink


@attrs.frozen
class Dab:
    """Where the pen is, in shares of the page's longer side, and how hard it presses."""

    x: float
    y: float
    pressure: float = 1.0


@attrs.frozen
class Stroke:
    """From where the pen touches until it is lifted."""

    dabs: tuple[Dab, ...]
    erases: bool = False


@attrs.frozen(eq=False)
class Drawing:
    """What one has drawn, over a picture or on an empty page."""

    base: Array | None = None  # uint8 [H, W] or [H, W, 3]
    strokes: tuple[Stroke, ...] = ()

    @property
    def is_empty(self) -> bool:
        return self.base is None and all(stroke.erases for stroke in self.strokes)

    def with_stroke(self, stroke: Stroke) -> Drawing:
        """One stroke more."""
        return Drawing(self.base, (*self.strokes, stroke))


class Page:
    """Paints a drawing, and a stroke while it grows."""

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing
        self.is_picture = drawing.base is not None
        self._finished = _paper(drawing.base)
        self._paper, self._ink = _colors(drawing.base)
        self._dabs: list[Dab] = []
        self._erases = False
        for stroke in drawing.strokes:
            self._paint(self._finished, list(stroke.dabs), erases=stroke.erases)
        self.image = self._finished  # with the stroke that grows

    def begin(self, dab: Dab, *, erases: bool) -> None:
        """The pen touches the page."""
        self._dabs, self._erases = [dab], erases
        self._show_tail()

    def extend(self, dab: Dab) -> None:
        """The pen moves: what lies behind the last two middles does not change any more."""
        self._dabs.append(dab)
        if len(self._dabs) > 2:
            self._paint(self._finished, self._dabs[-3:], erases=self._erases, first=len(self._dabs) == 3, last=False)
        self._show_tail()

    def end(self) -> Stroke:
        """The pen is lifted."""
        stroke = Stroke(tuple(self._dabs), self._erases)
        self._paint(self._finished, self._dabs[-2:], erases=self._erases, first=len(self._dabs) < 3)
        self.drawing, self.image, self._dabs = self.drawing.with_stroke(stroke), self._finished, []
        return stroke

    def pixels(self) -> Array:
        """uint8 [H, W], or [H, W, 3] where there are colours."""
        height, width = self.image.height(), self.image.width()
        rows = np.frombuffer(self.image.constBits(), np.uint8).reshape(height, self.image.bytesPerLine())
        if not self.is_picture or self.drawing.base is None or self.drawing.base.ndim == 2:
            depth = self.image.depth() // 8
            return np.ascontiguousarray(rows[:, : width * depth : depth])
        return np.ascontiguousarray(rows[:, : width * 4].reshape(height, width, 4)[..., 2::-1])

    def _show_tail(self) -> None:
        self.image = self._finished.copy()
        self._paint(self.image, self._dabs[-2:], erases=self._erases, first=len(self._dabs) < 3)

    def _paint(self, image: QImage, dabs: list[Dab], *, erases: bool, first: bool = True, last: bool = True) -> None:
        """Curves through the middles between dabs; `first` and `last` say whether the ends are the stroke's own."""
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(longer_side(image), longer_side(image))
        pen = QPen(self._paper if erases else self._ink, PEN)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        wide = ERASER if erases else PEN
        if len(dabs) == 1:
            radius = wide * _share(dabs[0].pressure) / 2
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(pen.color())
            painter.drawEllipse(QPointF(dabs[0].x, dabs[0].y), radius, radius)
        for width, points in groupby(pairwise(_along(dabs, first=first, last=last)), _width):
            pen.setWidthF(wide * width)
            painter.setPen(pen)
            painter.drawPath(_path(points))
        painter.end()


def longer_side(image: QImage) -> int:
    """What shares of the page are taken of."""
    return max(image.width(), image.height())


def _width(piece: tuple[Dab, Dab]) -> float:
    """Of a straight piece, as a share of the pen's; a mouse always presses alike."""
    return _share((piece[0].pressure + piece[1].pressure) / 2)


def _path(pieces: Iterable[tuple[Dab, Dab]]) -> QPainterPath:
    """Pieces of one width in a row: painted together in less than half of the time."""
    path = QPainterPath()
    for before, after in pieces:
        if path.isEmpty():
            path.moveTo(before.x, before.y)
        path.lineTo(after.x, after.y)
    return path


def _share(pressure: float) -> float:
    return FAINTEST + (1 - FAINTEST) * min(1.0, max(0.0, pressure))


def _middle(a: Dab, b: Dab) -> Dab:
    return Dab((a.x + b.x) / 2, (a.y + b.y) / 2, (a.pressure + b.pressure) / 2)


def _along(dabs: list[Dab], *, first: bool, last: bool) -> list[Dab]:
    """Points of a smooth line: each dab bends it, the middles between two lie on it."""
    if len(dabs) < 2:
        return []
    points = [dabs[0] if first else _middle(dabs[0], dabs[1])]
    for before, corner, after in zip(dabs, dabs[1:], dabs[2:], strict=False):
        start, end = _middle(before, corner), _middle(corner, after)
        points += [_on_curve(start, corner, end, piece / PIECES) for piece in range(PIECES + 1)]
    if last:
        points.append(dabs[-1])
    return points


def _on_curve(start: Dab, corner: Dab, end: Dab, share: float) -> Dab:
    a, b, c = (1 - share) ** 2, 2 * share * (1 - share), share**2
    x = a * start.x + b * corner.x + c * end.x
    y = a * start.y + b * corner.y + c * end.y
    return Dab(x, y, a * start.pressure + b * corner.pressure + c * end.pressure)


def _paper(base: Array | None) -> QImage:
    if base is None:
        image = QImage(SIDE, SIDE, QImage.Format.Format_Grayscale8)
        image.fill(Qt.GlobalColor.white)
        return image
    height, width = base.shape[:2]
    kind = QImage.Format.Format_Grayscale8 if base.ndim == 2 else QImage.Format.Format_RGB888
    rows = np.ascontiguousarray(base)
    image = QImage(rows.data, width, height, rows.strides[0], kind)
    return image.convertToFormat(QImage.Format.Format_RGB32)


def _colors(base: Array | None) -> tuple[QColor, QColor]:
    """Of paper, which the eraser brings back, and of ink."""
    if base is None:
        return QColor(Qt.GlobalColor.white), QColor(Qt.GlobalColor.black)
    paper = np.median(border(base), axis=0)
    red, green, blue = map(int, np.broadcast_to(paper, 3))
    light = float(np.mean(paper)) >= MIDDLE
    return QColor(red, green, blue), QColor(Qt.GlobalColor.black if light else Qt.GlobalColor.white)


def place_in(room: QRectF, width: int, height: int) -> QRectF:
    """The largest rectangle of these proportions in the middle of a room."""
    scale = min(room.width() / width, room.height() / height)
    place = QRectF(0, 0, width * scale, height * scale)
    place.moveCenter(room.center())
    return place
