"""A network is composed, wired, walked through and heard without a mouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import attrs
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QCursor
from PySide6.QtTest import QTest

from convstudio.canvas import announcing
from convstudio.canvas.canvas import Canvas
from convstudio.document import edits
from convstudio.document.project import ACROSS
from convstudio.look.theme import theme
from engine.graph import Edge, Graph, chain
from engine.spec import make

SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
KEY = Qt.Key


def press(canvas: Canvas, *keys: Qt.Key) -> None:
    for key in keys:
        QTest.keyClick(canvas, key)


def type_layer(canvas: Canvas, words: str, key: Qt.Key = KEY.Key_Tab) -> None:
    """Tab or Insert, a part of the layer's name, Enter."""
    press(canvas, key)
    assert canvas._quick_add is not None
    QTest.keyClicks(canvas._quick_add.field, words)
    QTest.keyClick(canvas._quick_add.field, KEY.Key_Return)


@pytest.fixture
def place_mouse() -> Iterator[Callable[[QPoint], None]]:
    """Puts it somewhere, and back again: later tests would have it over a button."""
    before = QCursor.pos()
    yield QCursor.setPos
    QCursor.setPos(before)


def test_a_network_is_composed_with_the_keyboard_alone(empty: Canvas, place_mouse: Callable[[QPoint], None]) -> None:
    document = empty.document
    place_mouse(empty.mapToGlobal(QPoint(-40, -40)))
    for words in ("input", "flatten", "dense"):
        type_layer(empty, words)
    assert [node.layer.kind for node in document.graph] == ["input", "flatten", "dense"]
    assert set(document.graph.edges) == {Edge("input1", "flatten1"), Edge("flatten1", "dense1")}
    assert empty.hasFocus()
    for edge in document.graph.edges:
        document.perform(edits.disconnect(document.project, edge))
    document.select(["input1"])
    empty.connect_by_key()
    press(empty, KEY.Key_Return)
    document.select(["flatten1"])
    empty.connect_by_key()
    press(empty, KEY.Key_Down, KEY.Key_Up, KEY.Key_Return)
    assert set(document.graph.edges) == {Edge("input1", "flatten1"), Edge("flatten1", "dense1")}
    assert document.problems == ()


def test_tab_adds_a_layer_where_the_mouse_is(
    lenet: Canvas, middle: Callable[[Canvas, str], QPoint], place_mouse: Callable[[QPoint], None]
) -> None:
    lenet.document.select(["relu2"])
    place_mouse(lenet.viewport().mapToGlobal(middle(lenet, "conv1")))
    type_layer(lenet, "dropout")
    assert [edge.target for edge in lenet.document.graph.outgoing("conv1")] == ["dropout1"]
    place_mouse(lenet.viewport().mapToGlobal(QPoint(20, 20)))
    type_layer(lenet, "softmax")
    assert lenet.document.graph.incoming("softmax1") == ()


def test_layers_added_by_key_follow_the_selected_one(lenet: Canvas) -> None:
    lenet.document.select(["relu1"])
    type_layer(lenet, "dropout", KEY.Key_Insert)
    assert Edge("relu1", "dropout1") in lenet.document.graph.edges
    assert Edge("dropout1", "max_pool1") in lenet.document.graph.edges


def test_wiring_by_key_offers_what_accepts_nearest_first_and_says_so(made_canvas: Callable[[Graph], Canvas]) -> None:
    graph = chain(make("input"), make("conv2d"), make("relu")).add(make("add"), "relu1", position=(0.0, 500.0))
    canvas = made_canvas(edits.move(edits.Project(graph), {"conv1": (0, 132), "relu1": (0, 264)}).project.graph)
    said: list[str] = []
    canvas.said.connect(said.append)
    canvas.document.select(["conv1"])
    canvas.connect_by_key()
    assert said[-1] == "conv1 to add1, input 2: Enter connects, arrow keys choose another, Escape lets go"
    assert canvas.scene_.cards["add1"].near_port == 1
    assert canvas.scene_.cards["input1"].open_ports == set()
    press(canvas, KEY.Key_Escape)
    assert canvas.wiring_by_key is None
    assert canvas.scene_.cards["add1"].open_ports is None
    assert Edge("conv1", "add1", 1) not in canvas.document.graph.edges
    canvas.connect_by_key()
    press(canvas, KEY.Key_Return)
    assert Edge("conv1", "add1", 1) in canvas.document.graph.edges


