"""The train panel starts, changes and stops a run; the charts show what comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import attrs
import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QSpinBox
from pytestqt.qtbot import QtBot

from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.look.sheet import style_sheet
from convstudio.look.theme import DARK, LIGHT, appearance, theme, tokens
from convstudio.panels.train.panel import TrainPanel
from convstudio.panels.train.rate_dialog import RateDialog
from convstudio.panels.train.schedule_curve import ScheduleCurve
from convstudio.panels.train.settings_form import SettingsForm
from convstudio.training.session import Session
from convstudio.wording import time_text
from engine.data.source import DataSource
from engine.link import InlineLink
from engine.progress import TRAINING
from engine.protocol import PAUSED
from engine.questions.rates import RatesTried
from engine.schedules import Constant
from engine.spec import make
from tests.convstudio.tiny import tiny_document, write_samples
from tests.patience import PATIENCE_MS

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def document(tmp_path: Path) -> Document:
    return tiny_document(write_samples(tmp_path), epochs=3)


@pytest.fixture
def session(document: Document, tmp_path: Path, qtbot: QtBot) -> Iterator[Session]:
    made = Session(document, InlineLink, tmp_path / "runs")
    yield made
    made.close()


@pytest.fixture
def panel(document: Document, session: Session, qtbot: QtBot) -> TrainPanel:
    made = TrainPanel(document, session)
    qtbot.addWidget(made)
    made.resize(320, 620)
    made.show()
    return made


def test_train_pause_step_and_resume_with_the_mouse(panel: TrainPanel, session: Session, qtbot: QtBot) -> None:
    QTest.mouseClick(panel.controls.buttons["Step"], LEFT)
    qtbot.waitUntil(lambda: session.phase == PAUSED and session.report.phase == PAUSED, timeout=PATIENCE_MS)
    assert panel.controls.status.text() == "Paused."
    assert panel.controls.buttons["Train"].text() == "Resume"
    assert not panel.form.main.editors["epochs"].isEnabled()
    assert panel.form.main.editors["batch"].isEnabled()
    with qtbot.waitSignal(session.finished, timeout=PATIENCE_MS):
        QTest.mouseClick(panel.controls.buttons["Train"], LEFT)
    assert panel.controls.status.text() == "Finished."
    assert panel.controls.buttons["Train"].text() == "Train on"
    qtbot.waitUntil(lambda: panel.controls.run_bar.value() == panel.controls.run_bar.maximum(), timeout=PATIENCE_MS)


def test_the_keyboard_stays_at_what_pauses_and_goes_on(panel: TrainPanel, session: Session, qtbot: QtBot) -> None:
    buttons = panel.controls.buttons
    document = session.document
    document.perform(edits.set_settings(document.project, attrs.evolve(document.project.settings, epochs=100_000)))
    session.start()
    qtbot.waitUntil(lambda: session.phase == TRAINING, timeout=PATIENCE_MS)
    buttons["Pause"].setFocus()
    QTest.keyClick(buttons["Pause"], Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: session.phase == PAUSED, timeout=PATIENCE_MS)
    assert panel.focusWidget() is buttons["Train"]  # and not at Stop, where Space would end the run
    QTest.keyClick(buttons["Train"], Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: session.phase == TRAINING, timeout=PATIENCE_MS)
    assert panel.focusWidget() is buttons["Pause"]
    session.stop()


def test_what_cannot_be_changed_now_looks_like_it(panel: TrainPanel) -> None:
    box, sign = panel.form.optimizer, "/nowhere.png"
    box.setStyleSheet(style_sheet(LIGHT, tokens(), {"arrow": sign, "tick": sign}))

    def brightest_and_darkest() -> tuple[int, int]:
        picture = box.grab().toImage()
        spots = [picture.pixelColor(x, y).lightness() for x in range(4, 90) for y in range(4, picture.height() - 4)]
        return min(spots), max(spots)

    usual = brightest_and_darkest()
    box.setEnabled(False)
    low, high = brightest_and_darkest()
    assert high - low < usual[1] - usual[0]


def test_what_is_in_the_way_is_said_and_mended_by_a_click(panel: TrainPanel, document: Document) -> None:
    document.perform(edits.set_data(document.project, DataSource("digits")))
    assert not panel.controls.buttons["Train"].isEnabled()
    assert panel.controls.reason.text() == "The network takes 1 × 8 × 8, but the samples of Digits are 1 × 28 × 28."
    assert panel.controls.status.text() == "Not ready to train."
    for _ in range(2):
        QTest.mouseClick(panel.controls.fixes[0], LEFT)
    assert panel.controls.buttons["Train"].isEnabled()
    assert not panel.controls.reason.isVisible()
    assert panel.controls.status.text() == "Ready to train."


def test_settings_are_edited_as_steps_that_can_be_undone(panel: TrainPanel, document: Document) -> None:
    panel.form.optimizer.setCurrentText("SGD")
    panel.form.optimizer.activated.emit(panel.form.optimizer.currentIndex())
    assert document.project.settings.optimizer.title == "SGD"
    assert document.project.settings.learning_rate == 0.01
    panel.form.schedule.setCurrentText("Cosine")
    panel.form.schedule.activated.emit(panel.form.schedule.currentIndex())
    assert (
        panel.form.curve.text.text()
        == "Learning rate from 0.01 at the first step to 9.9\u202f×\u202f10⁻¹⁰ at the last."
    )
    document.undo_stack.undo()
    assert panel.form.schedule.currentText() == "Constant"


def test_fields_of_the_chosen_optimiser_are_folded_away(panel: TrainPanel, document: Document, qtbot: QtBot) -> None:
    assert not panel.form.folded.isVisible()
    QTest.mouseClick(panel.form.more, LEFT)
    assert panel.form.folded.isVisible()
    assert set(panel.form.of_optimizer.editors) == {"weight_decay", "beta1", "beta2", "eps"}
    line = panel.form.of_optimizer.editors["weight_decay"].line
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, "0.5")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert document.project.settings.optimizer.weight_decay == 0.5
    assert document.undo_stack.undoText() == "Set weight decay of the optimiser"
    panel.form.optimizer.setCurrentText("SGD")
    panel.form.optimizer.activated.emit(panel.form.optimizer.currentIndex())
    assert set(panel.form.of_optimizer.editors) == {"weight_decay", "momentum", "nesterov"}


def test_what_was_learned_is_taken_on_or_left_behind(panel: TrainPanel, session: Session, qtbot: QtBot) -> None:
    controls = panel.controls
    assert not controls.anew.isVisible()
    with qtbot.waitSignal(session.finished, timeout=PATIENCE_MS):
        QTest.mouseClick(controls.buttons["Train"], LEFT)
    assert controls.buttons["Train"].text() == "Train on"
    with qtbot.waitSignal(session.finished, timeout=PATIENCE_MS):
        QTest.mouseClick(controls.buttons["Train"], LEFT)
    assert controls.kept.text() == "Weights: dense1 kept."
    with qtbot.waitSignal(session.finished, timeout=PATIENCE_MS):
        QTest.mouseClick(controls.anew, LEFT)
    assert not controls.kept.isVisible()


def test_an_edit_of_the_running_network_is_offered_and_taken(
    panel: TrainPanel, session: Session, document: Document, qtbot: QtBot
) -> None:
    controls = panel.controls
    QTest.mouseClick(controls.buttons["Step"], LEFT)
    qtbot.waitUntil(lambda: session.phase == PAUSED and session.report.step == 1, timeout=PATIENCE_MS)
    assert not controls.edit_bar.isVisible()
    document.perform(edits.append(document.project, make("dense", out_features=64), "flatten1"))
    assert controls.edit_bar.isVisible()
    document.undo_stack.undo()
    assert not controls.edit_bar.isVisible()
    document.undo_stack.redo()
    with qtbot.waitSignal(session.carried, timeout=PATIENCE_MS):
        QTest.mouseClick(controls.take, LEFT)
    assert controls.kept.text() == "Weights: dense1 kept; dense2 starting as identity."
    assert not controls.edit_bar.isVisible()
    with qtbot.waitSignal(session.finished, timeout=PATIENCE_MS):
        QTest.mouseClick(controls.buttons["Train"], LEFT)


def test_an_edit_that_cannot_be_trained_says_why_while_the_run_goes_on(
    panel: TrainPanel, session: Session, document: Document, qtbot: QtBot
) -> None:
    QTest.mouseClick(panel.controls.buttons["Step"], LEFT)
    qtbot.waitUntil(lambda: session.phase == PAUSED, timeout=PATIENCE_MS)
    document.perform(edits.delete(document.project, {"flatten1"}))
    assert not panel.controls.take.isEnabled()
    assert panel.controls.reason.text() == session.obstacles[0].text


def test_the_time_of_an_epoch_is_told_before_the_run(panel: TrainPanel, session: Session, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: panel.controls.predicted.text().startswith("An epoch will take"), timeout=PATIENCE_MS)
    with qtbot.waitSignal(session.finished, timeout=PATIENCE_MS):
        QTest.mouseClick(panel.controls.buttons["Train"], LEFT)
    assert panel.controls.predicted.text() == ""


def test_a_tiny_learning_rate_reads_well_and_can_be_typed_as_it_reads(panel: TrainPanel, document: Document) -> None:
    line = panel.form.main.editors["learning_rate"].line
    seen = list[tuple[float, str]]()
    for typed in ("2,5e-8", "3 × 10⁻⁷"):
        line.selectAll()
        for sign in typed:  # QTest types Latin letters alone
            QApplication.sendEvent(line, QKeyEvent(QEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, sign))
        QTest.keyClick(line, Qt.Key.Key_Return)
        seen.append((document.project.settings.learning_rate, line.text()))
    assert seen == [(2.5e-8, "2.5\u202f×\u202f10⁻⁸"), (3e-7, "3\u202f×\u202f10⁻⁷")]


def test_a_learning_rate_is_found_and_taken(panel: TrainPanel, document: Document, qtbot: QtBot) -> None:
    QTest.mouseClick(panel.form.find_rate, LEFT)
    dialog = panel.findChild(RateDialog)
    assert dialog is not None
    qtbot.waitUntil(dialog.use.isEnabled, timeout=PATIENCE_MS)
    rate = float(f"{dialog.rate:.2g}")
    QTest.mouseClick(dialog.use, LEFT)
    assert document.project.settings.learning_rate == rate
    assert document.undo_stack.undoText() == "Set learning rate"


def test_the_fall_of_the_loss_is_seen_where_it_explodes_at_the_end(session: Session, qtbot: QtBot) -> None:
    dialog = RateDialog(session)
    qtbot.addWidget(dialog)
    assert [b.text() for b in dialog.findChildren(QPushButton) if b.isDefault()] == ["Use"]
    rates = np.logspace(-6, 0, 60)
    losses = np.concatenate([np.full(20, 2.3), np.linspace(2.3, 1.0, 30), [5.0, 50.0, 500.0], np.full(7, np.nan)])
    dialog._take(RatesTried(0, rates, losses, losses, 0.01, done=True))
    low, high = dialog.plot.plotItem.vb.viewRange()[1]
    assert 0.5 < low < 1.0
    assert 2.3 < high < 3.0
    appearance().choose(DARK)
    assert dialog.plot.backgroundBrush().color() == theme().color("panel")
    appearance().choose("system")


def test_the_schedule_is_drawn_with_its_warm_up() -> None:
    curve = ScheduleCurve()
    curve.show_schedule(0.1, Constant(warm_up=2500), 5000)
    assert curve._rates[120] == pytest.approx(0.1, rel=0.01)
    assert curve._rates[60] == pytest.approx(0.05, rel=0.02)
    assert curve.text.text() == "Learning rate from 4\u202f×\u202f10⁻⁵ at the first step to 0.1 at the last."


@pytest.mark.parametrize(
    ("seconds", "text"), [(2.44, "2.4 s"), (45.4, "45 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")]
)
def test_times_are_worded_for_people(seconds: float, text: str) -> None:
    assert time_text(seconds) == text


def test_nothing_is_called_what_it_means(panel: TrainPanel) -> None:
    document, others = panel.form.document, panel.form.others.editors
    document.perform(edits.set_settings(document.project, attrs.evolve(document.project.settings, threads=0)))
    threads, patience = (others[name].findChild(QSpinBox) for name in ("threads", "patience"))
    assert (threads.text(), patience.text()) == ("all", "never")
    patience.setValue(3)
    assert patience.text() == "3 epochs"
    patience.stepBy(-3)
    assert patience.text() == "never"
    assert document.project.settings.patience == 0


def test_what_a_narrow_form_has_no_room_for_can_be_scrolled_to(document: Document, qtbot: QtBot) -> None:
    form = SettingsForm(document)
    qtbot.addWidget(form)
    form.resize(320, 620)
    form.show()
    assert not form.horizontalScrollBar().isVisible()
    needed = form.widget().minimumSizeHint().width()
    form.resize(needed - 20, 620)
    qtbot.waitUntil(form.horizontalScrollBar().isVisible)
    assert form.viewport().width() + form.horizontalScrollBar().maximum() == needed


def test_a_long_folder_begins_where_it_can_be_read(panel: TrainPanel, document: Document, tmp_path: Path) -> None:
    folder = tmp_path / "all the photographs of the summer that are not blurred"
    document.perform(edits.set_data(document.project, DataSource("mnist", str(folder))))
    button = next(b for b in panel.findChildren(QPushButton) if b.text() == folder.name)
    assert button.shown.startswith("all the")
    assert button.shown.endswith("…")
    assert button.fontMetrics().horizontalAdvance(button.shown) < button.width()
    assert button.toolTip() == str(folder)
