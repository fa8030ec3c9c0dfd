"""A grid of small pictures that one can point at, click and walk through with the arrow keys."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QWidget

from convstudio.look.mosaic import Grid, as_image, drawn, filling, fitted, in_groups, in_rows
from convstudio.look.theme import theme
from engine.sight import Box

Array = np.ndarray[Any, Any]
NOTHING = Grid(0, 1, 1, 1, 1, 1)
MARGIN_PX, RING_PX = 4, 2  # around the grid: the ring of a chosen tile fits in
GAP_PX = 1
KEYS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class MosaicView(QWidget):
    """Shows tiles of uint32 pixels."""

    clicked = Signal(int, int, int)  # tile, row and column
    pointed = Signal(int, int, int)  # what the mouse is over; -1 for nothing

    def __init__(self, wanted_px: int, parent: QWidget | None = None, *, snug: bool = False) -> None:
        super().__init__(parent)
        self._snug, self._boxes = snug, tuple[Box | None, ...]()
        self._tiles = np.zeros((0, 1, 1), np.uint32)
        self._wanted, self._forced, self._gap, self._aside = wanted_px, 0, GAP_PX, 0
        self._picture: tuple[tuple[int, int], Array] | None = None
        self._background = 0
        self.grid_, self.chosen, self._span = NOTHING, -1, 1
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_tiles(
        self,
        tiles: Array,
        across: int = 0,
        gap_px: int = GAP_PX,
        boxes: tuple[Box | None, ...] = (),
        aside_px: int = 0,
    ) -> None:
        """Other pictures; with `across` there are so many in every row, else as many as fit.

        `boxes` are framed in their tiles. With `aside_px` rows that are short stand beside each other, so far apart.
        """
        self._boxes = boxes
        before = self._forced, self._gap, self._aside
        same_shape = tiles.shape == self._tiles.shape and (across, gap_px, aside_px) == before
        self._tiles, self._forced, self._gap, self._aside, self._picture = tiles, across, gap_px, aside_px, None
        if not same_shape:
            self._fit()
        self.setAccessibleDescription(f"{len(tiles)} tiles")
        self.update()

    def choose(self, tile: int, span: int = 1) -> None:
        """Frames a tile, or so many that follow each other in a row; -1 frames none."""
        if (tile, span) != (self.chosen, self._span):
            self.chosen, self._span = tile, span
            self.update()

    def fill(self, height_px: int, least_px: int, most_px: int) -> None:
        """Makes tiles as large as all of them still fit into a height, within limits."""
        count, *tile = self._tiles.shape
        room = height_px - 2 * MARGIN_PX, self.width() - 2 * MARGIN_PX
        sides, asides = (least_px, most_px), (self._gap, self._aside)
        self.set_wanted(filling(count, (tile[0], tile[1]), self._forced, room, sides, *asides))

    def set_wanted(self, wanted_px: int) -> None:
        """About how large a tile is."""
        if wanted_px != self._wanted:
            self._wanted, self._picture = wanted_px, None
            self._fit()
            self.update()

    # --- where things are --------------------------------------------------------------------------------------------

    @property
    def _scale(self) -> float:
        return self.devicePixelRatioF()

    def _fit(self) -> None:
        """All sizes are whole pixels of the screen, whatever its scale."""
        count, height, width = self._tiles.shape
        scale = self._scale
        wanted = int(self._wanted * scale)
        room = wanted if self._snug else int((self.width() - 2 * MARGIN_PX) * scale)
        gap = max(1, round(self._gap * scale)) if self._gap else 0
        if self._aside:
            aside = max(1, round(self._aside * scale))
            self.grid_ = in_groups(count, height, width, self._forced, room, wanted, gap, aside)
        elif self._forced:
            self.grid_ = in_rows(count, height, width, self._forced, room, wanted, gap)
        else:
            self.grid_ = fitted(count, height, width, room, wanted, gap)
        self._picture = None
        self.setFixedHeight(self.sizeHint().height())
        if self._snug:
            self.setFixedWidth(self.sizeHint().width())

    def sizeHint(self) -> QSize:  # noqa: N802  (Qt's name)
        height, width = self.grid_.size
        return QSize(int(np.ceil(width / self._scale)), int(np.ceil(height / self._scale))) + QSize(
            2 * MARGIN_PX, 2 * MARGIN_PX
        )

    def tile_rect(self, tile: int) -> QRectF:
        """Where a tile is drawn, in the widget's own pixels."""
        y, x = self.grid_.place(tile)
        grid, scale = self.grid_, self._scale
        size = grid.width * grid.zoom / scale, grid.height * grid.zoom / scale
        return QRectF(MARGIN_PX + x / scale, MARGIN_PX + y / scale, *size)

    def _at(self, event: QMouseEvent) -> tuple[int, int, int] | None:
        point = event.position()
        return self.grid_.at((point.y() - MARGIN_PX) * self._scale, (point.x() - MARGIN_PX) * self._scale)

    # --- mouse and keys ----------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        place = self._at(event)
        if place and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(*place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self.pointed.emit(*(self._at(event) or (-1, -1, -1)))

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        self.pointed.emit(-1, -1, -1)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        across = self.grid_.across
        steps = {**KEYS, Qt.Key.Key_Up: -across, Qt.Key.Key_Down: across}
        step = steps.get(Qt.Key(event.key()))
        if step is None or not len(self._tiles):
            super().keyPressEvent(event)
            return
        wanted = self.chosen + step if self.chosen >= 0 else 0
        if 0 <= wanted < len(self._tiles):
            self.clicked.emit(wanted, 0, 0)

    # --- drawing -----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter, background = QPainter(self), theme().color("panel").rgba()
        if len(self._tiles):
            self._paint_tiles(painter, event, background)
        self._frame_boxes(painter)
        if 0 <= self.chosen < len(self._tiles):
            last = min(len(self._tiles), self.chosen + self._span) - 1
            framed = self.tile_rect(self.chosen).united(self.tile_rect(last))
            self._ring(painter, framed.adjusted(-RING_PX, -RING_PX, RING_PX, RING_PX))
        elif self.hasFocus():
            self._ring(painter, QRectF(self.rect()))
        painter.end()

    def _frame_boxes(self, painter: QPainter) -> None:
        pen = QPen(theme().category("pooling"), 1)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        pixel = self.grid_.zoom / self._scale
        for tile, box in enumerate(self._boxes[: len(self._tiles)]):
            if box is not None:
                (top, bottom), (left, right) = box
                corner = self.tile_rect(tile).topLeft()
                size = (right - left) * pixel, (bottom - top) * pixel
                frame = QRectF(corner.x() + left * pixel, corner.y() + top * pixel, *size)
                painter.drawRect(frame.adjusted(0, 0, -1, -1))

    def _ring(self, painter: QPainter, rect: QRectF) -> None:
        pen = QPen(theme().color("accent"), RING_PX)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.drawRect(rect.adjusted(1, 1, -1, -1))

    def _paint_tiles(self, painter: QPainter, event: QPaintEvent, background: int) -> None:
        """Only rows that can be seen are drawn, and kept until they change."""
        grid, scale, seen = self.grid_, self._scale, event.rect()
        down = grid.step[0]
        first = max(0, int((seen.top() - MARGIN_PX) * scale) // down)
        last = min(grid.rows - 1, int((seen.bottom() + 1 - MARGIN_PX) * scale) // down)
        if last < first:
            return
        kept = self._picture
        if kept is None or not (kept[0][0] <= first and last <= kept[0][1]) or background != self._background:
            pixels = drawn(self._tiles, grid, background, first, last - first + 1)
            self._picture, self._background = ((first, last), pixels), background
            kept = self._picture
        (top, _), pixels = kept
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        image = as_image(pixels)
        width, height = image.width() / scale, image.height() / scale
        painter.drawImage(QRectF(MARGIN_PX, MARGIN_PX + top * down / scale, width, height), image)


class Filled(QScrollArea):
    """Room for a grid whose tiles are as large as all of them still fit; smaller ones than `least` scroll."""

    def __init__(self, grid: MosaicView, page: QWidget | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid, self._sides, self._height = grid, (1, 1), 0
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(page or grid)

    def fill(self, least_px: int, most_px: int, height_px: int = 0) -> None:
        """Within these limits; a height that is given is what there is at most."""
        self._sides, self._height = (least_px, most_px), height_px
        self._grid.fill(height_px or self.viewport().height(), least_px, most_px)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self.fill(*self._sides, self._height)
