"""The table of runs: what was tried, how well it went, and what to do with it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QItemSelection, QSortFilterProxyModel, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from convstudio.document.document import Document, Weights
from convstudio.look.theme import appearance, space
from convstudio.panels.inspector.parts import quiet
from convstudio.panels.runs.table import NAME, SORT, WHEN, RunsModel
from convstudio.training.kept_runs import differences
from convstudio.training.restoring import restored
from convstudio.training.session import Session
from engine.graph import Graph
from engine.run_files import BrokenRun, RunSummary

EMPTY = "No run was kept yet. Every run that you train from now on is listed here."
NAME_PX = 200
HINT = "Tick runs to draw them in the charts; select two to see in what they differ."
MOST_DIFFERENCES = 12


class RunsPanel(QWidget):
    """A line for each run."""

    explanation = (
        "Every run that was trained on this computer, with its settings and how well it did. Tick runs to draw their "
        "curves, and what was changed in them, beside the live one; select two to see in which settings they differ; "
        "double-click a name to change it. Restore brings network, settings and weights of a run back into the "
        "window; undo takes the network back. Go on takes up a run that has not come to its last epoch. Try the same "
        "network with two learning rates, and tick both."
    )

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document, self.session, self.kept = document, session, session.kept
        self.setProperty("role", "panel")
        self.model, self.order = RunsModel(self.kept), QSortFilterProxyModel(self)
        self.order.setSourceModel(self.model)
        self.order.setSortRole(SORT)
        self.table = self._make_table()
        self.empty, self.says = QLabel(EMPTY), quiet(HINT)
        self.empty.setProperty("role", "quiet")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.buttons: dict[str, QPushButton] = {}
        column, row = QVBoxLayout(self), QHBoxLayout()
        column.setContentsMargins(space(4), space(2), space(4), space(2))
        column.setSpacing(space(2))
        for name, act in (
            ("Restore", self._restore),
            ("Go on", self._go_on),
            ("Rename", self._rename),
            ("Export …", self._export),
            ("Delete", self._delete),
        ):
            button = QPushButton(name)
            button.clicked.connect(act)
            self.buttons[name] = button
            row.addWidget(button)
        row.addStretch()
        column.addLayout(row)
        column.addWidget(self.says)
        column.addWidget(self.table, 1)
        column.addWidget(self.empty, 1)
        self.kept.changed.connect(self._show)
        self.kept.said.connect(session.said)
        self.kept.bin_missing.connect(self._ask_to_delete)
        session.phase_changed.connect(self._show)
        appearance().changed.connect(self._fit_columns)
        self._show()

    def _make_table(self) -> QTableView:
        table = QTableView()
        table.setAccessibleName("Runs")
        table.setModel(self.order)
        table.setSortingEnabled(True)
        table.sortByColumn(WHEN, Qt.SortOrder.DescendingOrder)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.horizontalHeader().setStretchLastSection(True)
        table.horizontalHeader().setHighlightSections(False)
        table.setColumnWidth(NAME, NAME_PX)
        table.selectionModel().selectionChanged.connect(self._show_selection)
        return table

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802  (Qt's name)
        super().showEvent(event)
        self.kept.refresh()

    # --- what is selected --------------------------------------------------------------------------------------------

    @property
    def selected(self) -> list[RunSummary | BrokenRun]:
        """The runs that are marked."""
        rows = self.table.selectionModel().selectedRows()
        return [self.model.rows[self.order.mapToSource(row).row()] for row in rows]

    def _show(self, *_: object) -> None:
        some = bool(self.model.rows)
        self.table.setVisible(some)
        self.empty.setVisible(not some)
        self._fit_columns()
        self._show_selection()

    def _fit_columns(self) -> None:
        for column in range(1, WHEN):
            self.table.resizeColumnToContents(column)

    def _show_selection(self, *_: QItemSelection) -> None:
        chosen = self.selected
        one = chosen[0] if len(chosen) == 1 and isinstance(chosen[0], RunSummary) else None
        free = one is not None and not self._is_running(one)
        self.buttons["Restore"].setEnabled(free and not self.session.running)
        self.buttons["Go on"].setEnabled(
            one is not None and free and not self.session.running and one.can_go_on and _unfinished(one)
        )
        self.buttons["Rename"].setEnabled(one is not None)
        self.buttons["Export …"].setEnabled(one is not None)
        self.buttons["Delete"].setEnabled(bool(chosen) and not any(map(self._is_running, chosen)))
        self.says.setText(_told(chosen))

    def _is_running(self, one: RunSummary | BrokenRun) -> bool:
        return self.session.running and Path(self.session.folder) == one.folder

    # --- what can be done --------------------------------------------------------------------------------------------

    @property
    def _one(self) -> RunSummary:
        """The run whose buttons can be pressed."""
        one = self.selected[0]
        assert isinstance(one, RunSummary)
        return one

    def _restore(self) -> None:
        one = self._one
        self.kept.restore(one, lambda found: self._show_restored(one, *found))

    def _go_on(self) -> None:
        self.kept.reach(self._one, lambda found: self._continue(*found))

    def _show_restored(self, one: RunSummary, graph: Graph, weights: Weights) -> None:
        edit = restored(self.document.project, one, graph)
        if edit.project == self.document.project:
            self.session.said.emit(f"Restored the weights of {one.title}; network and settings are the same.")
        self.document.perform(edit)
        self.document.set_weights(weights)

    def _continue(self, one: RunSummary, graph: Graph, weights: Weights) -> None:
        self._show_restored(one, graph, weights)
        self.session.go_on(str(one.folder))

    def _rename(self) -> None:
        row = self.table.selectionModel().selectedRows()[0]
        self.table.edit(row)

    def _export(self) -> None:
        one = self._one
        name, _ = QFileDialog.getSaveFileName(self, "Export the run", f"{one.folder.name}.zip", "Archive (*.zip)")
        if name:
            self.kept.export(one, Path(name))

    def _delete(self) -> None:
        self.kept.delete(*self.selected)

    def _ask_to_delete(self, ones: tuple[RunSummary | BrokenRun, ...]) -> None:
        """Where the system has no bin, nothing could bring them back."""
        alone = len(ones) == 1
        what = f"the run {ones[0].title}" if alone else f"these {len(ones)} runs"
        question = QMessageBox(self)
        question.setWindowTitle("Delete runs")
        question.setText(f"Delete {what}, with weights and history?")
        question.setInformativeText(f"There is no bin here: {'it is' if alone else 'they are'} gone for good then.")
        yes = question.addButton("Delete", QMessageBox.ButtonRole.DestructiveRole)
        question.setDefaultButton(question.addButton(QMessageBox.StandardButton.Cancel))
        question.buttonClicked.connect(lambda button: self.kept.delete_for_good(*ones) if button is yes else None)
        question.finished.connect(question.deleteLater)
        question.open()


def _unfinished(one: RunSummary) -> bool:
    return len(one.history) < one.settings.epochs


def _told(chosen: list[RunSummary | BrokenRun]) -> str:
    """What there is to say about what is marked."""
    broken = next((one for one in chosen if isinstance(one, BrokenRun)), None)
    if broken is not None:
        return f"{broken.title} cannot be read. {broken.why} It can be deleted here."
    runs = [one for one in chosen if isinstance(one, RunSummary)]
    return _compared(*runs) if len(runs) == 2 else HINT


def _compared(a: RunSummary, b: RunSummary) -> str:
    rows = [f"{name} {mine} → {theirs}" for name, mine, theirs in differences(a, b)]
    more = len(rows) - MOST_DIFFERENCES
    listed = " · ".join(rows[:MOST_DIFFERENCES]) + (f" · and {more} more" if more > 0 else "")
    return f"{a.title} → {b.title}: {listed}." if rows else f"{a.title} and {b.title} have the same settings."
