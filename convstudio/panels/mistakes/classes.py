"""How well each class is recognised, as a table that can be sorted."""

from __future__ import annotations

from math import isnan
from typing import Any

import attrs
import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QPointF, QRect, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPolygonF
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from convstudio.look.letters import font
from convstudio.look.sheet import CELL_PX
from convstudio.look.theme import space, theme
from convstudio.wording import thousands

Array = np.ndarray[Any, Any]
Place = QModelIndex | QPersistentModelIndex
COLUMNS = ("Class", "Precision", "Recall", "F1", "Samples")
TIPS = (
    "",
    "Of all samples said to be of this class, how many are",
    "Of all samples of this class, how many were found",
    "Precision and recall in one number: their harmonic mean",
    "How many samples of this class there are",
)
CLASS, SAMPLES = 0, 4
NONE = "–"  # precision of a class that is never said
ROW_PX = 28
WIDEST, PADDING_PX = "100.0 %", 16  # of a cell: what it holds, and what is beside it
INSET_PX = 5  # so that numbers stand below the words of the head
MOST_CLASS_PX = 120  # of a class's name
SIGN_PX = 8, 4  # of the sign above the words of the column that is sorted


@attrs.frozen(eq=False)
class Scores:
    """A column of numbers for every class."""

    names: list[str]
    precision: Array
    recall: Array
    f1: Array
    support: Array


class ClassesModel(QAbstractTableModel):
    """A row for each class."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        empty = np.zeros(0)
        self._scores = Scores([], empty, empty, empty, empty)
        self._order: list[int] = []
        self._sorted = (CLASS, Qt.SortOrder.AscendingOrder)

    def show_scores(self, scores: Scores) -> None:
        """Other numbers, in the order that was chosen."""
        self.beginResetModel()
        self._scores = scores
        self._arrange()
        self.endResetModel()

    @property
    def names(self) -> list[str]:
        return self._scores.names

    def class_of(self, row: int) -> int:
        return self._order[row]

    def rowCount(self, parent: Place = QModelIndex()) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: Place = QModelIndex()) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return TIPS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(section)
        return None

    def data(self, index: Place, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(index.column())
        if role == Qt.ItemDataRole.FontRole:
            return font("body")
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        number, column = self._order[index.row()], index.column()
        if column == CLASS:
            return self._scores.names[number]
        value = float(self._numbers(column)[number])
        if column == SAMPLES:
            return thousands(int(value))
        return NONE if isnan(value) else f"{value * 100:.1f} %"

    @staticmethod
    def _alignment(column: int) -> Qt.AlignmentFlag:
        side = Qt.AlignmentFlag.AlignLeft if column == CLASS else Qt.AlignmentFlag.AlignRight
        return side | Qt.AlignmentFlag.AlignVCenter

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._sorted = (column, order)
        self.layoutAboutToBeChanged.emit()
        self._arrange()
        self.layoutChanged.emit()

    def _arrange(self) -> None:
        column, order = self._sorted
        classes = list(range(len(self._scores.names)))
        if column != CLASS:
            values = np.nan_to_num(np.asarray(self._numbers(column), np.float64), nan=-1.0)
            classes.sort(key=lambda k: values[k], reverse=order == Qt.SortOrder.DescendingOrder)
        elif order == Qt.SortOrder.DescendingOrder:
            classes.reverse()
        self._order = classes

    def _numbers(self, column: int) -> Array:
        scores = self._scores
        return (scores.precision, scores.recall, scores.f1, scores.support)[column - 1]


class _Head(QHeaderView):
    """Says above the words which column is sorted, and which way: beside them there is no room."""

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:  # noqa: N802  (Qt's names)
        painter.save()
        super().paintSection(painter, rect, logicalIndex)
        painter.restore()
        if logicalIndex != self.sortIndicatorSection():
            return
        width, height = SIGN_PX
        up = self.sortIndicatorOrder() == Qt.SortOrder.AscendingOrder
        middle, top, bottom = rect.center().x(), rect.top() + (0 if up else height), rect.top() + (height if up else 0)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("text_quiet"))
        tip = (QPointF(middle - width / 2, bottom), QPointF(middle, top), QPointF(middle + width / 2, bottom))
        painter.drawPolygon(QPolygonF(tip))
        painter.restore()


class ClassesTable(QTableView):
    """A quiet table, sorted by a click on its head."""

    def __init__(self, model: ClassesModel) -> None:
        super().__init__()
        self._model = model
        self.setModel(model)
        self.setHorizontalHeader(_Head(Qt.Orientation.Horizontal, self))
        self.horizontalHeader().setSectionsClickable(True)
        self.setSortingEnabled(True)
        self.horizontalHeader().setSortIndicatorShown(False)  # Qt's own would lie on the words
        self.sortByColumn(CLASS, Qt.SortOrder.AscendingOrder)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_PX)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Precision and recall of each class")
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setMinimumSectionSize(space(6))
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setSectionResizeMode(CLASS, QHeaderView.ResizeMode.Stretch)
        self.setStyleSheet(f"QTableView::item {{ padding: 0 {INSET_PX}px; }}")
        self.fit()

    def fit(self) -> None:
        """As wide as the columns and the names must be."""
        head, metrics = self.horizontalHeader(), QFontMetricsF(font("body"))
        wide = self.verticalScrollBar().sizeHint().width()
        for column in range(CLASS + 1, len(COLUMNS)):
            title = head.fontMetrics().horizontalAdvance(COLUMNS[column]) + 2 * CELL_PX + 1
            head.resizeSection(column, max(round(metrics.horizontalAdvance(WIDEST)) + PADDING_PX, title))
            wide += head.sectionSize(column)
        names = (COLUMNS[CLASS], *self._model.names)
        widest = max(round(metrics.horizontalAdvance(name)) for name in names)
        self.setMinimumWidth(wide + min(widest + PADDING_PX + INSET_PX, MOST_CLASS_PX))
