"""The large map: wheel, dragging, keys, and where the sample lies below it."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from convstudio.look.colormaps import GREY, table
from convstudio.panels.maps.zoom_view import LARGEST_ZOOM, Frame, ZoomView

LEFT = Qt.MouseButton.LeftButton
NO_BUTTON, NO_KEYS = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def view(qtbot: QtBot) -> ZoomView:
    made = ZoomView()
    qtbot.addWidget(made)
    made.resize(300, 240)
    made.show_map(np.arange(24, dtype=np.uint8).reshape(4, 6) * 10, GREY)
    made.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # a ring would be drawn
    made.show()
    return made


def wheel(view: ZoomView, point: QPointF, steps: int) -> None:
    event = QWheelEvent(
        point, view.mapToGlobal(point), QPoint(), QPoint(0, 120 * steps), NO_BUTTON, NO_KEYS,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view, event)


def test_all_of_it_is_shown_first_in_whole_pixels(view: ZoomView) -> None:
    assert view.zoom_ == 50
    assert view.pixel_rect(0, 0) == QRectF(0, 20, 50, 50)
    image = view.grab().toImage()
    for row, column in ((0, 0), (1, 3), (3, 5)):
        rect = view.pixel_rect(row, column)
        for x, y in ((rect.left(), rect.top()), (rect.right() - 1, rect.bottom() - 1)):
            assert image.pixelColor(int(x), int(y)).red() == table(GREY)[(row * 6 + column) * 10, 0]
    view.resize(600, 500)
    assert view.zoom_ == LARGEST_ZOOM


def test_the_wheel_zooms_about_the_mouse_and_a_double_click_shows_all(view: ZoomView) -> None:
    point = view.pixel_rect(2, 4).center()
    for steps in (1, 1, -1, 1):
        wheel(view, point, steps)
        assert view._at(point) == (2, 4)
    assert view.zoom_ > 50
    QTest.mouseDClick(view, LEFT, pos=point.toPoint())
    assert view.zoom_ == 50
    for _ in range(60):
        wheel(view, point, -1)
    assert view.zoom_ == 1


def test_dragging_moves_and_is_no_click(view: ZoomView) -> None:
    picked = []
    view.picked.connect(lambda *place: picked.append(place))
    before = view.pixel_rect(1, 1)
    QTest.mousePress(view, LEFT, pos=QPoint(100, 100))
    QTest.mouseMove(view, QPoint(120, 90))
    QTest.mouseRelease(view, LEFT, pos=QPoint(120, 90))
    assert view.pixel_rect(1, 1) == before.translated(20, -10)
    assert picked == []
    QTest.mouseClick(view, LEFT, pos=view.pixel_rect(1, 2).center().toPoint())
    assert picked == [(1, 2)]


def test_keys_point_zoom_and_pick(view: ZoomView) -> None:
    picked, pointed = [], []
    view.picked.connect(lambda *place: picked.append(place))
    view.pointed.connect(lambda *place: pointed.append(place))
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Return):
        QTest.keyClick(view, key)
    assert pointed == [(0, 0), (0, 1), (1, 1), (0, 1)]
    assert picked == [(0, 1)]
    QTest.keyClick(view, Qt.Key.Key_Plus)
    assert view.zoom_ == 62
    QTest.keyClick(view, Qt.Key.Key_0)
    assert view.zoom_ == 50


def test_the_sample_lies_where_each_pixel_sees_it(view: ZoomView) -> None:
    frame = Frame((1.0, 0.5), (2.0, 2.0))  # the first pixel covers rows 1 to 3, columns 0.5 to 2.5
    place = QRectF(0, 20, 300, 200)
    assert view._on_map(frame, (10, 13), place) == QRectF(-12.5, -5, 325, 250)
    bright = np.full((1, 10, 13), 255, np.uint8)
    view.show_map(np.zeros((4, 6), np.uint8), GREY, 0, bright, frame)
    dimmed = table(GREY)[int(255 * 0.6)]
    color = view.grab().toImage().pixelColor(150, 10)  # above the map, where the sample goes on
    assert color.getRgb()[:3] == tuple(dimmed.tolist())
