"""What is wrong with a layer, said beside its card, with a button that mends it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from convstudio.look.flow import emptied
from convstudio.look.letters import roomy
from convstudio.look.theme import space
from convstudio.wording import on_button
from engine.shapes import Problem
from engine.spec import Fix

WIDTH_PX = 300


class ProblemNote(QFrame):
    """Lies on the canvas until something else is clicked."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "floating")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.buttons: list[QPushButton] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(space(3), space(3), space(3), space(3))
        self._column.setSpacing(space(2))
        self.hide()

    def open_at(self, place: QPoint, problems: Sequence[Problem], mend: Callable[[Problem, Fix], None]) -> None:
        """Says these problems at a place in the canvas."""
        emptied(self._column)
        self.buttons = []
        parent = self.parentWidget()
        room = parent.rect() if parent is not None else self.rect()
        self.setFixedWidth(min(roomy(WIDTH_PX), room.width()))
        for problem in problems:
            sentence = QLabel(problem.text)
            sentence.setTextFormat(Qt.TextFormat.PlainText)
            sentence.setWordWrap(True)
            self._column.addWidget(sentence)
            for fix in problem.fixes:
                button = QPushButton(on_button(fix.title))
                button.clicked.connect(partial(self._mend, mend, problem, fix))
                self._column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
                self.buttons.append(button)
        self.adjustSize()
        x, y = min(place.x(), room.width() - self.width()), min(place.y(), room.height() - self.height())
        self.move(max(0, x), max(0, y))
        self.show()
        self.raise_()

    def _mend(self, mend: Callable[[Problem, Fix], None], problem: Problem, fix: Fix) -> None:
        self.hide()
        mend(problem, fix)
