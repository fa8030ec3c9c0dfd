"""The train panel: how to train, the buttons, and how far the run has come."""

from __future__ import annotations

from functools import partial
from typing import Any

import attrs
import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.look.icons import symbol
from convstudio.look.theme import appearance, font, space, theme
from convstudio.panels.data_choice import DataChoice
from convstudio.panels.inspector.fields import EDITORS, FieldEditor
from convstudio.panels.inspector.parts import label, narrow, new_form, quiet
from convstudio.training.session import Session
from convstudio.wording import thousands
from engine import protocol
from engine.optimizers import OPTIMIZERS
from engine.progress import FINISHED, TEST, TRAINING, VALIDATION
from engine.protocol import Preparing, Report
from engine.schedules import SCHEDULES
from engine.settings import TrainingSettings

FIELDS = ("learning_rate", "batch", "epochs", "validation_fraction", "patience", "seed", "threads")
LIVE = ("learning_rate", "batch")  # fields that a run takes while it goes on
CURVE_PX, CURVE_POINTS, PERMILLE = 72, 120, 1000
WORDS = {
    protocol.IDLE: "Ready to train.",
    protocol.PREPARING: "Preparing…",
    protocol.LOADING: "Loading the data…",
    TRAINING: "Training.",
    VALIDATION: "Measuring on the validation samples.",
    TEST: "Measuring on the test samples.",
    protocol.PAUSED: "Paused.",
    protocol.STOPPED: "Stopped and saved.",
    FINISHED: "Finished.",
}


