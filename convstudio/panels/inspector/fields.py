"""One editor for each kind of field that a layer can declare."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QResizeEvent, QValidator
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from convstudio.document.edits import value_text
from convstudio.look.listening import describe_choices
from convstudio.look.theme import space
from convstudio.panels.inspector.parts import LINE_PX, Choices, Line, Spin
from convstudio.wording import sizes
from engine.errors import FieldError
from engine.naming import begun, choice_words
from engine.numerals import read
from engine.spec import Field

MIXED = "several"
NUMBERS = "px"  # what a combo box says while numbers count
MOST_SPIN = 2**31 - 1
NARROWEST_PX = 56
MOST_IN_LINE = 2  # numbers beside a list of words
MOST_DIGITS = 18


class FieldEditor(QWidget):
    """Shows a value and tells of new ones; what does not fit is said below, with the limits."""

    edited = Signal(object)

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.field = field
        self.error = QLabel()
        self.error.setProperty("role", "error")
        self.error.setWordWrap(True)
        self.error.hide()
        self._lines = QVBoxLayout()
        self._lines.setSpacing(space(1))
        self._row = self._new_row()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space(1))
        column.addLayout(self._lines)
        column.addWidget(self.error)

    def _new_row(self) -> QHBoxLayout:
        """One more line, below the others."""
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(space(1))
        self._lines.addLayout(row)
        return row

    def show_value(self, value: Any) -> None:
        """Shows a value; None where several layers have different ones."""
        raise NotImplementedError

    def refuse(self, sentence: str) -> None:
        """Says what is wrong with what was typed."""
        name = self.field.name
        self.error.setText(self.field.label + sentence.removeprefix(name) if sentence.startswith(name) else sentence)
        self.error.setVisible(bool(sentence))
        self._make_room()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  (Qt's name)
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """For all lines of the sentence: a form does not ask for them by itself."""
        self.error.setMinimumHeight(max(0, self.error.heightForWidth(self.width())))

    def _offer(self, value: Any) -> None:
        try:
            checked = self.field.checked(value)
        except FieldError as problem:
            self.refuse(str(problem))
            return
        self.refuse("")
        self.edited.emit(checked)

    def _add(self, widget: QWidget, name: str = "") -> None:
        if isinstance(widget, QComboBox):
            widget.setMinimumContentsLength(1)
            widget.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            widget.setMinimumWidth(NARROWEST_PX)
        widget.setAccessibleName(f"{self.field.spoken} {name}".strip())
        widget.setAccessibleDescription(self.field.help)
        widget.setToolTip(f"{self.field.help} {_limits(self.field)}".strip())
        self._row.addWidget(widget, 1)
        describe_choices(self)
        if self.focusProxy() is None:
            self.setFocusProxy(widget)


def fill_choices(box: QComboBox, options: Iterable[str], before: Iterable[str] = ()) -> None:
    """Shows options as people say them, and keeps what files hold; `before` stand first, as they are."""
    for word in before:
        box.addItem(word, word)
    for option in options:
        box.addItem(begun(choice_words(option)), option)


def _limits(field: Field) -> str:
    return f"From {field.limits.removeprefix('from ')}." if field.low is not None and field.high is not None else ""


class WholeEditor(FieldEditor):
    """A spin box."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.spin = _LimitedSpin(field)
        self.spin.valueChanged.connect(self._offer)
        self.spin.went_too_far.connect(self._offer)
        self._add(self.spin)

    def show_value(self, value: Any) -> None:
        _set_spin(self.spin, value)


class AxesEditor(FieldEditor):
    """A spin box for each axis, or one word instead of numbers."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.words = Choices() if field.options else None
        if self.words is not None:
            fill_choices(self.words, field.options, (NUMBERS,))
            self.words.setPlaceholderText(MIXED)
            self.words.currentIndexChanged.connect(self._choose)
            self._add(self.words, "in words")
            if field.count > MOST_IN_LINE:
                self._row = self._new_row()
        self.spins = [_LimitedSpin(field) for _ in range(max(1, field.count))]
        for number, spin in enumerate(self.spins):
            spin.valueChanged.connect(self._collect)
            spin.went_too_far.connect(self._offer)
            self._add(spin, f"of axis {number + 1}" if len(self.spins) > 1 else "")

    def show_value(self, value: Any) -> None:
        word = value if isinstance(value, str) else None
        if self.words is not None:
            with QSignalBlocker(self.words):
                self.words.setCurrentIndex(-1 if value is None else self.words.findData(word or NUMBERS))
        for number, spin in enumerate(self.spins):
            spin.setVisible(word is None)
            shown = value[number] if isinstance(value, tuple) else None
            _set_spin(spin, spin.value() if word is not None and not spin.mixed else shown)

    def _choose(self, place: int) -> None:
        assert self.words is not None
        word = self.words.itemData(place)
        if word in self.field.options:
            self._offer(word)
        else:
            self._collect()

    def _collect(self) -> None:
        """Axes in which several layers differ, and that nobody has set yet, are left to them."""
        given = tuple(None if spin.mixed else spin.value() for spin in self.spins)
        if None not in given:
            self._offer(given)
        elif any(number is not None for number in given):
            self.refuse("")
            self.edited.emit(given)  # a spin box holds only what fits


class FlagEditor(FieldEditor):
    """A box to tick."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.box = QCheckBox("on")
        self.box.setMinimumHeight(LINE_PX)
        self.box.checkStateChanged.connect(lambda state: self._offer(state == Qt.CheckState.Checked))
        self._add(self.box)

    def show_value(self, value: Any) -> None:
        state = Qt.CheckState.PartiallyChecked if value is None else None
        with QSignalBlocker(self.box):
            self.box.setTristate(value is None)
            self.box.setCheckState(state or (Qt.CheckState.Checked if value else Qt.CheckState.Unchecked))


