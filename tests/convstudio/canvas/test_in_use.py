"""The canvas in use: how it begins, where what is added stands, what one sees, and keys while the mouse is at work."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPlainTextEdit
from pytestqt.qtbot import QtBot

from convstudio.canvas.canvas import Canvas
from convstudio.document import edits
from convstudio.document.project import ACROSS, COMMENT_SIZE, DOWN, Project
from convstudio.editing import Editing
from engine.templates import template

LEFT, MIDDLE, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton
NONE = Qt.KeyboardModifier.NoModifier


def seen(canvas: Canvas) -> QRectF:
    return canvas.mapToScene(canvas.viewport().rect()).boundingRect()


def test_an_empty_canvas_says_how_to_begin(empty: Canvas) -> None:
    hint = empty.beginning
    assert hint.isVisible()
    assert hint.text() == "Drag a layer here, or double-click and type its name."
    both = hint.geometry().united(hint.button.geometry())
    assert (both.center() - empty.viewport().rect().center()).manhattanLength() <= 2
    QTest.mouseClick(hint.button, LEFT)
    assert [node.layer.kind for node in empty.document.graph] == ["input"]
    assert not hint.isVisible()
    assert empty.hasFocus()
    assert seen(empty).contains(empty.scene_.cards["input1"].face())
    empty.document.undo_stack.undo()
    assert hint.isVisible()


def test_what_an_empty_canvas_says_is_not_in_the_way(empty: Canvas) -> None:
    place = empty.beginning.geometry().center()
    assert empty.childAt(place) is empty.viewport()
    QTest.mouseDClick(empty.viewport(), LEFT, NONE, place)
    assert empty._quick_add is not None
    assert empty._quick_add.isVisible()


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_Tab])
def test_the_box_for_layers_goes_when_one_leaves_it(lenet: Canvas, key: Qt.Key) -> None:
    QTest.keyClick(lenet, Qt.Key.Key_Tab)
    box = lenet._quick_add
    assert box is not None
    QTest.keyClick(box.field, key)
    assert not box.isVisible()
    assert lenet.hasFocus()


def test_the_box_for_layers_says_where_nothing_matches(lenet: Canvas) -> None:
    QTest.keyClick(lenet, Qt.Key.Key_Tab)
    box = lenet._quick_add
    assert box is not None
    assert not box.nothing.isVisible()
    QTest.keyClicks(box.field, "zzz")
    assert box.nothing.isVisible()
    assert not box.list.isVisible()
    QTest.keyClick(box.field, Qt.Key.Key_Return)
    assert box.isVisible()
    assert lenet.document.graph == template("lenet5")


def test_keys_in_a_field_mean_nothing_to_the_cards_below(lenet: Canvas, qtbot: QtBot) -> None:
    lenet.document.select(["conv1"])
    lenet.quick_add_next()
    box = lenet._quick_add
    assert box is not None
    QTest.keyClicks(box.field, "zzz")
    with qtbot.assertNotEmitted(lenet.details_wanted):
        QTest.keyClick(box.field, Qt.Key.Key_Return)
    QTest.keyClick(box.field, Qt.Key.Key_Escape)
    lenet.edit_in_place()
    field, seen_before = lenet.in_place.field, seen(lenet)
    assert field is not None
    QTest.keyClick(field, Qt.Key.Key_Down)
    QTest.keyClick(field, Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
    assert lenet.document.selection == {"conv1"}
    assert lenet.document.graph == template("lenet5")
    assert seen(lenet) == seen_before


def test_backspace_deletes_too(lenet: Canvas) -> None:
    lenet.document.select(["relu1"])
    QTest.keyClick(lenet, Qt.Key.Key_Backspace)
    assert "relu1" not in lenet.document.graph


def test_a_network_that_is_turned_is_seen_from_its_beginning(lenet: Canvas) -> None:
    for flow, corner in ((ACROSS, QRectF.left), (DOWN, QRectF.top)):
        lenet.lay_out(flow)
        first = QRectF(QPointF(*lenet.document.graph["input"].position), lenet.scene_.cards["input"].face().size())
        assert seen(lenet).contains(first)
        assert corner(first) - corner(seen(lenet)) == pytest.approx(32, abs=2)
    before = seen(lenet).center()
    lenet.lay_out()  # in the same direction one stays where one is
    assert seen(lenet).center() == before


def test_a_new_comment_lies_on_nothing_and_is_written_in_at_once(lenet: Canvas) -> None:
    Editing(lenet.document, lenet).add_comment()
    comment = lenet.document.project.comments[0]
    face = QRectF(QPointF(*comment.position), QPointF(*comment.position) + QPointF(*COMMENT_SIZE))
    assert not any(card.face().intersects(face) for card in lenet.scene_.cards.values())
    field = QApplication.focusWidget()
    assert isinstance(field, QPlainTextEdit)
    QTest.keyClicks(field, "Edges")
    QTest.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert lenet.document.project.comments[0].text == "Edges"


def test_what_is_pasted_lies_on_nothing_and_is_seen(lenet: Canvas) -> None:
    names = {"conv1", "relu1", "max_pool1"}
    QGuiApplication.clipboard().setText(edits.copy_text(lenet.document.project, names))
    editing = Editing(lenet.document, lenet)
    for _ in range(2):
        editing.paste()
        chosen = [lenet.scene_.cards[name].face() for name in lenet.document.selection]
        assert len(chosen) == 3
        assert all(seen(lenet).contains(face) for face in chosen)
    faces = [card.face() for card in lenet.scene_.cards.values()]
    assert not any(a.intersects(b) for i, a in enumerate(faces) for b in faces[:i])


def note_on(canvas: Canvas) -> Canvas:
    """A network with a problem, which is said beside its card."""
    document = canvas.document
    document.perform(edits.set_field(document.project, {"conv2"}, "kernel_size", 15))
    canvas.centerOn(canvas.scene_.cards["conv2"].face().center())
    badge = canvas.mapFromScene(canvas.scene_.cards["conv2"].badge().center())
    QTest.mouseClick(canvas.viewport(), LEFT, NONE, badge)
    assert canvas.problem_note.isVisible()
    return canvas


@pytest.mark.parametrize(
    "act",
    [
        lambda canvas: canvas.document.undo_stack.undo(),
        lambda canvas: canvas.document.select(["conv1"]),
        lambda canvas: canvas.centerOn(0, 0),
        lambda canvas: canvas.zoom_by(0.8),
        lambda canvas: QTest.keyClick(canvas, Qt.Key.Key_Escape),
    ],
    ids=["mended", "selected", "scrolled", "zoomed", "escape"],
)
def test_what_is_wrong_is_said_no_longer_than_one_looks_at_it(lenet: Canvas, act: Callable[[Canvas], object]) -> None:
    canvas = note_on(lenet)
    act(canvas)
    assert not canvas.problem_note.isVisible()


def test_what_is_wrong_is_said_within_a_narrow_canvas(lenet: Canvas) -> None:
    document = lenet.document
    document.perform(edits.set_field(document.project, {"conv2"}, "kernel_size", 15))
    lenet.resize(240, 500)
    lenet.centerOn(lenet.scene_.cards["conv2"].face().center())
    lenet.show_problems("conv2")
    note = lenet.problem_note
    assert lenet.viewport().rect().contains(note.geometry())
    assert note.rect().contains(note.buttons[0].geometry())


def test_escape_closes_what_is_said_and_keeps_what_is_selected(lenet: Canvas) -> None:
    canvas = note_on(lenet)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.document.selection == {"conv2"}


# --- keys while the mouse is at work ---------------------------------------------------------------------------------


def test_a_wire_that_is_drawn_goes_with_the_layer_that_it_began_at(lenet: Canvas) -> None:
    view, start = lenet.viewport(), lenet.mapFromScene(lenet.scene_.cards["conv1"].output_place())
    lenet.document.select(["conv1"])
    items = len(lenet.scene_.items())
    QTest.mousePress(view, LEFT, NONE, start)
    QTest.mouseMove(view, start + QPoint(60, 20))
    QTest.keyClick(lenet, Qt.Key.Key_Backspace)
    assert "conv1" not in lenet.document.graph
    QTest.mouseMove(view, start + QPoint(80, 30))
    QTest.mouseRelease(view, LEFT, NONE, start + QPoint(80, 30))
    assert lenet.gesture is None
    assert all(card.open_ports is None for card in lenet.scene_.cards.values())
    lenet.document.undo_stack.undo()
    assert len(lenet.scene_.items()) == items
    assert not lenet.document.undo_stack.canUndo()


def test_a_comment_can_go_while_it_is_resized(lenet: Canvas) -> None:
    lenet.document.perform(edits.add_comment(lenet.document.project, (-240.0, 100.0)))
    corner = lenet.mapFromScene(lenet.scene_.notes["comment1"].corner().center())
    QTest.mousePress(lenet.viewport(), LEFT, NONE, corner)
    QTest.mouseMove(lenet.viewport(), corner + QPoint(20, 20))
    QTest.keyClick(lenet, Qt.Key.Key_Backspace)
    QTest.mouseMove(lenet.viewport(), corner + QPoint(40, 40))
    QTest.mouseRelease(lenet.viewport(), LEFT, NONE, corner + QPoint(40, 40))
    assert lenet.document.project.comments == ()


def test_space_is_let_go_when_the_keyboard_goes_elsewhere(lenet: Canvas) -> None:
    QTest.keyPress(lenet, Qt.Key.Key_Space)
    assert lenet.keyboard.space_held
    lenet.clearFocus()  # the key comes up in another window
    before = lenet.visible_centre()
    place = lenet.mapFromScene(lenet.scene_.cards["conv1"].face().center())
    QTest.mouseClick(lenet.viewport(), LEFT, NONE, place)
    assert lenet.document.selection == {"conv1"}
    assert lenet.visible_centre() == before


# --- a second button, and a button that nobody saw come up -----------------------------------------------------------


def begun(canvas: Canvas, what: str) -> QPoint:
    """Where the hand is, in the middle of a gesture of this kind."""
    card = canvas.scene_.cards["conv1"]
    starts = {
        "move": card.face().center(),
        "wire": card.output_place(),
        "band": card.face().topLeft() - QPointF(40, 40),
    }
    start = canvas.mapFromScene(starts[what])
    QTest.mousePress(canvas.viewport(), LEFT, NONE, start)
    QTest.mouseMove(canvas.viewport(), start + QPoint(50, 20))
    return start + QPoint(60, 30)


@pytest.mark.parametrize("what", ["move", "wire", "band"])
@pytest.mark.parametrize("other", [MIDDLE, RIGHT])
def test_another_button_leaves_the_gesture_to_the_first_one(lenet: Canvas, what: str, other: Qt.MouseButton) -> None:
    items, place = len(lenet.scene_.items()), begun(lenet, what)
    gesture = lenet.gesture
    QTest.mousePress(lenet.viewport(), other, NONE, place)
    where = lenet.viewport().mapToGlobal(place)
    QApplication.sendEvent(lenet.viewport(), QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, where))
    QTest.mouseRelease(lenet.viewport(), other, NONE, place)
    assert QApplication.activePopupWidget() is None
    assert lenet.gesture is gesture
    QTest.mouseRelease(lenet.viewport(), LEFT, NONE, place)
    assert lenet.gesture is None
    assert len(lenet.scene_.items()) == items
    assert not any(card.lifted or card.open_ports for card in lenet.scene_.cards.values())


@pytest.mark.parametrize("what", ["move", "wire", "band"])
def test_a_button_that_came_up_over_a_dialog_is_not_held_any_more(lenet: Canvas, what: str) -> None:
    items, place = len(lenet.scene_.items()), begun(lenet, what)
    free = Qt.MouseButton.NoButton
    where = QPointF(lenet.viewport().mapToGlobal(place))
    QApplication.sendEvent(
        lenet.viewport(), QMouseEvent(QEvent.Type.MouseMove, QPointF(place), where, free, free, NONE)
    )
    assert lenet.gesture is None
    assert len(lenet.scene_.items()) == items
    assert lenet.document.graph == template("lenet5")
    QTest.mouseRelease(lenet.viewport(), LEFT, NONE, place)


@pytest.mark.parametrize("what", ["move", "wire", "band"])
def test_a_gesture_ends_with_the_project_that_it_began_in(lenet: Canvas, what: str) -> None:
    place, other = begun(lenet, what), Project(template("deep_mnist"))  # which has layers of the same names
    lenet.document.replace(other)
    assert lenet.gesture is None
    QTest.mouseMove(lenet.viewport(), place)
    QTest.mouseRelease(lenet.viewport(), LEFT, NONE, place)
    assert lenet.document.project == other
    assert not lenet.document.modified
    assert len(lenet.scene_.items()) == len(other.graph.nodes) + len(other.graph.edges)