def test_the_nearest_input_is_offered_first(made_canvas: Callable[[Graph], Canvas]) -> None:
    graph = Graph().add(make("input"))
    for number, y in enumerate((600.0, 200.0, 400.0)):
        graph = graph.add(make("relu"), id=f"relu{number}", position=(0.0, y))
    canvas = made_canvas(graph)
    canvas.document.select(["input1"])
    canvas.connect_by_key()
    press(canvas, KEY.Key_Return)
    assert canvas.document.graph.edges == (Edge("input1", "relu1"),)


def test_a_wire_goes_on_along_the_flow_first(made_canvas: Callable[[Graph], Canvas]) -> None:
    graph = Graph().add(make("relu"), id="behind", position=(0.0, 0.0)).add(make("input"), position=(500.0, 0.0))
    canvas = made_canvas(graph.add(make("relu"), id="ahead", position=(1100.0, 300.0)))
    canvas.document.replace(attrs.evolve(canvas.document.project, flow=ACROSS))
    canvas.document.select(["input1"])
    canvas.connect_by_key()
    press(canvas, KEY.Key_Return)
    assert canvas.document.graph.edges == (Edge("input1", "ahead"),)


def test_all_that_is_seen_is_selected_at_once(lenet: Canvas) -> None:
    document = lenet.document
    document.perform(edits.group(document.project, {"conv1", "relu1"}))
    document.perform(edits.set_collapsed(document.project, "block1", True))
    lenet.select_all()
    assert document.selection == {node.id for node in document.graph} - {"conv1", "relu1"} | {"block1"}
    lenet.delete_selection()
    assert document.graph.nodes == ()


def test_a_wire_that_can_end_nowhere_is_not_begun(lenet: Canvas) -> None:
    said: list[str] = []
    lenet.said.connect(said.append)
    lenet.connect_by_key()
    lenet.document.select(["dense3"])
    lenet.connect_by_key()
    assert said == [
        "Select the one layer that the wire should begin at.",
        "No layer has a free input that dense3 could feed.",
    ]
    assert lenet.wiring_by_key is None


def test_an_edit_from_elsewhere_lets_the_wire_go(lenet: Canvas) -> None:
    document = lenet.document
    document.perform(edits.disconnect(document.project, Edge("conv1", "relu1")))
    document.select(["conv1"])
    lenet.connect_by_key()
    assert lenet.wiring_by_key is not None
    document.undo_stack.undo()
    assert lenet.wiring_by_key is None
    assert all(card.open_ports is None for card in lenet.scene_.cards.values())


def test_a_wire_that_keys_lead_is_let_go_with_the_keyboard(made_canvas: Callable[[Graph], Canvas]) -> None:
    canvas = made_canvas(chain(make("input"), make("relu")).add(make("add"), "relu1", position=(0.0, 500.0)))
    canvas.document.select(["input1"])
    items = len(canvas.scene_.items())
    canvas.connect_by_key()
    assert canvas.wiring_by_key is not None
    canvas.clearFocus()
    assert canvas.wiring_by_key is None
    assert len(canvas.scene_.items()) == items


def test_home_and_end_go_to_the_ends_and_arrows_turn_with_the_flow(lenet: Canvas) -> None:
    press(lenet, KEY.Key_End)
    assert lenet.document.selection == {"dense3"}
    press(lenet, KEY.Key_Home)
    assert lenet.document.selection == {"input"}
    lenet.lay_out(ACROSS)
    press(lenet, KEY.Key_Right, KEY.Key_Right)
    assert lenet.document.selection == {"relu1"}
    press(lenet, KEY.Key_Left)
    assert lenet.document.selection == {"conv1"}
    press(lenet, KEY.Key_Down)  # nothing stands below
    assert lenet.document.selection == {"conv1"}


def test_a_folded_block_is_one_step_for_the_arrow_keys(lenet: Canvas) -> None:
    document = lenet.document
    document.perform(edits.group(document.project, {"conv1", "relu1", "max_pool1"}, "Edges"))
    document.perform(edits.set_collapsed(document.project, "block1", True))
    document.select(["input"])
    press(lenet, KEY.Key_Down)
    assert document.selection == {"block1"}
    press(lenet, KEY.Key_Down)
    assert document.selection == {"conv2"}
    press(lenet, KEY.Key_Up, KEY.Key_Up)
    assert document.selection == {"input"}


def test_cards_are_moved_by_key_far_and_near(lenet: Canvas) -> None:
    lenet.document.select(["conv1"])
    QTest.keyClick(lenet, KEY.Key_Right, CONTROL)
    assert lenet.document.graph["conv1"].position == (8.0, 132.0)
    QTest.keyClick(lenet, KEY.Key_Left, CONTROL | SHIFT)
    assert lenet.document.graph["conv1"].position == (7.0, 132.0)
    assert lenet.document.undo_stack.count() == 1


# --- walking ---------------------------------------------------------------------------------------------------------


