"""Names and comments are written where they stand; menus offer what fits what is under the mouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, QSettings, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QPlainTextEdit
from pytestqt.qtbot import QtBot

from convstudio.canvas.canvas import Canvas
from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.document.project import ACROSS, Project
from convstudio.main_window import MainWindow
from engine.graph import Edge, chain
from engine.spec import make
from engine.templates import template

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def on_name(canvas: Canvas, name: str) -> QPoint:
    return canvas.mapFromScene(canvas.scene_.cards[name].face().topLeft() + QPointF(60, 17))


# --- names -----------------------------------------------------------------------------------------------------------


def test_a_double_click_on_a_name_lets_one_write_it(lenet: Canvas) -> None:
    QTest.mouseDClick(lenet.viewport(), LEFT, NONE, on_name(lenet, "conv1"))
    line = lenet.in_place.field
    assert isinstance(line, QLineEdit)
    assert line.selectedText() == "conv1"
    QTest.keyClicks(line, "edges")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert "edges" in lenet.document.graph
    assert lenet.document.undo_stack.undoText() == "Rename conv1 to edges"
    assert lenet.in_place.field is None


def test_escape_keeps_the_name_and_a_name_that_is_taken_is_refused(lenet: Canvas) -> None:
    said: list[str] = []
    lenet.said.connect(said.append)
    lenet.document.select(["conv1"])
    lenet.edit_in_place()
    line = lenet.in_place.field
    assert isinstance(line, QLineEdit)
    QTest.keyClicks(line, "conv2")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert said == ["There is already something named conv2; choose another name."]
    assert lenet.in_place.field is line
    QTest.keyClick(line, Qt.Key.Key_Escape)
    assert lenet.in_place.field is None
    assert not lenet.document.undo_stack.canUndo()
    assert lenet.hasFocus()


def test_going_elsewhere_writes_the_name(lenet: Canvas) -> None:
    lenet.document.select(["conv1"])
    lenet.edit_in_place()
    assert lenet.in_place.field is not None
    QTest.keyClicks(lenet.in_place.field, "edges")
    lenet.setFocus()
    assert "edges" in lenet.document.graph


def test_zooming_writes_what_was_typed(lenet: Canvas) -> None:
    lenet.document.select(["conv1"])
    lenet.edit_in_place()
    assert lenet.in_place.field is not None
    QTest.keyClicks(lenet.in_place.field, "edges")
    lenet.zoom_by(0.9)
    assert "edges" in lenet.document.graph
    lenet.add_comment((300.0, 50.0))
    QTest.keyClicks(lenet.in_place.field, "Why these?")
    lenet.zoom_to_fit()
    assert lenet.document.project.comments[0].text == "Why these?"
    assert lenet.in_place.field is None


@pytest.mark.parametrize("zoom", [0.7, 1.0, 1.5])
def test_one_writes_over_the_name_however_large_it_is(lenet: Canvas, zoom: float) -> None:
    lenet.zoom_by(zoom / lenet.zoom)
    lenet.document.select(["conv1"])
    lenet.edit_in_place()
    assert lenet.in_place.field is not None
    over = lenet.in_place.field.geometry()
    assert abs(over.center().y() - on_name(lenet, "conv1").y()) <= 1


def test_the_field_stays_with_its_card_and_goes_with_it(lenet: Canvas, qtbot: QtBot) -> None:
    document = lenet.document
    document.perform(edits.duplicate(document.project, {"conv1"}))
    lenet.edit_in_place()
    field, name = lenet.in_place.field, next(iter(document.selection))
    assert field is not None
    before = field.pos()
    document.perform(edits.move(document.project, {name: (300.0, 60.0)}))
    assert field.pos() != before
    lenet.lay_out()
    qtbot.waitUntil(lambda: lenet.gliding.animation.state() == lenet.gliding.animation.State.Stopped)
    assert (field.geometry().center() - on_name(lenet, name)).manhattanLength() < 60
    for _ in range(3):
        document.undo_stack.undo()
    assert lenet.in_place.field is None


def test_a_name_is_not_written_into_another_project(lenet: Canvas) -> None:
    lenet.document.select(["conv1"])
    lenet.edit_in_place()
    assert lenet.in_place.field is not None
    QTest.keyClicks(lenet.in_place.field, "edges")
    lenet.document.replace(Project(template("deep_mnist")))
    lenet.setFocus()
    assert lenet.in_place.field is None
    assert lenet.document.graph == template("deep_mnist")


def test_the_title_of_a_block_is_written_in_place(lenet: Canvas) -> None:
    document = lenet.document
    document.perform(edits.group(document.project, {"conv1", "relu1"}, "Block"))
    place = lenet.mapFromScene(lenet.scene_.blocks["block1"].title_place().center())
    QTest.mouseDClick(lenet.viewport(), LEFT, NONE, place)
    assert lenet.in_place.field is not None
    QTest.keyClicks(lenet.in_place.field, "Edges")
    QTest.keyClick(lenet.in_place.field, Qt.Key.Key_Return)
    assert document.project.blocks[0].title == "Edges"
    assert not document.project.blocks[0].collapsed


def test_several_things_have_no_name_to_write(lenet: Canvas) -> None:
    said: list[str] = []
    lenet.said.connect(said.append)
    lenet.document.select(["conv1", "conv2"])
    lenet.edit_in_place()
    assert said == ["Select one layer, block or comment to write its name."]


# --- comments --------------------------------------------------------------------------------------------------------


@pytest.fixture
def noted(lenet: Canvas) -> Canvas:
    lenet.document.perform(edits.add_comment(lenet.document.project, (-240.0, 100.0)))
    return lenet


def test_a_comment_is_written_where_it_stands(noted: Canvas) -> None:
    place = noted.mapFromScene(noted.scene_.notes["comment1"].face().center())
    QTest.mouseDClick(noted.viewport(), LEFT, NONE, place)
    box = noted.in_place.field
    assert isinstance(box, QPlainTextEdit)
    QTest.keyClicks(box, "Edges")
    QTest.keyClick(box, Qt.Key.Key_Return)
    QTest.keyClicks(box, "first")
    QTest.keyClick(box, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert noted.document.project.comments[0].text == "Edges\nfirst"
    assert noted.document.undo_stack.undoText() == "Write a comment"


def test_a_comment_is_resized_by_its_corner_in_one_step(noted: Canvas, drag: Callable[..., None]) -> None:
    before = noted.document.undo_stack.count()
    corner = noted.mapFromScene(noted.scene_.notes["comment1"].corner().center())
    drag(noted, corner, corner + QPoint(20, 10), corner + QPoint(60, 40))
    assert noted.document.project.comments[0].size == (280.0, 128.0)
    assert noted.document.project.comments[0].position == (-240.0, 100.0)
    assert noted.document.undo_stack.count() == before + 1
    QTest.mousePress(noted.viewport(), LEFT, NONE, corner + QPoint(60, 40))
    QTest.mouseMove(noted.viewport(), corner)
    QTest.keyClick(noted, Qt.Key.Key_Escape)
    QTest.mouseRelease(noted.viewport(), LEFT, NONE, corner)
    assert noted.document.project.comments[0].size == (280.0, 128.0)


# --- menus -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    QSettings().clear()
    made = MainWindow(Document(Project(template("lenet5"))))
    qtbot.addWidget(made, before_close_func=lambda w: w.document.replace(w.document.project))
    made.resize(1280, 800)
    made.show()
    made.canvas.show_start()
    yield made
    QSettings().clear()


def menu_at(canvas: Canvas, place: QPoint) -> QMenu:
    """What a click with the right button opens."""
    reason = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(canvas.viewport(), QContextMenuEvent(reason, place, canvas.viewport().mapToGlobal(place)))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def texts(menu: QMenu) -> list[str]:
    return [action.text().split("\t")[0] for action in menu.actions() if not action.isSeparator()]


def choose(menu: QMenu, text: str) -> None:
    action = next(a for a in menu.actions() if a.text().split("\t")[0] == text)
    QTest.mouseClick(menu, LEFT, NONE, menu.actionGeometry(action).center())


def test_a_layers_menu_selects_it_and_does_what_it_says(window: MainWindow) -> None:
    canvas, document = window.canvas, window.document
    document.perform(edits.set_field(document.project, {"conv2"}, "kernel_size", 15))
    canvas.ensureVisible(canvas.scene_.cards["conv2"].face())
    menu = menu_at(canvas, canvas.mapFromScene(canvas.scene_.cards["conv2"].face().center()))
    assert document.selection == {"conv2"}
    assert texts(menu) == [
        *("Settings", "Rename", "Add a layer after it …", "Connect …", "Disconnect from max_pool1", "Set padding to 1"),
        *("Cut", "Copy", "Duplicate", "Delete", "Group"),
    ]
    shared = next(action for action in menu.actions() if action.text() == "Delete")
    assert shared.shortcut().toString() == "Del"
    choose(menu, "Set padding to 1")
    assert document.graph["conv2"].layer.settings()["padding"] == (1, 1)


def test_menus_offer_what_mends_a_copy_of_a_layer(window: MainWindow) -> None:
    canvas, document = window.canvas, window.document
    graph = chain(make("input", shape=(3, 12, 12)), make("conv2d", out_channels=3, kernel_size=5), make("flatten"))
    document.replace(Project(edits.rename(edits.lay_out(Project(graph)).project, "input1", "a & b").project.graph))
    document.perform(edits.group(document.project, {"conv1"}, "Stage"))
    document.perform(edits.set_repeat(document.project, "block1", 4))
    document.select(["conv1"])
    menu = canvas.menus.of_selection()
    assert texts(menu)[4:6] == ["Disconnect from a && b", "Set padding to 1"]
    menu.deleteLater()
    document.select(["block1"])
    menu = canvas.menus.of_selection()
    next(action for action in menu.actions() if action.text() == "Set padding to 1").trigger()
    menu.deleteLater()
    assert not document.problems
    assert document.undo_stack.undoText() == "Set padding to 1"


def test_the_grounds_menu_adds_where_it_was_opened(window: MainWindow) -> None:
    canvas, document = window.canvas, window.document
    place = QPoint(40, 60)
    choose(menu_at(canvas, place), "Add a comment here")
    assert document.project.comments[0].position == pytest.approx(
        (canvas.mapToScene(place).x(), canvas.mapToScene(place).y())
    )
    QGuiApplication.clipboard().setText(edits.copy_text(document.project, {"conv1"}))
    choose(menu_at(canvas, QPoint(40, 300)), "Paste here")
    assert "conv3" in document.graph
    choose(menu_at(canvas, QPoint(20, 20)), "Lay out from left to right")
    assert document.project.flow == ACROSS
    assert "Lay out from top to bottom" in texts(menu_at(canvas, QPoint(20, 20)))
    QApplication.activePopupWidget().close()


def test_a_wires_menu_removes_it_or_puts_a_layer_in(window: MainWindow) -> None:
    canvas, document = window.canvas, window.document
    between = canvas.scene_.cards["conv1"].output_place() + QPointF(0, 24)
    menu = menu_at(canvas, canvas.mapFromScene(between))
    assert texts(menu)[0] == "conv1 → relu1: 6 × 28 × 28"
    choose(menu, "Remove the wire")
    assert Edge("conv1", "relu1") not in document.graph.edges


def test_a_blocks_menu_repeats_and_folds_it(window: MainWindow) -> None:
    canvas, document = window.canvas, window.document
    document.perform(edits.group(document.project, {"relu1"}, "Stage"))
    handle = canvas.mapFromScene(canvas.scene_.blocks["block1"].handle().center())
    menu = menu_at(canvas, handle)
    repeat = next(action for action in menu.actions() if action.text() == "Repeat").menu()
    next(action for action in repeat.actions() if action.text() == "× 3").trigger()
    assert document.project.blocks[0].repeat == 3
    choose(menu, "Show it as one card")
    assert document.project.blocks[0].collapsed
    assert texts(menu_at(canvas, canvas.mapFromScene(canvas.scene_.blocks["block1"].face().center())))[0] == "Open it"
    QApplication.activePopupWidget().close()


def test_several_things_are_aligned_from_their_menu(window: MainWindow) -> None:
    canvas, document = window.canvas, window.document
    document.perform(edits.move(document.project, {"conv1": (60.0, 132.0)}))
    document.select(["conv1", "relu1"])
    menu = menu_at(canvas, canvas.mapFromScene(canvas.scene_.cards["conv1"].face().center()))
    assert document.selection == {"conv1", "relu1"}
    aligning = next(action for action in menu.actions() if action.text() == "Align").menu()
    next(action for action in aligning.actions() if action.text() == "Align left edges").trigger()
    assert document.graph["conv1"].position[0] == document.graph["relu1"].position[0]
    menu.close()


def test_menus_are_gone_once_they_were_used(window: MainWindow, qtbot: QtBot) -> None:
    for _ in range(3):
        menu_at(window.canvas, QPoint(20, 20)).close()
    qtbot.waitUntil(lambda: not window.canvas.findChildren(QMenu))


def test_the_menu_key_opens_the_menu_of_what_is_selected(window: MainWindow) -> None:
    window.document.select(["conv1"])
    reason = QContextMenuEvent.Reason.Keyboard
    QApplication.sendEvent(window.canvas.viewport(), QContextMenuEvent(reason, QPoint(5, 5), QPoint(5, 5)))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert "Rename" in texts(menu)
    menu.close()
