"""How to train: data, optimiser, learning rate and its curve; what is seldom touched is folded away."""

from __future__ import annotations

from typing import Any

import attrs
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QPushButton, QScrollArea, QToolButton, QVBoxLayout, QWidget

from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.look.icons import symbol
from convstudio.look.theme import appearance, space
from convstudio.panels.data_choice import DataChoice
from convstudio.panels.declared_rows import DeclaredRows
from convstudio.panels.inspector.parts import Choices, align, label, narrow, new_form
from convstudio.panels.train.schedule_curve import ScheduleCurve
from convstudio.training.fitting import larger, steps_of
from engine.optimizers import OPTIMIZERS
from engine.schedules import SCHEDULES

MAIN = ("learning_rate", "batch", "epochs")
MORE = (
    "validation_fraction",
    "patience",
    "loss",
    "label_smoothing",
    "clip_norm",
    "keep_best",
    "seed",
    "threads",
)
LIVE = ("learning_rate", "batch")  # fields that a run takes while it goes on


class SettingsForm(QScrollArea):
    """Every setting of training; each edit can be undone."""

    wants_rate = Signal()

    def __init__(self, document: Document) -> None:
        super().__init__()
        self.document = document
        inside = QWidget()
        inside.setProperty("role", "panel")
        column = QVBoxLayout(inside)
        column.setContentsMargins(space(4), space(4), space(4), space(4))
        column.setSpacing(space(2))
        form = new_form(column)
        self.data = DataChoice(document, form, self)
        self.larger = QPushButton()
        self.larger.clicked.connect(self._take_larger)
        form.insertRow(1, self.larger)
        self.optimizer = self._choice("Optimiser", "optimizer", OPTIMIZERS, form)
        self.main = DeclaredRows(new_form(column), self._set, only=MAIN)
        self._forms = [form, self.main.form]
        self.find_rate = QPushButton("Find a learning rate …")
        self.find_rate.clicked.connect(self.wants_rate)
        column.addWidget(self.find_rate)
        self._forms.append(new_form(column))
        self.schedule = self._choice("Schedule", "schedule", SCHEDULES, self._forms[-1])
        self.curve = ScheduleCurve()
        column.addWidget(self.curve)
        self._add_more(column)
        column.addStretch()
        self.setWidget(inside)
        self.setWidgetResizable(True)
        document.content_changed.connect(self.show_settings)
        appearance().changed.connect(self.show_settings)
        self.show_settings()

    def _choice(self, title: str, field: str, kinds: Any, form: QFormLayout) -> QComboBox:
        box = Choices()
        narrow(box)
        box.setAccessibleName(title)
        for name, kind in kinds.items():
            box.addItem(kind.title, name)
            box.setItemData(box.count() - 1, kind.summary(), Qt.ItemDataRole.ToolTipRole)
        box.activated.connect(lambda index: self._choose(field, kinds[box.itemData(index)]))
        form.addRow(label(title), box)
        return box

    def _add_more(self, column: QVBoxLayout) -> None:
        self.more, self.folded = QToolButton(), QWidget()
        self.more.setText("More settings")
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.more.setCheckable(True)
        self.more.toggled.connect(self._unfold)
        rows = QVBoxLayout(self.folded)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(space(2))
        self.of_optimizer = DeclaredRows(new_form(rows), lambda name, value: self._set_inside("optimizer", name, value))
        self.of_schedule = DeclaredRows(new_form(rows), lambda name, value: self._set_inside("schedule", name, value))
        self.others = DeclaredRows(new_form(rows), self._set, only=MORE)
        self._forms += [self.of_optimizer.form, self.of_schedule.form, self.others.form]
        column.addWidget(self.more)
        column.addWidget(self.folded)
        self._unfold(False)

    def _unfold(self, open_: bool) -> None:
        self.more.setIcon(symbol("chevron_down" if open_ else "chevron_right"))
        self.folded.setVisible(open_)

    # --- edits -------------------------------------------------------------------------------------------------------

    def set_rate(self, rate: float) -> None:
        """Takes a learning rate that was found."""
        self._set("learning_rate", rate)

    def _set(self, name: str, value: Any) -> None:
        settings = attrs.evolve(self.document.project.settings, **{name: value})
        text = f"Set {edits.field_words(settings, name)}"
        self.document.perform(edits.set_settings(self.document.project, settings, text), gesture=("training", name))

    def _set_inside(self, field: str, name: str, value: Any) -> None:
        settings = self.document.project.settings
        inner = attrs.evolve(getattr(settings, field), **{name: value})
        text = f"Set {edits.field_words(inner, name)} of the {'optimiser' if field == 'optimizer' else field}"
        edit = edits.set_settings(self.document.project, attrs.evolve(settings, **{field: inner}), text)
        self.document.perform(edit, gesture=("training", field, name))

    def _choose(self, field: str, kind: Any) -> None:
        settings = self.document.project.settings
        if type(getattr(settings, field)) is kind:
            return
        changes: dict[str, Any] = {field: kind()}
        if field == "optimizer":
            changes["learning_rate"] = kind.rate
        chosen = attrs.evolve(settings, **changes)
        self.document.perform(edits.set_settings(self.document.project, chosen, f"Choose {kind.title}"))

    def _take_larger(self) -> None:
        offer = larger(self.document.project)
        if offer is not None:
            self.document.perform(offer[1])

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show_settings(self, *_: object) -> None:
        """What the document says."""
        settings = self.document.project.settings
        self.main.show_value(settings)
        self.others.show_value(settings)
        self.of_optimizer.show_value(settings.optimizer)
        self.of_schedule.show_value(settings.schedule)
        for box, value in ((self.optimizer, settings.optimizer), (self.schedule, settings.schedule)):
            box.setCurrentText(value.title)
        align(*self._forms)
        self.data.show_choice()
        offer = larger(self.document.project)
        self._forms[0].setRowVisible(self.larger, offer is not None)
        self.larger.setText(offer[0] if offer else "")
        self.curve.show_schedule(settings.learning_rate, settings.schedule, steps_of(self.document.project))

    def set_running(self, running: bool) -> None:
        """While a run goes on, only what it takes at once can be changed."""
        self.main.set_enabled(not running, LIVE)
        for rows in (self.others, self.of_optimizer, self.of_schedule):
            rows.set_enabled(not running)
        for widget in (self.optimizer, self.schedule):
            widget.setEnabled(not running)
        self.data.set_enabled(not running)
        self.larger.setEnabled(not running)
