"""The table as Qt asks for it: a line for each layer, and one for all of them together at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QIcon

from convstudio.look.icons import layer_icon, symbol
from convstudio.look.letters import font
from convstudio.look.theme import theme
from convstudio.panels.layers.columns import COLUMNS, NAME, PROBLEM, TOTAL, as_text
from convstudio.panels.layers.rows import Row, total

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
NOWHERE = QModelIndex()
UP, DOWN = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder
LEFT, RIGHT = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
NETWORK_ORDER = -1  # the column that a table is sorted by where it is sorted by none


class LayersModel(QAbstractTableModel):
    """Follows the rows that it is shown, and tells what is different about them."""

    def __init__(self, rename: Callable[[str, str], bool], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[Row] = []
        self.total = total(())
        self._in_order: list[Row] = []  # of the network
        self._rename = rename
        self._sorted = NETWORK_ORDER, UP

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show(self, rows: list[Row]) -> None:
        """Other rows, in the order of the network: only what has changed is told."""
        self._in_order = rows
        wanted, before = self._arranged(), self.rows
        first = _alike(before, wanted)
        last = _alike(before[first:][::-1], wanted[first:][::-1])
        if not {row.name for row in before} & {row.name for row in wanted}:
            self.beginResetModel()
            self.rows, self.total = wanted, total(wanted)
            self.endResetModel()
            return
        self._make_room(len(before) - last, len(wanted) - last, wanted)
        changed = [place for place, (old, new) in enumerate(zip(self.rows, wanted, strict=True)) if old != new]
        self.rows, whole = wanted, self.total
        self.total = total(wanted)
        if self.total != whole:
            changed.append(len(wanted))
        for top, bottom in _runs(changed):
            self.dataChanged.emit(self.index(top, 0), self.index(bottom, PROBLEM))

    def _make_room(self, end: int, wanted_end: int, wanted: list[Row]) -> None:
        """Takes rows away or adds some before those at the end that are the same ones, which stay behind them."""
        if wanted_end < end:
            self.beginRemoveRows(NOWHERE, wanted_end, end - 1)
            self.rows = self.rows[:wanted_end] + self.rows[end:]
            self.endRemoveRows()
        elif wanted_end > end:
            self.beginInsertRows(NOWHERE, end, wanted_end - 1)
            self.rows = self.rows[:end] + wanted[end:wanted_end] + self.rows[end:]
            self.endInsertRows()

    def sort(self, column: int, order: Qt.SortOrder = UP) -> None:
        """By a column, or with -1 as the network is."""
        self._sorted = column, order
        self.layoutAboutToBeChanged.emit()
        before, self.rows = self.rows, self._arranged()
        places = {row.name: place for place, row in enumerate(self.rows)}
        moved = [places[row.name] for row in before]
        for index in self.persistentIndexList():
            if index.row() < len(moved):
                self.changePersistentIndex(index, self.index(moved[index.row()], index.column()))
        self.layoutChanged.emit()

    def _arranged(self) -> list[Row]:
        column, order = self._sorted
        if column == NETWORK_ORDER:
            return self._in_order
        return sorted(self._in_order, key=COLUMNS[column].order, reverse=order == DOWN)

    def row_of(self, name: str) -> int | None:
        """Where a layer stands now."""
        return next((place for place, row in enumerate(self.rows) if row.name == name), None)

    def name_at(self, place: int) -> str | None:
        """The layer of a line; the last one belongs to none."""
        return self.rows[place].name if 0 <= place < len(self.rows) else None

    def as_text(self) -> str:
        """As it stands, for other programs."""
        return as_text(self.rows, self.total)

    # --- what the table asks -----------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802  (Qt's name)
        return 0 if parent.isValid() or not self.rows else len(self.rows) + 1

    def columnCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:  # noqa: N802
        if orientation == Qt.Orientation.Vertical:  # not seen, but heard
            said = role in (Role.DisplayRole, Role.AccessibleTextRole)
            return (self.name_at(section) or TOTAL) if said else None
        column = COLUMNS[section]
        if role in (Role.DisplayRole, Role.AccessibleTextRole):
            return column.title
        if role == Role.ToolTipRole:
            return f"{column.tip}. A click sorts, a third one goes back to the network's order."
        if role == Role.TextAlignmentRole:
            return _side(section)
        if role == Role.InitialSortOrderRole:
            return DOWN if column.is_number else UP
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if index.row() == len(self.rows):
            return Qt.ItemFlag.ItemIsEnabled
        can = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return can | Qt.ItemFlag.ItemIsEditable if index.column() == NAME else can

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        place, column = index.row(), COLUMNS[index.column()]
        if role == Role.TextAlignmentRole:
            return _side(index.column())
        if place >= len(self.rows):
            return self._of_all(index.column(), role)
        row = self.rows[place]
        if role == Role.DisplayRole:
            return column.text(row)
        if role == Role.EditRole:
            return row.name
        if role == Role.AccessibleTextRole:
            return column.spoken(row)
        if role == Role.ToolTipRole:
            return column.more(row) or None
        return _look(row, index.column(), role)

    def _of_all(self, column: int, role: int) -> Any:
        if role == Role.FontRole:
            return font("strong")
        if role not in (Role.DisplayRole, Role.AccessibleTextRole):
            return None
        if column == NAME:
            return TOTAL
        text = COLUMNS[column].total(self.total)
        return text if role == Role.DisplayRole else f"{COLUMNS[column].title} of all layers: {text or 'none'}"

    def setData(self, index: Index, value: Any, role: int = Role.EditRole) -> bool:  # noqa: N802
        name = self.name_at(index.row())
        return role == Role.EditRole and name is not None and self._rename(name, str(value))


def _look(row: Row, column: int, role: int) -> Any:
    """Signs, fonts and colours; bright ones for what is wrong alone."""
    if role == Role.DecorationRole and column == NAME:
        return _icon(row.layer.kind)
    if role == Role.DecorationRole and column == PROBLEM and (row.problems or row.findings):
        return _sign(bool(row.problems))
    if role == Role.FontRole and (column == NAME or COLUMNS[column].is_number):
        return font("strong" if column == NAME else "body")
    if role == Role.ForegroundRole and (column == PROBLEM or (column == NAME and row.problems)):
        return theme().color("error" if row.problems else "warning")
    return None


@cache
def _icon(kind: str) -> QIcon:
    return layer_icon(kind)


@cache
def _sign(is_problem: bool) -> QIcon:
    return symbol("error", "error") if is_problem else symbol("pulse", "warning")


def _side(column: int) -> Qt.AlignmentFlag:
    return (RIGHT if COLUMNS[column].is_number else LEFT) | Qt.AlignmentFlag.AlignVCenter


def _alike(before: list[Row], after: list[Row]) -> int:
    """How many layers at the beginning of both lists are the same ones."""
    pairs = zip(before, after, strict=False)
    return next((place for place, (old, new) in enumerate(pairs) if old.name != new.name), min(len(before), len(after)))


def _runs(places: list[int]) -> Iterator[tuple[int, int]]:
    """First and last of each row of neighbours."""
    top = 0
    for number, place in enumerate(places, 1):
        if number == len(places) or places[number] != place + 1:
            yield places[top], place
            top = number
