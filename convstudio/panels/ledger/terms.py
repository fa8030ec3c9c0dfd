"""The terms of one number as a table: every input, its weight and what it gave, sortable by size."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from engine.explained import LARGEST, PRODUCT, SUM, number
from engine.questions import Explained

PARTS = {SUM: "Product", LARGEST: "Wins", PRODUCT: "Factor"}
Place = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()


class TermsModel(QAbstractTableModel):
    """Rows of one explanation."""

    def __init__(self) -> None:
        super().__init__()
        self._explained: Explained | None = None
        self._order = np.zeros(0, np.intp)

    def show_terms(self, explained: Explained | None) -> None:
        """Another number's terms, the largest first."""
        self.beginResetModel()
        self._explained = explained
        found = explained.explanation if explained else None
        self._order = np.argsort(-np.abs(found.parts), kind="stable") if found else np.zeros(0, np.intp)
        self.endResetModel()

    def target(self, row: int) -> tuple[str, tuple[int, ...]]:
        """The node and the index that a row's number comes from."""
        assert self._explained is not None
        term, found = self._order[row], self._explained.explanation
        index = tuple(int(i) for i in found.indices[term] if i >= 0)
        return self._explained.sources[int(found.ports[term])], index

    def rowCount(self, parent: Place = NOWHERE) -> int:  # noqa: N802  (Qt's name)
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: Place = NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else 6

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:  # noqa: N802
        if role != Qt.ItemDataRole.DisplayRole or orientation != Qt.Orientation.Horizontal:
            return None
        way = self._explained.explanation.way if self._explained else SUM
        return ("From", "Channel", "Position", "Value", "Weight", PARTS.get(way, "Counts as"))[section]

    def data(self, index: Place, role: int = 0) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if index.column() else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role != Qt.ItemDataRole.DisplayRole or self._explained is None:
            return None
        found, term = self._explained.explanation, self._order[index.row()]
        source, at = self.target(index.row())
        weight = float(found.weights[term])
        column = (
            lambda: source,
            lambda: str(at[0]),
            lambda: ", ".join(map(str, at[1:])),
            lambda: number(float(found.values[term])),
            lambda: "" if np.isnan(weight) else number(weight),
            lambda: number(float(found.parts[term])),
        )[index.column()]
        return column()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """By size without the sign for products, else by the column's numbers."""
        if self._explained is None:
            return
        found = self._explained.explanation
        place = np.arange(len(found.parts))
        keys = (found.ports, found.indices[:, 0], place, found.values, found.weights, np.abs(found.parts))
        self.layoutAboutToBeChanged.emit()
        rising = np.argsort(keys[column], kind="stable")
        self._order = rising if order == Qt.SortOrder.AscendingOrder else rising[::-1]
        self.layoutChanged.emit()
