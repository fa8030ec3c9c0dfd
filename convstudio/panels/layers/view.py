"""The table as one sees it and uses it by key."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from convstudio.look.icons import SYMBOLS, paint_icon
from convstudio.look.letters import font
from convstudio.look.listening import TELLS
from convstudio.look.sheet import CELL_PX
from convstudio.look.theme import radius, space, theme
from convstudio.panels.layers.columns import COLUMNS, NAME, PROBLEM, trouble
from convstudio.panels.layers.model import NETWORK_ORDER, UP, Index, LayersModel

ROW_PX, ICON_PX, RING_PX, LINE_PX = 28, 20, 2, 1
NARROWEST_PX, WIDEST_PX = 56, 200  # of columns, unless they are drawn wider by hand
SENTENCE_PX = 160  # enough of a problem to tell it from others; all of it stands beside the mouse
SLACK_PX = 2  # letters are a little wider than Qt says
ARROW_PX = 10  # of the sign beside a column's name that says how it is sorted: it stands in the padding
KEY = Qt.Key
ENTER = (KEY.Key_Return, KEY.Key_Enter)
BY_KEY = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)
STANDARD = QKeySequence.StandardKey
OWN = (STANDARD.Delete, STANDARD.Copy, STANDARD.SelectAll)  # what means the table's lines while it has the keys


class LayersTable(QTableView):
    """Lines are chosen whole; the keys of lists and tables do here what they do elsewhere."""

    visited = Signal(str)
    copied = Signal()
    deleted = Signal()

    def __init__(self, model: LayersModel) -> None:
        super().__init__()
        self.layers = model
        self._by_hand: set[int] = set()  # columns whose width somebody has drawn
        self._fitting = False
        self.keyed = False  # whether the keyboard led to the cell that is current: then a ring shows it
        self.setModel(model)
        self.setItemDelegate(Cells(self))
        self.setAccessibleName("Layers of the network")
        self.setAccessibleDescription("Enter shows the layer on the canvas, F2 writes its name, Delete deletes it.")
        self.setProperty(TELLS, True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.doubleClicked.connect(self._visit)
        self._make_headers()

    def _make_headers(self) -> None:
        self.setHorizontalHeader(Titles(self))
        rows, header = self.verticalHeader(), self.horizontalHeader()
        rows.hide()
        rows.setDefaultSectionSize(ROW_PX)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setHighlightSections(False)
        header.setMinimumSectionSize(NARROWEST_PX)
        header.sectionResized.connect(self._fit_rest)
        header.setSortIndicatorClearable(True)
        self.setSortingEnabled(True)
        self.sortByColumn(NETWORK_ORDER, UP)
        header.setSortIndicatorShown(False)  # Qt's takes room from the words; ours stands beside them

    def fit_columns(self, anew: bool) -> None:
        """As wide as what is in them, within limits; anew, or wider alone and those that nobody has drawn by hand."""
        if anew:
            self._by_hand.clear()
        self._fitting = True
        header, metrics, strong = self.horizontalHeader(), self.fontMetrics(), QFontMetrics(font("strong"))
        for place, column in enumerate(COLUMNS[:PROBLEM]):
            if place in self._by_hand:
                continue
            texts = {column.text(row) for row in self.layers.rows}
            texts.add(column.total(self.layers.total))
            widest = max(map((strong if place == NAME else metrics).horizontalAdvance, texts))
            room = widest + SLACK_PX + (ICON_PX + space(1) if place == NAME else 0)
            least = metrics.horizontalAdvance(column.title) + SLACK_PX
            wanted = max(least, min(room, WIDEST_PX)) + 2 * CELL_PX
            header.resizeSection(place, wanted if anew else max(wanted, header.sectionSize(place)))
        self._fitting = False
        self.fit_problems()

    def fit_problems(self) -> None:
        """The last column gets what is left, and some room in any case where there is something in it."""
        header = self.horizontalHeader()
        some = any(map(trouble, self.layers.rows))
        least = SENTENCE_PX if some else self.fontMetrics().horizontalAdvance(COLUMNS[PROBLEM].title) + 2 * CELL_PX
        left = self.viewport().width() - sum(header.sectionSize(place) for place in range(PROBLEM))
        header.resizeSection(PROBLEM, max(least, left))

    def _fit_rest(self, place: int, before: int, now: int) -> None:
        if place != PROBLEM and not self._fitting:
            self._by_hand.add(place)
            self.fit_problems()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  (Qt's name)
        super().resizeEvent(event)
        self.fit_problems()

    def rename(self) -> None:
        """Lets one write the name of the current layer."""
        place = self.currentIndex().row()
        if self.layers.name_at(place) is not None:
            index = self.layers.index(place, NAME)
            self.scrollTo(index)
            self.edit(index)

    def _visit(self, index: Index) -> None:
        name = self.layers.name_at(index.row())
        if name is not None:
            self.visited.emit(name)

    def currentChanged(self, current: Index, previous: Index) -> None:  # noqa: N802
        super().currentChanged(current, previous)
        if current.isValid() and self.layers.name_at(current.row()) is None:
            self.clearSelection()  # nobody who hears "all layers" should delete those that were selected before

    # --- keys --------------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _is_own(event):
            event.accept()  # or the window would do the same with the canvas
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if not self.keyed:
            self.keyed = True
            self.viewport().update()
        if event.key() == KEY.Key_F2:
            self.rename()
        elif event.key() in ENTER and self.state() != QAbstractItemView.State.EditingState:
            self._visit(self.currentIndex())
        elif event.matches(STANDARD.Copy):
            self.copied.emit()
        elif event.matches(STANDARD.Delete):
            self.deleted.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        self.keyed = self.keyed or event.reason() in BY_KEY
        super().focusInEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self.keyed = False
        super().mousePressEvent(event)


class Titles(QHeaderView):
    """The columns' names, with a sign at the one that sorts: upwards where the smallest is above."""

    def __init__(self, table: QTableView) -> None:
        super().__init__(Qt.Orientation.Horizontal, table)
        self.setSectionsClickable(True)
        self.setAccessibleName("Columns")

    def paintSection(self, painter: QPainter, rect: QRect, place: int) -> None:  # noqa: N802  (Qt's name)
        painter.save()
        super().paintSection(painter, rect, place)
        painter.restore()
        if place == self.sortIndicatorSection():
            sign = "chevron_up" if self.sortIndicatorOrder() == UP else "chevron_down"
            corner = rect.right() + 1 - ARROW_PX, rect.center().y() - ARROW_PX / 2 + 1
            paint_icon(painter, SYMBOLS, sign, QRectF(*corner, ARROW_PX, ARROW_PX), theme().color("text_quiet"))


class Cells(QStyledItemDelegate):
    """Draws a ring around the cell that keys go to, and a line above the last row; makes the field for a name."""

    def __init__(self, table: LayersTable) -> None:
        super().__init__(table)
        self._table = table

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        table, place = self._table, QRectF(option.rect)
        if index.row() == len(table.layers.rows):
            painter.fillRect(QRectF(place.left(), place.top(), place.width(), LINE_PX), theme().color("border"))
        if table.keyed and table.hasFocus() and index == table.currentIndex():
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme().color("accent"), RING_PX))
            painter.drawRoundedRect(place.adjusted(1, 1, -1, -1), radius("field"), radius("field"))
            painter.restore()

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: N802
        super().initStyleOption(option, index)
        option.decorationSize = option.decorationSize.scaled(ICON_PX, ICON_PX, Qt.AspectRatioMode.KeepAspectRatio)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:  # noqa: N802
        field = QLineEdit(parent)
        field.setAccessibleName("Name of the layer")
        return field


def _is_own(event: QKeyEvent) -> bool:
    return event.key() == KEY.Key_F2 or any(event.matches(keys) for keys in OWN)