def time_text(seconds: float) -> str:
    """45 s, 3 min 20 s or 2 h 5 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    return f"{whole // 60} min {whole % 60} s" if whole < 3600 else f"{whole // 3600} h {whole % 3600 // 60} min"


class TrainPanel(QWidget):
    """Settings above, progress and buttons always in sight below."""

    title = "Train"
    explanation = (
        "How the network learns. The learning rate is how far one step goes, a batch how many samples it looks at, an "
        "epoch one walk through all samples. Press Train and watch the charts; learning rate and batch may be turned "
        "while it runs. Step does a single batch."
    )

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document, self.session = document, session
        self.setProperty("role", "panel")
        self.editors: dict[str, FieldEditor] = {}
        self.buttons: dict[str, QPushButton] = {}
        self.fixes: list[QPushButton] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._make_form(), 1)
        column.addWidget(self._make_controls())
        self._listen()
        self._show_settings()
        self._show_state()

    # --- building ----------------------------------------------------------------------------------------------------

    def _make_form(self) -> QWidget:
        area, inside = QScrollArea(), QWidget()
        inside.setProperty("role", "panel")
        column = QVBoxLayout(inside)
        column.setContentsMargins(space(4), space(4), space(4), space(4))
        column.setSpacing(space(3))
        form = new_form(column)
        self.optimizer = self._choice("optimizer", OPTIMIZERS)
        self.schedule = self._choice("schedule", SCHEDULES)
        self.data = DataChoice(self.document, form, self)
        form.addRow(label("Optimiser"), self.optimizer)
        self._add_fields(form)
        form.addRow(label("Schedule"), self.schedule)
        self.curve = pg.PlotWidget()
        self.curve.setFixedHeight(CURVE_PX)
        self.curve.setMenuEnabled(False)
        self.curve.setMouseEnabled(False, False)
        self.curve.hideButtons()
        self.curve.setAccessibleName("Learning rate over the run")
        for axis in ("left", "bottom"):
            self.curve.hideAxis(axis)
        self.curve_text = quiet("")
        column.addWidget(self.curve)
        column.addWidget(self.curve_text)
        column.addStretch()
        area.setWidget(inside)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        return area

    def _choice(self, field: str, kinds: Any) -> QComboBox:
        box = QComboBox()
        narrow(box)
        box.setAccessibleName(field)
        for name, kind in kinds.items():
            box.addItem(kind.title, name)
        box.activated.connect(lambda index: self._choose(field, kinds[box.itemData(index)]))
        return box

    def _add_fields(self, form: QFormLayout) -> None:
        fields = TrainingSettings.fields()
        for name in FIELDS:
            editor = EDITORS[fields[name].kind](fields[name])
            editor.edited.connect(partial(self._set, name))
            self.editors[name] = editor
            narrow(editor)
            form.addRow(label(name.replace("_", " ").capitalize(), fields[name].help), editor)

    def _make_controls(self) -> QWidget:
        self.status, self.numbers, self.reason = QLabel(), quiet(""), QLabel()
        self.status.setFont(font("strong"))
        self.status.setWordWrap(True)
        self.numbers.setFont(font("caption"))
        self.reason.setProperty("role", "error")
        self.reason.setWordWrap(True)
        self.epoch_bar, self.run_bar = _bar("Progress of the epoch"), _bar("Progress of the run")
        row, box = QHBoxLayout(), QWidget()
        row.setSpacing(space(1))
        for name, sign, act in (
            ("Train", "play", self._train),
            ("Pause", "pause", self.session.pause),
            ("Step", "step", self.session.step),
            ("Stop", "stop", self.session.stop),
        ):
            button = QPushButton(symbol(sign), name if name == "Train" else "")
            button.setAccessibleName(name)
            button.setToolTip(name)
            button.clicked.connect(lambda checked=False, act=act: act())
            self.buttons[name] = button
            row.addWidget(button, 2 if name == "Train" else 1)
        self.buttons["Train"].setDefault(True)
        self.fix_row = QVBoxLayout()
        column = QVBoxLayout(box)
        column.setContentsMargins(space(4), space(2), space(4), space(4))
        column.setSpacing(space(2))
        for widget in (self.status, self.epoch_bar, self.run_bar, self.numbers, self.reason):
            column.addWidget(widget)
        column.addLayout(self.fix_row)
        column.addLayout(row)
        return box

    def _listen(self) -> None:
        self.document.project_changed.connect(self._follow)
        session = self.session
        session.phase_changed.connect(self._show_state)
        session.prepared.connect(self._show_preparing)
        session.reported.connect(self._show_report)
        session.failed.connect(self._show_failure)
        session.said.connect(self.numbers.setText)
        appearance().changed.connect(self._show_settings)

    # --- settings ----------------------------------------------------------------------------------------------------

    def _follow(self, before: object, after: object) -> None:
        self._show_settings()
        self._show_state()

    def _set(self, name: str, value: Any) -> None:
        settings = attrs.evolve(self.document.project.settings, **{name: value})
        text = f"Set {name.replace('_', ' ')}"
        self.document.perform(edits.set_settings(self.document.project, settings, text), gesture=("training", name))
        if name == "learning_rate":
            self.session.set_learning_rate(value)
        elif name == "batch":
            self.session.set_batch(value)

    def _choose(self, field: str, kind: Any) -> None:
        settings = self.document.project.settings
        if type(getattr(settings, field)) is kind:
            return
        changes: dict[str, Any] = {field: kind()}
        if field == "optimizer":
            changes["learning_rate"] = OPTIMIZERS[self.optimizer.currentData()].rate
        chosen = attrs.evolve(settings, **changes)
        self.document.perform(edits.set_settings(self.document.project, chosen, f"Choose {kind.title}"))

    def _show_settings(self) -> None:
        settings = self.document.project.settings
        for name, editor in self.editors.items():
            editor.show_value(getattr(settings, name))
        for box, value in ((self.optimizer, settings.optimizer), (self.schedule, settings.schedule)):
            box.setCurrentText(value.title)
        self.data.show_choice()
        self._draw_schedule(settings)

    def _draw_schedule(self, settings: TrainingSettings) -> None:
        rates = [settings.learning_rate * settings.schedule.factor(step, CURVE_POINTS) for step in range(CURVE_POINTS)]
        self.curve.setBackground(theme().color("panel"))
        self.curve.clear()
        self.curve.plot(np.arange(CURVE_POINTS), rates, pen=pg.mkPen(theme().color("accent"), width=2))
        self.curve.setYRange(0, max(rates) * 1.1)
        falls = f"Learning rate from {rates[0]:.2g} at the first step to {rates[-1]:.2g} at the last."
        constant = f"The learning rate stays at {rates[0]:.2g}."
        self.curve_text.setText(constant if min(rates) == max(rates) else falls)

    # --- the run -----------------------------------------------------------------------------------------------------

    def _train(self) -> None:
        session = self.session
        if session.phase == protocol.PAUSED:
            session.resume()
        elif session.can_go_on:
            session.go_on()
        else:
            session.start()

    def _show_state(self, phase: str = "") -> None:
        session, blocked = self.session, self.session.obstacles
        running, paused = session.running, session.phase == protocol.PAUSED
        train = self.buttons["Train"]
        train.setText("Resume" if paused or session.can_go_on else "Train")
        train.setEnabled(paused or (not running and (session.can_go_on or not blocked)))
        self.buttons["Pause"].setEnabled(running and not paused)
        self.buttons["Step"].setEnabled(paused or (not running and not blocked))
        self.buttons["Stop"].setEnabled(running)
        for name, editor in self.editors.items():
            editor.setEnabled(not running or name in LIVE)
        for box in (self.optimizer, self.schedule):
            box.setEnabled(not running)
        self.data.set_enabled(not running)
        if session.phase in WORDS:
            self.status.setText(WORDS[session.phase])
        self._show_obstacles(() if running else blocked)

    def _show_obstacles(self, blocked: tuple[Any, ...]) -> None:
        self.reason.setText(blocked[0].text if blocked else "")
        self.reason.setVisible(bool(blocked))
        for button in self.fixes:
            self.fix_row.removeWidget(button)
            button.deleteLater()
        self.fixes = []
        for obstacle in blocked[:1]:
            if obstacle.edit is not None:
                button = QPushButton(obstacle.fix)
                button.clicked.connect(lambda checked=False, edit=obstacle.edit: self.document.perform(edit))
                self.fix_row.addWidget(button)
                self.fixes.append(button)

    def _show_preparing(self, message: Preparing) -> None:
        self.status.setText(message.text)

    def _show_failure(self, text: str) -> None:
        self._show_state()
        self.status.setText(text)

    def _show_report(self, report: Report) -> None:
        if not report.total_steps:
            return
        self.epoch_bar.setValue(round(PERMILLE * report.seen / max(1, report.samples_per_epoch)))
        self.run_bar.setValue(round(PERMILLE * report.step / report.total_steps))
        parts = [f"Epoch {min(report.epoch + 1, report.epochs)} of {report.epochs}", f"step {thousands(report.step)}"]
        if report.samples_per_second and report.phase != FINISHED:
            parts.append(f"{thousands(round(report.samples_per_second))} samples/s")
            left = report.samples_per_epoch * (report.epochs - report.epoch) - report.seen
            parts.append(f"{time_text(left / report.samples_per_second)} left")
        self.numbers.setText(" · ".join(parts))


def _bar(name: str) -> QProgressBar:
    bar = QProgressBar()
    bar.setRange(0, PERMILLE)
    bar.setTextVisible(False)
    bar.setFixedHeight(space(1))
    bar.setAccessibleName(name)
    return bar
