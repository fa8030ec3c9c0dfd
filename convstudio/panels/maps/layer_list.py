"""Every layer of a network, one below the other, with all its channels."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from convstudio.look.letters import wear
from convstudio.look.mosaic import thick
from convstudio.look.mosaic_view import MosaicView
from convstudio.look.theme import space, theme
from convstudio.panels.maps.colouring import coloured
from convstudio.wording import sizes
from engine.planes import plane_shape
from engine.questions.seeing import LayerMaps
from engine.spec import Shape

Array = np.ndarray[Any, Any]
TILE_PX, STRIP_PX = 56, 96  # about how large maps are, and bands of 1-D layers
FEATURE_PX, SMALL_PX, MANY = 16, 8, 256  # squares of single numbers, and of many of them
LARGEST_SIDE = 64


class LayerStrip(QWidget):
    """A layer's name and its maps."""

    picked = Signal(str, int)  # layer and plane
    pointed = Signal(str, int, int, int)  # layer, plane, row and column; a plane of -1 for nothing

    def __init__(self, node: str, shape: Shape, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.node, self.shape_, self.maps = node, shape, None
        self._step = 1
        name, size = QLabel(node), QLabel(sizes(shape))
        wear(name, "strong")
        size.setProperty("role", "quiet")
        head = QHBoxLayout()
        head.setSpacing(space(2))
        head.addWidget(name)
        head.addWidget(size)
        head.addStretch(1)
        self.grid = MosaicView(wanted_px(shape))
        self.grid.setAccessibleName(f"Maps of {node}")
        self.grid.setToolTip("Click a map to see it large")
        self.grid.clicked.connect(lambda tile, row, column: self.picked.emit(node, tile))
        self.grid.pointed.connect(self._point)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, space(2))
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.grid)
        self.wait()

    maps: LayerMaps | None

    def wait(self) -> None:
        """Keeps the room for maps that are not there yet."""
        count, height, width = plane_shape(self.shape_)
        step = -(-max(height, width) // LARGEST_SIDE) if height > 1 else 1
        size = (count, -(-height // step), -(-width // step))
        self.maps = None
        blank = np.broadcast_to(np.uint32(theme().color("window").rgba()), size)
        self.grid.show_tiles(thick(blank) if height == 1 < width else blank)

    def show_maps(self, maps: LayerMaps, colormap: str, *, shared: bool) -> None:
        """All channels."""
        self.maps, self._step = maps, maps.step
        self.grid.show_tiles(thick(coloured(maps, colormap, shared=shared)))

    def _point(self, tile: int, row: int, column: int) -> None:
        self.pointed.emit(self.node, tile, row * self._step, column * self._step)


def wanted_px(shape: Shape) -> int:
    """About how large a tile should be."""
    count, height, width = plane_shape(shape)
    if height == width == 1:
        return FEATURE_PX if count <= MANY else SMALL_PX
    return STRIP_PX if height == 1 else TILE_PX


class LayerList(QScrollArea):
    """Strips of all layers; only those that can be seen are asked for."""

    picked = Signal(str, int)
    pointed = Signal(str, int, int, int)
    moved = Signal()  # others can be seen

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.strips: dict[str, LayerStrip] = {}
        self._visible: tuple[str, ...] = ()
        page = QWidget()
        page.setProperty("role", "panel")
        self._column = QVBoxLayout(page)
        self._column.setContentsMargins(0, 0, space(2), 0)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        page.installEventFilter(self)
        self.setWidget(page)
        self.verticalScrollBar().valueChanged.connect(self._look)

    def show_layers(self, shapes: dict[str, Shape]) -> None:
        """Other layers; those that stay keep their maps."""
        before, self.strips = self.strips, {}
        for place, (node, shape) in enumerate(shapes.items()):
            strip = before.pop(node, None)
            if strip is None or strip.shape_ != shape:
                self._remove(strip)
                strip = self._make(node, shape)
            there = self._column.itemAt(place)  # there is always the stretch at the end
            if there is None or there.widget() is not strip:
                self._column.insertWidget(place, strip)
            self.strips[node] = strip
        for strip in before.values():
            self._remove(strip)
        self._look()

    def _make(self, node: str, shape: Shape) -> LayerStrip:
        strip = LayerStrip(node, shape)
        strip.picked.connect(self.picked)
        strip.pointed.connect(self.pointed)
        return strip

    def _remove(self, strip: LayerStrip | None) -> None:
        if strip is not None:
            self._column.removeWidget(strip)
            strip.hide()
            strip.deleteLater()

    @property
    def in_sight(self) -> tuple[str, ...]:
        """The layers that can be seen."""
        self._column.activate()  # where they are is decided late otherwise
        window = QRect(QPoint(0, self.verticalScrollBar().value()), self.viewport().size())
        return tuple(name for name, strip in self.strips.items() if strip.geometry().intersects(window))

    def show_maps(self, maps: LayerMaps, colormap: str, *, shared: bool) -> None:
        """The maps of one layer."""
        strip = self.strips.get(maps.node)
        if strip is not None:
            strip.show_maps(maps, colormap, shared=shared)

    def go_to(self, node: str) -> None:
        """Scrolls until a layer can be seen."""
        strip = self.strips.get(node)
        if strip is not None and node not in self.in_sight:
            self.verticalScrollBar().setValue(strip.y())

    def _look(self) -> None:
        seen = self.in_sight
        if not set(seen) <= set(self._visible):
            self.moved.emit()
        self._visible = seen

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  (Qt's name)
        if event.type() == QEvent.Type.Resize and watched is self.widget():
            self._look()  # strips above others have become higher or lower
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._look()
