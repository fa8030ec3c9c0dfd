"""Dragging to the edge of the canvas moves the ground on, so that what lies beyond is reached in one go."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from convstudio.canvas.canvas import LAYER_MIME, Canvas
from convstudio.document import edits
from engine.graph import Edge

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
BEYOND = QPoint(0, 80)  # where it scrolls fastest
Middle = Callable[[Canvas, str], QPoint]


def hold(canvas: Canvas, *places: QPoint) -> None:
    """Presses at the first place, and goes to the others."""
    QTest.mousePress(canvas.viewport(), LEFT, NONE, places[0])
    for place in places[1:]:
        QTest.mouseMove(canvas.viewport(), place)
        QApplication.processEvents()


def let_go(canvas: Canvas, place: QPoint) -> None:
    QTest.mouseRelease(canvas.viewport(), LEFT, NONE, place)


def lower_edge(canvas: Canvas) -> QPoint:
    return QPoint(canvas.viewport().width() // 2, canvas.viewport().height() - 2)


def top(canvas: Canvas) -> float:
    return canvas.mapToScene(0, 0).y()


def test_a_card_is_carried_beyond_what_is_seen_in_one_step_of_undo(lenet: Canvas, middle: Middle, qtbot: QtBot) -> None:
    document, edge = lenet.document, lower_edge(lenet)
    hold(lenet, middle(lenet, "conv1"), QPoint(350, 400), edge + BEYOND)
    end = document.graph["dense3"].position[1]
    qtbot.waitUntil(lambda: document.graph["conv1"].position[1] > end)
    QTest.mouseMove(lenet.viewport(), edge)
    let_go(lenet, edge)
    assert lenet.scene_.cards["conv1"].face().adjusted(-9, -9, 9, 9).contains(lenet.mapToScene(edge))
    assert document.undo_stack.count() == 1


def test_a_wire_is_led_to_a_card_far_below(lenet: Canvas, middle: Middle, qtbot: QtBot) -> None:
    document, edge = lenet.document, lower_edge(lenet)
    for wire in (Edge("conv1", "relu1"), Edge("dense2", "relu4")):
        document.perform(edits.disconnect(document.project, wire))
    start = lenet.mapFromScene(lenet.scene_.cards["conv1"].output_place())
    hold(lenet, start, QPoint(350, 400), edge + BEYOND)
    qtbot.waitUntil(lambda: lenet.viewport().rect().contains(middle(lenet, "relu4")))
    QTest.mouseMove(lenet.viewport(), middle(lenet, "relu4"))
    let_go(lenet, middle(lenet, "relu4"))
    assert Edge("conv1", "relu4") in document.graph.edges


def test_a_band_goes_on_growing_and_stops_where_the_hand_comes_back(lenet: Canvas, qtbot: QtBot) -> None:
    edge = lower_edge(lenet)
    hold(lenet, QPoint(20, 30), QPoint(300, 400), edge + BEYOND)
    qtbot.waitUntil(lambda: "dense3" in lenet.document.selection)
    QTest.mouseMove(lenet.viewport(), QPoint(300, 400))
    assert not lenet.hand._scrolling.clock.isActive()
    QTest.keyClick(lenet, Qt.Key.Key_Escape)
    let_go(lenet, QPoint(300, 400))


def test_a_drag_that_begins_at_the_edge_stays_there_until_it_has_left_it(lenet: Canvas) -> None:
    edge, before = lower_edge(lenet), top(lenet)
    hold(lenet, edge, edge - QPoint(6, 6), edge - QPoint(12, 0))
    assert not lenet.hand._scrolling.clock.isActive()
    let_go(lenet, edge)
    assert top(lenet) == before


def test_what_is_cancelled_at_the_edge_scrolls_no_further(lenet: Canvas, middle: Middle, qtbot: QtBot) -> None:
    hold(lenet, middle(lenet, "conv1"), QPoint(350, 400), lower_edge(lenet))
    assert lenet.hand._scrolling.clock.isActive()
    QTest.keyClick(lenet, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not lenet.hand._scrolling.clock.isActive())
    assert lenet.document.graph["conv1"].position == (0.0, 132.0)
    let_go(lenet, lower_edge(lenet))


def test_a_layer_from_the_palette_is_dropped_where_one_has_scrolled_to(lenet: Canvas, qtbot: QtBot) -> None:
    mime, view, edge = QMimeData(), lenet.viewport(), lower_edge(lenet)
    mime.setData(LAYER_MIME, b"dropout")
    everything = Qt.DropAction.CopyAction, mime, LEFT, NONE
    QApplication.sendEvent(view, QDragEnterEvent(QPoint(2, 300), *everything))
    QApplication.sendEvent(view, QDragMoveEvent(QPoint(4, 300), *everything))
    assert not lenet.drops._scrolling.clock.isActive()  # that is where it came in
    for place in (QPoint(300, 400), edge):
        QApplication.sendEvent(view, QDragMoveEvent(place, *everything))
    qtbot.waitUntil(lambda: view.rect().contains(lenet.mapFromScene(lenet.scene_.cards["dense3"].face().center())))
    place = lenet.mapFromScene(lenet.scene_.cards["dense3"].face().center())
    QApplication.sendEvent(view, QDropEvent(QPointF(place), *everything))
    assert Edge("dense3", "dropout1") in lenet.document.graph.edges
    assert not lenet.drops._scrolling.clock.isActive()
    QApplication.sendEvent(view, QDragEnterEvent(QPoint(300, 300), *everything))
    QApplication.sendEvent(view, QDragMoveEvent(QPoint(300, 300), *everything))
    QApplication.sendEvent(view, QDragMoveEvent(edge, *everything))
    assert lenet.drops._scrolling.clock.isActive()
    QApplication.sendEvent(view, QDragLeaveEvent())
    assert not lenet.drops._scrolling.clock.isActive()