class ChoiceEditor(FieldEditor):
    """One word out of a few."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.box = Choices()
        fill_choices(self.box, field.options)
        self.box.activated.connect(lambda place: self._offer(self.box.itemData(place)))
        self.box.setPlaceholderText(MIXED)
        self._add(self.box)

    def show_value(self, value: Any) -> None:
        self.box.setCurrentIndex(-1 if value is None else self.field.options.index(value))


class TextEditor(FieldEditor):
    """Numbers as text: what has a fraction, and shapes such as 1 × 28 × 28."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.line = Line()
        self.line.setPlaceholderText(MIXED)
        self.line.setAcceptDrops(False)
        self.line.editingFinished.connect(self._read)
        self._add(self.line)
        if field.unit:
            self._row.addWidget(_quiet(field.unit))
        self._shown = ""

    def show_value(self, value: Any) -> None:
        self._shown = "" if value is None else sizes(value) if isinstance(value, tuple) else value_text(value)
        self.line.setText(self._shown)

    def _read(self) -> None:
        text = self.line.text().strip()
        if text == self._shown or not text:
            self.line.setText(self._shown)
            self.refuse("")
            return
        try:
            value: Any = _shape(text) if self.field.kind == "shape" else read(text)
        except ValueError:
            wanted = "numbers such as 1 × 28 × 28" if self.field.kind == "shape" else f"a number {self.field.limits}"
            self.refuse(f"{self.field.name} must be {wanted}; {text!r} was given.")
            return
        self._offer(value)


def _shape(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.replace("×", " ").replace("x", " ").replace(",", " ").split())


def _quiet(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "quiet")
    return label


class _LimitedSpin(Spin):
    """Numbers outside the limits can be typed, and are told apart from those that fit, rather than cut off silently."""

    went_too_far = Signal(object)

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.setRange(int(field.low or 0), min(MOST_SPIN, int(field.high or MOST_SPIN)))
        self.setSuffix(f" {field.unit}" if field.unit else "")
        self.zero = field.zero
        self.setSpecialValueText(field.zero)
        self.setAccelerated(True)
        self.setMinimumWidth(NARROWEST_PX)
        self.setKeyboardTracking(False)
        self.lineEdit().setTextMargins(space(2), 0, 0, 0)  # the style sheet does not reach into a spin box

    @property
    def mixed(self) -> bool:
        """Whether it shows that several layers have different numbers."""
        return self.specialValueText() == MIXED and self.value() == self.minimum()

    def validate(self, text: str, place: int) -> tuple[QValidator.State, str, int]:
        number = self._typed(text)
        if number is not None and not self.minimum() <= number <= self.maximum():
            return QValidator.State.Intermediate, text, place
        return super().validate(text, place)

    def fixup(self, text: str) -> str:
        """Asked where the keyboard leaves a number that does not fit; the one before comes back."""
        number = self._typed(text)
        if number is not None:
            self.went_too_far.emit(number)
        return str(super().fixup(text) or text)

    def _typed(self, text: str) -> int | None:
        digits = text.removesuffix(self.suffix()).strip()
        return int(digits) if digits.removeprefix("-").isdecimal() and len(digits) <= MOST_DIGITS else None


def _set_spin(spin: _LimitedSpin, value: Any) -> None:
    """None is shown as a word: several layers with different values."""
    with QSignalBlocker(spin):
        low = spin.minimum() + 1 if spin.specialValueText() == MIXED else spin.minimum()
        spin.setSpecialValueText(MIXED if value is None else spin.zero)
        spin.setMinimum(low - 1 if value is None else low)
        spin.setValue(spin.minimum() if value is None else value)


EDITORS: dict[str, Callable[[Field], FieldEditor]] = {
    "whole": WholeEditor,
    "axes": AxesEditor,
    "flag": FlagEditor,
    "choice": ChoiceEditor,
    "real": TextEditor,
    "shape": TextEditor,
}
