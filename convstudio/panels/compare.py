"""Two networks side by side: what differs in layers, settings, shapes and parameters."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from convstudio.document.comparison import ADDED, REMOVED, SAME, Row, compare
from convstudio.document.edits import value_text, words
from convstudio.look.theme import font, space, theme
from convstudio.wording import sizes, thousands
from engine.graph import Graph
from engine.spec import Shape

COLUMNS = ("", "Layer", "Settings", "Shape before", "Shape after", "Parameters before", "Parameters after")
FIRST_NUMBER = 3
SIGNS = {ADDED: "+", REMOVED: "−", SAME: "", "changed": "≠"}
WIDTH_PX, HEIGHT_PX = 980, 600


class CompareDialog(QDialog):
    """A table with a row for each layer of either network."""

    def __init__(self, before: Graph, after: Graph, names: tuple[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"{names[0]} and {names[1]}")
        self.resize(WIDTH_PX, HEIGHT_PX)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.comparison = compare(before, after)
        self.all = QCheckBox("Show what is the same, too")
        self.all.toggled.connect(self._fill)
        self.totals = QLabel(self._totals(names))
        self.totals.setFont(font("strong"))
        self.table = QTableWidget(0, len(COLUMNS))
        self.table.setHorizontalHeaderLabels(list(COLUMNS))
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.table.setAccessibleName("Differences")
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        column = QVBoxLayout(self)
        column.setContentsMargins(space(4), space(4), space(4), space(4))
        column.setSpacing(space(3))
        for widget in (self.totals, self.table, self.all):
            column.addWidget(widget)
        self._fill()

    def _totals(self, names: tuple[str, str]) -> str:
        counts = [thousands(i.parameter_count) for i in (self.comparison.before, self.comparison.after)]
        differences = len(self.comparison.differences)
        several = "1 layer differs" if differences == 1 else f"{differences} layers differ"
        what = several if differences else "Both are the same"
        return f"{what}.   {names[0]}: {counts[0]} parameters   ·   {names[1]}: {counts[1]} parameters"

    def _fill(self) -> None:
        rows = self.comparison.rows if self.all.isChecked() else self.comparison.differences
        self.table.setRowCount(len(rows))
        for number, row in enumerate(rows):
            for place, text in enumerate(_cells(row)):
                item = QTableWidgetItem(text)
                if place >= FIRST_NUMBER:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                if place == 0:
                    item.setForeground(_color(row.state))
                self.table.setItem(number, place, item)


def _cells(row: Row) -> tuple[str, ...]:
    names = list(dict.fromkeys(node.id for node in (row.before, row.after) if node))
    changes = [f"{words(c.field)} {value_text(c.before)} → {value_text(c.after)}" for c in row.fields]
    if row.before and row.after and row.before.layer.kind != row.after.layer.kind:
        changes.insert(0, f"{row.before.layer.title} → {row.after.layer.title}")
    if row.rewired:
        changes.append(f"fed by {', '.join(row.inputs[0]) or 'nothing'} → {', '.join(row.inputs[1]) or 'nothing'}")
    if not changes:
        shown = row.after or row.before
        changes = [shown.layer.brief() or shown.layer.title] if shown else []
    counts = (thousands(n) if n else "" for n in row.parameters)
    return SIGNS[row.state], " → ".join(names), ", ".join(changes), *map(_shape, row.shapes), *counts


def _shape(shape: Shape | None) -> str:
    return sizes(shape) if shape else ""


def _color(state: str) -> QColor:
    return theme().color({ADDED: "success", REMOVED: "error"}.get(state, "text_quiet"))
