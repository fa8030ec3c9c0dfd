"""What is still being typed counts before anything else is done, and only for what it was typed about."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMessageBox, QPlainTextEdit, QSpinBox
from pytestqt.qtbot import QtBot

from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.main_window import MainWindow
from convstudio.panels.inspector.fields import AxesEditor
from convstudio.panels.inspector.panel import InspectorPanel
from engine.templates import template

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """LeNet-5 with its first convolution selected."""
    window.resize(1280, 900)
    window.activateWindow()
    window.canvas.setFocus()
    qtbot.waitUntil(window.canvas.hasFocus)
    window.document.select(["conv1"])
    return window


def half_typed(window: MainWindow) -> QSpinBox:
    """A 7 in the field of conv1's kernel height, which nobody has confirmed."""
    panel = window.panels["inspector"]
    assert isinstance(panel, InspectorPanel)
    editor = panel.editors["kernel_size"]
    assert isinstance(editor, AxesEditor)
    spin = editor.spins[0]
    spin.setFocus()
    spin.selectAll()
    QTest.keyClicks(spin, "7")
    assert window.document.graph["conv1"] == template("lenet5")["conv1"]
    return spin


@pytest.mark.parametrize(("key", "step"), [("D", "Duplicate conv1"), ("G", "Group conv1 as Block")])
def test_a_number_goes_where_it_was_typed_and_undo_does_not_drift(window: MainWindow, key: str, step: str) -> None:
    QTest.keyClick(half_typed(window), Qt.Key[f"Key_{key}"], CONTROL)
    stack = window.document.undo_stack
    assert [stack.text(number) for number in range(stack.count())] == ["Set kernel size of conv1 to 7×5", step]
    while stack.canUndo():
        stack.undo()
    assert window.document.graph == template("lenet5")


def test_a_form_that_is_replaced_says_nothing_about_the_next_layer(window: MainWindow) -> None:
    half_typed(window)
    document = window.document
    document.perform(edits.duplicate(document.project, {"conv1"}))  # as a panel may do
    assert all(document.graph[name].layer.settings()["kernel_size"] == (5, 5) for name in ("conv1", "conv3"))
    document.undo_stack.undo()
    assert document.graph == template("lenet5")


def test_what_is_typed_in_a_floating_panel_counts_too(window: MainWindow, qtbot: QtBot) -> None:
    window.docks["inspector"].setFloating(True)
    window.docks["inspector"].activateWindow()
    spin = half_typed(window)
    qtbot.waitUntil(spin.hasFocus)
    window.actions_["duplicate"].trigger()
    assert window.document.graph["conv1"].layer.settings()["kernel_size"] == (7, 5)
    window.docks["inspector"].setFloating(False)


def test_undo_takes_back_what_is_half_typed(window: MainWindow) -> None:
    document = window.document
    document.perform(edits.set_field(document.project, {"conv2"}, "kernel_size", 3))
    spin = half_typed(window)
    window.actions_["undo"].trigger()  # from the toolbar, which leaves the keyboard where it is
    assert document.undo_stack.redoText() == "Set kernel size of conv1 to 7×5"
    assert document.undo_stack.undoText() == "Set kernel size of conv2 to 3×3"
    assert spin.value() == 5


def test_what_is_typed_is_saved(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    file = tmp_path / "it.convstudio"
    window.document.save(file)
    window.editing.add_comment()
    field = window.canvas.in_place.field
    assert isinstance(field, QPlainTextEdit)
    QTest.keyClicks(field, "Why these?")
    QTest.keyClick(field, Qt.Key.Key_S, CONTROL)
    qtbot.waitUntil(lambda: window.document.saved == window.document.project)
    read = Document()
    read.open(file)
    assert read.project.comments[0].text == "Why these?"


def test_a_window_asks_about_what_is_typed_before_it_closes(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.document.save(tmp_path / "it.convstudio")
    asked: list[str] = []

    def cancel(box: QMessageBox) -> QMessageBox.StandardButton:
        asked.append(box.text())
        return QMessageBox.StandardButton.Cancel

    monkeypatch.setattr(QMessageBox, "exec", cancel)
    half_typed(window)
    assert not window.close()
    assert asked == ["Save the changes to it?"]
    assert window.document.graph["conv1"].layer.settings()["kernel_size"] == (7, 5)


# --- undo while a field has the keyboard -----------------------------------------------------------------------------


def test_undo_is_the_windows_once_a_number_is_taken_over(window: MainWindow) -> None:
    spin, document = half_typed(window), window.document
    QTest.keyClick(spin, Qt.Key.Key_Z, CONTROL)
    assert spin.text() == "5 px"  # of the field: nobody has taken the 7 over
    assert not document.undo_stack.canUndo()
    QTest.keyClick(spin, Qt.Key.Key_Up)
    QTest.keyClick(spin, Qt.Key.Key_Up)
    assert document.graph["conv1"].layer.settings()["kernel_size"] == (7, 5)
    QTest.keyClick(spin, Qt.Key.Key_Z, CONTROL)
    assert document.graph == template("lenet5")
    QTest.keySequence(spin, window.actions_["redo"].shortcut())
    assert document.graph["conv1"].layer.settings()["kernel_size"] == (7, 5)
    assert spin.text() == "7 px"


def test_undo_is_the_windows_once_a_name_is_taken_over(window: MainWindow) -> None:
    panel, document = window.panels["inspector"], window.document
    assert isinstance(panel, InspectorPanel)
    assert panel.name is not None
    panel.name.setFocus()
    panel.name.selectAll()
    QTest.keyClicks(panel.name, "edges")
    QTest.keyClick(panel.name, Qt.Key.Key_Z, CONTROL)
    assert panel.name.text() == "conv1"
    assert not document.undo_stack.canUndo()
    QTest.keyClicks(panel.name, "s")
    QTest.keyClick(panel.name, Qt.Key.Key_Return)
    assert document.undo_stack.count() == 1
    panel.name.setFocus()
    QTest.keyClick(panel.name, Qt.Key.Key_Z, CONTROL)
    assert document.graph == template("lenet5")


def test_undo_is_the_windows_in_other_forms_too(window: MainWindow) -> None:
    document = window.document
    window.stand_at("train")
    line = next(each for each in window.findChildren(QLineEdit) if each.accessibleName() == "Augmentation")
    line.setFocus()
    QTest.keyClicks(line, "shift=2")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert document.undo_stack.undoText() == "Set augmentation"
    QTest.keyClick(line, Qt.Key.Key_Z, CONTROL)
    assert not document.undo_stack.canUndo()
    assert line.text() == ""
