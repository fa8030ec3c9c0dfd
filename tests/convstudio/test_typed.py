"""What somebody has typed, and has not left yet, counts when the network is saved, closed or trained."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from convstudio.document import edits, files
from convstudio.document.project import Project
from convstudio.main_window import MainWindow
from convstudio.panels.inspector.panel import InspectorPanel
from convstudio.training.pipe import Pipe

BUTTON = QMessageBox.StandardButton


@pytest.fixture(autouse=True)
def nothing_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    """No process is needed here; what panels ask stays unanswered."""
    monkeypatch.setattr(Pipe, "send", lambda pipe, message: None)


@pytest.fixture
def window(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> MainWindow:
    """LeNet-5 in a file of its own."""
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.filing.save_to(tmp_path / "mine.convstudio")
    qtbot.waitUntil(lambda: not window.filing.saving)
    return window


def with_keyboard() -> QWidget:
    found = QApplication.focusWidget()
    assert found is not None
    return found


def write(text: str) -> QWidget:
    """In place of what stands where the keyboard is."""
    field = with_keyboard()
    QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(field, text)
    return field


def saved(window: MainWindow, qtbot: QtBot) -> Project:
    window.actions_["save"].trigger()
    qtbot.waitUntil(lambda: not window.filing.saving)
    assert window.document.path is not None
    return files.read(window.document.path).project


def inspector(window: MainWindow) -> InspectorPanel:
    panel = window.panels["inspector"]
    assert isinstance(panel, InspectorPanel)
    return panel


def test_a_number_is_saved_and_the_keyboard_stays_in_its_field(window: MainWindow, qtbot: QtBot) -> None:
    window.document.select(["conv2"])
    inspector(window).focus_first()
    field = write("24")
    layer = saved(window, qtbot).graph["conv2"].layer
    assert layer.settings()["out_channels"] == 24
    assert not window.document.modified
    assert with_keyboard() is field


def test_saving_selects_nothing_else_and_scrolls_nowhere(window: MainWindow, qtbot: QtBot) -> None:
    window.document.select(["conv2"])
    inspector(window).focus_first()
    with qtbot.assertNotEmitted(window.document.selection_changed):
        saved(window, qtbot)
    assert window.document.selection == {"conv2"}
    assert [item.node.id for item in window.canvas.scene_.cards.values() if item.isSelected()] == ["conv2"]


def test_a_name_in_the_form_is_saved(window: MainWindow, qtbot: QtBot) -> None:
    window.document.select(["relu1"])
    inspector(window).focus_first()
    write("bend")
    assert "bend" in saved(window, qtbot).graph


def test_a_comment_is_saved_and_can_be_written_on(window: MainWindow, qtbot: QtBot) -> None:
    window.canvas.setFocus()
    window.actions_["add_comment"].trigger()
    field = write("one")
    assert [note.text for note in saved(window, qtbot).comments] == ["one"]
    assert with_keyboard() is field
    QTest.keyClicks(field, " two")
    assert [note.text for note in saved(window, qtbot).comments] == ["one two"]


@pytest.mark.parametrize("what", ["a comment", "a name"])
def test_the_keys_of_saving_save_what_is_written_on_the_canvas(window: MainWindow, qtbot: QtBot, what: str) -> None:
    window.canvas.setFocus()
    if what == "a name":
        window.document.select(["conv2"])
    window.actions_["add_comment" if what == "a comment" else "rename"].trigger()
    with qtbot.waitSignal(window.filing.settled):
        QTest.keyClick(write("mine"), Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert window.document.path is not None
    found = files.read(window.document.path).project
    assert "mine" in [*(note.text for note in found.comments), *(node.id for node in found.graph)]


@pytest.mark.parametrize("where", ["on the canvas", "in the form"])
def test_closing_asks_about_what_was_typed(window: MainWindow, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    asked: list[str] = []

    def answer(box: QMessageBox) -> BUTTON:
        asked.append(box.text())
        return BUTTON.Cancel

    monkeypatch.setattr(QMessageBox, "exec", answer)
    window.document.select(["conv2"])
    if where == "on the canvas":
        window.canvas.setFocus()
        window.actions_["rename"].trigger()
        write("second")
    else:
        inspector(window).focus_first()
        write("24")
    window.close()
    assert window.isVisible()
    assert asked == ["Save the changes to mine?"]


def test_a_number_goes_to_the_layer_it_was_typed_for(window: MainWindow) -> None:
    window.document.select(["conv1"])
    inspector(window).focus_first()
    write("24")
    window.document.select(["conv2"])  # as F8 does, which takes the keyboard from nobody
    outputs = {name: window.document.graph[name].layer.settings()["out_channels"] for name in ("conv1", "conv2")}
    assert outputs == {"conv1": 24, "conv2": 16}


def test_a_number_for_what_is_not_selected_any_more_disturbs_nobody(window: MainWindow) -> None:
    window.document.select(["conv1"])
    inspector(window).focus_first()
    write("24")
    window.document.select([])
    assert window.document.graph["conv1"].layer.settings()["out_channels"] == 24


def test_a_name_goes_to_what_it_was_typed_for(window: MainWindow) -> None:
    window.document.select([])
    inspector(window).focus_first()
    write("Mine")
    window.document.select(["relu1"])
    assert window.document.graph.name == "Mine"
    inspector(window).focus_first()
    write("bend")
    window.document.select(["conv2"])
    assert "bend" in window.document.graph
    name = inspector(window).name
    assert name is not None
    assert name.text() == "conv2"


def test_a_title_goes_to_the_block_it_was_typed_for(window: MainWindow) -> None:
    document = window.document
    document.perform(edits.group(document.project, {"conv1", "relu1"}))
    (block,) = document.project.blocks
    document.select([block.id])
    form = inspector(window)
    title = next(field for field in form.findChildren(QWidget) if field.accessibleName() == "Title of the block")
    title.setFocus()
    write("First")
    document.select(["conv2"])
    assert document.project.blocks[0].title == "First"


def test_a_learning_rate_counts_as_soon_as_one_trains(window: MainWindow) -> None:
    window.stand_at("train")
    form = window.panels["train"].form  # type: ignore[attr-defined]
    form.main.editors["learning_rate"].setFocus()
    write("0.0123")
    window.actions_["train"].trigger()
    assert window.document.project.settings.learning_rate == 0.0123
