"""Every gesture on the canvas, with real mouse and key events."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from convstudio.canvas.canvas import LAYER_MIME, Canvas
from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.document.project import Project
from engine.graph import Edge, Graph
from engine.spec import layers
from engine.templates import template

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
NONE, SHIFT, CONTROL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)


@pytest.fixture
def canvas(qtbot: QtBot) -> Canvas:
    made = Canvas(Document(Project(template("lenet5"))))
    qtbot.addWidget(made)
    made.resize(700, 800)
    made.show()
    made.show_start()
    return made


def on(canvas: Canvas, place: QPointF) -> QPoint:
    return canvas.mapFromScene(place)


def middle(canvas: Canvas, name: str) -> QPoint:
    return on(canvas, canvas.scene_.cards[name].face().center())


def drag(canvas: Canvas, start: QPoint, *stops: QPoint, button: Qt.MouseButton = LEFT, keys: object = NONE) -> None:
    view = canvas.viewport()
    QTest.mousePress(view, button, keys, start)
    for stop in stops:
        QTest.mouseMove(view, stop)
        QApplication.processEvents()
    QTest.mouseRelease(view, button, keys, stops[-1])


# --- selecting -------------------------------------------------------------------------------------------------------


def test_a_click_selects_and_a_click_on_the_ground_lets_go(canvas: Canvas) -> None:
    QTest.mouseClick(canvas.viewport(), LEFT, NONE, middle(canvas, "conv1"))
    assert canvas.document.selection == {"conv1"}
    QTest.mouseClick(canvas.viewport(), LEFT, SHIFT, middle(canvas, "relu1"))
    assert canvas.document.selection == {"conv1", "relu1"}
    QTest.mouseClick(canvas.viewport(), LEFT, SHIFT, middle(canvas, "conv1"))
    assert canvas.document.selection == {"relu1"}
    QTest.mouseClick(canvas.viewport(), LEFT, NONE, QPoint(10, 10))
    assert not canvas.document.selection


def test_a_rubber_band_selects_what_it_touches_and_escape_takes_it_back(canvas: Canvas) -> None:
    face = canvas.scene_.cards["conv1"].face().united(canvas.scene_.cards["relu1"].face())
    start, end = on(canvas, face.topLeft() + QPointF(-40, 20)), on(canvas, face.bottomRight() + QPointF(40, -20))
    drag(canvas, start, (start + end) / 2, end)
    assert canvas.document.selection == {"conv1", "relu1"}
    QTest.mousePress(canvas.viewport(), LEFT, NONE, QPoint(10, 10))
    QTest.mouseMove(canvas.viewport(), QPoint(690, 790))
    QApplication.processEvents()
    assert len(canvas.document.selection) > 2
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.document.selection == {"conv1", "relu1"} or not canvas.document.selection
    assert canvas.gesture is None


# --- moving ----------------------------------------------------------------------------------------------------------


def test_a_drag_moves_what_is_selected_in_one_step_of_undo(canvas: Canvas) -> None:
    before = canvas.document.project
    canvas.document.select(["conv1", "relu1"])
    start = middle(canvas, "conv1")
    drag(canvas, start, start + QPoint(30, 3), start + QPoint(90, 40), start + QPoint(120, 60))
    (x, y), (ox, oy) = canvas.document.graph["conv1"].position, before.graph["conv1"].position
    assert (x - ox, y - oy) == pytest.approx((120, 60), abs=8)
    (rx, ry), (rox, roy) = canvas.document.graph["relu1"].position, before.graph["relu1"].position
    assert (rx - rox, ry - roy) == (x - ox, y - oy)
    assert canvas.document.undo_stack.undoText().startswith("Move conv1 and relu1")
    canvas.document.undo_stack.undo()
    assert canvas.document.project == before
    assert not canvas.document.undo_stack.canUndo()


def test_a_drag_that_is_cancelled_leaves_no_trace(canvas: Canvas) -> None:
    before, start = canvas.document.project, middle(canvas, "conv1")
    QTest.mousePress(canvas.viewport(), LEFT, NONE, start)
    QTest.mouseMove(canvas.viewport(), start + QPoint(80, 50))
    QApplication.processEvents()
    assert canvas.document.project != before
    assert canvas.scene_.cards["conv1"].lifted
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.document.project == before
    assert not canvas.scene_.cards["conv1"].lifted
    QTest.mouseRelease(canvas.viewport(), LEFT, NONE, start)


def test_a_dragged_card_snaps_to_the_column_of_others(canvas: Canvas) -> None:
    start = middle(canvas, "conv1")
    QTest.mousePress(canvas.viewport(), LEFT, NONE, start)
    for offset in (QPoint(60, 0), QPoint(4, 30)):
        QTest.mouseMove(canvas.viewport(), start + offset)
        QApplication.processEvents()
    assert canvas.scene_.guides
    QTest.mouseRelease(canvas.viewport(), LEFT, NONE, start + QPoint(4, 30))
    assert canvas.document.graph["conv1"].position[0] == canvas.document.graph["input"].position[0]
    assert not canvas.scene_.guides


def test_the_ground_is_moved_with_the_middle_button_and_with_space(canvas: Canvas) -> None:
    before = canvas.visible_centre()
    drag(canvas, QPoint(100, 400), QPoint(100, 340), QPoint(100, 300), button=MIDDLE)
    assert canvas.visible_centre().y() == pytest.approx(before.y() + 100, abs=3)
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    drag(canvas, QPoint(100, 300), QPoint(100, 350), QPoint(100, 400))
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    assert canvas.visible_centre().y() == pytest.approx(before.y(), abs=4)
    assert not canvas.document.selection


# --- wires -----------------------------------------------------------------------------------------------------------


def test_a_wire_is_drawn_from_an_output_to_an_input(canvas: Canvas) -> None:
    document = canvas.document
    document.perform(edits.disconnect(document.project, Edge("conv1", "relu1")))
    cards = canvas.scene_.cards
    start, end = on(canvas, cards["conv1"].output_place()), on(canvas, cards["relu1"].input_place(0))
    drag(canvas, start, (start + end) / 2, end)
    assert Edge("conv1", "relu1") in document.graph.edges
    assert document.undo_stack.undoText() == "Connect conv1 to relu1"


def test_while_a_wire_is_drawn_ports_say_whether_they_take_it_and_why_not(
    canvas: Canvas, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda place, text, widget: said.append(text))
    cards, document = canvas.scene_.cards, canvas.document
    document.perform(edits.disconnect(document.project, Edge("conv1", "relu1")))
    before = document.project
    QTest.mousePress(canvas.viewport(), LEFT, NONE, on(canvas, cards["max_pool1"].output_place()))
    assert cards["relu1"].open_ports == set()  # it would close a loop
    QTest.mouseMove(canvas.viewport(), on(canvas, cards["relu1"].input_place(0)))
    QApplication.processEvents()
    assert said[-1] == "relu1 comes before max_pool1, so this wire would close a loop."
    with_sentence: list[str] = []
    canvas.said.connect(with_sentence.append)
    QTest.mouseRelease(canvas.viewport(), LEFT, NONE, on(canvas, cards["relu1"].input_place(0)))
    assert with_sentence == said[-1:]
    assert document.project == before
    assert cards["relu1"].open_ports is None


def test_a_wire_is_led_elsewhere_by_its_end(canvas: Canvas) -> None:
    document, cards = canvas.document, canvas.scene_.cards
    document.perform(edits.disconnect(document.project, Edge("input", "conv1")))
    start, end = on(canvas, cards["relu1"].input_place(0)), on(canvas, cards["conv1"].input_place(0))
    document.perform(edits.disconnect(document.project, Edge("conv1", "relu1")))
    document.perform(edits.connect(document.project, "input", "relu1"))
    drag(canvas, start, (start + end) / 2, end)
    assert Edge("input", "conv1") in document.graph.edges
    assert Edge("input", "relu1") not in document.graph.edges
    drag(canvas, end, QPoint(20, 20), QPoint(20, 30))  # dropped on the ground: unplugged
    assert Edge("input", "conv1") not in document.graph.edges


def test_a_wire_that_ends_on_the_ground_asks_for_the_next_layer(canvas: Canvas) -> None:
    cards = canvas.scene_.cards
    start = on(canvas, cards["conv1"].output_place())
    drag(canvas, start, start + QPoint(100, 5), start + QPoint(180, 10))
    box = canvas._quick_add
    assert box is not None
    assert box.isVisible()
    QTest.keyClicks(box.field, "sigmoid")
    QTest.keyClick(box.field, Qt.Key.Key_Return)
    assert canvas.document.graph.incoming("sigmoid1") == (Edge("conv1", "sigmoid1"),)


def test_a_wire_is_selected_by_a_click_and_deleted_with_a_key(canvas: Canvas) -> None:
    cards = canvas.scene_.cards
    place = (cards["conv1"].output_place() + cards["relu1"].input_place(0)) / 2
    QTest.mouseClick(canvas.viewport(), LEFT, NONE, on(canvas, place))
    assert canvas.scene_.wires[Edge("conv1", "relu1")].isSelected()
    canvas.delete_selection()
    assert Edge("conv1", "relu1") not in canvas.document.graph.edges


# --- adding ----------------------------------------------------------------------------------------------------------


def drop(canvas: Canvas, kind: str, place: QPoint) -> None:
    data = QMimeData()
    data.setData(LAYER_MIME, kind.encode())
    canvas.dropEvent(QDropEvent(QPointF(place), Qt.DropAction.CopyAction, data, LEFT, NONE))


def test_a_layer_dropped_on_a_wire_goes_into_it(canvas: Canvas) -> None:
    cards = canvas.scene_.cards
    drop(canvas, "dropout", on(canvas, (cards["conv1"].output_place() + cards["relu1"].input_place(0)) / 2))
    graph = canvas.document.graph
    assert [e.target for e in graph.outgoing("conv1")] == ["dropout1"]
    assert [e.target for e in graph.outgoing("dropout1")] == ["relu1"]
    assert not canvas.document.problems
    faces = [card.face() for card in cards.values()]
    assert not any(a.intersects(b) for i, a in enumerate(faces) for b in faces[:i])


def enter(canvas: Canvas, kind: str, place: QPoint) -> None:
    data = QMimeData()
    data.setData(LAYER_MIME, kind.encode())
    canvas.dragMoveEvent(QDragMoveEvent(place, Qt.DropAction.CopyAction, data, LEFT, NONE))


def test_a_layer_dropped_on_a_card_follows_it(canvas: Canvas) -> None:
    card = canvas.scene_.cards["conv1"]
    place = on(canvas, card.face().center())
    enter(canvas, "dropout", place)
    assert card.lit
    drop(canvas, "dropout", place)
    graph = canvas.document.graph
    assert [e.target for e in graph.outgoing("conv1")] == ["dropout1"]
    assert [e.target for e in graph.outgoing("dropout1")] == ["relu1"]
    assert not card.lit
    assert not canvas.document.problems


def test_what_lights_up_under_a_dragged_layer_goes_out_when_it_leaves(canvas: Canvas) -> None:
    card = canvas.scene_.cards["conv1"]
    wire = canvas.scene_.wires[Edge("conv1", "relu1")]
    enter(canvas, "relu", on(canvas, card.face().center()))
    enter(canvas, "relu", on(canvas, (card.output_place() + wire.end()) / 2))
    assert (card.lit, wire.lit) == (False, True)
    canvas.dragLeaveEvent(QDragLeaveEvent())
    assert not wire.lit


def test_a_layer_without_an_input_stands_alone_wherever_it_is_dropped(canvas: Canvas) -> None:
    drop(canvas, "input", on(canvas, canvas.scene_.cards["conv1"].face().center()))
    assert canvas.document.graph.outgoing("input1") == ()


def test_a_layer_dropped_on_the_ground_stands_alone_where_it_was_dropped(canvas: Canvas) -> None:
    drop(canvas, "conv2d", QPoint(60, 60))
    middle_of_it = canvas.scene_.cards["conv3"].face().center()
    assert (canvas.mapToScene(QPoint(60, 60)) - middle_of_it).manhattanLength() < 2
    assert not canvas.document.graph.incoming("conv3")
    assert canvas.document.selection == {"conv3"}


def test_tab_opens_a_box_in_which_one_types_a_layer_s_name(canvas: Canvas) -> None:
    QTest.keyClick(canvas, Qt.Key.Key_Tab)
    box = canvas._quick_add
    assert box is not None
    QTest.keyClicks(box.field, "max pool")
    assert box.list.item(0).text() == layers()["max_pool2d"].title
    QTest.keyClick(box.field, Qt.Key.Key_Down)
    QTest.keyClick(box.field, Qt.Key.Key_Up)
    QTest.keyClick(box.field, Qt.Key.Key_Return)
    assert "max_pool3" in canvas.document.graph
    QTest.mouseDClick(canvas.viewport(), LEFT, NONE, QPoint(660, 30))
    assert box.isVisible()
    box.hide()


def test_deleting_heals_the_chain(canvas: Canvas) -> None:
    canvas.document.select(["relu1"])
    canvas.delete_selection()
    assert Edge("conv1", "max_pool1") in canvas.document.graph.edges
    assert "relu1" not in canvas.scene_.cards
    assert not canvas.document.problems


# --- keys ------------------------------------------------------------------------------------------------------------


def test_arrow_keys_walk_along_the_network(canvas: Canvas) -> None:
    QTest.keyClick(canvas, Qt.Key.Key_Down)
    assert canvas.document.selection == {"input"}
    for _ in range(2):
        QTest.keyClick(canvas, Qt.Key.Key_Down)
    assert canvas.document.selection == {"relu1"}
    assert canvas.accessibleDescription() == "relu1, ReLU, output 6 × 28 × 28, fed by conv1, feeds max_pool1"
    QTest.keyClick(canvas, Qt.Key.Key_Up, SHIFT)
    assert canvas.document.selection == {"relu1", "conv1"}


def test_control_and_arrows_nudge_in_one_step_of_undo(canvas: Canvas) -> None:
    canvas.document.select(["conv1"])
    before = canvas.document.graph["conv1"].position
    for _ in range(3):
        QTest.keyClick(canvas, Qt.Key.Key_Right, CONTROL)
    assert canvas.document.graph["conv1"].position == (before[0] + 24, before[1])
    canvas.document.undo_stack.undo()
    assert canvas.document.graph["conv1"].position == before


def test_enter_asks_for_the_details(canvas: Canvas, qtbot: QtBot) -> None:
    canvas.document.select(["conv1"])
    with qtbot.waitSignal(canvas.details_wanted):
        QTest.keyClick(canvas, Qt.Key.Key_Return)


# --- looking ---------------------------------------------------------------------------------------------------------


def test_zoom_has_limits_and_shows_all(canvas: Canvas) -> None:
    for _ in range(80):
        canvas.zoom_by(1.3)
    assert canvas.zoom == pytest.approx(3.0)
    for _ in range(80):
        canvas.zoom_by(0.7)
    assert canvas.zoom == pytest.approx(0.1)
    canvas.zoom_to_fit()
    seen = canvas.mapToScene(canvas.viewport().rect()).boundingRect()
    assert seen.contains(canvas.scene_.content())


def test_arranging_glides_and_can_be_undone(canvas: Canvas, qtbot: QtBot) -> None:
    document = canvas.document
    document.perform(edits.move(document.project, {"conv2": (900.0, 40.0)}))
    before = document.project
    canvas.lay_out()
    end = document.graph["conv2"].position
    qtbot.waitUntil(lambda: canvas.scene_.cards["conv2"].pos() == QPointF(*end))
    document.undo_stack.undo()
    assert document.project == before
    assert canvas.scene_.cards["conv2"].pos() == QPointF(900.0, 40.0)


def test_a_folded_block_stands_for_its_layers(canvas: Canvas) -> None:
    document = canvas.document
    document.perform(edits.group(document.project, {"conv1", "relu1"}, "Edges"))
    block = document.project.blocks[0].id
    item = canvas.scene_.blocks[block]
    assert item.face().contains(canvas.scene_.cards["relu1"].face())
    QTest.mouseDClick(canvas.viewport(), LEFT, NONE, on(canvas, item.handle().center()))
    assert document.project.blocks[0].collapsed
    assert (item.made, item.parameters, item.layers) == ((6, 28, 28), 156, 2)
    assert not canvas.scene_.cards["conv1"].isVisible()
    assert not canvas.scene_.wires[Edge("conv1", "relu1")].isVisible()
    assert canvas.scene_.wires[Edge("relu1", "max_pool1")].isVisible()
    start = on(canvas, item.handle().center())
    drag(canvas, start, start + QPoint(40, 30), start + QPoint(80, 60))
    assert document.graph["relu1"].position != template("lenet5")["relu1"].position
    QTest.mouseDClick(canvas.viewport(), LEFT, NONE, on(canvas, item.handle().center()))
    assert canvas.scene_.cards["conv1"].isVisible()


def test_a_click_on_a_badge_says_what_is_wrong_and_a_button_mends_it(canvas: Canvas) -> None:
    document = canvas.document
    document.perform(edits.delete(document.project, {"flatten1"}))
    canvas.ensureVisible(canvas.scene_.cards["dense1"].face(), 60, 60)
    QTest.mouseClick(canvas.viewport(), LEFT, NONE, on(canvas, canvas.scene_.cards["dense1"].badge().center()))
    note = canvas.problem_note
    assert note.isVisible()
    assert document.selection == {"dense1"}
    QTest.mouseClick(note.buttons[0], LEFT)
    assert not document.problems
    assert not note.isVisible()


def test_the_map_leads_to_what_is_not_seen(canvas: Canvas) -> None:
    assert canvas.minimap.isVisible()
    before = canvas.visible_centre()
    QTest.mouseClick(canvas.minimap, LEFT, NONE, QPoint(66, 165))
    assert canvas.visible_centre().y() > before.y() + 200
    canvas.zoom_to_fit()
    assert not canvas.minimap.isVisible()


def test_the_map_lies_where_the_network_does(canvas: Canvas) -> None:
    assert canvas.minimap.height() > canvas.minimap.width()
    canvas.lay_out("across")
    canvas.minimap.follow()
    assert canvas.minimap.width() > canvas.minimap.height()
    assert canvas.rect().contains(canvas.minimap.geometry())


# --- all in all ------------------------------------------------------------------------------------------------------


def test_lenet_is_built_from_an_empty_canvas(qtbot: QtBot) -> None:
    """With drops, wires and typing alone, as a newcomer would."""
    canvas = Canvas(Document(Project(Graph(name="Mine"))))
    qtbot.addWidget(canvas)
    canvas.resize(900, 700)
    canvas.show()
    canvas.show_start()
    drop(canvas, "input", QPoint(450, 40))
    for kind in ("conv2d", "relu", "max_pool2d", "conv2d", "relu", "max_pool2d", "flatten", "dense"):
        last = canvas.document.graph.nodes[-1].id
        canvas.ensureVisible(canvas.scene_.cards[last].face(), 50, 200)
        start = on(canvas, canvas.scene_.cards[last].output_place())
        drag(canvas, start, start + QPoint(3, 30), start + QPoint(6, 60))
        box = canvas._quick_add
        assert box is not None
        QTest.keyClicks(box.field, layers()[kind].title)
        QTest.keyClick(box.field, Qt.Key.Key_Return)
    document = canvas.document
    assert [node.layer.kind for node in document.graph.order][-1] == "dense"
    for name, field, value in (
        ("conv1", "out_channels", 6), ("conv1", "kernel_size", 5), ("conv1", "padding", 2),
        ("conv2", "out_channels", 16), ("conv2", "kernel_size", 5), ("dense1", "out_features", 10),
    ):  # fmt: skip
        document.perform(edits.set_field(document.project, {name}, field, value))
    assert not document.problems
    assert document.inference.nodes["flatten1"].output == (400,)


def test_what_the_mouse_is_on_knows_it_until_it_leaves(canvas: Canvas) -> None:
    card = next(iter(canvas.scene_.cards.values()))
    away = canvas.mapFromScene(card.face().bottomRight() + QPointF(80, 80))
    for place, found in ((canvas.mapFromScene(card.face().center()), True), (away, False)):
        QTest.mouseMove(canvas.viewport(), place)
        QApplication.processEvents()
        assert card.hovered == found
