"""A number between two limits as something to drag, with the number beside it to type."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QSlider

from convstudio.panels.inspector.fields import EDITORS, FieldEditor
from convstudio.panels.inspector.parts import Line
from engine.numerals import read, written
from engine.spec import Field

STEPS, POWER = 200, 2  # of the slider; small strengths have more of its length than large ones
NUMBER_PX, SLIDER_PX = 64, 48
DIGITS = 2  # that dragging sets


class _Slider(QSlider):
    """Turns by the wheel only while it has the keyboard, so that scrolling a form changes nothing in it."""

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802  (Qt's name)
        super().wheelEvent(event) if self.hasFocus() else event.ignore()


class StrengthEditor(FieldEditor):
    """A slider and a number; every drag is one `stroke`, so that it can be undone as one."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.stroke = 0
        self._low, self._high = float(field.low or 0), float(field.high or 1)
        self.slider, self.line = _Slider(Qt.Orientation.Horizontal), Line()
        self.slider.setRange(0, STEPS)
        self.slider.setPageStep(STEPS // 10)
        self.slider.setMinimumWidth(SLIDER_PX)
        self.slider.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.slider.valueChanged.connect(self._drag)
        self.slider.sliderPressed.connect(self._begin)
        self.line.setFixedWidth(NUMBER_PX)
        self.line.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.line.editingFinished.connect(self._read)
        self._add(self.slider, "by sliding")
        self._add(self.line)
        self._row.setStretch(1, 0)
        self._shown = ""

    def show_value(self, value: Any) -> None:
        self._shown = f"{written(value)} {self.field.unit}".strip()
        self.line.setText(self._shown)
        self.refuse("")
        if self._value_at(self.slider.value()) != value:
            with QSignalBlocker(self.slider):
                self.slider.setValue(self._step_of(value))

    def _step_of(self, value: float) -> int:
        share = (value - self._low) / (self._high - self._low)
        return round(STEPS * min(1.0, max(0.0, share)) ** (1 / POWER))

    def _value_at(self, step: int) -> float | int:
        value = self._low + (self._high - self._low) * (step / STEPS) ** POWER
        return round(value) if self.field.kind == "whole" else float(f"{value:.{DIGITS}g}")

    def _begin(self) -> None:
        self.stroke += 1

    def _drag(self, step: int) -> None:
        if not self.slider.isSliderDown():
            self.stroke += 1
        self._offer(self._value_at(step))

    def _read(self) -> None:
        text = self.line.text().strip()
        if text == self._shown or not text:
            self.line.setText(self._shown)
            self.refuse("")
            return
        number = text.removesuffix(self.field.unit).strip()
        try:
            value: Any = int(number) if self.field.kind == "whole" else read(number)
        except ValueError:
            self.refuse(f"{self.field.name} must be a number {self.field.limits}; {text!r} was given.")
            return
        self.stroke += 1
        self._offer(value)


def strength_editor(field: Field) -> FieldEditor:
    """Something to drag where a field has two limits, else what every form has."""
    dragged = field.kind in ("real", "whole") and field.low is not None and field.high is not None
    return StrengthEditor(field) if dragged else EDITORS[field.kind](field)
