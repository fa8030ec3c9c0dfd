"""Terms as tables: every input with its weight and what it gave, or every slope with its factor; sortable by size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import attrs
import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QIcon

from engine.explained import DIGITS, FORMULA, LARGEST, PRODUCT, SUM, Explanation, Index, number
from engine.influence import NORMAL, ONE
from engine.numerals import LARGEST_PLAIN, SMALLEST_PLAIN
from engine.questions import ExplainedWeight

PARTS = {SUM: "Product", LARGEST: "Wins", PRODUCT: "Factor", FORMULA: "Counts as"}
SHARE = Qt.ItemDataRole.UserRole + 1  # of the largest, −1 to 1: how long its bar is
ALIGNED = SHARE + 1  # the words as they are drawn
TIMES, POINT_WIDE, DIGIT_WIDE = "×", "\u2008", "\u2007"  # spaces as wide as a point and as a digit
ARROW = " ↓"  # behind the head of the column that is sorted
Array = np.ndarray[Any, Any]
Place = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@attrs.frozen(eq=False)
class Column:
    """A column: its head, what a term says in it, and what it is sorted by."""

    head: str
    text: Callable[[int], str]
    key: Array
    number: bool = True
    link: str = ""  # what a click leads to
    decimals: int = 0  # room behind the point, where the points of a column stand below each other

    def with_powers(self, most: int) -> list[int]:
        """Terms, no more than so many, whose numbers are written with a power of ten: they are wider than others."""
        size = np.abs(np.asarray(self.key, np.float64))
        plain = (size >= 10.0**SMALLEST_PLAIN) & (size < 10.0**LARGEST_PLAIN)
        return np.flatnonzero((size > 0) & ~plain)[:most].tolist() if self.number else []

    def aligned(self, term: int) -> str:
        """What it says, with room for the digits that others have behind the point and it has not."""
        text = self.text(term)
        if not text or not self.decimals or TIMES in text:  # powers of ten stand for themselves
            return text
        digits = len(text.partition(".")[2])
        return text + POINT_WIDE * (digits == 0) + DIGIT_WIDE * (self.decimals - digits)


class TermsModel(QAbstractTableModel):
    """Rows of terms; only what is on the screen is made into words."""

    def __init__(self) -> None:
        super().__init__()
        self.columns: Sequence[Column] = ()
        self._order = np.zeros(0, np.intp)
        self._shares = np.zeros(0)
        self._sorted = -1, False  # the column, and whether it rises
        self._icon: Callable[[int], QIcon | None] = lambda term: None

    def show_columns(
        self, columns: Sequence[Column], parts: Array, icon: Callable[[int], QIcon | None] = lambda term: None
    ) -> None:
        """Other terms; the last column has bars of these parts."""
        self.beginResetModel()
        self.columns, self._icon = columns, icon
        self._order = np.arange(len(parts))
        self._shares = parts / (np.abs(parts).max(initial=0) or 1.0)
        self.endResetModel()

    @property
    def has_icons(self) -> bool:
        """Whether a picture may stand before a term."""
        return any(self._icon(term) for term in range(len(self._order)))

    def clear(self) -> None:
        """No terms."""
        self.show_columns((), np.zeros(0))

    def term(self, row: int) -> int:
        """Which term stands in a row."""
        return int(self._order[row])

    def rowCount(self, parent: Place = NOWHERE) -> int:  # noqa: N802  (Qt's name)
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: Place = NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:  # noqa: N802
        if orientation != Qt.Orientation.Horizontal or section >= len(self.columns):
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if self.columns[section].number else LEFT
        arrow = {section: ""} | {self._sorted[0]: " ↑" if self._sorted[1] else ARROW}
        return self.columns[section].head + arrow[section] if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Place, role: int = 0) -> Any:
        column, term = self.columns[index.column()], self.term(index.row())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return column.text(term)
            case _ if role == ALIGNED:
                return column.aligned(term)
            case Qt.ItemDataRole.TextAlignmentRole:
                return RIGHT if column.number else LEFT
            case Qt.ItemDataRole.ToolTipRole:
                return column.link or None
            case Qt.ItemDataRole.DecorationRole if not index.column():
                return self._icon(term)
            case _ if role == SHARE and index.column() == len(self.columns) - 1:
                return float(self._shares[term])
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """By the column's numbers; products by their size without the sign."""
        if not 0 <= column < len(self.columns):
            return
        self._sorted = column, order == Qt.SortOrder.AscendingOrder
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)
        self.layoutAboutToBeChanged.emit()
        key = np.asarray(self.columns[column].key, np.float64)
        self._order = np.argsort(key if order == Qt.SortOrder.AscendingOrder else -key, kind="stable")
        self.layoutChanged.emit()

    def as_text(self) -> str:
        """The whole table, as spreadsheets take it."""
        rows = ["\t".join(column.head for column in self.columns)]
        rows += ["\t".join(column.text(int(term)) for column in self.columns) for term in self._order]
        return "\n".join(rows)


