"""A block is handled as one thing: layers follow it, it is lined up, copied and selected whole."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest

from convstudio.canvas.canvas import LAYER_MIME, Canvas
from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.document.project import Block, Project
from convstudio.editing import Editing
from convstudio.panels.palette import PalettePanel
from engine.graph import Edge, Graph
from engine.spec import make
from engine.templates import template

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
INNER = Block("inner", "Inner", ("conv1", "relu1"), collapsed=True, parent="outer")
OUTER = Block("outer", "Outer", ("max_pool1",), collapsed=True)
SECOND = Block("second", "Second", ("conv2", "relu2"), collapsed=True)
AFTER_OUTER = (Edge("max_pool1", "dropout1"), Edge("dropout1", "conv2"))


@pytest.fixture
def canvas(made_canvas: Callable[[Graph], Canvas]) -> Canvas:
    made = made_canvas(Graph())
    made.document.replace(Project(template("lenet5"), blocks=(OUTER, INNER, SECOND)))
    made.show_start()
    return made


def wires_of(document: Document, name: str) -> tuple[Edge, ...]:
    return (*document.graph.incoming(name), *document.graph.outgoing(name))


def middle(canvas: Canvas, block: str) -> QPoint:
    return canvas.mapFromScene(canvas.scene_.blocks[block].face().center())


def test_a_layer_dropped_on_a_folded_block_follows_it(canvas: Canvas) -> None:
    data, place = QMimeData(), middle(canvas, "outer")
    data.setData(LAYER_MIME, b"dropout")
    copy = Qt.DropAction.CopyAction
    canvas.dragMoveEvent(QDragMoveEvent(place, copy, data, LEFT, NONE))
    assert canvas.scene_.blocks["outer"].lit
    canvas.dropEvent(QDropEvent(QPointF(place), copy, data, LEFT, NONE))
    assert not canvas.scene_.blocks["outer"].lit
    assert wires_of(canvas.document, "dropout1") == AFTER_OUTER
    assert canvas.document.project.block_of("dropout1") is None
    assert canvas.scene_.cards["dropout1"].isVisible()


def test_a_layer_added_by_its_name_follows_the_selected_block(canvas: Canvas) -> None:
    canvas.document.select(["outer"])
    canvas.quick_add_next()
    box = canvas._quick_add
    assert box is not None
    QTest.keyClicks(box.field, "dropout")
    QTest.keyClick(box.field, Qt.Key.Key_Return)
    assert wires_of(canvas.document, "dropout1") == AFTER_OUTER


def test_a_layer_from_the_palette_follows_the_selected_block(canvas: Canvas) -> None:
    panel = PalettePanel(canvas.document, canvas)
    canvas.document.select(["conv1", "outer"])
    panel._append("dropout")
    assert wires_of(canvas.document, "dropout1") == AFTER_OUTER
    assert canvas.document.undo_stack.undoText() == "Add dropout1 after Outer"


def test_a_layer_after_an_open_block_in_a_block_stands_below_its_frame(canvas: Canvas) -> None:
    document = canvas.document
    for name in ("outer", "inner"):
        document.perform(edits.set_collapsed(document.project, name, False))
    document.perform(edits.append(document.project, make("dropout"), "inner"))
    assert wires_of(document, "dropout1") == (Edge("relu1", "dropout1"), Edge("dropout1", "max_pool1"))
    home = document.project.block_of("dropout1")
    assert home is not None
    assert home.id == "outer"
    faces = [canvas.scene_.cards[name].face() for name in ("dropout1", "max_pool1", "conv2")]
    assert not faces[0].intersects(canvas.scene_.blocks["inner"].face())
    assert not any(a.intersects(b) for a, b in ((faces[0], faces[1]), (faces[1], faces[2])))


def test_blocks_are_lined_up_whole(canvas: Canvas) -> None:
    document, editing, blocks = canvas.document, Editing(canvas.document, canvas), canvas.scene_.blocks
    document.perform(edits.move(document.project, {"second": (310.0, 500.0)}))
    document.perform(edits.set_collapsed(document.project, "second", False))
    within = canvas.scene_.cards["relu2"].pos() - canvas.scene_.cards["conv2"].pos()
    document.select(["outer", "conv1", "second", "input"])  # conv1 is in one of them, and moves with it
    for side, edge in (("left", "left"), ("right", "right")):
        editing.align(side)
        faces = [blocks["outer"].face(), blocks["second"].face(), canvas.scene_.cards["input"].face()]
        assert len({getattr(face, edge)() for face in faces}) == 1
        assert canvas.scene_.cards["relu2"].pos() - canvas.scene_.cards["conv2"].pos() == within
    editing.distribute("vertical")
    faces = sorted(
        [blocks["outer"].face(), blocks["second"].face(), canvas.scene_.cards["input"].face()], key=lambda f: f.top()
    )
    gaps = [lower.top() - upper.bottom() for upper, lower in pairwise(faces)]
    assert gaps[0] == pytest.approx(gaps[1])


def test_copies_of_a_folded_block_are_selected_as_it_was(canvas: Canvas) -> None:
    document, editing = canvas.document, Editing(canvas.document, canvas)
    document.select(["outer", "input"])
    editing.duplicate()
    assert document.selection == {"outer2", "input2"}
    editing.copy()
    editing.paste()
    assert document.selection == {"outer3", "input3"}


def test_a_rubber_band_takes_a_folded_block_and_not_those_folded_away_in_it(
    canvas: Canvas, drag: Callable[..., None]
) -> None:
    face = canvas.mapFromScene(canvas.scene_.blocks["outer"].face()).boundingRect()
    drag(canvas, face.topLeft() - QPoint(30, 10), face.center())
    assert canvas.document.selection == {"outer"}


# --- wires -----------------------------------------------------------------------------------------------------------


def test_a_wire_is_drawn_from_a_folded_block(canvas: Canvas, drag: Callable[..., None]) -> None:
    document = canvas.document
    document.perform(edits.add(document.project, make("add"), (300.0, 132.0)))
    block, card = canvas.scene_.blocks["outer"], canvas.scene_.cards["add1"]
    start, end = canvas.mapFromScene(block.output_place()), canvas.mapFromScene(card.input_place(0))
    QTest.mousePress(canvas.viewport(), LEFT, NONE, start)
    QTest.mouseMove(canvas.viewport(), end)
    assert card.open_ports == {0, 1}
    assert not block.takes  # its own
    QTest.mouseRelease(canvas.viewport(), LEFT, NONE, end)
    assert document.graph.incoming("add1") == (Edge("max_pool1", "add1"),)
    assert block.takes is None
    assert block.pos() == QPointF(0.0, 132.0)


@pytest.mark.parametrize("at", ["port", "card"])
def test_a_wire_is_led_into_a_folded_block(canvas: Canvas, at: str) -> None:
    document = canvas.document
    document.perform(edits.disconnect(document.project, Edge("max_pool1", "conv2")))
    block = canvas.scene_.blocks["second"]
    start = canvas.mapFromScene(canvas.scene_.blocks["outer"].output_place())
    place = block.input_place() if at == "port" else block.face().center()
    QTest.mousePress(canvas.viewport(), LEFT, NONE, start)
    assert block.takes
    QTest.mouseMove(canvas.viewport(), canvas.mapFromScene(place))
    assert block.near
    QTest.mouseRelease(canvas.viewport(), LEFT, NONE, canvas.mapFromScene(place))
    assert document.graph.incoming("conv2") == (Edge("max_pool1", "conv2"),)
    assert (block.takes, block.near) == (None, False)


def test_a_folded_block_says_why_it_takes_no_wire(canvas: Canvas, drag: Callable[..., None]) -> None:
    said: list[str] = []
    canvas.said.connect(said.append)
    start = canvas.mapFromScene(canvas.scene_.cards["input"].output_place())
    drag(canvas, start, start + QPoint(60, 20), middle(canvas, "second"))
    assert said == ["This input of conv2 is taken by max_pool1. Remove that wire first."]
    assert canvas._quick_add is None


def test_a_wire_is_led_away_from_a_folded_block(canvas: Canvas, drag: Callable[..., None]) -> None:
    end = canvas.mapFromScene(canvas.scene_.blocks["second"].input_place())
    drag(canvas, end, end + QPoint(150, 10))
    assert not canvas.document.graph.incoming("conv2")
    assert canvas.document.undo_stack.undoText() == "Disconnect max_pool1 from conv2"


def test_keys_lead_wires_from_block_to_block(canvas: Canvas) -> None:
    document = canvas.document
    document.perform(edits.disconnect(document.project, Edge("max_pool1", "conv2")))
    document.select(["outer"])
    canvas.connect_by_key()
    assert canvas.scene_.blocks["second"].near
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert document.graph.incoming("conv2") == (Edge("max_pool1", "conv2"),)
