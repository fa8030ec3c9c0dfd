"""The profile panel: bars beside the layers' names, and what a step and an epoch will take."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QPainter, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from convstudio.document.document import Document
from convstudio.document.unfolding import COPY_MARK
from convstudio.look.letters import roomy
from convstudio.look.sheet import CELL_PX
from convstudio.look.theme import appearance, space, theme
from convstudio.panels.profile.costs import BAR, BARS, COLUMNS, NAME, CostsModel, milliseconds, span
from convstudio.training.session import Session
from convstudio.wording import kilobytes, thousands
from engine.profile import Profile
from engine.questions import MeasureLayers, NotAnswered, Profiled

ROW_PX, BAR_PX = 28, 10
NAME_PX, ARROW = 190, "  ▾"  # the widest name, and what a title needs for the arrow beside it
BACKWARD_INK = 0.4  # of the forward bar's
EMPTY = "How long each layer takes has not been measured yet."
MEASURING = "Measuring each layer, a moment of it between two steps …"


class ProfilePanel(QWidget):
    """A row for each layer, sorted as one likes."""

    explanation = (
        "What each layer costs for one batch, measured on the very code that trains: the strong bar is forward, the "
        "faint one backward. Sort by any column. A layer that takes much time at a low speed is a good place for "
        "another kernel size or fewer channels; one that takes much memory decides how large a batch may be. A ReLU "
        "behind a convolution costs nothing, since the convolution applies it. Click a row to select its layer. Try "
        "another kernel size for the layer with the longest bar: all is measured anew."
    )

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document, self.session = document, session
        self.setProperty("role", "panel")
        self.costs = CostsModel(self)
        self.table = self._make_table()
        self.says, self.button = QLabel(EMPTY), QPushButton("Measure")
        self.says.setProperty("role", "quiet")
        self.says.setTextFormat(Qt.TextFormat.PlainText)
        self.says.setWordWrap(True)
        self.total = QLabel()
        self.total.setProperty("role", "quiet")
        self.total.setTextFormat(Qt.TextFormat.PlainText)
        self.total.setWordWrap(True)
        row = QHBoxLayout()
        row.setSpacing(space(3))
        row.addWidget(self.says, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(space(4), space(2), space(4), space(2))
        column.setSpacing(space(2))
        column.addLayout(row)
        column.addWidget(self.table, 1)
        column.addWidget(self.total)
        self._number, self._stale = 0, True
        self.button.clicked.connect(self.measure)
        self.table.selectionModel().selectionChanged.connect(self._choose)
        document.selection_changed.connect(self._follow_selection)
        session.answered.connect(self._take)
        session.network_changed.connect(self._forget)
        appearance().changed.connect(self._fit_columns)
        self._show_table(shown=False)

    def _make_table(self) -> QTableView:
        table = QTableView()
        table.setModel(self.costs)
        table.setItemDelegateForColumn(BARS, Bars(table))
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setAccessibleName("What each layer costs")
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(ROW_PX)
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setStretchLastSection(False)
        for column in range(len(COLUMNS)):
            mode = QHeaderView.ResizeMode.Stretch if column == BARS else QHeaderView.ResizeMode.Fixed
            header.setSectionResizeMode(column, mode)
        table.setSortingEnabled(True)
        table.sortByColumn(NAME, Qt.SortOrder.AscendingOrder)
        return table

    def _fit_columns(self) -> None:
        """As wide as what is in them, names within limits; the bars get the rest."""
        header = self.table.horizontalHeader()
        metrics = header.fontMetrics()
        for column, title in enumerate(COLUMNS):
            if column != BARS:
                room = max(self.table.sizeHintForColumn(column), metrics.horizontalAdvance(title + ARROW) + 2 * CELL_PX)
                header.resizeSection(column, min(room, roomy(NAME_PX)) if column == NAME else room)
        self.table.viewport().update()

    # --- measuring ---------------------------------------------------------------------------------------------------

    def measure(self) -> None:
        """Asks for a new measurement."""
        self._stale, self._number = False, self.session.new_number()
        self.button.setEnabled(False)
        self._say(MEASURING)
        self.session.ask_about(MeasureLayers(self._number))

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802  (Qt's name)
        super().showEvent(event)
        if self._stale:
            self.measure()

    def _forget(self) -> None:
        """Another network, or another batch: what was measured holds no longer."""
        self._stale = True
        if self.isVisible():
            self.measure()

    def _take(self, answer: object) -> None:
        if isinstance(answer, NotAnswered) and answer.number == self._number:
            self.button.setEnabled(True)
            self._say(answer.message)
        elif isinstance(answer, Profiled):  # whoever asked: there is one network
            self._stale = self._stale and not answer.finished
            self._show(answer)

    def _show(self, answer: Profiled) -> None:
        profile = answer.profile
        self.costs.show_profile(self.document.project.unfolded, profile)
        self._show_table(shown=True)
        self._follow_selection()
        self.button.setEnabled(answer.finished)
        self._say(_summary(profile))
        self.total.setText(_totals(profile))

    def _say(self, text: str) -> None:
        self.says.setText(text)

    def _show_table(self, *, shown: bool) -> None:
        self.table.setVisible(shown)
        self.total.setVisible(shown)
        self._fit_columns()

    # --- selecting ---------------------------------------------------------------------------------------------------

    def _choose(self) -> None:
        rows = self.table.selectionModel().selectedRows()
        if rows:
            name = self.costs.rows[rows[0].row()].cost.node.partition(COPY_MARK)[0]
            if self.document.selection != {name}:
                self.document.select([name])

    def _follow_selection(self) -> None:
        chosen = sorted(self.document.selection)
        row = self.costs.row_of(chosen[0]) if len(chosen) == 1 else None
        selection = self.table.selectionModel()
        shown = [index.row() for index in selection.selectedRows()]
        if row is None:
            if not shown or self.costs.rows[shown[0]].cost.node.partition(COPY_MARK)[0] not in chosen:
                selection.clearSelection()
        elif not shown or self.costs.rows[shown[0]].cost.node.partition(COPY_MARK)[0] != chosen[0]:
            index = self.costs.index(row, 0)
            flags = QItemSelectionModel.SelectionFlag
            selection.select(index, flags.ClearAndSelect | flags.Rows)
            self.table.scrollTo(index)


class Bars(QStyledItemDelegate):
    """Forward, and backward behind it."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        words, colors = str(index.data()), theme()
        forward, backward = index.data(BAR)
        rect: QRect = option.rect.adjusted(space(2), 0, -space(2), 0)
        if words:
            painter.setPen(colors.color("text_quiet"))
            fitting = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, rect.width())
            painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, fitting)
            return
        left, top = rect.left(), rect.center().y() - BAR_PX // 2
        middle = left + round(rect.width() * forward)
        end = left + round(rect.width() * (forward + backward))
        if forward:
            painter.fillRect(QRect(left, top, max(1, middle - left), BAR_PX), colors.color("accent"))
        if backward:
            faint = colors.faint(colors.color("accent"), BACKWARD_INK)
            painter.fillRect(QRect(middle, top, max(1, end - middle), BAR_PX), faint)


def _summary(profile: Profile) -> str:
    return (
        f"A step with {thousands(profile.batch)} samples takes {milliseconds(profile.step_ms)}, "
        f"so {thousands(round(profile.samples_per_second))} samples a second; "
        f"an epoch will take about {span(profile.seconds_per_epoch)}."
    )


def _totals(profile: Profile) -> str:
    forward = sum(layer.forward_ms for layer in profile.layers)
    backward = sum(layer.backward_ms for layer in profile.layers)
    parameters = sum(layer.parameter_bytes for layer in profile.layers)
    return " · ".join(
        (
            f"All layers {milliseconds(profile.layers_ms)}: forward {milliseconds(forward)}, "
            f"backward {milliseconds(backward)}",
            f"loading samples {milliseconds(profile.loading_ms)}",
            f"optimiser {milliseconds(profile.update_ms)}",
            f"{kilobytes(profile.arena_bytes + parameters)} of memory, since layers take turns",
        )
    )
