"""What keeps the network from learning, in sentences, with a click to the place and one that mends it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.document.unfolding import COPY_MARK
from convstudio.look.flow import FlowLayout
from convstudio.look.icons import symbol
from convstudio.look.theme import appearance, radius, space, theme
from convstudio.training.fitting import BatchMend, LayerMend, Obstacle, obstacles
from convstudio.wording import on_button
from engine.errors import EngineError
from engine.health import Finding
from engine.shapes import Problem
from engine.spec import Fix

ICON_PX, ROW_PX = 16, 28
SENTENCE_FIRST = 1000  # it takes the room that it needs; buttons follow it
MOST_BESIDE = 2  # buttons that stand beside the sentence; more of them stand below it, and leave it its line
RING_PX = 2
FINE = "This network can be trained."
NOTHING_YET = "There is no network yet. Add a layer, or choose a template."


class ProblemsPanel(QWidget):
    """A row for each problem."""

    explanation = (
        "Everything that keeps the network from being computed, and what is wrong while it trains: units that never "
        "fire, gradients that vanish or explode, steps that are too long or too short. Click a sentence to go to its "
        "layer; where one change would mend it, a button makes that change, and undo takes it back. Try to delete the "
        "flatten layer of LeNet-5: the sentence says which layer misses it, and the button puts it back."
    )
    failed = Signal(str)
    changed = Signal()

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.setProperty("role", "panel")
        self.rows: list[ProblemRow] = []
        self._list = QWidget()
        self._list.setProperty("role", "panel")
        self._column = QVBoxLayout(self._list)
        self._column.setContentsMargins(space(4), space(2), space(4), space(2))
        self._column.setSpacing(space(2))
        self.fine = QLabel(FINE)
        self.fine.setProperty("role", "quiet")
        self._column.addWidget(self.fine)
        self._column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(self._list)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        self._shown: list[Problem | Obstacle | Finding] | None = None
        self._findings: tuple[Finding, ...] = ()
        document.inference_changed.connect(self.show_problems)
        document.content_changed.connect(self._follow)
        appearance().changed.connect(self._restyle)
        self.show_problems()

    def show_problems(self) -> None:
        """Shows the problems of now; where there are none, what else keeps the network from learning from its data."""
        found: list[Problem | Obstacle | Finding] = []
        if self.document.graph.nodes:
            found += self.document.problems or obstacles(self.document.project, self.document.inference)
            found += self._findings
        self.fine.setText(FINE if self.document.graph.nodes else NOTHING_YET)
        if found == self._shown:
            return
        self._shown = found
        before, self.rows = self.rows, []
        held = next((number for number, row in enumerate(before) if row.has_keyboard), None)
        for place, problem in enumerate(found):
            row = next((known for known in before if known.problem == problem), None)
            if row is None:
                row = self._row(problem)
            else:
                before.remove(row)
            if self._column.indexOf(row) != place:
                self._column.insertWidget(place, row)
            self.rows.append(row)
        if self.rows and any(row.has_keyboard for row in before):
            self.rows[min(held or 0, len(self.rows) - 1)].setFocus()  # of what was mended, else it jumps to the canvas
        for row in before:
            row.hide()
            row.deleteLater()
        self.fine.setVisible(not self.rows)
        self.changed.emit()

    def show_findings(self, findings: tuple[Finding, ...]) -> None:
        """What is wrong in training, below what keeps the network from it."""
        self._findings = findings
        self.show_problems()

    def _row(self, problem: Problem | Obstacle | Finding) -> ProblemRow:
        row = ProblemRow(problem)
        if isinstance(problem, Obstacle):
            row.fix_wanted.connect(lambda mend: self.document.perform(mend(self.document.project)))
        else:
            name = problem.node.partition(COPY_MARK)[0]
            row.visited.connect(partial(self.document.select, [name]))
            row.fix_wanted.connect(partial(self._mend, Problem(name, problem.text, problem.fixes)))
        return row

    def _follow(self, before: object, after: object) -> None:
        self.show_problems()

    def _restyle(self) -> None:
        for row in self.rows:
            row.restyle()

    def _mend(self, problem: Problem, fix: Fix) -> None:
        try:
            self.document.perform(edits.apply_fix(self.document.project, problem, fix))
        except EngineError as reason:
            self.failed.emit(str(reason))


class ProblemRow(QWidget):
    """A sentence, and a button for each change that would mend it."""

    visited = Signal()
    fix_wanted = Signal(object)

    def __init__(self, problem: Problem | Obstacle | Finding) -> None:
        super().__init__()
        self.problem = problem
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(problem.text)
        column, row, below = QVBoxLayout(self), QHBoxLayout(), QHBoxLayout()
        lines = FlowLayout(gap=space(2), line_gap=space(1))
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addLayout(below)
        row.setSpacing(space(2))
        below.addSpacing(ICON_PX + space(2))  # they begin where the sentence does
        below.addLayout(lines)
        self.sign = QLabel()
        self.sign.setFixedHeight(ROW_PX)
        self.sentence = QLabel(problem.text)
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setWordWrap(True)
        if isinstance(problem, Problem):
            self.sentence.setCursor(Qt.CursorShape.PointingHandCursor)
        self.sentence.setMinimumHeight(ROW_PX)
        row.addWidget(self.sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.sentence, SENTENCE_FIRST)
        self.buttons: list[QPushButton] = []
        changes = _changes(problem)
        for title, change in changes:
            button = QPushButton(on_button(title))
            button.clicked.connect(partial(self.fix_wanted.emit, change))
            if len(changes) <= MOST_BESIDE:
                row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
            else:
                lines.addWidget(button)
            self.buttons.append(button)
        row.addStretch(1)
        self.restyle()

    @property
    def has_keyboard(self) -> bool:
        """Whether it is in the sentence, or on one of the buttons."""
        return self.hasFocus() or any(button.hasFocus() for button in self.buttons)

    def restyle(self) -> None:
        """Draws the sign in the colours of the theme, and leaves the sentence as much room as its letters need."""
        name, role = ("pulse", "warning") if isinstance(self.problem, Finding) else ("error", "error")
        self.sign.setPixmap(symbol(name, role).pixmap(QSize(ICON_PX, ICON_PX), self.devicePixelRatioF()))
        self.sentence.ensurePolished()  # its own font is known from then on
        self.sentence.setMaximumWidth(self.sentence.fontMetrics().horizontalAdvance(self.problem.text) + space(2))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802  (Qt's name)
        self.visited.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.visited.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        if self.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme().color("accent"), RING_PX))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), radius("field"), radius("field"))


def _changes(problem: Problem | Obstacle | Finding) -> list[tuple[str, Fix | LayerMend | BatchMend]]:
    """What the buttons say and do."""
    if isinstance(problem, Obstacle):
        return [(problem.mend.text, problem.mend)] if problem.mend else []
    return [(fix.title, fix) for fix in problem.fixes]
