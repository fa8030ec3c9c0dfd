"""A kernel closer: its numbers, what it makes of the sample that one looks at, and the samples that move it most."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QScrollArea,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from convstudio.look.colormaps import AUTOMATIC, GREY, pack, packed, shade, suiting
from convstudio.look.icons import symbol
from convstudio.look.letters import wear
from convstudio.look.mosaic import thick
from convstudio.look.mosaic_view import MosaicView
from convstudio.look.scale_bar import short
from convstudio.look.theme import space, theme
from convstudio.panels.filters.kernel_view import KernelView
from convstudio.wording import class_words, thousands
from engine.numerals import written
from engine.questions.seeing import CloserMap, Excited, Exciting, KernelSeen

Array = np.ndarray[Any, Any]
LARGE_PX, SAMPLE_PX, LEAST_PX = 224, 56, 96
BYTE = 255
CURVE_ROWS = 20  # pixels of a signal's curve, from its lowest to its highest number


class Detail(QWidget):
    """One kernel."""

    closed = Signal()
    weight_picked = Signal(int, int, int)  # input channel, row and column
    pixel_picked = Signal(int, int)  # of its map: row and column
    sample_picked = Signal(object)  # Excited

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._seen: KernelSeen | None = None
        self._excited: tuple[Excited, ...] = ()
        self._largest: float | None = None
        self._map: CloserMap | None = None
        self._make()
        self._lay_out()

    def _make(self) -> None:
        self.title, self.facts, self.says = QLabel(), QLabel(), QLabel(" ")
        wear(self.title, "strong")
        for label in (self.facts, self.says):
            label.setProperty("role", "quiet")
        self.channel = QSpinBox()
        self.channel.setPrefix("input ")
        self.channel.lineEdit().setTextMargins(space(1) + 2, 0, 0, 0)
        self.channel.setAccessibleName("Input channel of the kernel")
        self.channel.valueChanged.connect(self._show_weights)
        self.close_button = QToolButton()
        self.close_button.setIcon(symbol("close"))
        self.close_button.setIconSize(QSize(space(4), space(4)))
        self.close_button.setAccessibleName("Close the kernel")
        self.close_button.clicked.connect(self.closed)
        self.kernel = KernelView(LARGE_PX)
        self.kernel.setToolTip("Click a weight to see its gradient, and what the next step makes of it")
        self.kernel.clicked.connect(
            lambda tile, row, column: self.weight_picked.emit(self.channel.value(), row, column)
        )
        self.kernel.pointed.connect(self._point)
        self.map = MosaicView(LARGE_PX, snug=True)
        self.map.setAccessibleName("Map of the kernel")
        self.map.setToolTip("Click a pixel to see how it was made")
        self.map.clicked.connect(lambda tile, row, column: self.pixel_picked.emit(row, column))
        self.map.pointed.connect(self._point_map)
        self.samples = MosaicView(SAMPLE_PX)
        self.samples.setAccessibleName("Samples that excite it most")
        self.samples.clicked.connect(lambda tile, row, column: self.sample_picked.emit(self._excited[tile]))
        self.samples.pointed.connect(self._point_sample)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(space(1))

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        for widget in (self.title, self.facts, self.channel):
            head.addWidget(widget)
        head.addStretch(1)
        head.addWidget(self.says)
        head.addWidget(self.close_button)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(self.samples)
        area.setMinimumWidth(2 * SAMPLE_PX)
        self.map_words, self.samples_words = QLabel(), QLabel()
        self.samples_words.setToolTip("The training samples whose largest number in this channel is highest")
        self.samples_words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        body = QHBoxLayout()
        body.setSpacing(space(4))
        body.addLayout(_column(QLabel("Its numbers"), self.kernel))
        body.addLayout(_column(self.map_words, self.map))
        body.addLayout(_column(self.samples_words, self.progress, area), 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space(1))
        column.addLayout(head)
        column.addLayout(body, 1)

    # --- showing -----------------------------------------------------------------------------------------------------

    def show_kernel(self, seen: KernelSeen, largest: float | None) -> None:
        """Its numbers; `largest` is the weight of the strongest colour, where a scale is shared."""
        another = self._seen is None or (self._seen.node, self._seen.kernel) != (seen.node, seen.kernel)
        self._seen, self._largest = seen, largest
        self.title.setText(f"Kernel {seen.kernel}")
        bias = "" if seen.bias is None else f" · bias {short(seen.bias)}"
        self.facts.setText(f"norm {short(seen.norm)}{bias}")
        self.channel.blockSignals(True)
        self.channel.setMaximum(len(seen.weights) - 1)
        self.channel.setSuffix(f" of {seen.inputs}")
        if another:
            self.channel.setValue(int(np.abs(seen.weights).max(axis=(1, 2)).argmax()))
        self.channel.setVisible(seen.inputs > 1)
        self.channel.blockSignals(False)
        self._show_weights()

    def _show_weights(self) -> None:
        if self._seen is not None:
            largest = self._largest or float(np.abs(self._seen.weights).max())
            self.kernel.show_weights(self._seen.weights[self.channel.value()], largest)

    def show_map(self, closer: CloserMap | None) -> None:
        """What it makes of the sample that one looks at."""
        self._map = closer
        if closer is None:
            return
        single = closer.values.size == 1
        self.map_words.setText(
            f"This sample: {short(float(closer.values[0, 0]))}" if single else "Its map of this sample"
        )
        colormap = suiting(AUTOMATIC, closer.low)
        self.map.show_tiles(thick(packed(colormap)[shade(closer.values, colormap, closer.low, closer.high)][None]))

    def show_samples(self, exciting: Exciting | None) -> None:
        """The samples that move it most, as far as they are found."""
        self._excited = exciting.samples if exciting else ()
        self.progress.setVisible(exciting is None or not exciting.done)
        self.progress.setMaximum(exciting.among if exciting else 0)
        self.progress.setValue(exciting.looked_at if exciting else 0)
        among = f" of {thousands(exciting.among)}" if exciting else ""
        self.samples_words.setText(f"Most exciting{among} samples")
        pictures = [as_pixels(sample.image) for sample in self._excited]
        boxes = tuple(_box(sample) for sample in self._excited)
        self.samples.show_tiles(np.stack(pictures) if pictures else np.zeros((0, 1, 1), np.uint32), boxes=boxes)

    def set_room(self, height: int) -> None:
        """Makes everything about so high."""
        side = max(LEAST_PX, min(LARGE_PX, height))
        self.kernel.set_wanted(side)
        self.map.set_wanted(side)

    # --- under the mouse ---------------------------------------------------------------------------------------------

    def _point(self, tile: int, row: int, column: int) -> None:
        if tile < 0 or self._seen is None:
            self.says.setText(" ")
            return
        value = float(self._seen.weights[self.channel.value(), row, column])
        self.says.setText(f"row {row}, column {column}: {written(value)}")

    def _point_map(self, tile: int, row: int, column: int) -> None:
        known = tile >= 0 and self._map is not None and row < len(self._map.values)
        value = float(self._map.values[row, column]) if known and self._map is not None else 0.0
        self.says.setText(f"row {row}, column {column}: {written(value)}" if known else " ")

    def _point_sample(self, tile: int, row: int, column: int) -> None:
        if not 0 <= tile < len(self._excited):
            self.says.setText(" ")
            return
        sample = self._excited[tile]
        label = f", {class_words(sample.label)}" if sample.label else ""
        self.says.setText(f"sample {sample.sample}{label}: {short(sample.value)}")


def _column(words: QLabel, *widgets: QWidget) -> QVBoxLayout:
    """Widgets below a quiet word."""
    words.setProperty("role", "quiet")
    column = QVBoxLayout()
    column.setSpacing(space(1))
    column.addWidget(words)
    for widget in widgets:
        column.addWidget(widget, int(isinstance(widget, QScrollArea)))
    if not isinstance(widgets[-1], QScrollArea):
        column.addStretch(1)
    return column


def as_pixels(image: Array) -> Array:
    """uint32 [height, width] of a sample in the data's own units: a picture, or a signal's curve."""
    if image.ndim <= 2:
        return _curve(image.reshape(-1, image.shape[-1])[0])
    planes = image.reshape(-1, *image.shape[-2:])
    if image.ndim == 3 and len(planes) == 3 and image.dtype == np.uint8:
        return pack(np.moveaxis(planes, 0, -1))
    plane = planes[len(planes) // 2].astype(np.float32)
    low, high = (0.0, float(BYTE)) if image.dtype == np.uint8 else (float(plane.min()), float(plane.max()))
    return packed(GREY)[((plane - low) / ((high - low) or 1.0) * BYTE).astype(np.uint8)]


def _curve(signal: Array) -> Array:
    """A line from number to number."""
    low, high = float(signal.min()), float(signal.max())
    heights = np.rint((high - signal) / ((high - low) or 1.0) * (CURVE_ROWS - 1)).astype(int)
    after = np.append(heights[1:], heights[-1])
    rows = np.arange(CURVE_ROWS)[:, None]
    inked = (rows >= np.minimum(heights, after)) & (rows <= np.maximum(heights, after))
    return np.where(inked, theme().color("text").rgba(), theme().color("canvas").rgba()).astype(np.uint32)


def _box(sample: Excited) -> Any:
    """What the strongest number sees, where that is a part of a picture."""
    if len(sample.box) == 1:
        return (0, CURVE_ROWS), sample.box[0]
    sides = sample.image.shape[-2:]
    whole = all(high - low == side for (low, high), side in zip(sample.box[-2:], sides, strict=False))
    return None if whole or len(sample.box) != 2 else sample.box
