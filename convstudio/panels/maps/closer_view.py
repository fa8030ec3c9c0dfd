"""One layer large: all its channels, one of them with every number, and how its numbers spread."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QWidget

from convstudio.look.colormaps import limits, shade
from convstudio.look.mosaic import thick
from convstudio.look.mosaic_view import Filled, MosaicView
from convstudio.look.scale_bar import ScaleBar, short
from convstudio.look.theme import space
from convstudio.panels.maps.colouring import coloured
from convstudio.panels.maps.histogram import Histogram
from convstudio.panels.maps.zoom_view import Frame, ZoomView
from engine.planes import plane_shape
from engine.questions.seeing import CloserMap, LayerMaps
from engine.spec import Shape

Array = np.ndarray[Any, Any]
SIDES_PX, FEATURE_SIDES_PX = (28, 96), (10, 40)  # the smallest and largest tile, of maps and of single numbers
TILES_SHARE = 0.4  # of the height, where the large map is below
UNLIMITED = (1 << 24) - 1  # Qt's largest size


class CloserView(QWidget):
    """A layer and one of its channels."""

    plane_picked = Signal(int)
    tile_pointed = Signal(int, int, int)  # plane, row and column
    pixel_picked = Signal(int, int)
    pixel_pointed = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._step, self._features = 1, False
        self.grid = MosaicView(SIDES_PX[0])
        self.grid.setAccessibleName("Activation maps")
        self.grid.clicked.connect(self._pick)
        self.grid.pointed.connect(lambda t, r, c: self.tile_pointed.emit(t, r * self._step, c * self._step))
        self.map, self.bar, self.histogram = ZoomView(), ScaleBar(), Histogram()
        self.map.picked.connect(self.pixel_picked)
        self.map.pointed.connect(self.pixel_pointed)
        self._area = Filled(self.grid)
        large = QHBoxLayout()
        large.setContentsMargins(0, 0, 0, 0)
        large.setSpacing(space(2))
        large.addWidget(self.map, 1)
        large.addWidget(self.bar, 0, Qt.AlignmentFlag.AlignVCenter)
        self._body = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.setSpacing(space(3))
        self._body.addWidget(self._area, 3)
        self._body.addLayout(large, 3)
        self._body.addWidget(self.histogram, 1)

    def show_shape(self, shape: Shape) -> None:
        """A layer of single numbers has no maps: each of its tiles is a number."""
        self._features = plane_shape(shape)[1:] == (1, 1)
        self.map.setVisible(not self._features)

    def show_maps(self, maps: LayerMaps, plane: int, colormap: str, *, shared: bool) -> None:
        """All channels, and which of them is large."""
        self._step = maps.step
        self.grid.show_tiles(thick(coloured(maps, colormap, shared=shared)))
        self.grid.choose(plane)
        self._fit_area()

    def show_closer(
        self, closer: CloserMap, colormap: str, picture: Array | None, frame: Frame | None, *, shared: bool
    ) -> None:
        """One channel, over the input picture where one is given."""
        finite = np.nan_to_num(closer.values)
        ends = (closer.low, closer.high) if shared else (float(finite.min()), float(finite.max()))
        zero = int(shade(np.zeros(1), colormap, *ends)[0])
        self.map.show_map(shade(closer.values, colormap, *ends), colormap, zero, picture, frame)
        low, high = (float(end) for end in limits(colormap, *ends))
        self.bar.show_scale(colormap, short(low), short(high), "0" if low < 0 and low == -high else "")
        self.histogram.show_counts(closer.counts, closer.low, closer.high, colormap)

    def _pick(self, plane: int, row: int, column: int) -> None:
        self.plane_picked.emit(plane)
        if self._features:
            self.pixel_picked.emit(0, 0)

    def _fit_area(self) -> None:
        """Tiles are as large as all still fit; below each other they take no more room than they need."""
        tall = self._body.direction() == QBoxLayout.Direction.TopToBottom
        room = int(self.height() * TILES_SHARE) if tall else 0
        self._area.fill(*(FEATURE_SIDES_PX if self._features else SIDES_PX), room)
        self._area.setMaximumHeight(max(self.grid.height() + 2, SIDES_PX[0]) if tall else UNLIMITED)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  (Qt's name)
        """Wide panels have everything in a row, tall ones below each other."""
        super().resizeEvent(event)
        wide = self.width() > self.height() * 1.6
        self._body.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)
        self._fit_area()
