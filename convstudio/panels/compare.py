"""Two networks side by side: this one, and what it was, a template, a file, or what another window shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import attrs
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from convstudio.document import files
from convstudio.document.comparison import Comparison, Row, compare
from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.look.icons import symbol
from convstudio.look.letters import wear
from convstudio.look.one_line import OneLineButton
from convstudio.look.theme import space
from convstudio.panels.comparison_view import ComparisonView
from convstudio.wording import difference, kilobytes, on_button, thousands
from engine.errors import EngineError
from engine.graph import Graph
from engine.templates import template, template_names

REST_MS = 120  # after an edit, before the rows are made anew
NARROWEST_PX = 96  # of the title that is compared with
MOST_STEPS = 30  # earlier states in the menu
COPY = "·"  # between a layer's name and the number of its copy


@attrs.frozen
class Other:
    """The network on the left."""

    title: str
    graph: Callable[[], Graph | None]


class ComparePanel(QWidget):
    """What to compare with above, the rows, and the totals at the foot."""

    explanation = (
        "This network beside another one, or beside what it was before: the button says with what, and offers "
        "templates, files and earlier states. Layers that belong together are in one row: what differs is marked on "
        "both sides, and the words in the middle say what it is. Click a row to go to its layer; F8 leads to the next "
        "difference. Try it after an edit: a smaller kernel changes more than one row."
    )
    visited = Signal(str)  # a layer that somebody wants to see

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.windows: Callable[[], Sequence[tuple[str, Graph]]] = tuple  # what other windows show
        self.comparison: Comparison | None = None
        self.setProperty("role", "panel")
        self.other = self._saved()
        self.view, self.choice, self.all = ComparisonView(), OneLineButton(), QCheckBox("Show what is the same, too")
        self.choice.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.choice.setMinimumWidth(NARROWEST_PX)
        self.says = QLabel()
        self.says.setWordWrap(True)
        self.foot = _Foot()
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self.show_rows)
        column = QVBoxLayout(self)
        column.setContentsMargins(space(4), 0, space(4), space(3))
        column.setSpacing(space(2))
        column.addLayout(self._make_head())
        column.addWidget(self.says)
        column.addWidget(self.view, 1)
        column.addWidget(self.foot)
        self._listen()

    def _make_head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(space(2))
        menu = QMenu(self.choice)
        menu.aboutToShow.connect(partial(self._fill, menu))
        self.choice.setMenu(menu)
        self.choice.setAccessibleName("What to compare with")
        self.all.setChecked(True)
        row.addWidget(QLabel("With"))
        row.addWidget(self.choice)
        row.addStretch(1)
        row.addWidget(self.all)
        self.steps = {step: QToolButton() for step in (-1, 1)}
        for step, button in self.steps.items():
            words = "Next difference (F8)" if step > 0 else "Previous difference (Shift+F8)"
            button.setIcon(symbol("chevron_down" if step > 0 else "chevron_up"))
            button.setToolTip(words)
            button.setAccessibleName(words)
            button.clicked.connect(partial(self.go, step))
            row.addWidget(button)
        return row

    def _listen(self) -> None:
        self.document.content_changed.connect(self._follow)
        self.document.modified_changed.connect(self._follow)
        self.all.toggled.connect(self.show_rows)
        self.view.visited.connect(self._visit)

    # --- what to compare with ----------------------------------------------------------------------------------------

    def compare_with(self, other: Other) -> None:
        """Puts another network on the left."""
        self.other = other
        self.show_rows()

    def compare_saved(self) -> None:
        """What is in the file, or what was shown first."""
        self.compare_with(self._saved())

    def compare_template(self, name: str) -> None:
        """One of the networks that come with the program."""
        self.compare_with(Other(template(name).name, partial(template, name)))

    def compare_file(self, path: Path) -> None:
        """A project or a network in a file."""
        try:
            graph = files.read(path).project.unfolded
        except EngineError as problem:
            self._say(str(problem), "error")
            return
        self.compare_with(Other(path.name, lambda: graph))

    def _saved(self) -> Other:
        return Other("The saved state", lambda: self.document.saved.unfolded if self.document.saved else None)

    def _fill(self, menu: QMenu) -> None:
        menu.clear()
        menu.addAction("The saved state", self.compare_saved)
        first = self.document.first
        menu.addAction("The beginning of this session", partial(self.compare_with, _project("The beginning", first)))
        earlier = menu.addMenu("Before a step")
        for text, project in self.document.earlier()[:MOST_STEPS]:
            name = f"Before “{text}”"
            earlier.addAction(on_button(text), partial(self.compare_with, _project(name, project)))
        earlier.setEnabled(not earlier.isEmpty())
        menu.addSeparator()
        menu.addAction("A file …", self._ask_for_file)
        known = menu.addMenu("A template")
        for name in template_names():
            known.addAction(template(name).name, partial(self.compare_template, name))
        shown = menu.addMenu("Another window")
        for title, graph in self.windows():
            shown.addAction(on_button(title), partial(self.compare_with, Other(title, partial(_same, graph))))
        shown.setEnabled(not shown.isEmpty())

    def _ask_for_file(self) -> None:
        known = f"Projects and networks (*{files.SUFFIX} *{files.NETWORK_SUFFIX})"
        path, _ = QFileDialog.getOpenFileName(self, "Compare with", filter=known)
        if path:
            self.compare_file(Path(path))

    # --- what is shown -----------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802  (Qt's name)
        super().showEvent(event)
        self.show_rows()

    def _follow(self, *_: object) -> None:
        if self.isVisible():
            self._rest.start()

    def show_rows(self) -> None:
        """Compares anew."""
        self.choice.setText(on_button(self.other.title))
        self.choice.setToolTip(self.other.title)
        before = self.other.graph()
        if before is None:
            self.comparison = None
            self._say("This work was never saved, so there is no saved state to compare with.")
        else:
            self.comparison = compare(before, self.document.project.unfolded)
            self.view.show_comparison(self.comparison, (self.other.title, "Now"), not self.all.isChecked())
            self.foot.show_totals(self.comparison)
            count = len(self.comparison.differences)
            several = "One layer differs." if count == 1 else f"{count} layers differ."
            self._say(several if count else "Both networks are the same.")
        for widget in (self.view, self.foot, *self.steps.values()):
            widget.setVisible(before is not None)

    def _say(self, text: str, role: str = "quiet") -> None:
        self.says.setText(text)
        self.says.setProperty("role", role)
        self.says.style().polish(self.says)

    def go(self, step: int) -> None:
        """To the next difference, or with -1 to the one before."""
        if self.comparison is None:
            self.show_rows()
        self.view.go(step)

    def _visit(self, row: Row) -> None:
        if row.after is not None:
            self.visited.emit(row.after.id.partition(COPY)[0])


class _Foot(QWidget):
    """Totals of both networks under each other, and by how much they differ."""

    def __init__(self) -> None:
        super().__init__()
        self.cells: dict[tuple[int, int], QLabel] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, space(1), 0, 0)
        grid.setHorizontalSpacing(space(5))
        grid.setVerticalSpacing(space(1))
        for column, text in enumerate(("", "Before", "Now", "Difference")):
            self._cell(grid, 0, column, text, "quiet")
        for number, text in enumerate(("Layers", "Parameters", "Multiply-adds", "Memory of a sample"), 1):
            self._cell(grid, number, 0, text, "quiet")
            for column in (1, 2, 3):
                self._cell(grid, number, column, "", "")
        grid.setColumnStretch(4, 1)

    def _cell(self, grid: QGridLayout, row: int, column: int, text: str, role: str) -> None:
        cell = QLabel(text)
        wear(cell, "caption")
        cell.setProperty("role", role)
        grid.addWidget(cell, row, column, Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft)
        self.cells[row, column] = cell

    def show_totals(self, comparison: Comparison) -> None:
        before, after = comparison.before, comparison.after
        counts = (
            tuple(sum(1 for row in comparison.rows if getattr(row, side)) for side in ("before", "after")),
            (before.parameter_count, after.parameter_count),
            (before.multiply_adds, after.multiply_adds),
        )
        for number, (old, new) in enumerate(counts, 1):
            for column, text in ((1, thousands(old)), (2, thousands(new)), (3, difference(old, new))):
                self.cells[number, column].setText(text)
        sizes = before.memory_bytes, after.memory_bytes
        for column, text in ((1, kilobytes(sizes[0])), (2, kilobytes(sizes[1])), (3, _share(*sizes))):
            self.cells[4, column].setText(text)


def _share(before: int, after: int) -> str:
    text = difference(before, after)
    return text.partition("(")[2].rstrip(")") or ("=" if before == after else "")


def _project(title: str, project: Project) -> Other:
    return Other(title, lambda: project.unfolded)


def _same(graph: Graph) -> Graph:
    return graph
