"""The table of runs as a model: a line each, sortable by every column."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import attrs
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from convstudio.look.theme import theme
from convstudio.training.kept_runs import KeptRuns
from convstudio.wording import time_text
from engine.numerals import written
from engine.progress import EpochResult
from engine.run_files import BrokenRun, RunSummary

AnyIndex = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
NAME, SORT = 0, Qt.ItemDataRole.UserRole


@attrs.frozen
class Column:
    """What a column shows of a run, and what it is sorted by."""

    title: str
    text: Callable[[RunSummary], str]
    order: Callable[[RunSummary], Any]
    is_number: bool = False
    broken: Callable[[BrokenRun], Any] = lambda one: ""  # the same of one that cannot be read
    broken_order: Callable[[BrokenRun], Any] = lambda one: ""


def _accuracy(one: RunSummary, name: str) -> float | None:
    best: EpochResult | None = one.best
    return getattr(best, name) if best else None


def _share(value: float | None) -> str:
    return "—" if value is None else f"{100 * value:.2f} %"


def _moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds):%Y-%m-%d %H:%M}"


UNREADABLE = "cannot be read"
COLUMNS = (
    Column(
        "Run",
        lambda one: one.title,
        lambda one: one.title.lower(),
        broken=lambda one: one.title,
        broken_order=lambda one: one.title.lower(),
    ),
    Column(
        "Network", lambda one: one.network_name, lambda one: one.network_name.lower(), broken=lambda one: UNREADABLE
    ),
    Column("Data", lambda one: str(one.data.get("name", "")), lambda one: str(one.data.get("name", ""))),
    Column(
        "Validation",
        lambda one: _share(_accuracy(one, "validation_accuracy")),
        lambda one: _accuracy(one, "validation_accuracy") or 0.0,
        is_number=True,
    ),
    Column(
        "Test",
        lambda one: _share(_accuracy(one, "test_accuracy")),
        lambda one: _accuracy(one, "test_accuracy") or 0.0,
        is_number=True,
    ),
    Column(
        "Epochs",
        lambda one: f"{len(one.history)} of {one.settings.epochs}",
        lambda one: len(one.history),
        is_number=True,
    ),
    Column("Time", lambda one: time_text(one.seconds), lambda one: one.seconds, is_number=True),
    Column("Optimiser", lambda one: one.settings.optimizer.title, lambda one: one.settings.optimizer.title),
    Column(
        "Rate", lambda one: written(one.settings.learning_rate), lambda one: one.settings.learning_rate, is_number=True
    ),
    Column("Batch", lambda one: str(one.settings.batch), lambda one: one.settings.batch, is_number=True),
    Column(
        "When",
        lambda one: _moment(one.written),
        lambda one: one.written,
        broken=lambda one: _moment(one.written),
        broken_order=lambda one: one.written,
    ),
)
WHEN = len(COLUMNS) - 1
UNREADABLE_AT = 1  # the column after its name


class RunsModel(QAbstractTableModel):
    """Follows the kept runs; a tick draws a run into the charts, its name can be edited."""

    def __init__(self, kept: KeptRuns) -> None:
        super().__init__(kept)
        self.kept = kept
        self.rows: tuple[RunSummary | BrokenRun, ...] = ()
        kept.changed.connect(self._follow)
        kept.chosen_changed.connect(self._follow_choice)
        self._follow()

    def _follow(self) -> None:
        self.beginResetModel()
        self.rows = (*self.kept.summaries, *self.kept.broken)
        self.endResetModel()

    def _follow_choice(self) -> None:
        last = self.index(len(self.rows) - 1, NAME)
        self.dataChanged.emit(self.index(0, NAME), last, [Qt.ItemDataRole.CheckStateRole])

    # --- what Qt asks for --------------------------------------------------------------------------------------------

    def rowCount(self, parent: AnyIndex = NOWHERE) -> int:  # noqa: N802  (Qt's name)
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: AnyIndex = NOWHERE) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:  # noqa: N802
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return COLUMNS[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return None

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        flags = super().flags(index)
        if index.column() == NAME and isinstance(self.rows[index.row()], RunSummary):
            flags |= Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: AnyIndex, role: int = 0) -> Any:
        one, column = self.rows[index.row()], COLUMNS[index.column()]
        if isinstance(one, BrokenRun):
            return _of_broken(one, index.column(), role)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return column.text(one)
        if role == SORT:
            return column.order(one)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(index.column())
        if role == Qt.ItemDataRole.CheckStateRole and index.column() == NAME:
            return Qt.CheckState.Checked if one.folder in self.kept.chosen else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.ToolTipRole:
            return str(one.folder) if index.column() == NAME else None
        return None

    def setData(self, index: AnyIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: N802
        one = self.rows[index.row()]
        if isinstance(one, BrokenRun):
            return False
        if role == Qt.ItemDataRole.CheckStateRole:
            self.kept.choose(one, Qt.CheckState(value) == Qt.CheckState.Checked)
        elif role == Qt.ItemDataRole.EditRole and str(value).strip() not in ("", one.title):
            self.kept.rename(one, str(value))
        else:
            return False
        return True


def _of_broken(one: BrokenRun, section: int, role: int) -> Any:
    column = COLUMNS[section]
    if role == Qt.ItemDataRole.DisplayRole:
        return column.broken(one)
    if role == SORT:
        return -1.0 if column.is_number else column.broken_order(one)
    if role == Qt.ItemDataRole.ToolTipRole:
        return one.why
    if role == Qt.ItemDataRole.ForegroundRole:
        return theme().color("error" if section == UNREADABLE_AT else "text_quiet")
    return _alignment(section) if role == Qt.ItemDataRole.TextAlignmentRole else None


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if COLUMNS[column].is_number else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
