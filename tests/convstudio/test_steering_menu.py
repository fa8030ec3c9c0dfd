"""Toolbar, menu and keys steer the run that is under way, as the buttons of the train panel do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from convstudio.document import edits
from convstudio.main_window import MainWindow
from convstudio.panels.train.rate_dialog import RateDialog
from engine.link import InlineLink
from engine.progress import TRAINING
from engine.protocol import PAUSED, STOPPED
from tests.convstudio.tiny import tiny_document, write_samples
from tests.patience import PATIENCE_MS

LEFT = Qt.MouseButton.LeftButton
STEERING = ("train", "pause_training", "step_training", "stop_training", "start_anew")


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    QSettings().clear()
    made = MainWindow(tiny_document(write_samples(tmp_path), epochs=100_000))
    monkeypatch.setattr(made.session._pipe, "_make_link", InlineLink)
    made.session.kept.folder = tmp_path / "runs"
    qtbot.addWidget(made, before_close_func=lambda w: w.document.replace(w.document.project))
    made.resize(1280, 800)
    made.show()
    yield made
    made.session.close()
    QSettings().clear()


def press(window: MainWindow, name: str) -> None:
    """On the toolbar, with the mouse."""
    button: Any = window.toolbar.widgetForAction(window.actions_[name])
    assert button.isEnabled()
    QTest.mouseClick(button, LEFT)


def possible(window: MainWindow) -> set[str]:
    return {name for name in STEERING if window.actions_[name].isEnabled()}


def test_play_goes_on_with_a_run_that_rests_and_starts_no_other(window: MainWindow, qtbot: QtBot) -> None:
    session, train = window.session, window.actions_["train"]
    assert possible(window) == {"train", "step_training"}
    press(window, "train")
    qtbot.waitUntil(lambda: session.phase == TRAINING and session.report.step > 2, timeout=PATIENCE_MS)
    folder = session.folder
    assert possible(window) == {"pause_training", "stop_training"}  # a key pressed once more begins no second run
    assert not session.start()
    press(window, "pause_training")
    qtbot.waitUntil(lambda: session.phase == PAUSED and session.report.phase == PAUSED, timeout=PATIENCE_MS)
    assert train.text() == "Resume"
    assert possible(window) == {"train", "step_training", "stop_training"}
    step = session.report.step
    press(window, "step_training")
    qtbot.waitUntil(lambda: session.report.step == step + 1, timeout=PATIENCE_MS)
    press(window, "train")
    qtbot.waitUntil(lambda: session.phase == TRAINING and session.report.step > step + 2, timeout=PATIENCE_MS)
    assert session.folder == folder
    assert session.curves.steps[0] == 1


def test_a_run_that_was_stopped_goes_on_step_by_step_and_anew(window: MainWindow, qtbot: QtBot) -> None:
    session = window.session
    press(window, "train")
    qtbot.waitUntil(lambda: session.phase == TRAINING and session.report.step > 2, timeout=PATIENCE_MS)
    press(window, "stop_training")
    qtbot.waitUntil(lambda: session.phase == STOPPED, timeout=PATIENCE_MS)
    assert window.actions_["train"].text() == "Resume"
    assert "Goes on where the run has come to" in window.actions_["train"].toolTip()
    assert possible(window) == {"train", "step_training", "start_anew"}
    folder, step = session.folder, session.report.step
    press(window, "step_training")
    qtbot.waitUntil(lambda: session.phase == PAUSED and session.report.step == step + 1, timeout=PATIENCE_MS)
    assert session.folder == folder  # it is the same run
    press(window, "stop_training")
    qtbot.waitUntil(lambda: session.phase == STOPPED, timeout=PATIENCE_MS)
    window.actions_["start_anew"].trigger()
    qtbot.waitUntil(lambda: session.phase == TRAINING, timeout=PATIENCE_MS)
    assert session.folder != folder


def test_what_is_in_the_way_is_shown_where_one_presses_play(window: MainWindow, qtbot: QtBot) -> None:
    window.document.perform(edits.delete(window.document.project, {"flatten1"}))
    assert possible(window) == {"train"}
    assert not window.actions_["find_rate"].isEnabled()
    press(window, "train")
    panel: Any = window.panels["train"]
    assert panel.isVisible()
    assert panel.controls.reason.isVisible()
    assert not window.session.running


def test_charts_are_exported_from_the_menu_wherever_one_is(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export, target = window.actions_["export_charts"], tmp_path / "a.png"
    assert not export.isEnabled()
    press(window, "train")
    qtbot.waitUntil(lambda: window.session.report.step > 2, timeout=PATIENCE_MS)
    press(window, "pause_training")
    qtbot.waitUntil(lambda: window.session.phase == PAUSED, timeout=PATIENCE_MS)
    window.stand_at("see")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    export.trigger()
    qtbot.waitUntil(target.exists, timeout=PATIENCE_MS)
    assert QImage(str(target)).width() > 1000


def test_a_learning_rate_is_looked_for_from_the_menu(window: MainWindow) -> None:
    window.actions_["find_rate"].trigger()
    dialog = window.panels["train"].findChild(RateDialog)
    assert dialog is not None
    assert dialog.isVisible()
