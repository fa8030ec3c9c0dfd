"""What is wrong with a layer, said beside its card, with a button that mends it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from convstudio.look.theme import space
from engine.shapes import Problem
from engine.spec import Fix

WIDTH_PX = 300


class ProblemNote(QFrame):
    """Lies on the canvas until something else is clicked."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "floating")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(WIDTH_PX)
        self.buttons: list[QPushButton] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(space(3), space(3), space(3), space(3))
        self._column.setSpacing(space(2))
        self.hide()

    def open_at(self, place: QPoint, problems: Sequence[Problem], mend: Callable[[Problem, Fix], None]) -> None:
        """Says these problems at a place in the canvas."""
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.buttons = []
        for problem in problems:
            sentence = QLabel(problem.text)
            sentence.setTextFormat(Qt.TextFormat.PlainText)
            sentence.setWordWrap(True)
            self._column.addWidget(sentence)
            for fix in problem.fixes:
                button = QPushButton(fix.title)
                button.clicked.connect(partial(self._mend, mend, problem, fix))
                self._column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
                self.buttons.append(button)
        self.adjustSize()
        parent = self.parentWidget()
        room = parent.rect() if parent is not None else self.rect()
        self.move(min(place.x(), room.width() - WIDTH_PX), max(0, min(place.y(), room.height() - self.height())))
        self.show()
        self.raise_()

    def _mend(self, mend: Callable[[Problem, Fix], None], problem: Problem, fix: Fix) -> None:
        self.hide()
        mend(problem, fix)
