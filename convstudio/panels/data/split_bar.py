"""How the samples are divided, as a bar of three lengths."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from convstudio.look.theme import theme
from engine.browsing import PARTS

HEIGHT_PX, GAP_PX = 8, 2
STRENGTHS = {"train": 1.0, "validation": 0.55, "test": 0.3}  # of one colour: parts of one whole


def part_color(part: str) -> QColor:
    """The colour of a part, everywhere in the panel."""
    strong, paper = theme().color("accent"), theme().color("panel")
    share = STRENGTHS[part]
    pairs = (strong.red(), paper.red()), (strong.green(), paper.green()), (strong.blue(), paper.blue())
    return QColor(*(round(ink * share + below * (1 - share)) for ink, below in pairs))


class SplitBar(QWidget):
    """Training, validation and test, one after the other."""

    def __init__(self) -> None:
        super().__init__()
        self._sizes: Mapping[str, int] = {}
        self.setAccessibleName("Parts of the data")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_sizes(self, sizes: Mapping[str, int]) -> None:
        """The samples of each part."""
        self._sizes = sizes
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802  (Qt's name)
        return QSize(120, HEIGHT_PX)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        shown = [part for part in PARTS if self._sizes.get(part)]
        room, total, left = self.width() - GAP_PX * (len(shown) - 1), sum(self._sizes.values()), 0.0
        for part in shown:
            width = max(2.0, room * self._sizes[part] / total)
            painter.setBrush(part_color(part))
            painter.drawRoundedRect(QRectF(left, 0, width, HEIGHT_PX), 2, 2)
            left += width + GAP_PX
        painter.end()
