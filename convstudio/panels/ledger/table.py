"""The table of terms: bars behind the last column, links that say where they lead, and rows that can be copied."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from convstudio.look.sheet import CELL_PX
from convstudio.look.theme import space, theme
from convstudio.panels.ledger.terms import ALIGNED, ARROW, SHARE, Column, TermsModel

ROWS_SEEN = 8  # at least, so that a worked example can be read
ROW_PX = 28
BAR = 0.22  # how strong its colour is
MEASURED = 100  # rows whose words are measured


class Bars(QStyledItemDelegate):
    """Numbers with their points below each other, and bars as long as a number is large."""

    def initStyleOption(  # noqa: N802  (Qt's name)
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        option.text = index.data(ALIGNED)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        share = index.data(SHARE)
        if share:
            rect: QRect = option.rect.adjusted(space(1), space(1), -space(1), -space(1))
            long = max(1, round(rect.width() * abs(share)))
            color = theme().color("accent") if share > 0 else theme().category("pooling")
            painter.fillRect(QRect(rect.right() - long + 1, rect.top(), long, rect.height()), theme().faint(color, BAR))
        super().paint(painter, option, index)


class TermsTable(QTableView):
    """Terms, the largest first."""

    chosen = Signal(int, str)  # a term, and the head of the column that was clicked

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.terms = TermsModel()
        self.setModel(self.terms)
        self._needs = list[int]()  # how wide each column must be so that nothing in it is cut
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
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setMinimumSectionSize(space(6))
        self.horizontalHeader().setHighlightSections(False)
        self.clicked.connect(self._choose)
        self.activated.connect(self._choose)

    def show_columns(self, columns: list[Column], *arguments: Any) -> None:
        """Other terms."""
        self.terms.show_columns(columns, *arguments)
        self.sortByColumn(len(columns) - 1, Qt.SortOrder.DescendingOrder)
        self.scrollToTop()
        self._needs = self._needed()
        self._fit()
        links = any(column.link for column in columns)
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if links else Qt.CursorShape.ArrowCursor)
        rows = min(ROWS_SEEN, self.terms.rowCount())
        self.setMinimumHeight(self.horizontalHeader().sizeHint().height() + rows * ROW_PX + 2)

    def _needed(self) -> list[int]:
        """Of a long table the first rows and some of the others are measured, and what has powers of ten."""
        head, metrics, columns = self.horizontalHeader(), self.fontMetrics(), self.terms.columns
        count = self.terms.rowCount()
        rows = sorted({*range(min(count, MEASURED)), *range(0, count, max(1, count // MEASURED))})
        margin = self.style().pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, None, self) + 1  # as Qt's cells have
        icon = self.iconSize().width() + space(1) if self.terms.has_icons else 0
        needs = []
        for place, column in enumerate(columns):
            terms = [*map(self.terms.term, rows), *column.with_powers(MEASURED)]
            widest = max((metrics.horizontalAdvance(column.aligned(term)) for term in terms), default=0)
            inside = widest + 1 + 2 * (CELL_PX + margin) + (0 if place else icon)
            needs.append(max(inside, head.sectionSizeHint(place) + head.fontMetrics().horizontalAdvance(ARROW)))
        return needs

    def _fit(self) -> None:
        """What is left of the width is shared out alike; where there is too little one scrolls, and no digit is cut."""
        room = max(0, self.viewport().width() - sum(self._needs))
        for place, need in enumerate(self._needs):
            more = room // len(self._needs) + (room % len(self._needs) if place == len(self._needs) - 1 else 0)
            self.horizontalHeader().resizeSection(place, need + more)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  (Qt's name)
        super().resizeEvent(event)
        self._fit()

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
