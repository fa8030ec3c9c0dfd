"""Patch × kernel = products, for one channel of the input: the heart of a convolution, with its numbers."""

from __future__ import annotations

from math import prod
from typing import Any

import attrs
import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from convstudio.look.letters import wear
from convstudio.look.theme import space
from convstudio.panels.ledger.counter import Counter
from convstudio.panels.ledger.number_grid import NumberGrid, cell_for
from engine.explained import LARGEST, SUM, Explanation, number
from engine.questions import Explained
from engine.spec import Layer

Array = np.ndarray[Any, Any]
Index = tuple[int, ...]
MOST_CELLS = 1024  # of a patch that is drawn


@attrs.frozen(eq=False)
class Patch:
    """The terms of one input channel, where the kernel holds them."""

    channel: int
    terms: Array  # [rows, columns]: which term; −1 outside the image
    first: Index = ()  # where its kernel begins in the layer's weights
    kernel: Array | None = None  # all of its weights, also those that meet nothing

    def of(self, numbers: Array) -> Array:
        """Their numbers; NaN outside."""
        return np.where(self.terms >= 0, numbers[self.terms], np.nan)


def patches(layer: Layer, found: Explanation) -> dict[int, Patch]:
    """One for each input channel whose terms are all there; none for layers that are not windows."""
    kernel = getattr(layer, "kernel_size", None)
    if found.way not in (SUM, LARGEST) or not isinstance(kernel, tuple) or prod(kernel) > MOST_CELLS:
        return {}
    if found.indices.shape[1] != len(kernel) + 1 or (found.ports != 0).any():
        return {}
    rows, columns = prod(kernel[:-1]), kernel[-1]
    others = found.kernels is not None and any(k.size != rows * columns for k in found.kernels)
    inside = _inside(kernel, found)
    if others or not ((inside >= 0) & (inside < kernel)).all():
        return {}  # the layer has become another one since it was asked
    spots = np.ravel_multi_index(tuple(inside.T), kernel)
    made: dict[int, Patch] = {}
    for channel in np.unique(found.indices[:, 0]):
        own = np.flatnonzero(found.indices[:, 0] == channel)
        terms = np.full(rows * columns, -1, np.intp)
        terms[spots[own]] = own
        made[int(channel)] = Patch(int(channel), terms.reshape(rows, columns), *_kernel(found, own[0], kernel))
    full = max(int((patch.terms >= 0).sum()) for patch in made.values())  # of every channel there are as many
    return {channel: patch for channel, patch in made.items() if (patch.terms >= 0).sum() == full}


def _kernel(found: Explanation, term: int, kernel: tuple[int, ...]) -> tuple[Index, Array | None]:
    """Where the kernel of a term's channel is, and its weights."""
    if found.taps is None:
        return (), None
    first = tuple(int(i) for i in found.taps[term, : -len(kernel)])
    return first, None if found.kernels is None else found.kernels[first[-1]].reshape(-1, kernel[-1])


def _inside(kernel: tuple[int, ...], found: Explanation) -> Array:
    """Each term's place in the kernel, along each axis."""
    if found.taps is not None:
        return found.taps[:, -len(kernel) :]
    inside = found.indices[:, 1:] - found.indices[:, 1:].min(axis=0)  # a pool: the places, from the first one on
    _, ranks = zip(*(np.unique(axis, return_inverse=True) for axis in inside.T), strict=True)
    return np.stack(ranks, axis=1)


