"""Names of classes on the plot: they can be read on anything, and do not lie on each other."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainterPath
from PySide6.QtWidgets import QGraphicsPathItem

from convstudio.look.letters import font
from convstudio.look.theme import theme

HALO_PX = 4  # around names, so that they can be read on points
GAP_PX = 3  # between names
Pair = tuple[float, float]


def apart(places: Sequence[Pair], sizes: Sequence[Pair]) -> list[Pair]:
    """The middles of words, moved down as far as they would lie on others; all in the screen's pixels."""
    found: dict[int, Pair] = {}
    for number in sorted(range(len(places)), key=lambda k: places[k][1]):
        (x, y), (width, height) = places[number], sizes[number]
        for other, (ox, oy) in sorted(found.items(), key=lambda pair: pair[1][1]):
            across, down = (width + sizes[other][0]) / 2 + GAP_PX, (height + sizes[other][1]) / 2 + GAP_PX
            if abs(x - ox) < across and abs(y - oy) < down:
                y = oy + down
        found[number] = (x, y)
    return [found[number] for number in range(len(places))]


class Name(QGraphicsPathItem):
    """A word that keeps its size and can be read on anything."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.setFlag(self.GraphicsItemFlag.ItemIgnoresTransformations)
        self.setZValue(20)
        self._words = words
        self.halo = QGraphicsPathItem(self)
        self.halo.setFlag(self.GraphicsItemFlag.ItemStacksBehindParent)
        self.restyle()

    def restyle(self) -> None:
        """The theme's colours, and the system's letters."""
        path = QPainterPath()
        path.addText(0, 0, font("strong"), self._words)
        box = path.boundingRect()
        path.translate(-box.center())
        self.size = box.size()  # on the screen
        self.setPath(path)
        self.halo.setPath(path)
        self.setPen(QColor(Qt.GlobalColor.transparent))
        self.setBrush(theme().color("text"))
        pen = pg.mkPen(theme().color("panel"), width=HALO_PX)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        pen.setCosmetic(True)
        self.halo.setPen(pen)
        self.halo.setBrush(theme().color("panel"))
