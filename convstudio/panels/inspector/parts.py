"""What forms are put together from."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QSignalBlocker, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from convstudio.look.letters import wear
from convstudio.look.sheet import FIELD_PX
from convstudio.look.theme import space

UNKNOWN = "–"  # where there is no number
LINE_PX = FIELD_PX + 2  # of a field with its border


def heading(text: str) -> QLabel:
    label = QLabel(text)
    wear(label, "title")
    label.setWordWrap(True)
    return label


def strong(text: str) -> QLabel:
    label = QLabel(text)
    wear(label, "strong")
    return label


def quiet(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "quiet")
    label.setWordWrap(True)
    return label


def label(text: str, help: str = "") -> QLabel:
    """As high as a field, so that both stand on one line."""
    label = QLabel(text)
    label.setProperty("role", "quiet")
    label.setToolTip(help)
    label.setMinimumHeight(LINE_PX)
    label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    return label


def line(text: str, name: str) -> QLineEdit:
    line = Line(text)
    line.setAccessibleName(name)
    line.setAcceptDrops(False)  # a file that is dropped on it opens, as anywhere in the window
    return line


def narrow(widget: QWidget) -> None:
    """Lets a field be as narrow as its panel, however long its text is."""
    widget.setSizePolicy(QSizePolicy.Policy.Ignored, widget.sizePolicy().verticalPolicy())


def new_form(column: QVBoxLayout) -> QFormLayout:
    form = QFormLayout()
    form.setHorizontalSpacing(space(3))
    form.setVerticalSpacing(space(2))
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    column.addLayout(form)
    return form


def add_facts(column: QVBoxLayout, names: Iterable[str]) -> dict[str, QLabel]:
    """Quiet names on the left, and what is known of each on the right."""
    form, found = new_form(column), {}
    for name in names:
        value = QLabel()
        value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        value.setAccessibleDescription(name)
        found[name] = value
        form.addRow(quiet(name), value)
    return found


def arithmetic() -> QLabel:
    """A shaded box for sums with the real numbers."""
    box = QLabel()
    box.setProperty("role", "arithmetic")
    wear(box, "figures")  # so small that an equation with three digits fits on a line
    box.setWordWrap(True)
    box.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return box


def align(*forms: QFormLayout) -> None:
    """Lets the fields of several forms begin at the same place, and labels stand on one line with what is in them."""
    roles = QFormLayout.ItemRole.LabelRole, QFormLayout.ItemRole.FieldRole
    rows = [tuple(form.itemAt(row, role) for role in roles) for form in forms for row in range(form.rowCount())]
    pairs = [(a.widget(), b.widget()) for a, b in rows if a is not None and b is not None]
    width = max((words.sizeHint().width() for words, _ in pairs if words is not None), default=0)
    for words, field in pairs:
        if words is not None:
            words.setMinimumSize(width, field.sizeHint().height() if field is not None else 0)


def follow_text(box: QPlainTextEdit, text: str) -> None:
    """Shows a text that undo or somebody else has changed; one's own typing keeps its cursor."""
    if box.toPlainText() != text:
        with QSignalBlocker(box):
            box.setPlainText(text)


def _asks_for_undo(event: QEvent) -> bool:
    """Whether the keys for undo or redo look for who takes them: fields of Qt do, also where they have nothing to undo.

    What was written into the project is the window's to undo.
    """
    if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
        return False
    return event.matches(QKeySequence.StandardKey.Undo) or event.matches(QKeySequence.StandardKey.Redo)


class Line(QLineEdit):
    """Undoes what is being typed; what has been taken over is left to the window."""

    def event(self, event: QEvent) -> bool:
        if not self.isModified() and _asks_for_undo(event):
            event.ignore()
            return False
        return super().event(event)


class Spin(QSpinBox):
    """Turns by the wheel only while it has the keyboard, so that scrolling a form changes nothing in it."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def event(self, event: QEvent) -> bool:
        """Like a line, undoes what is being typed and nothing else."""
        if _asks_for_undo(event) and not self._half_typed:
            event.ignore()
            return False
        return super().event(event)

    @property
    def _half_typed(self) -> bool:
        word = self.specialValueText() if self.value() == self.minimum() else ""
        return self.text() != (word or f"{self.prefix()}{self.textFromValue(self.value())}{self.suffix()}")

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802  (Qt's name)
        super().wheelEvent(event) if self.hasFocus() else event.ignore()


class Choices(QComboBox):
    """The same for a list of words."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        super().wheelEvent(event) if self.hasFocus() else event.ignore()