class PatchFigure(QWidget):
    """Three small tables beside each other, and which channel they are of."""

    deeper = Signal(int)  # a term
    weight = Signal(object)  # the index of a weight

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._explained: Explained | None = None
        self._patches: dict[int, Patch] = {}
        self.patch = NumberGrid("Click to see how this number was made")
        self.kernel = NumberGrid("Click to see what the next step makes of this weight")
        self.products = NumberGrid("Click to see how the number of this product was made")
        for grid, name in ((self.patch, "Patch"), (self.kernel, "Kernel"), (self.products, "Products")):
            grid.setAccessibleName(name)
        self.patch.picked.connect(lambda row, column: self._pick(self.deeper, row, column))
        self.kernel.picked.connect(self._pick_weight)
        self.products.picked.connect(lambda row, column: self._pick(self.deeper, row, column))
        self.channel = Counter("input channel", "Channel of the input")
        self.channel.valueChanged.connect(self._show)
        self.gives = QLabel()
        self._titles = [QLabel() for _ in range(3)]
        self._signs = [QLabel("×"), QLabel("=")]
        self._lay_out()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.channel)
        top.addWidget(self.gives)
        top.addStretch(1)
        grid = QGridLayout()
        grid.setHorizontalSpacing(space(2))
        grid.setVerticalSpacing(space(1))
        for place, (title, numbers) in enumerate(
            zip(self._titles, (self.patch, self.kernel, self.products), strict=True)
        ):
            title.setProperty("role", "quiet")
            wear(title, "caption")
            grid.addWidget(title, 0, 2 * place)
            grid.addWidget(numbers, 1, 2 * place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        for place, sign in enumerate(self._signs):
            wear(sign, "title")
            grid.addWidget(sign, 1, 2 * place + 1, Qt.AlignmentFlag.AlignCenter)
        grid.setColumnStretch(5, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space(2))
        column.addLayout(top)
        column.addLayout(grid)

    def show_terms(self, layer: Layer, explained: Explained) -> None:
        """The channel that gave most; hidden for layers that have no patches."""
        self._explained, found = explained, explained.explanation
        self._patches = patches(layer, found)
        self._shape: Index = getattr(layer, "kernel_size", ())
        self.setVisible(bool(self._patches))
        if not self._patches:
            return
        self.channel.blockSignals(True)
        self.channel.setRange(min(self._patches), max(self._patches))
        self.channel.setValue(max(self._patches, key=lambda c: float(np.abs(self._parts(c)).sum())))
        self.channel.setVisible(len(self._patches) > 1)
        self.channel.blockSignals(False)
        self._show()

    def _parts(self, channel: int) -> Array:
        assert self._explained is not None
        terms = self._patches[channel].terms
        return np.asarray(self._explained.explanation.parts[terms[terms >= 0]])

    def _show(self) -> None:
        patch = self._patches.get(self.channel.value())
        if patch is None or self._explained is None:
            self.gives.setText("not among the largest terms")
            return
        found, count = self._explained.explanation, patch.terms.shape[1]
        weighted = found.way == SUM
        cell = cell_for((self.width() or 560) - 4 * space(5), (3 if weighted else 1) * count)
        for widget in (self.kernel, self.products, *self._titles[1:], *self._signs):
            widget.setVisible(weighted)
        best = np.unravel_index(
            int(np.nanargmax(np.where(patch.terms >= 0, np.abs(patch.of(found.parts)), -1))), patch.terms.shape
        )
        framed = (-1, -1) if weighted else (int(best[0]), int(best[1]))
        self.patch.show_values(patch.of(found.values), cell, framed)
        self.kernel.show_values(patch.of(found.weights) if patch.kernel is None else patch.kernel, cell)
        self.products.show_values(patch.of(found.parts), cell)
        source, unit = self._explained.sources[0], [grid.unit for grid in (self.patch, self.kernel, self.products)]
        names = f"patch of {source}", "kernel" if found.taps is not None else "share", "products"
        for label, name, by in zip(self._titles, names, unit, strict=True):
            label.setText(f"{name}  {by}".strip())
        total = number(float(self._parts(patch.channel).sum()))
        one = len(self._patches) == 1
        self.gives.setText("" if not weighted or one else f"gives {total} of {number(found.sum)}")
        self.gives.setVisible(bool(self.gives.text()))

    def _pick(self, signal: Any, row: int, column: int) -> None:
        patch = self._patches[self.channel.value()]
        if patch.terms[row, column] >= 0:
            signal.emit(int(patch.terms[row, column]))

    def _pick_weight(self, row: int, column: int) -> None:
        patch = self._patches[self.channel.value()]
        if patch.first:
            place = np.unravel_index(row * patch.terms.shape[1] + column, self._shape)
            self.weight.emit((*patch.first, *map(int, place)))

    def resizeEvent(self, event: Any) -> None:  # noqa: N802  (Qt's name)
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._show()
