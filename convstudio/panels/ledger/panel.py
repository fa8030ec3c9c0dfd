"""One number, explained: click a pixel, see its arithmetic and what it depends on, and go on one layer deeper."""

from __future__ import annotations

from math import ceil, prod, sqrt
from typing import Any, Protocol

import attrs
import numpy as np
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLayout,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from convstudio.document.document import Document
from convstudio.look.theme import appearance, font, space
from convstudio.panels.ledger.map_view import MapView
from convstudio.panels.ledger.terms import TermsModel
from convstudio.wording import sizes, thousands
from engine.explained import number
from engine.questions import Explain, Explained, Look, Looked

MAP_PX, BELOW_PX = 252, 84  # about how large the layer's map is, and those below it
BELOW_WIDTH_PX = 150
EMPTY = "Train the network, then select a layer to ask how its numbers are made."
Index = tuple[int, ...]


class Asker(Protocol):
    """What the panel needs of a session."""

    answered: Any  # a signal with Explained and Looked

    def new_number(self) -> int:
        """The number of a question."""

    def ask_about(self, question: Any) -> None:
        """Sends a question to the trainer."""


@attrs.frozen
class Layout:
    """How numbers of any shape lie in planes of rows and columns."""

    shape: Index

    @property
    def planes(self) -> int:
        return prod(self.shape[:-2]) if len(self.shape) > 2 else 1

    @property
    def size(self) -> tuple[int, int]:
        if len(self.shape) > 1:
            return self.shape[-2], self.shape[-1]
        columns = ceil(sqrt(self.shape[0]))  # a row of features is folded
        return ceil(self.shape[0] / columns), columns

    def index(self, plane: int, row: int, column: int) -> Index | None:
        """The number's own index; None where a folded row has ended."""
        if len(self.shape) > 1:
            return *map(int, np.unravel_index(plane, self.shape[:-2] or (1,))), row, column
        place = row * self.size[1] + column
        return (place,) if place < self.shape[0] else None

    def place(self, at: Index) -> tuple[int, int, int]:
        """Plane, row and column of a number."""
        if len(self.shape) == 1:
            return 0, *divmod(at[0], self.size[1])
        return int(np.ravel_multi_index(at[:-2], self.shape[:-2])) if len(at) > 2 else 0, at[-2], at[-1]

    def plane(self, values: np.ndarray, plane: int) -> np.ndarray:
        """Its numbers in rows and columns."""
        if len(self.shape) > 1:
            return values.reshape(-1, *self.size)[plane]
        return np.concatenate([values, np.zeros(prod(self.size) - len(values), values.dtype)]).reshape(self.size)


