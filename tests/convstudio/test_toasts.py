"""Messages at the bottom left: how long they stay, and what their Undo takes back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from convstudio import toasts
from convstudio.canvas.wire import Wire
from convstudio.document import edits
from convstudio.document.project import Project
from convstudio.look.theme import DARK, LIGHT, appearance, theme
from convstudio.main_window import MainWindow
from convstudio.toasts import STAYS_MS, Toast
from engine.spec import make
from engine.templates import template

LEFT, KEY = Qt.MouseButton.LeftButton, Qt.Key


@pytest.fixture
def window(window: MainWindow, qtbot: QtBot) -> Iterator[MainWindow]:
    window.resize(1280, 800)
    window.activateWindow()
    window.canvas.setFocus()
    qtbot.waitUntil(window.canvas.hasFocus)
    QTest.mouseMove(window, QPoint(window.width() // 2, 5))  # wherever it was before: over a message it would hold it
    yield window
    appearance().choose(LIGHT)


@pytest.fixture
def removal(window: MainWindow) -> Toast:
    """What stands there after a layer was deleted with a key."""
    delete(window, "relu1")
    return window.toasts.removal


def delete(window: MainWindow, *names: str) -> None:
    window.document.select(names)
    QTest.keyClick(window.canvas, KEY.Key_Delete)


def enter(toast: Toast) -> None:
    QApplication.sendEvent(toast, QEnterEvent(QPointF(5, 5), QPointF(5, 5), QPointF(5, 5)))


def leave(toast: Toast) -> None:
    QApplication.sendEvent(toast, QEvent(QEvent.Type.Leave))


def test_what_is_deleted_is_told_and_undone_with_a_click(window: MainWindow, removal: Toast, qtbot: QtBot) -> None:
    assert removal.text == "Deleted relu1. conv1 feeds max_pool1 now."
    assert removal.accessibleName() == removal.text
    assert removal.undo.isVisible()
    QTest.mouseClick(removal.undo, LEFT)
    assert window.document.graph == template("lenet5")
    assert window.canvas.hasFocus()
    qtbot.waitUntil(removal.isHidden)


def test_it_stands_at_the_bottom_left_and_stays_there(window: MainWindow, removal: Toast) -> None:
    for size in ((1280, 800), (1500, 950)):
        window.resize(*size)
        QApplication.sendPostedEvents()
        room = window.pages.rect()
        assert removal.geometry().left() == 12
        assert room.bottom() - removal.geometry().bottom() == 12
        assert removal.sentence.height() <= 28


def test_a_long_sentence_takes_lines_and_keeps_within_the_room(window: MainWindow) -> None:
    window.say("Some words that go on. " * 12)
    message = window.toasts.message
    assert message.width() <= toasts.WIDEST_PX
    assert message.sentence.height() > 3 * message.sentence.fontMetrics().height()
    assert message.sentence.height() >= message.sentence.heightForWidth(message.sentence.width())
    assert not message.undo.isVisible()


def test_there_may_be_hardly_any_room(window: MainWindow, removal: Toast) -> None:
    for wide in (0, 20, 130, 300):
        window.pages.resize(wide, 200)
        assert removal.sentence.width() >= toasts.NARROWEST_PX
        assert removal.sentence.height() >= removal.sentence.heightForWidth(removal.sentence.width())


def test_it_leaves_after_six_seconds(removal: Toast, qtbot: QtBot) -> None:
    assert STAYS_MS == 6000
    assert removal.clock.isActive()
    assert removal.clock.interval() == STAYS_MS
    with qtbot.waitSignal(removal.left):
        removal.clock.timeout.emit()
    assert removal.isHidden()
    assert removal.text == ""


def test_it_waits_while_the_mouse_is_over_it(removal: Toast) -> None:
    enter(removal)
    assert not removal.clock.isActive()
    leave(removal)
    assert removal.clock.isActive()
    assert removal.clock.interval() <= STAYS_MS


def test_it_waits_while_it_has_the_keyboard_and_gives_it_back(window: MainWindow, removal: Toast, qtbot: QtBot) -> None:
    QTest.keyClick(window, KEY.Key_F6)
    assert removal.undo.hasFocus()
    assert not removal.clock.isActive()
    QTest.keyClick(removal.undo, KEY.Key_Tab)
    assert removal.close_button.hasFocus()
    QTest.keyClick(removal.close_button, KEY.Key_Escape)
    assert window.canvas.hasFocus()
    assert "relu1" not in window.document.graph
    qtbot.waitUntil(removal.isHidden)


def test_it_gives_the_keyboard_back_also_after_another_window_had_it(
    window: MainWindow, removal: Toast, qtbot: QtBot
) -> None:
    QTest.keyClick(window, KEY.Key_F6)
    other = QLineEdit()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    other.setFocus()
    qtbot.waitUntil(other.hasFocus)
    window.activateWindow()
    qtbot.waitUntil(removal.undo.hasFocus)
    assert not removal.clock.isActive()
    QTest.keyClick(removal.undo, KEY.Key_Escape)
    assert window.canvas.hasFocus()


def test_it_goes_on_when_the_keyboard_goes_elsewhere(window: MainWindow, removal: Toast) -> None:
    QTest.keyClick(window, KEY.Key_F6)
    QTest.keyClick(window, KEY.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    assert window.canvas.hasFocus()
    assert removal.clock.isActive()


def test_its_undo_is_pressed_by_key(window: MainWindow, removal: Toast) -> None:
    QTest.keyClick(window, KEY.Key_F6)
    QTest.keyClick(removal.undo, KEY.Key_Space)
    assert "relu1" in window.document.graph
    assert window.canvas.hasFocus()


def test_it_is_closed_with_its_cross_or_with_escape_on_the_canvas(
    window: MainWindow, removal: Toast, qtbot: QtBot
) -> None:
    QTest.mouseClick(removal.close_button, LEFT)
    qtbot.waitUntil(removal.isHidden)
    delete(window, "relu2")
    window.document.select(["conv1"])
    QTest.keyClick(window.canvas, KEY.Key_Escape)  # first what is selected
    assert removal.text
    assert not window.document.selection
    QTest.keyClick(window.canvas, KEY.Key_Escape)
    assert not removal.text
    qtbot.waitUntil(removal.isHidden)
    assert "relu2" not in window.document.graph


def test_undo_is_not_offered_for_what_is_not_the_newest_step(window: MainWindow, removal: Toast) -> None:
    window.document.perform(edits.set_field(window.document.project, {"conv1"}, "bias", False))
    assert removal.text == ""
    delete(window, "relu2")
    assert removal.text.startswith("Deleted relu2.")
    window.actions_["undo"].trigger()
    assert removal.text == ""


def test_undo_leaves_where_another_project_is_shown(window: MainWindow, removal: Toast) -> None:
    window.document.replace(Project(template("mlp")))
    assert removal.text == ""


def test_a_message_leaves_the_undo_where_it_is(window: MainWindow, removal: Toast) -> None:
    window.say("Saved.")
    message = window.toasts.message
    assert removal.text
    assert message.geometry().bottom() < removal.geometry().top()
    window.say("Saved again.")
    assert message.text == "Saved again."
    assert len([toast for toast in window.pages.findChildren(Toast) if toast.text]) == 2


def test_wires_are_deleted_with_cards_in_one_step(window: MainWindow) -> None:
    window.document.select(["relu1"])
    wire = next(w for w in window.canvas.scene_.items() if isinstance(w, Wire) and w.edge.source == "dense1")
    wire.setSelected(True)
    QTest.keyClick(window.canvas, KEY.Key_Delete)
    told = "Deleted relu1 and the wire from dense1 to relu3. conv1 feeds max_pool1 now. relu3 has no input now."
    assert window.toasts.removal.text == told
    QTest.mouseClick(window.toasts.removal.undo, LEFT)
    assert window.document.graph == template("lenet5")


def test_cutting_is_told_as_what_it_is(window: MainWindow) -> None:
    window.document.select(["conv1", "relu1"])
    window.actions_["cut"].trigger()
    assert window.toasts.removal.text == "Cut conv1 and relu1. input feeds max_pool1 now."
    assert window.actions_["undo"].text() == "Undo Cut conv1 and relu1"


def test_taking_a_repeated_block_apart_tells_what_is_lost(window: MainWindow) -> None:
    document = window.document
    document.perform(edits.group(document.project, {"relu3", "dense2"}, "Pair"))
    window.actions_["ungroup"].trigger()
    assert window.toasts.removal.text == ""  # nothing is gone
    window.actions_["undo"].trigger()
    (block,) = document.project.blocks
    document.perform(edits.set_field(document.project, {"dense2"}, "out_features", 120))
    document.perform(edits.set_repeat(document.project, block.id, 3))
    document.select([block.id])
    window.actions_["ungroup"].trigger()
    told = "Took Pair apart. Its layers are there once now, instead of 3 times."
    assert window.toasts.removal.text == told
    QTest.mouseClick(window.toasts.removal.undo, LEFT)
    assert document.project.blocks[0].repeat == 3


def test_it_is_told_to_those_who_listen(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []
    monkeypatch.setattr(toasts, "announce", lambda widget, text: heard.append(text))
    delete(window, "relu1")
    window.say("Saved.")
    assert heard == ["Deleted relu1. conv1 feeds max_pool1 now. Undo takes it back.", "Saved."]


def test_it_follows_the_theme(qapp: QApplication, window: MainWindow, removal: Toast, qtbot: QtBot) -> None:
    removal.clock.stop()  # it does not leave meanwhile, however long it takes to dress everything
    for look in (LIGHT, DARK):
        appearance().choose(look)
        appearance().dress(qapp)
        qtbot.waitUntil(lambda: removal.grab().toImage().pixelColor(20, 3) == theme().color("panel"))
        assert removal.sentence.palette().windowText().color() == theme().color("text")
    qapp.setStyleSheet("")


def test_deleting_by_the_table_of_layers_tells_it_too(window: MainWindow) -> None:
    window.document.perform(edits.delete(window.document.project, {"input"}))
    assert window.toasts.removal.text == "Deleted input. conv1 has no input now."
    window.document.perform(edits.append(window.document.project, make("input")))
    assert window.toasts.removal.text == ""


def test_one_still_reaches_the_canvas_beside_it(window: MainWindow, removal: Toast) -> None:
    place = removal.geometry().topRight() + QPoint(20, 5)
    assert window.pages.childAt(place) is window.canvas.viewport()
