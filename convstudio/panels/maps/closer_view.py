"""One layer large: all its channels, one of them with every number, and how its numbers spread."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QScrollArea, QWidget

from convstudio.look.mosaic_view import MosaicView
from convstudio.look.scale_bar import ScaleBar, short
from convstudio.look.theme import space
from convstudio.panels.maps.colouring import coloured, limits, shade, thick
from convstudio.panels.maps.histogram import Histogram
from convstudio.panels.maps.layer_list import wanted_px
from convstudio.panels.maps.zoom_view import Frame, ZoomView
from engine.questions.seeing import CloserMap, LayerMaps
from engine.spec import Shape

Array = np.ndarray[Any, Any]


class CloserView(QWidget):
    """A layer and one of its channels."""

    plane_picked = Signal(int)
    tile_pointed = Signal(int, int, int)  # plane, row and column
    pixel_picked = Signal(int, int)
    pixel_pointed = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._step = 1
        self.grid = MosaicView(1)
        self.grid.setAccessibleName("Activation maps")
        self.grid.clicked.connect(lambda tile, row, column: self.plane_picked.emit(tile))
        self.grid.pointed.connect(lambda t, r, c: self.tile_pointed.emit(t, r * self._step, c * self._step))
        self.map, self.bar, self.histogram = ZoomView(), ScaleBar(), Histogram()
        self.map.picked.connect(self.pixel_picked)
        self.map.pointed.connect(self.pixel_pointed)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setWidget(self.grid)
        large = QHBoxLayout()
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
        """The layer's shape decides how large its tiles are."""
        self.grid.set_wanted(wanted_px(shape))
        self._area.setVisible(True)

    def show_maps(self, maps: LayerMaps, plane: int, colormap: str, *, shared: bool) -> None:
        """All channels, and which of them is large."""
        self._step = maps.step
        self.grid.show_tiles(thick(coloured(maps, colormap, shared=shared)))
        self.grid.choose(plane)

    def show_closer(
        self, closer: CloserMap, colormap: str, picture: Array | None, frame: Frame | None, *, shared: bool
    ) -> None:
        """One channel, over the input picture where one is given."""
        finite = np.nan_to_num(closer.values)
        ends = (closer.low, closer.high) if shared else (float(finite.min()), float(finite.max()))
        self.map.show_map(shade(closer.values, colormap, *ends), colormap, picture, frame)
        low, high = (float(end) for end in limits(colormap, *ends))
        self.bar.show_scale(colormap, short(low), short(high), "0" if low < 0 and low == -high else "")
        self.histogram.show_counts(closer.counts, closer.low, closer.high, colormap)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  (Qt's name)
        """Wide panels have everything in a row, tall ones below each other."""
        super().resizeEvent(event)
        wide = self.width() > self.height() * 1.6
        self._body.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)