def test_shift_with_an_arrow_takes_one_more_layer_each_time(lenet: Canvas) -> None:
    lenet.document.select(["relu1"])
    for _ in range(3):
        QTest.keyClick(lenet, KEY.Key_Down, SHIFT)
    assert lenet.document.selection == {"relu1", "max_pool1", "conv2", "relu2"}
    QTest.keyClick(lenet, KEY.Key_Up, SHIFT)
    assert lenet.document.selection == {"conv1", "relu1", "max_pool1", "conv2", "relu2"}


def test_layers_without_wires_and_comments_are_reached(made_canvas: Callable[[Graph], Canvas]) -> None:
    graph = (
        Graph().add(make("input")).add(make("conv2d"), position=(0.0, 150.0)).add(make("relu"), position=(0.0, 300.0))
    )
    canvas = made_canvas(graph)
    document = canvas.document
    document.perform(edits.add_comment(document.project, (260.0, 160.0), "Look"))
    document.select(["input1"])
    reached = []
    for key in (KEY.Key_Down, KEY.Key_Right, KEY.Key_Left, KEY.Key_Down, KEY.Key_Up, KEY.Key_Up):
        press(canvas, key)
        reached += document.selection
    assert reached == ["conv1", "comment1", "conv1", "relu1", "conv1", "input1"]


def test_one_walks_out_of_a_folded_block_to_all_sides(made_canvas: Callable[[Graph], Canvas]) -> None:
    graph = chain(make("input"), make("relu")).add(make("tanh"), "input1").add(make("add"), "relu1", "tanh1")
    graph = graph.add(make("dense"), "add1").add(make("gelu"))
    places = {"relu1": (0, 130), "tanh1": (230, 130), "add1": (0, 260), "dense1": (0, 390), "gelu1": (600, 130)}
    project = edits.move(edits.Project(graph), places).project
    project = edits.group(project, {"add1", "relu1", "tanh1"}).project
    canvas = made_canvas(graph)
    canvas.document.replace(edits.set_collapsed(project, "block1", True).project)
    canvas.document.select(["block1"])
    reached = []
    for key in (KEY.Key_Right, KEY.Key_Left, KEY.Key_Down, KEY.Key_Up, KEY.Key_Up):
        press(canvas, key)
        reached += canvas.document.selection
    assert reached == ["gelu1", "block1", "dense1", "block1", "input1"]


# --- heard -----------------------------------------------------------------------------------------------------------


def test_what_is_selected_is_told_with_its_wires_and_problems(lenet: Canvas) -> None:
    document = lenet.document
    assert lenet.accessibleDescription() == "Nothing is selected. 13 layers."
    document.select(["conv2"])
    assert lenet.accessibleDescription() == (
        "conv2, Convolution 2-D, 5×5 · 16, output 16 × 10 × 10, 2\u202f416 parameters, fed by max_pool1, feeds relu2"
    )
    document.perform(edits.set_field(document.project, {"conv2"}, "kernel_size", 15))
    document.select(["conv1"])
    document.select(["conv2"])
    assert "conv2 makes its image 0 px high" in lenet.accessibleDescription()
    document.perform(edits.group(document.project, {"conv1", "relu1"}, "Edges"))
    told = "Block Edges, 2 layers, open, output 6 × 28 × 28, 156 parameters"
    assert lenet.accessibleDescription() == told
    document.perform(edits.add_comment(document.project, (0.0, 0.0), "Look"))
    assert lenet.accessibleDescription() == "Comment: Look"
    lenet.select_all()
    assert lenet.accessibleDescription() == "15 things are selected."


def test_news_are_announced_where_somebody_listens(lenet: Canvas, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(announcing.QAccessible, "isActive", staticmethod(lambda: True))
    monkeypatch.setattr(
        announcing.QAccessible, "updateAccessibility", staticmethod(lambda event: told.append(event.message()))
    )
    lenet.document.select(["relu1", "conv1"])
    assert told == [
        "conv1, Convolution 2-D, 5×5 · 6 · p2, output 6 × 28 × 28, 156 parameters, fed by input, feeds relu1; "
        "relu1, ReLU, output 6 × 28 × 28, fed by conv1, feeds max_pool1"
    ]


def test_the_focus_is_seen_by_those_who_use_keys(lenet: Canvas) -> None:
    def edge() -> QColor:
        return lenet.grab().toImage().pixelColor(QPoint(1, 300))

    assert edge() == theme().color("accent")
    QTest.mouseClick(lenet.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(20, 20))
    assert edge() == theme().color("canvas")
    lenet.clearFocus()
    lenet.setFocus(Qt.FocusReason.TabFocusReason)
    assert edge() == theme().color("accent")
