"""Dragged cards line up with others, and say so with lines."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from convstudio.canvas.canvas import Canvas
from convstudio.canvas.gestures.snapping import Line, Snapping
from convstudio.document import edits

CARD = QRectF(0, 0, 176, 84)
WIDE = QRectF(0, 0, 220, 88)
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


EVERYWHERE = QRectF(-5_000, -5_000, 10_000, 10_000)


def snapped(held: QRectF, others: list[QRectF], reach: float) -> tuple[QPointF, list[Line]]:
    return Snapping(others).snapped(held, EVERYWHERE, reach)


def at(x: float, y: float, face: QRectF = CARD) -> QRectF:
    return face.translated(x, y)


def spans(lines: list[tuple[QPointF, QPointF]]) -> list[tuple[float, float, float, float]]:
    return [(a.x(), a.y(), b.x(), b.y()) for a, b in lines]


def test_middles_come_together_and_one_line_through_them_says_so() -> None:
    by, lines = snapped(at(4, 300), [at(0, 0)], 7)
    assert (by.x(), by.y()) == (-4, 0)
    assert spans(lines) == [(88, -16, 88, 400)]


def test_edges_come_together_where_sizes_differ() -> None:
    by, lines = snapped(at(47, 300), [at(0, 0, WIDE)], 7)
    assert by.x() == -3  # right edges: 223 to 220
    assert spans(lines) == [(220, -16, 220, 400)]
    assert snapped(at(3, 300), [at(0, 0, WIDE)], 7)[0].x() == -3  # left edges


def test_a_card_comes_to_the_middle_between_two() -> None:
    by, lines = snapped(at(303, 0), [at(0, 0), at(600, 0)], 7)
    assert by.x() == -3
    gaps = [line for line in spans(lines) if line[1] == line[3] == 42 and line[0] != line[2]]
    assert (176.0, 42.0, 300.0, 42.0) in gaps
    assert (476.0, 42.0, 600.0, 42.0) in gaps


@pytest.mark.parametrize(("start", "goal"), [(503, 500), (-253, -250)])
def test_a_gap_is_repeated_beyond_two_cards(start: float, goal: float) -> None:
    by, lines = snapped(at(start, 10), [at(0, 0), at(250, 0)], 7)
    assert start + by.x() == goal
    assert len([line for line in spans(lines) if abs(line[2] - line[0]) == 74]) == 2


def test_what_is_out_of_sight_is_nothing_to_line_up_with() -> None:
    others = Snapping([at(0, 0), at(4, 900)])
    assert others.snapped(at(1, 300), QRectF(-100, -100, 600, 800), 7)[0].x() == -1
    assert others.snapped(at(1, 300), QRectF(-100, 200, 600, 800), 7)[0].x() == 3


def test_nothing_near_leaves_it_alone() -> None:
    by, lines = snapped(at(40, 140), [at(0, 0)], 7)
    assert (by.x(), by.y(), lines) == (0, 0, [])


def test_a_drag_snaps_at_the_same_distance_on_the_screen_at_every_zoom(
    lenet: Canvas, middle: Callable[[Canvas, str], QPoint]
) -> None:
    lenet.zoom_by(0.5)
    lenet.show_start()
    lenet.zoom_by(0.5)
    start = middle(lenet, "conv1")
    QTest.mousePress(lenet.viewport(), LEFT, NONE, start)
    for offset in (QPoint(60, 20), QPoint(6, 20)):  # 12 in the scene
        QTest.mouseMove(lenet.viewport(), start + offset)
        QApplication.processEvents()
    assert lenet.document.graph["conv1"].position[0] == 0
    assert lenet.scene_.guides
    QTest.mouseRelease(lenet.viewport(), LEFT, NONE, start + QPoint(6, 20))
    assert not lenet.scene_.guides


def test_alt_lets_a_card_stand_anywhere(lenet: Canvas, middle: Callable[[Canvas, str], QPoint]) -> None:
    start = middle(lenet, "conv1")
    QTest.mousePress(lenet.viewport(), LEFT, NONE, start)
    for keys in (NONE, Qt.KeyboardModifier.AltModifier):
        for offset in (QPointF(60, 30), QPointF(4, 30)):
            place = QPointF(start) + offset
            event = QMouseEvent(
                QMouseEvent.Type.MouseMove, place, lenet.viewport().mapToGlobal(place), LEFT, LEFT, keys
            )
            QApplication.sendEvent(lenet.viewport(), event)
        wanted = 0 if keys == NONE else 4
        assert lenet.document.graph["conv1"].position[0] == pytest.approx(wanted, abs=1e-6)
        assert bool(lenet.scene_.guides) == (keys == NONE)
    QTest.mouseRelease(lenet.viewport(), LEFT, NONE, start + QPoint(4, 30))


def test_layers_of_a_moved_block_are_nothing_to_snap_to(lenet: Canvas, drag: Callable[..., None]) -> None:
    document = lenet.document
    document.perform(edits.group(document.project, {n.id for n in document.graph}, "All"))
    start = lenet.mapFromScene(lenet.scene_.blocks["block1"].handle().center() + QPointF(20, 0))
    drag(lenet, start, start + QPoint(40, 30), start + QPoint(43, 37))
    assert document.graph["conv1"].position == (43, 132 + 37)
