"""Train, Pause, Step, Stop: how far the run has come, what is in its way, and what an edit of its network would do."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from convstudio.document.document import Document
from convstudio.look.icons import symbol
from convstudio.look.letters import wear
from convstudio.look.theme import appearance, space
from convstudio.panels.inspector.parts import quiet
from convstudio.training.fitting import BatchMend, LayerMend
from convstudio.training.session import Session
from convstudio.training.steering import TIPS
from convstudio.wording import kilobytes, thousands, time_text
from engine import protocol
from engine.progress import FINISHED, TEST, TRAINING, VALIDATION
from engine.protocol import Carried, Report

PERMILLE = 1000
MOST_NAMES = 4  # of layers in a sentence
SIGNS = {"Train": "play", "Pause": "pause", "Step": "step", "Stop": "stop"}
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
UNBEGUN = "Stopped before the first step."
HELD = "Not ready to train."  # below it stands why
AT_REST = (protocol.PAUSED, protocol.STOPPED, protocol.FAILED, FINISHED)


def carried_text(carried: Carried) -> str:
    """Which layers kept what they had learned, in a sentence."""
    parts = [
        f"{_names(names)} {verb}"
        for names, verb in (
            (carried.kept, "kept"),
            (carried.identities, "starting as identity"),
            (carried.fresh, "starting anew"),
        )
        if names
    ]
    return f"Weights: {'; '.join(parts)}." if parts else ""


def _names(names: tuple[str, ...]) -> str:
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


class RunControls(QWidget):
    """What is always in sight below the settings."""

    changed = Signal()  # whether a run is under way

    def __init__(self, document: Document, session: Session) -> None:
        super().__init__()
        self.document, self.session = document, session
        self.buttons: dict[str, QPushButton] = {}
        self.fixes: list[QPushButton] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(space(4), space(2), space(4), space(4))
        column.setSpacing(space(2))
        self._add_state(column)
        column.addWidget(self._make_edit_bar())
        column.addLayout(self._make_buttons())
        self._listen()
        self.show_state()

    # --- building ----------------------------------------------------------------------------------------------------

    def _add_state(self, column: QVBoxLayout) -> None:
        self.status, self.numbers, self.reason = QLabel(), quiet(""), QLabel()
        wear(self.status, "strong")
        self.status.setWordWrap(True)
        wear(self.numbers, "caption")
        self.predicted, self.kept = quiet(""), quiet("")
        self.reason.setProperty("role", "error")
        self.reason.setWordWrap(True)
        self.epoch_bar, self.run_bar = _bar("Progress of the epoch"), _bar("Progress of the run")
        for widget in (self.status, self.epoch_bar, self.run_bar):
            column.addWidget(widget)
        for label in (self.numbers, self.predicted, self.kept, self.reason):
            label.hide()
            column.addWidget(label)
        self.fix_row = QVBoxLayout()
        column.addLayout(self.fix_row)

    def _make_edit_bar(self) -> QWidget:
        self.edit_bar = QFrame()
        self.edit_bar.setProperty("role", "floating")
        says = QLabel("The network was edited; the run still trains the one before.")
        says.setWordWrap(True)
        self.identities = QCheckBox("New layers begin as identities")
        self.identities.setChecked(True)
        self.identities.toggled.connect(self._choose_identities)
        self.identities.setToolTip(
            "A new layer that can pass its input on unchanged does so at first: the loss goes on from where it is."
        )
        self.take = QPushButton("Go on with the edited network")
        self.take.clicked.connect(self._take_edit)
        column = QVBoxLayout(self.edit_bar)
        column.setContentsMargins(space(3), space(2), space(3), space(2))
        column.setSpacing(space(2))
        for widget in (says, self.identities, self.take):
            column.addWidget(widget)
        return self.edit_bar

    def _make_buttons(self) -> QVBoxLayout:
        run = self.session
        acts = {"Train": run.train, "Pause": run.pause, "Step": run.step, "Stop": run.stop}
        row, rows = QHBoxLayout(), QVBoxLayout()
        row.setSpacing(space(1))
        rows.setSpacing(space(1))
        for name, act in acts.items():
            button = QPushButton(name if name == "Train" else "")
            button.setAccessibleName(name)
            button.setToolTip({"Step": "Step: train on one batch"}.get(name, name))
            button.clicked.connect(lambda checked=False, act=act: act())
            self.buttons[name] = button
            row.addWidget(button, 2 if name == "Train" else 1)
        self.buttons["Train"].setDefault(True)
        self.anew = QPushButton("Start anew")
        self.anew.setToolTip("Begin with fresh weights; what was learned so far stays in the table of runs.")
        self.anew.clicked.connect(lambda: self.session.start())
        rows.addLayout(row)
        rows.addWidget(self.anew)
        return rows

    def _listen(self) -> None:
        session = self.session
        session.phase_changed.connect(self._follow_phase)
        session.prepared.connect(lambda message: self.status.setText(message.text))
        session.started.connect(self._begin)
        session.carried.connect(lambda carried: _say(self.kept, carried_text(carried)))
        session.reported.connect(self._show_report)
        session.failed.connect(self._show_failure)
        session.fell_silent.connect(self._show_failure)
        session.finished.connect(self.show_state)
        session.said.connect(lambda text: _say(self.numbers, text))
        session.network_changed.connect(self.show_state)
        self.document.content_changed.connect(self.show_state)
        appearance().changed.connect(self.show_state)

    # --- the run -----------------------------------------------------------------------------------------------------

    def _choose_identities(self, wanted: bool) -> None:
        self.session.identities = wanted

    def _take_edit(self) -> None:
        self.session.take_edit(identities=self.session.identities)

    def _begin(self, goes_on: bool) -> None:
        _say(self.kept, "")
        _say(self.numbers, "")
        if not goes_on:
            self.epoch_bar.setValue(0)
            self.run_bar.setValue(0)
        self.show_state()

    def _follow_phase(self, phase: str) -> None:
        self.show_state()
        if phase in AT_REST:
            self._show_report(self.session.report)  # without a speed

    def show_state(self, *_: object) -> None:
        """What can be done now."""
        session, blocked = self.session, self.session.obstacles
        running, can = session.running, session.steering
        train = self.buttons["Train"]
        train.setText(can.word)
        train.setToolTip(TIPS[can.word])
        self.anew.setVisible(can.anew)
        held = [button for button in self.buttons.values() if button.hasFocus()]
        for name, possible in (("Train", can.train), ("Pause", can.pause), ("Step", can.step), ("Stop", can.stop)):
            self.buttons[name].setEnabled(possible)
            self.buttons[name].setIcon(symbol(SIGNS[name], "accent_text" if name == "Train" and possible else "text"))
        if held and not held[0].isEnabled():  # Qt would go on to the next one, and Space would stop what was paused
            self.buttons["Train" if can.train else "Pause"].setFocus()
        if session.phase in WORDS:
            unbegun = session.phase == protocol.STOPPED and not session.can_go_on
            hindered = session.phase == protocol.IDLE and blocked
            self.status.setText(UNBEGUN if unbegun else HELD if hindered else WORDS[session.phase])
        edited = running and session.edited
        self.edit_bar.setVisible(edited)
        self.take.setEnabled(not blocked)
        self._show_obstacles(blocked if edited or not running else ())
        self.changed.emit()

    def _mend(self, mend: LayerMend | BatchMend) -> None:
        self.document.perform(mend(self.document.project))

    def _show_obstacles(self, blocked: tuple[Any, ...]) -> None:
        _say(self.reason, blocked[0].text if blocked else "")
        for button in self.fixes:
            self.fix_row.removeWidget(button)
            button.deleteLater()
        self.fixes = []
        for obstacle in blocked[:1]:
            if obstacle.mend is not None:
                button = QPushButton(obstacle.mend.text)
                button.clicked.connect(partial(self._mend, obstacle.mend))
                self.fix_row.addWidget(button)
                self.fixes.append(button)

    def _show_failure(self, text: str) -> None:
        self.show_state()
        self.status.setText(text)

    def predict(self, text: str) -> None:
        """What a run will cost, as far as it was measured."""
        _say(self.predicted, text)

    def _show_report(self, report: Report) -> None:
        if not report.total_steps:
            return
        done = report.epoch == report.epochs  # then no sample of the next epoch was seen
        self.epoch_bar.setValue(PERMILLE if done else round(PERMILLE * report.seen / max(1, report.samples_per_epoch)))
        self.run_bar.setValue(round(PERMILLE * report.step / report.total_steps))
        place = f"Epoch {min(report.epoch + 1, report.epochs)} of {report.epochs} · step {thousands(report.step)}"
        parts = []
        if report.samples_per_second and self.session.running and self.session.phase not in AT_REST:
            parts.append(f"{thousands(round(report.samples_per_second))} samples/s")
            left = report.samples_per_epoch * (report.epochs - report.epoch) - report.seen
            parts.append(f"{time_text(round(left / report.samples_per_second))} left")
        if report.memory_bytes:
            parts.append(kilobytes(report.memory_bytes))
        _say(self.numbers, "\n".join(filter(None, (place, " · ".join(parts)))))


def _say(label: QLabel, text: str) -> None:
    """A line that takes no room while it says nothing."""
    label.setText(text)
    label.setVisible(bool(text))


def _bar(name: str) -> QProgressBar:
    bar = QProgressBar()
    bar.setRange(0, PERMILLE)
    bar.setTextVisible(False)
    bar.setFixedHeight(space(1))
    bar.setAccessibleName(name)
    return bar
