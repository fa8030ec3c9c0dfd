"""The line at the bottom: the network's health and totals, whatever else is told."""

from __future__ import annotations

from PySide6.QtGui import QStatusTipEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from convstudio.document import edits
from convstudio.main_window import MainWindow


def test_the_line_at_the_bottom_says_totals_and_health(window: MainWindow) -> None:
    assert window.totals.text().startswith("61\u202f706 parameters · ")
    assert window.health.text() == "This network can be trained."
    window.document.perform(edits.delete(window.document.project, {"flatten1"}))
    assert window.health.text().startswith("dense1 works on a row of features") or "dense1" in window.health.text()
    window.document.undo_stack.undo()
    assert window.health.text() == "This network can be trained."


def test_the_line_at_the_bottom_says_as_much_as_there_is_room_for(window: MainWindow, qtbot: QtBot) -> None:
    document = window.document
    document.perform(edits.set_field(document.project, {"conv2"}, "kernel_size", 15))
    window.resize(2400, 800)
    qtbot.waitUntil(lambda: window.health.shown == window.health.text())
    assert window.health.toolTip() == ""
    window.resize(1000, 800)
    qtbot.waitUntil(lambda: window.health.shown.endswith("…"))
    assert window.health.text().startswith(window.health.shown[:-1])
    assert window.health.toolTip() == window.health.text()


def test_no_message_hides_the_totals_and_the_health(window: MainWindow) -> None:
    window.resize(1280, 800)
    window.say("One two three. " * 10)
    assert window.totals.isVisible()
    assert window.health.shown == "This network can be trained."
    assert "One two three" not in window.statusBar().currentMessage()  # it may say what the mouse is over


def test_what_a_command_does_hides_no_health(window: MainWindow, qtbot: QtBot) -> None:
    window.resize(1280, 800)
    tip = window.actions_["new_network"].statusTip()
    QApplication.sendEvent(window, QStatusTipEvent(tip))
    assert window.tip.text() == tip
    assert window.health.isVisible()
    assert window.health.shown == "This network can be trained."
    QApplication.sendEvent(window, QStatusTipEvent(""))
    assert window.tip.text() == ""
