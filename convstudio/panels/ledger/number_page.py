"""How a number was made: its place on the map, what it sees, patch × kernel, the sum, and every term."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from convstudio.look.flow import FlowLayout, emptied
from convstudio.look.letters import wear
from convstudio.look.theme import space
from convstudio.panels.ledger.counter import Counter
from convstudio.panels.ledger.layout import Index, Layout
from convstudio.panels.ledger.map_view import MapView
from convstudio.panels.ledger.patch import PatchFigure
from convstudio.panels.ledger.sight_view import SightView
from convstudio.panels.ledger.table import TermsTable
from convstudio.panels.ledger.terms import of_number, target
from convstudio.training.asking import Why, WhyNumber, WhyWeight
from convstudio.wording import thousands
from engine.explained import Explanation, number
from engine.questions import Explained, Looked
from engine.spec import Layer

MAP_PX = 168  # about how large the layer's map is
HINT = "Click a pixel to see how it was made"
CLICK = "Click a pixel to see how it was made."
ENTRY = "This is where data enters."


class NumberPage(QWidget):
    """One layer's map, and the arithmetic of the number that was clicked."""

    asked = Signal(object)  # Why
    far = Signal(int)  # a channel that is not among those that came
    portion_wanted = Signal(int)  # of the terms of the number that is shown

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.node, self.at, self.sample = "", None, 0
        self._values, self._layout, self._first = np.zeros(0, np.float32), Layout((0,)), 0
        self._explained: Explained | None = None
        self._browsed: int | None = None  # the far channel that is on its way
        self._make_map()
        self._make_words()
        self.sight = SightView()
        self.figure = PatchFigure()
        self.figure.deeper.connect(self._go_deeper)
        self.figure.weight.connect(lambda index: self.asked.emit(WhyWeight(self.node, "weight", index)))
        self.table = TermsTable("Terms")
        self.table.chosen.connect(self._choose)
        self.portion = Counter("portion", "Portion of the terms, the largest first")
        self.portion.setMinimum(1)
        self.portion.valueChanged.connect(lambda portion: self.portion_wanted.emit(portion - 1))
        self._lay_out()
        self.clear("")

    node: str
    at: Index | None

    # --- parts -------------------------------------------------------------------------------------------------------

    def _make_map(self) -> None:
        self.map = MapView(MAP_PX)
        self.map.setAccessibleName("Map of the layer")
        self.map.picked.connect(self._pick)
        self.map.pointed.connect(self._point)
        self.name = QLabel()
        wear(self.name, "strong")
        self.channel = Counter("channel", "Channel")
        self.channel.valueChanged.connect(self._show_plane)
        self.under_mouse = QLabel(HINT)
        self.under_mouse.setProperty("role", "quiet")
        wear(self.under_mouse, "caption")

    def _make_words(self) -> None:
        self.says = QLabel()
        wear(self.says, "title")
        self.says.setWordWrap(True)
        self.lines = QLabel()
        wear(self.lines, "mono")
        self.lines.setWordWrap(True)
        self.lines.setProperty("role", "arithmetic")
        self.lines.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.chips = QWidget()
        self._chips = FlowLayout(self.chips, gap=space(2), line_gap=space(1))
        self._headings = {name: QLabel(name) for name in ("What it sees", "Patch and kernel", "Every term")}
        for label in self._headings.values():
            wear(label, "strong")

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(space(1))
        parts: tuple[QWidget, ...] = self.name, self.channel, self.map, self.under_mouse
        for widget in parts:
            left.addWidget(widget, 0, Qt.AlignmentFlag.AlignLeft)
        left.addStretch(1)
        right = QVBoxLayout()
        right.setSpacing(space(2))
        for widget in (self.says, self.lines, self.chips, self._headings["What it sees"], self.sight):
            right.addWidget(widget)
        right.addStretch(1)
        top = QHBoxLayout()
        top.setSpacing(space(4))
        top.addLayout(left)
        top.addLayout(right, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space(2))
        column.addLayout(top)
        for heading, part in (("Patch and kernel", self.figure), ("Every term", self.table)):
            column.addSpacing(space(1))
            column.addLayout(self._heading_row(heading))
            column.addWidget(part, 1 if part is self.table else 0)
        column.addStretch(0)

    def _heading_row(self, heading: str) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(self._headings[heading])
        if heading == "Every term":
            row.addWidget(self.portion)
        row.addStretch(1)
        return row

    # --- what is shown -----------------------------------------------------------------------------------------------

    def clear(self, sentence: str) -> None:
        """No number: only a sentence that says what to do."""
        self._explained = None
        self.says.setText(sentence)
        self.sight.show_sight(None)
        self.table.terms.clear()
        emptied(self._chips)
        for widget in (self.lines, self.chips, self.figure, self.sight, self.table, self.portion):
            widget.hide()
        for label in self._headings.values():
            label.hide()

    def shows(self, node: str, at: Index, sample: int) -> bool:
        """Whether the map of that number is here already."""
        here = self._values.size and self._first <= at[0] < self._first + len(self._values)
        return bool(here) and (node, sample) == (self.node, self.sample)

    def begin(self, why: WhyNumber | None, node: str, sample: int) -> None:
        """Another number is meant; its answer is on its way."""
        if node != self.node:
            self._values = np.zeros(0, np.float32)
        self.node, self.at, self.sample = node, why.at if why else None, sample
        with QSignalBlocker(self.portion):
            self.portion.setValue(1)

    def show_layer(self, looked: Looked, entry: bool) -> None:
        """The layer's own numbers; those of a layer that one has left come too late."""
        if looked.node != self.node:
            return
        self._values, self._layout, self._first = looked.values, Layout(looked.values.shape), looked.first
        self.name.setText(looked.node)
        per_channel = self._layout.planes // max(1, len(looked.values))
        planes = looked.channels * per_channel if len(looked.values.shape) > 2 else 1
        self.channel.blockSignals(True)
        self.channel.setMaximum(planes - 1)
        self.channel.setSuffix(f" of {planes}")
        self.channel.setVisible(planes > 1)
        self.channel.blockSignals(False)
        if self._browsed is None:
            self._turn_to_number()
        self._browsed = None
        self._show_plane()
        if self.at is None:
            self.clear(f"{ENTRY} {CLICK}" if entry else CLICK)
            self._start(looked.values)

    def show_explained(self, explained: Explained, layer: Layer | None) -> None:
        """The arithmetic."""
        self._explained, found = explained, explained.explanation
        self._turn_to_number()
        self.says.setText(f"{words(explained.node, explained.at)} = {number(explained.value)}")
        lines = list(found.lines)
        if found.portions > 1:
            left, size = thousands(found.total - len(found.parts)), "other" if found.portion else "smaller"
            lines.append(f"this portion of the table leaves out {left} {size} ones, together {number(found.rest)}")
        lines += [f"{name} makes of it {number(value)}" for name, value in explained.becomes.items()]
        self._show_lines("\n".join(lines))
        self._show_chips(found)
        self.sight.show_sight(explained)
        columns = of_number(found, explained.sources)
        self.table.show_columns(columns, found.parts)
        self._show_portion(found)
        shown = [self.sight.flow.count() > 0, False, found.total > 0]
        if layer is None:
            self.figure.hide()
        elif not found.portion:  # the first one has whole channels
            self.figure.show_terms(layer, explained)
        shown[1] = not self.figure.isHidden()
        self._headings["Patch and kernel"].setText("Patch and kernel" if found.taps is not None else "Patch")
        some = "All " if found.portions == 1 else f"{thousands(len(found.parts))} of "
        several = f"{some}{thousands(found.total)} terms · click one to go on with it"
        self._headings["Every term"].setText(several if found.total > 1 else "Its one term · click it to go on with it")
        for heading, part, on in zip(
            self._headings.values(), (self.sight, self.figure, self.table), shown, strict=True
        ):
            heading.setVisible(on)
            part.setVisible(on)

    def _show_portion(self, found: Explanation) -> None:
        """Terms that do not fit into one answer are turned over, from the largest to the smallest."""
        with QSignalBlocker(self.portion):
            self.portion.setMaximum(found.portions)
            self.portion.setValue(found.portion + 1)
            self.portion.setSuffix(f" of {found.portions}")
        self.portion.setVisible(found.portions > 1)

    def _turn_to_number(self) -> None:
        """The plane of the map that the number is in."""
        if self.at is not None and self._values.size and len(self.at) == self._values.ndim:
            self.channel.blockSignals(True)
            self.channel.setValue(self._place(self.at)[0])
            self.channel.blockSignals(False)
        self._show_plane()

    def _start(self, values: np.ndarray) -> None:
        """With the strongest number as an example, until one clicks another."""
        if values.size and np.isfinite(values).all():
            at = np.unravel_index(int(np.abs(values).argmax()), values.shape)
            self.asked.emit(WhyNumber(self.node, (int(at[0]) + self._first, *map(int, at[1:])), self.sample))

    def _show_lines(self, text: str) -> None:
        self.lines.setText(text)
        self.lines.show()

    def _show_chips(self, found: Explanation) -> None:
        emptied(self._chips)
        for own in found.owned:
            chip = QPushButton(f"{own.parameter} {number(own.value)}")
            chip.setToolTip("Click to see what the next step makes of it")
            why = WhyWeight(self.node, own.parameter, own.index)
            chip.clicked.connect(lambda checked=False, why=why: self.asked.emit(why))
            self._chips.addWidget(chip)
        self.chips.setVisible(bool(found.owned))

    def _show_plane(self) -> None:
        if not self._values.size:
            return
        plane = self.channel.value() - self._first * (self._layout.planes // max(1, len(self._values)))
        plane = plane if len(self._layout.shape) > 2 else 0
        if not 0 <= plane < self._layout.planes:
            self._browsed = self.channel.value()
            self.far.emit(self.channel.value() * len(self._values) // self._layout.planes)
            return
        box = None
        known = self.at is not None and len(self.at) == self._values.ndim
        if known and self.at is not None and self._place(self.at)[0] == self.channel.value():
            _, row, column = self._place(self.at)
            box = ((row, row + 1), (column, column + 1))
        self.map.show_values(self._layout.plane(self._values, plane), box)

    # --- places ------------------------------------------------------------------------------------------------------

    def _place(self, at: Index) -> tuple[int, int, int]:
        """Plane among all, row and column."""
        shape = (self._first + len(self._values), *self._layout.shape[1:])
        plane, row, column = Layout(shape).place(at)
        if len(shape) == 2:
            row -= self._first
        return (
            (*Layout(self._layout.shape).place((at[0] - self._first,)),)[:3]
            if len(shape) == 1
            else (plane, row, column)
        )

    def _index(self, row: int, column: int) -> Index | None:
        whole = Layout((self._first + len(self._values), *self._layout.shape[1:]))
        if len(whole.shape) == 1:
            found = self._layout.index(0, row, column)
            return None if found is None else (found[0] + self._first,)
        return whole.index(self.channel.value(), row + (self._first if len(whole.shape) == 2 else 0), column)

    def _value(self, at: Index) -> float:
        inside = at[0] - self._first
        return float(self._values[(inside, *at[1:])]) if 0 <= inside < len(self._values) else float("nan")

    # --- what the user wants -----------------------------------------------------------------------------------------

    def _pick(self, row: int, column: int) -> None:
        at = self._index(row, column)
        if at is not None:
            self.asked.emit(WhyNumber(self.node, at, self.sample))

    def _point(self, row: int, column: int) -> None:
        at = self._index(row, column) if row >= 0 and self._values.size else None
        self.under_mouse.setText(f"{words('', at)[2:]}: {number(self._value(at))}" if at else HINT)

    def _choose(self, term: int, head: str) -> None:
        found = self._explained.explanation if self._explained else None
        if head == "Weight" and found is not None and found.taps is not None:
            self._ask_weight(term)
        else:
            self._go_deeper(term)

    def _go_deeper(self, term: int) -> None:
        if self._explained is not None:
            node, at = target(self._explained.explanation, self._explained.sources, term)
            self.asked.emit(WhyNumber(node, at, self.sample))

    def _ask_weight(self, term: int) -> None:
        found = self._explained.explanation if self._explained else None
        if found is not None and found.taps is not None:
            why: Why = WhyWeight(self.node, "weight", tuple(int(i) for i in found.taps[term]))
            self.asked.emit(why)

    def as_text(self) -> str:
        """All that the page says."""
        if self._explained is None:
            return self.says.text()
        return "\n".join((self.says.text(), "", self.lines.text(), "", self.table.terms.as_text()))


def words(node: str, at: Index) -> str:
    """Where a number is."""
    where = f", at {', '.join(map(str, at[1:]))}" if len(at) > 1 else ""
    return f"{node}, channel {at[0]}{where}"
