"""The samples as points of a plane: one colour for each class, its name in the middle of its points."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent

from convstudio.look.number_axis import NumberAxis
from convstudio.look.theme import theme
from convstudio.panels.features.names import Name, apart

Array = np.ndarray[Any, Any]
POINT_PX, CHOSEN_PX = 7, 15
REACH_PX = 10  # within which a point is under the mouse
GRID_SHARE = 0.2
MARGIN = 0.06  # around all points
FEWEST = 3  # points of a class whose name is written
CALM = 0.25  # by how much the window of the plot may be larger than its points before it shrinks
SYMBOLS = ("o", "s", "t", "d", "p", "star", "t1", "h")  # of the first ten classes, the next ten, ...
CLASSES_A_SYMBOL = 10
KEYS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}


class FeaturePlot(pg.PlotWidget):
    """Zoom with the wheel, move by dragging, click or walk with the arrow keys to choose a sample."""

    picked = Signal(int)  # the place of a sample
    pointed = Signal(int, QPointF)  # the one under the mouse, and where it is in the widget; −1 for none

    def __init__(self) -> None:
        super().__init__(axisItems={side: NumberAxis(side) for side in ("left", "bottom")})
        self.setMenuEnabled(False)
        self.setAntialiasing(True)
        self.hideButtons()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("Samples as points")
        self.positions = np.zeros((0, 2))
        self.classes = np.zeros(0, np.int64)
        self.wrong = np.zeros(0, bool)
        self.names: list[str] = []
        self.hidden: set[int] = set()
        self.chosen, self.under = -1, -1
        self._labels: dict[int, Name] = {}
        self.points = pg.ScatterPlotItem(pxMode=True, size=POINT_PX)
        self.ring = pg.ScatterPlotItem(pxMode=True, size=CHOSEN_PX)
        self.ring.setZValue(10)
        for item in (self.points, self.ring):
            self.addItem(item)
        self.box = self.plotItem.vb
        self.box.setAspectLocked(True)
        self.box.sigRangeChangedManually.connect(self._let_go)
        self.box.sigRangeChanged.connect(self._draw_names)
        self._follows = True  # the points, until somebody zooms or moves the plot
        self.scene().sigMouseMoved.connect(self._point)
        self.scene().sigMouseClicked.connect(self._click)
        self.restyle()

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show_samples(self, classes: Array, wrong: Array, names: list[str]) -> None:
        """Other samples: the class of each (−1 for none), and whether the network is wrong about it."""
        self.classes, self.wrong, self.names = classes, wrong, names
        self.chosen = self.under = -1
        for label in self._labels.values():
            self.box.removeItem(label)
        self._labels = {int(k): Name(names[int(k)]) for k in np.unique(classes) if k >= 0}
        for label in self._labels.values():
            self.box.addItem(label, ignoreBounds=True)

    def place(self, positions: Array) -> None:
        """Where the samples are now."""
        self.positions = np.asarray(positions, np.float64)
        self._draw()
        if self._follows:
            self._fit()

    def hide_classes(self, hidden: set[int]) -> None:
        self.hidden = hidden
        self._draw()

    def choose(self, place: int) -> None:
        """Rings a sample; −1 rings none."""
        self.chosen = place
        self._draw_ring()

    def follow(self) -> None:
        """Shows all points again."""
        self._follows = True
        self._fit()

    def name_axes(self, across: str, upwards: str) -> None:
        """What the axes stand for; without words there are none: only nearness means something."""
        for side, words in (("bottom", across), ("left", upwards)):
            self.setLabel(side, words)
            self.showAxis(side, bool(words))

    def restyle(self) -> None:
        """The theme's colours."""
        look = theme()
        self.setBackground(look.color("panel"))
        for side in ("left", "bottom"):
            self.getAxis(side).restyle()
        self.showGrid(x=True, y=True, alpha=GRID_SHARE / 2)
        self.ring.setBrush(pg.mkBrush(None))
        for label in self._labels.values():
            label.restyle()
        self._draw()

    @property
    def shown(self) -> Array:
        """Which samples belong to classes that are not hidden."""
        return np.asarray(~np.isin(self.classes, list(self.hidden)), bool)

    # --- drawing -----------------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        if len(self.positions) != len(self.classes):
            return
        look, shown = theme(), np.flatnonzero(self.shown)
        line, none = pg.mkPen(look.color("text"), width=1), pg.mkPen(None)
        brushes = [pg.mkBrush(self.color(number)) for number in range(max(1, len(self.names)))]
        plain = pg.mkBrush(look.color("accent"))
        kinds = self.classes[shown]
        self.points.setData(
            pos=self.positions[shown],
            data=shown,
            brush=[brushes[k] if k >= 0 else plain for k in kinds],
            pen=[line if wrong else none for wrong in self.wrong[shown]],
            symbol=[SYMBOLS[max(0, k) // CLASSES_A_SYMBOL % len(SYMBOLS)] for k in kinds],
        )
        self._draw_names()
        self._draw_ring()

    def _draw_names(self) -> None:
        """Each in the middle of its class's points, or beside it where another name stands there."""
        if len(self.positions) != len(self.classes):
            return
        width, height = self.box.viewPixelSize()
        seen: list[Name] = []
        places: list[tuple[float, float]] = []
        for number, label in self._labels.items():
            own = self.positions[self.classes == number]
            label.setVisible(number not in self.hidden and len(own) >= FEWEST)
            if label.isVisible():
                x, y = np.median(own, axis=0)
                seen.append(label)
                places.append((x / width, -y / height))
        moved = apart(places, [(label.size.width(), label.size.height()) for label in seen])
        for label, (x, y) in zip(seen, moved, strict=True):
            label.setPos(x * width, -y * height)

    def color(self, number: int) -> QColor:
        """The colour of a class."""
        return theme().class_color(number)

    def _draw_ring(self) -> None:
        look = theme()
        marked = [(self.under, look.color("edge")), (self.chosen, look.color("accent"))]
        places = [(place, hue) for place, hue in marked if 0 <= place < len(self.positions)]
        self.ring.setData(
            pos=np.array([self.positions[place] for place, _ in places]).reshape(-1, 2),
            pen=[pg.mkPen(hue, width=2) for _, hue in places],
        )

    def _fit(self) -> None:
        """The window of the plot follows calmly: it grows at once and shrinks only when it is much too large."""
        if not len(self.positions):
            return
        low, high = self.positions.min(axis=0), self.positions.max(axis=0)
        span = np.maximum(high - low, 1e-9)
        low, high = low - MARGIN * span, high + MARGIN * span
        (left, right), (bottom, top) = self.box.targetRange()
        inside = left <= low[0] and right >= high[0] and bottom <= low[1] and top >= high[1]
        free = min((right - left) / (high - low)[0], (top - bottom) / (high - low)[1]) - 1
        if not inside or free > CALM:
            self.box.setRange(xRange=(low[0], high[0]), yRange=(low[1], high[1]), padding=0)

    def _let_go(self) -> None:
        self._follows = False

    # --- mouse and keys ----------------------------------------------------------------------------------------------

    def nearest(self, place: QPointF) -> int:
        """The sample at a place of the scene; −1 where there is none."""
        shown = np.flatnonzero(self.shown)
        if not len(shown) or len(self.positions) != len(self.classes):
            return -1
        view, (width, height) = self.box.mapSceneToView(place), self.box.viewPixelSize()
        steps = (self.positions[shown] - (view.x(), view.y())) / (max(width, 1e-12), max(height, 1e-12))
        distances = np.hypot(steps[:, 0], steps[:, 1])
        best = int(distances.argmin())
        return int(shown[best]) if distances[best] <= REACH_PX else -1

    def _point(self, place: QPointF) -> None:
        inside = self.box.sceneBoundingRect().contains(place)
        self._mark(self.nearest(place) if inside else -1, place)

    def _mark(self, under: int, place: QPointF) -> None:
        if under != self.under:
            self.under = under
            self._draw_ring()
            self.pointed.emit(under, place)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802  (Qt's name)
        super().leaveEvent(event)
        self._mark(-1, QPointF())

    def _click(self, event: Any) -> None:
        place = self.nearest(event.scenePos()) if event.button() == Qt.MouseButton.LeftButton else -1
        if event.double():
            self.follow()
        elif place >= 0:
            self._pick(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        step = KEYS.get(Qt.Key(event.key()))
        if step is None or len(self.positions) != len(self.classes) or not self.shown.any():
            super().keyPressEvent(event)
            return
        place = self._next(*step)
        if place >= 0:
            self._pick(place)

    def _next(self, right: int, up: int) -> int:
        """The sample that one comes to in a direction: near, and rather ahead than aside."""
        shown = np.flatnonzero(self.shown)
        if self.chosen not in shown:
            return int(shown[0])
        steps = self.positions[shown] - self.positions[self.chosen]
        ahead = steps @ np.array([right, up], np.float64)
        aside = np.abs(steps @ np.array([up, right], np.float64))
        costs = np.where(ahead > 0, ahead + 2 * aside, np.inf)
        best = int(costs.argmin())
        return int(shown[best]) if np.isfinite(costs[best]) else -1

    def _pick(self, place: int) -> None:
        self.choose(place)
        self.picked.emit(place)
