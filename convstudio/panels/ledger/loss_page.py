"""How the loss of a sample was made: the network's last numbers, and what they should have been."""

from __future__ import annotations

import attrs
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from convstudio.look.letters import wear
from convstudio.look.theme import space
from convstudio.panels.ledger.table import TermsTable
from convstudio.panels.ledger.terms import amounts, of_number, target
from convstudio.training.asking import WhyNumber
from engine.explained import number
from engine.questions import ExplainedLoss


class LossPage(QWidget):
    """The loss as a sum over classes, places or outputs."""

    asked = Signal(object)  # WhyNumber

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._answer: ExplainedLoss | None = None
        self.says = QLabel()
        wear(self.says, "title")
        self.says.setWordWrap(True)
        self.lines = QLabel()
        wear(self.lines, "mono")
        self.lines.setProperty("role", "arithmetic")
        self.lines.setWordWrap(True)
        self.lines.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.table = TermsTable("Terms of the loss")
        self.table.chosen.connect(self._go_deeper)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space(2))
        for widget in (self.says, self.lines):
            column.addWidget(widget)
        column.addWidget(self.table, 1)

    def show_answer(self, answer: ExplainedLoss, class_name: str) -> None:
        """Another sample's loss."""
        self._answer, found = answer, answer.explanation
        what = f" (class {class_name})" if class_name else ""
        self.says.setText(f"Loss of sample {answer.sample}{what} = {number(answer.value)}")
        self.lines.setText("\n".join(found.lines))
        wanted = "Share wanted" if answer.label >= 0 else "Target"
        columns = of_number(found, (answer.source,), ("Output", wanted, "Loss"))
        if answer.label >= 0:
            columns = [attrs.evolve(c, head="Class") if c.head == "Channel" else c for c in columns]
        if len(answer.chances):
            columns.insert(-2, amounts("Probability", answer.chances, columns[0].link))
        self.table.show_columns(columns, found.parts)

    def _go_deeper(self, term: int, head: str) -> None:
        if self._answer is not None:
            node, at = target(self._answer.explanation, (self._answer.source,), term)
            self.asked.emit(WhyNumber(node, at, self._answer.sample))

    def as_text(self) -> str:
        """All that the page says."""
        return "\n".join((self.says.text(), "", self.lines.text(), "", self.table.terms.as_text()))