class LedgerPanel(QWidget):
    """The map of a layer, what a number of it sees in every layer below, and its terms."""

    title = "One number, explained"
    explanation = (
        "Click a pixel of the selected layer. Its receptive field is framed in every layer below, down to the input, "
        "and the table shows the arithmetic that made it: each input number, its weight and their product. Click a row "
        "to go on with that input, one layer deeper; Back returns. Blue is positive, orange negative, and zero has the "
        "panel's own colour. Try a pixel of the first convolution, then the largest product of the last layer."
    )

    def __init__(self, document: Document, session: Asker, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self._document, self._session = document, session
        self._node, self._values, self._layout = "", np.zeros(0, np.float32), Layout((0,))
        self._at: Index | None = None
        self._history: list[tuple[str, Index]] = []
        self._asked, self._looked = 0, 0
        self._sample: int = 0
        self._make_left()
        self._make_table()
        self._lay_out()
        session.answered.connect(self._take)
        document.selection_changed.connect(self._follow_selection)
        appearance().changed.connect(self._repaint)
        self._follow_selection()

    # --- parts -------------------------------------------------------------------------------------------------------

    def _make_left(self) -> None:
        self.map = MapView(MAP_PX)
        self.map.setAccessibleName("Map of the layer")
        self.map.picked.connect(self._pick)
        self.map.pointed.connect(self._point)
        self.name = QLabel()
        self.name.setFont(font("strong"))
        self.channel = QSpinBox()
        self.channel.setPrefix("channel ")
        self.channel.setAccessibleName("Channel")
        self.channel.valueChanged.connect(self._show_plane)
        self.sample = QSpinBox()
        self.sample.setPrefix("sample ")
        self.sample.setMaximum(1_000_000)
        self.sample.setAccessibleName("Number of the sample")
        self.sample.valueChanged.connect(self._change_sample)
        self.back = QPushButton("Back")
        self.back.clicked.connect(self._go_back)
        self.again = QPushButton("Update")
        self.again.setToolTip("Asks again: the network may have learned since")
        self.again.clicked.connect(self._renew)
        self.under_mouse = QLabel(" ")
        self.under_mouse.setProperty("role", "quiet")

    def _make_table(self) -> None:
        self.terms = TermsModel()
        self.table = QTableView()
        self.table.setModel(self.terms)
        self.table.setSortingEnabled(True)
        self.table.setShowGrid(False)
        self.table.verticalHeader().hide()
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setAccessibleName("Terms")
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.clicked.connect(self._go_deeper)
        self.table.activated.connect(self._go_deeper)
        self.says = QLabel(EMPTY)
        self.says.setFont(font("strong"))
        self.says.setWordWrap(True)
        self.lines = QLabel()
        self.lines.setFont(font("mono"))
        self.lines.setWordWrap(True)
        self.lines.setProperty("role", "arithmetic")
        self.lines.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.lines.hide()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        for widget in (self.name, self.channel, self.sample):
            row.addWidget(widget)
        row.addStretch(1)
        left = QVBoxLayout()
        left.addLayout(row)
        left.addWidget(self.map, 0, Qt.AlignmentFlag.AlignLeft)
        left.addWidget(self.under_mouse)
        left.addStretch(1)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFixedWidth(BELOW_WIDTH_PX)
        self._clear_below()
        top = QHBoxLayout()
        top.addWidget(self.says, 1)
        top.addWidget(self.back)
        top.addWidget(self.again)
        right = QVBoxLayout()
        right.addLayout(top)
        right.addWidget(self.lines)
        right.addWidget(self.table, 1)
        columns = QHBoxLayout(self)
        columns.setContentsMargins(space(4), space(2), space(4), space(2))
        columns.setSpacing(space(4))
        columns.addLayout(left)
        columns.addWidget(self._area)
        columns.addLayout(right, 1)

    # --- what the user wants -----------------------------------------------------------------------------------------

    def _follow_selection(self) -> None:
        chosen = sorted(name for name in self._document.selection if name in self._document.graph)
        if chosen and chosen[0] != self._node:
            self._history.clear()
            self._look(chosen[0], None)
        self._enable()

    def _look(self, node: str, at: Index | None) -> None:
        """Shows another layer, and explains a number of it where one is meant."""
        self._node, self._at = node, at
        self._looked = self._session.new_number()
        self._session.ask_about(Look(self._looked, node, sample=self._sample))
        if at is not None:
            self._explain()
        else:
            self._clear_arithmetic()

    def _explain(self) -> None:
        if self._at is not None:
            self._asked = self._session.new_number()
            self._session.ask_about(Explain(self._asked, self._node, self._at, self._sample))

    def _pick(self, row: int, column: int) -> None:
        at = self._layout.index(self.channel.value(), row, column)
        if at is None or not self._document.graph.incoming(self._node):
            return
        if self._at is not None and self._at != at:
            self._history.append((self._node, self._at))
        self._at = at
        self._explain()

    def _go_deeper(self, index: QModelIndex) -> None:
        node, at = self.terms.target(index.row())
        if (node, at) == (self._node, self._at):
            return
        if self._at is not None:
            self._history.append((self._node, self._at))
        self._look(node, at)

    def _go_back(self) -> None:
        if self._history:
            self._look(*self._history.pop())

    def _change_sample(self, sample: int) -> None:
        self._sample = sample
        self._renew()

    def _renew(self) -> None:
        if self._node:
            self._look(self._node, self._at)

    # --- what the trainer answers ------------------------------------------------------------------------------------

    def _take(self, answer: Explained | Looked) -> None:
        if isinstance(answer, Looked) and answer.number == self._looked and answer.what == "activations":
            self._show_layer(answer)
        elif isinstance(answer, Explained) and answer.number == self._asked:
            self._show_arithmetic(answer)
        self._enable()

    def _show_layer(self, looked: Looked) -> None:
        self._values, self._layout = looked.values, Layout(looked.values.shape)
        self.name.setText(looked.node)
        self.channel.blockSignals(True)
        self.channel.setMaximum(self._layout.planes - 1)
        self.channel.setVisible(self._layout.planes > 1)
        if self._at is not None:
            self.channel.setValue(self._layout.place(self._at)[0])
        self.channel.blockSignals(False)
        self._show_plane()
        entry = not self._document.graph.incoming(looked.node) if looked.node in self._document.graph else False
        if entry and self._at is not None:
            self.says.setText(f"{self._words(looked.node, self._at)} = {number(float(self._values[self._at]))}")
            self.lines.setText("This is where data enters: the number comes from the sample itself.")
            self.lines.show()
        elif self._at is None:
            self.says.setText("This is where data enters." if entry else "Click a pixel to see how it was made.")

    def _show_plane(self) -> None:
        if not self._values.size:
            return
        box = None
        if self._at is not None and self._layout.place(self._at)[0] == self.channel.value():
            _, row, column = self._layout.place(self._at)
            box = ((row, row + 1), (column, column + 1))
        self.map.show_values(self._layout.plane(self._values, self.channel.value()), box)

    def _show_arithmetic(self, explained: Explained) -> None:
        found = explained.explanation
        self.terms.show_terms(explained)
        self.table.sortByColumn(5, Qt.SortOrder.DescendingOrder)
        self.says.setText(f"{self._words(explained.node, explained.at)} = {number(explained.value)}")
        lines = list(found.lines)
        if found.total > len(found.parts):
            left = found.total - len(found.parts)
            lines.append(f"the table leaves out {thousands(left)} small ones, together {number(found.rest)}")
        self.lines.setText("\n".join(lines))
        self.lines.show()
        self._show_plane()
        self._show_below(explained)

    def _words(self, node: str, at: Index) -> str:
        where = f", at {', '.join(map(str, at[1:]))}" if len(at) > 1 else ""
        return f"{node}, channel {at[0]}{where}"

    def _show_below(self, explained: Explained) -> None:
        column = self._clear_below()
        for node, box in explained.sight.items():
            plane = explained.planes.get(node)
            if node == explained.node:
                continue
            if plane is None:
                column.addWidget(QLabel(f"{node}\ntoo large to be shown"))
                continue
            layout = Layout((plane.values.shape[1],)) if not box else Layout(plane.values.shape)
            values = layout.plane(plane.values[0] if not box else plane.values, 0)
            lit = box if len(box) == 2 else ((0, values.shape[0]), *box) if len(box) == 1 else None
            label = QLabel(f"{node} · {sizes(high - low for low, high in box)} px" if box else f"{node} · all")
            label.setProperty("role", "quiet")
            view = MapView(BELOW_PX)
            view.pickable = False
            view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            view.setAccessibleName(label.text())
            view.show_values(values, lit)
            column.addWidget(label)
            column.addWidget(view)
        column.addStretch(1)

    # --- small things ------------------------------------------------------------------------------------------------

    def _point(self, row: int, column: int) -> None:
        at = self._layout.index(self.channel.value(), row, column) if row >= 0 else None
        self.under_mouse.setText(f"{self._words('', at)[2:]}: {number(float(self._values[at]))}" if at else " ")

    def _clear_arithmetic(self) -> None:
        self.terms.show_terms(None)
        self.lines.hide()
        self._clear_below()

    def _clear_below(self) -> QVBoxLayout:
        """An empty page for the layers below; the scroll area deletes the one before."""
        page = QWidget()
        page.setProperty("role", "panel")
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, space(2), 0)
        column.setSizeConstraint(QLayout.SizeConstraint.SetMinimumSize)  # the area scrolls rather than squeezes
        self._area.setWidget(page)
        return column

    def _enable(self) -> None:
        self.back.setEnabled(bool(self._history))
        seen = bool(self._values.size)
        for widget in (self.again, self.sample, self.map, self.table):
            widget.setEnabled(seen)

    def _repaint(self) -> None:
        self._show_plane()
        self._renew()
