"""Where the samples of a grid stand that is much longer than what can be seen of it."""

from __future__ import annotations

import attrs
from PySide6.QtCore import QPointF, QRectF

from convstudio.look.theme import space
from convstudio.panels.data.tiles import tile_size
from engine.spec import Shape

NOBODY = -1


@attrs.frozen
class Geometry:
    """All in the pixels of widgets; tiles and gaps are whole numbers of pixels of the screen."""

    total: int
    width: float
    height: float
    gap: float
    across: int
    margin: int

    @property
    def step(self) -> float:
        """From one row to the next."""
        return self.height + self.gap

    @property
    def length(self) -> float:
        """Of everything, from top to bottom."""
        return -(-self.total // self.across) * self.step - self.gap + 2 * self.margin if self.total else 0.0

    def place(self, number: int) -> QRectF:
        """Where a sample stands, from the top of everything."""
        row, column = divmod(number, self.across)
        left, top = column * (self.width + self.gap), row * self.step
        return QRectF(self.margin + left, self.margin + top, self.width, self.height)

    def at(self, point: QPointF) -> int:
        """The sample at a point, or NOBODY."""
        column = int((point.x() - self.margin) // (self.width + self.gap))
        number = int((point.y() - self.margin) // self.step) * self.across + column
        inside = 0 <= column < self.across and 0 <= number < self.total
        return number if inside and self.place(number).contains(point) else NOBODY

    def rows(self, top: float, height: float) -> range:
        """The rows between two heights."""
        first = max(0, int((top - self.margin) // self.step))
        last = int((top + height - self.margin) // self.step) + 1
        return range(first, max(first, min(last, -(-self.total // self.across))))

    def samples(self, rows: range) -> range:
        """The samples of some rows."""
        return range(min(rows.start * self.across, self.total), min(rows.stop * self.across, self.total))


def measured(total: int, shape: Shape, wanted_px: float, width_px: int, ratio: float) -> Geometry:
    """As many tiles in a row as there is room for, on a screen with so many pixels in each of a widget's."""
    margin, gap = space(1), max(1, round(space(1) * ratio)) / ratio
    tile = tile_size(shape, wanted_px, ratio)
    across = max(1, int((width_px - 2 * margin + gap) // (tile.width() + gap)))
    return Geometry(total, tile.width(), tile.height(), gap, across, margin)
