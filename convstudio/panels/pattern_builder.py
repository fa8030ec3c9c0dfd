"""The pattern that most networks of the textbooks follow, with its numbers to turn."""

from __future__ import annotations

from functools import partial
from typing import Any

import attrs
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from convstudio.look.letters import roomy, wear
from convstudio.look.theme import space
from convstudio.panels.inspector.fields import EDITORS, FieldEditor
from convstudio.panels.inspector.parts import label
from convstudio.wording import table, totals
from engine.errors import EngineError
from engine.graph import Graph
from engine.pattern import Pattern, build
from engine.shapes import infer

WIDTH_PX, HEIGHT_PX = 980, 640


class PatternBuilder(QDialog):
    """Builds while one turns; `graph` is the network when it is accepted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("New from a pattern")
        self.resize(QSize(roomy(WIDTH_PX), roomy(HEIGHT_PX)).boundedTo(self.screen().availableSize()))
        self.pattern, self.graph = Pattern(), Graph()
        self.formula, self.says, self.summary = QLabel(), QLabel(), QPlainTextEdit()
        self.editors: dict[str, FieldEditor] = {}
        wear(self.formula, "title")
        self.formula.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.says.setWordWrap(True)
        self.summary.setReadOnly(True)
        wear(self.summary, "mono")
        self.summary.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.summary.setAccessibleName("Layers of the network")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setText("Build")
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._lay_out()
        self._build()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(space(4), space(4), space(4), space(4))
        column.setSpacing(space(3))
        form = QFormLayout()
        form.setVerticalSpacing(space(1))
        for field in Pattern.fields().values():
            editor = EDITORS[field.kind](field)
            editor.show_value(getattr(self.pattern, field.name))
            editor.edited.connect(partial(self._set, field.name))
            form.addRow(label(_titled(field.help)), editor)
            self.editors[field.name] = editor
        column.addWidget(self.formula)
        column.addLayout(form)
        column.addWidget(self.summary, 1)
        column.addWidget(self.says)
        column.addWidget(self.buttons)

    def _set(self, name: str, value: Any) -> None:
        self.pattern = attrs.evolve(self.pattern, **{name: value})
        self.editors[name].show_value(value)
        self._build()

    def _build(self) -> None:
        self.formula.setText(self.pattern.formula)
        possible = False
        try:
            self.graph = build(self.pattern)
            inference = infer(self.graph)
            self.summary.setPlainText(table(self.graph, inference))
            possible = not inference.problems
            self.says.setText(totals(inference) if possible else inference.problems[0].text)
        except EngineError as problem:
            self.graph = Graph()  # what was built before is not what the numbers say now
            self.summary.setPlainText("")
            self.says.setText(str(problem))
        self.says.setProperty("role", "quiet" if possible else "error")
        self.says.style().unpolish(self.says)
        self.says.style().polish(self.says)
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(bool(self.graph.nodes))


def _titled(help: str) -> str:
    """What a field is for, as the words before it."""
    words = help.removeprefix("Whether ").removesuffix(".")
    return words[0].upper() + words[1:]
