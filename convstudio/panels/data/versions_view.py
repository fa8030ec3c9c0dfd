"""One sample as it is, and beside it as training will see it in the coming epochs."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from convstudio.look.letters import font
from convstudio.look.theme import space, theme
from convstudio.panels.data.tiles import draw_ring, draw_tile, tile_size
from engine.browsing import Versions
from engine.spec import Shape

VERSIONS = 12
SIZES_PX = (160, 128, 112, 96, 84, 72, 56, 48, 40, 28)  # of a tile: the first that fits
LEAST = QSize(200, 120)
MARGIN_PX = 4  # the frame of the original fits in


class VersionsView(QWidget):
    """Thirteen tiles, as large as there is room for: the original first, framed."""

    def __init__(self) -> None:
        super().__init__()
        self._versions: Versions | None = None
        self._shape: Shape = ()
        self.setAccessibleName("Versions of the sample")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(LEAST)

    @property
    def versions(self) -> Versions | None:
        return self._versions

    @property
    def side(self) -> int:
        """How many pixels of a picture can be seen at most."""
        return round(SIZES_PX[0] * self.devicePixelRatioF())

    def show_versions(self, versions: Versions | None, shape: Shape) -> None:
        """Other pictures; None shows nothing."""
        self._versions, self._shape = versions, shape
        count = 0 if versions is None else len(versions.pictures)
        self.setAccessibleDescription(f"The sample and {count} versions" if count else "")
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802  (Qt's name)
        return QSize(360, 220)

    # --- where things are --------------------------------------------------------------------------------------------

    @property
    def _caption_px(self) -> int:
        return QFontMetrics(font("caption")).height() + 2

    def _tile(self) -> tuple[QSizeF, int, int]:
        """The largest tiles that fit, how many stand in a row, and the height of what stands under each."""
        count, ratio, gap = VERSIONS + 1, self.devicePixelRatioF(), space(1)
        width, height = self.width() - 2 * MARGIN_PX + gap, self.height() - 2 * MARGIN_PX + gap
        for wanted in SIZES_PX:
            tile = tile_size(self._shape, wanted, ratio)
            across = min(count, int(width // (tile.width() + gap)))
            for below in (self._caption_px, 0):
                if across and -(-count // across) * (tile.height() + below + gap) <= height:
                    return tile, across, below
        tile = tile_size(self._shape, SIZES_PX[-1], ratio)
        return tile, max(1, int(width // (tile.width() + gap))), 0

    def places(self) -> list[QRectF]:
        """Where the original and its versions are drawn."""
        return self._places()[0]

    def _places(self) -> tuple[list[QRectF], int]:
        if self._versions is None:
            return [], 0
        (tile, across, below), gap = self._tile(), space(1)
        found = []
        for number in range(1 + len(self._versions.pictures)):
            row, column = divmod(number, across)
            left, top = column * (tile.width() + gap), row * (tile.height() + below + gap)
            found.append(QRectF(MARGIN_PX + left, MARGIN_PX + top, tile.width(), tile.height()))
        return found, below

    def caption(self, number: int) -> str:
        """What stands under a tile."""
        first = self._versions.epoch if self._versions else 0
        return "original" if not number else f"{first + number}"

    # --- events ------------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter, versions = QPainter(self), self._versions
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.setFont(font("caption"))
        places, below = self._places()
        for number, place in enumerate(places):
            picture = versions.pictures[number - 1] if number else versions.original  # type: ignore[union-attr]
            draw_tile(painter, place, picture)
            caption = QRectF(place.left(), place.bottom() + 1, place.width(), below)
            painter.setPen(theme().color("text" if not number else "text_quiet"))
            if below and painter.fontMetrics().horizontalAdvance(self.caption(number)) <= place.width():
                painter.drawText(caption, Qt.AlignmentFlag.AlignHCenter, self.caption(number))
        if places:
            draw_ring(painter, places[0], theme().color("edge"))
        painter.end()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            under = next((n for n, place in enumerate(self.places()) if place.contains(event.pos())), -1)
            text = "The sample as it is" if not under else f"As training sees it in epoch {self.caption(under)}"
            QToolTip.showText(event.globalPos(), text if under >= 0 else "", self)
            return True
        return bool(super().event(event))