def places(indices: Array) -> Callable[[int], str]:
    """The position within a channel, in words."""
    return lambda term: ", ".join(str(i) for i in indices[term, 1:] if i >= 0)


def along(indices: Array) -> Array:
    """What positions are sorted by: row by row."""
    if not indices.size:
        return np.zeros(len(indices))
    return np.ravel_multi_index(tuple((indices - indices.min(axis=0)).T), tuple(np.ptp(indices, axis=0) + 1))


def amounts(head: str, numbers: Array, link: str = "", key: Array | None = None) -> Column:
    """A column of numbers, with their points below each other."""
    return Column(head, texts(numbers), numbers if key is None else key, True, link, decimals(numbers))


def decimals(numbers: Array) -> int:
    """The most digits behind the point that any of them has, as `number` writes it."""
    known = np.abs(np.asarray(numbers, np.float64))
    known = known[np.isfinite(known) & (known > 0)]
    powers = np.floor(np.log10(known))
    whole = np.rint(known / 10.0 ** (powers - (DIGITS - 1)))  # all digits that are written
    plain = (powers >= SMALLEST_PLAIN) & (powers < LARGEST_PLAIN)
    powers, whole = powers[plain], whole[plain]
    zeros = sum((whole % 10.0**count == 0).astype(int) for count in range(1, DIGITS + 1))  # at the end: not written
    return int(max(0, np.max(DIGITS - 1 - powers - zeros, initial=0)))


def texts(numbers: Array) -> Callable[[int], str]:
    """Numbers in words; nothing where there is none."""
    return lambda term: "" if np.isnan(numbers[term]) else number(float(numbers[term]))


def of_number(found: Explanation, sources: Sequence[str], heads: tuple[str, str, str] = ("", "", "")) -> list[Column]:
    """The terms of a number."""
    value, weight, part = heads
    deeper, change = "Click to see how this number was made", "Click to see what the next step makes of this weight"
    columns = [
        Column("From", lambda t: sources[int(found.ports[t])], found.ports, False, deeper),
        Column("Channel", lambda t: str(found.indices[t, 0]), found.indices[:, 0], True, deeper),
        Column("Position", places(found.indices), along(found.indices), True, deeper),
        amounts(value or "Value", found.values, deeper),
        amounts(weight or "Weight", found.weights, change if found.taps is not None else deeper),
        amounts(part or PARTS[found.way], found.parts, deeper, np.abs(found.parts)),
    ]
    empty = {"Weight"} if np.isnan(found.weights).all() else set()
    if not (found.indices[:, 1:] >= 0).any():
        empty.add("Position")
    return [column for column in columns if column.head not in empty]


def target(found: Explanation, sources: Sequence[str], term: int) -> tuple[str, Index]:
    """The node and the index that a term's number comes from."""
    return sources[int(found.ports[term])], tuple(int(i) for i in found.indices[term] if i >= 0)


def of_weight(answer: ExplainedWeight) -> list[Column]:
    """The terms of a gradient."""
    slopes, lot = answer.slopes, answer.lot
    letter = {NORMAL: "normalised"}.get(slopes.what, slopes.what)  # heads have no letters with hats
    name = {ONE: "Factor", NORMAL: "Normalised"}.get(slopes.what, slopes.what)

    def sample(term: int) -> str:
        row = int(slopes.rows[term])
        label = f" · {lot.labels[row]}" if len(lot.labels) else ""
        return f"{lot.samples[row]}{label}"

    columns = [
        Column("Sample · class" if len(lot.labels) else "Sample", sample, lot.samples[slopes.rows], False),
        Column("dy at", places(slopes.places), along(slopes.places)),
        amounts("dy", slopes.slopes),
        Column("x at", places(slopes.sources), along(slopes.sources)),
        amounts(name, slopes.factors),
        amounts(f"dy × {letter}", slopes.parts, key=np.abs(slopes.parts)),
    ]
    hidden = {1} if slopes.places.shape[1] < 2 else set[int]()
    if slopes.sources.shape[1] < 2:
        hidden.add(3)
    return [column for place, column in enumerate(columns) if place not in hidden]
