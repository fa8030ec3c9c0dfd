"""The table of terms: bars behind the last column, links that say where they lead, and rows that can be copied."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from convstudio.look.theme import space, theme
from convstudio.panels.ledger.terms import SHARE, Column, TermsModel

ROWS_SEEN = 8  # at least, so that a worked example can be read
ROW_PX = 28
BAR = 0.22  # how strong its colour is


class Bars(QStyledItemDelegate):
    """A bar as long as the number is large, towards the left or the right like its sign."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        share = index.data(SHARE)
        if share:
            rect: QRect = option.rect.adjusted(space(1), space(1), -space(1), -space(1))
            long = max(1, round(rect.width() * abs(share)))
            color = theme().color("accent") if share > 0 else theme().category("pooling")
            painter.fillRect(QRect(rect.right() - long + 1, rect.top(), long, rect.height()), theme().faint(color, BAR))
        option.rect.adjust(space(1), 0, -space(2), 0)
        super().paint(painter, option, index)


class TermsTable(QTableView):
    """Terms, the largest first."""

    chosen = Signal(int, str)  # a term, and the head of the column that was clicked

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.terms = TermsModel()
        self.setModel(self.terms)
        self.setItemDelegate(Bars(self))
        self.setSortingEnabled(True)
        self.setShowGrid(False)
        self.horizontalHeader().setSortIndicatorShown(False)  # the head says so itself: an arrow would lie on it
        self.setAccessibleName(name)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_PX)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().setHighlightSections(False)
        self.clicked.connect(self._choose)
        self.activated.connect(self._choose)

    def show_columns(self, columns: list[Column], *arguments: Any) -> None:
        """Other terms."""
        self.terms.show_columns(columns, *arguments)
        self.sortByColumn(len(columns) - 1, Qt.SortOrder.DescendingOrder)
        self.scrollToTop()
        links = any(column.link for column in columns)
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if links else Qt.CursorShape.ArrowCursor)
        rows = min(ROWS_SEEN, self.terms.rowCount())
        self.setMinimumHeight(self.horizontalHeader().sizeHint().height() + rows * ROW_PX + 2)

    def sizeHint(self) -> QSize:  # noqa: N802  (Qt's name)
        return QSize(super().sizeHint().width(), self.minimumHeight())

    def _choose(self, index: QModelIndex) -> None:
        self.chosen.emit(self.terms.term(index.row()), self.terms.columns[index.column()].head)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if not event.matches(QKeySequence.StandardKey.Copy):
            super().keyPressEvent(event)
            return
        rows = sorted({index.row() for index in self.selectionModel().selectedIndexes()})
        lines = ["\t".join(c.text(self.terms.term(row)) for c in self.terms.columns) for row in rows]
        QGuiApplication.clipboard().setText("\n".join(lines))
