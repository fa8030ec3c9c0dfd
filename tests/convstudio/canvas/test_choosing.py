"""Things of several kinds are selected together: what looks selected is what is deleted, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from convstudio.canvas.canvas import Canvas
from convstudio.document import edits
from engine.graph import Edge

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
FIRST, SECOND = Edge("conv1", "relu1"), Edge("relu1", "max_pool1")


def on_wire(canvas: Canvas, edge: Edge) -> QPoint:
    wire = canvas.scene_.wires[edge]
    assert wire._ends is not None
    return canvas.mapFromScene((wire._ends[0] + wire._ends[1]) / 2)


def click(canvas: Canvas, place: QPoint, keys: Qt.KeyboardModifier = NONE) -> None:
    QTest.mouseClick(canvas.viewport(), LEFT, keys, place)


def seen(canvas: Canvas) -> set[str | Edge]:
    """What is drawn as selected."""
    named = {name for name, item in canvas.scene_.items_named().items() if item.isSelected()}
    return {*named, *(edge for edge, wire in canvas.scene_.wires.items() if wire.isSelected())}


def test_a_wire_is_selected_beside_cards_which_stay_seen(
    lenet: Canvas, middle: Callable[[Canvas, str], QPoint]
) -> None:
    click(lenet, middle(lenet, "conv1"))
    click(lenet, on_wire(lenet, SECOND), CONTROL)
    assert seen(lenet) == {"conv1", SECOND}
    click(lenet, middle(lenet, "input"), CONTROL)
    assert seen(lenet) == {"input", "conv1", SECOND}
    click(lenet, middle(lenet, "input"), CONTROL)
    QTest.keyClick(lenet, Qt.Key.Key_Backspace)
    assert "conv1" not in lenet.document.graph
    assert SECOND not in lenet.document.graph.edges
    assert lenet.document.undo_stack.count() == 1


def test_wires_join_and_leave_what_is_selected_one_by_one(lenet: Canvas) -> None:
    click(lenet, on_wire(lenet, FIRST))
    click(lenet, on_wire(lenet, SECOND), SHIFT)
    assert seen(lenet) == {FIRST, SECOND}
    click(lenet, on_wire(lenet, FIRST), CONTROL)
    assert seen(lenet) == {SECOND}
    click(lenet, on_wire(lenet, FIRST))
    assert seen(lenet) == {FIRST}


def test_a_band_that_adds_leaves_what_is_selected_to_be_seen(
    lenet: Canvas, middle: Callable[[Canvas, str], QPoint], drag: Callable[..., None]
) -> None:
    click(lenet, middle(lenet, "conv1"))
    click(lenet, on_wire(lenet, SECOND), CONTROL)
    drag(lenet, QPoint(10, 10), QPoint(14, 12), QPoint(20, 20), keys=SHIFT)
    assert seen(lenet) == {"conv1", SECOND}
    corner = lenet.mapFromScene(lenet.scene_.cards["max_pool1"].face().topLeft() - QPointF(30, -30))
    drag(lenet, corner, corner + QPoint(20, 5), corner + QPoint(60, 10), keys=SHIFT)
    assert seen(lenet) == {"conv1", "max_pool1", SECOND}


def test_a_wire_that_is_selected_stays_so_while_cards_move(
    lenet: Canvas, middle: Callable[[Canvas, str], QPoint]
) -> None:
    click(lenet, middle(lenet, "conv1"))
    click(lenet, on_wire(lenet, SECOND), CONTROL)
    QTest.keyClick(lenet, Qt.Key.Key_Right, CONTROL)
    assert seen(lenet) == {"conv1", SECOND}
    lenet.document.perform(edits.add_comment(lenet.document.project, (0.0, 0.0)))  # selects something else
    assert seen(lenet) == {"comment1"}
