"""Drawing, erasing, taking back: with mouse, pen and keys."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QInputDevice, QPointingDevice, QTabletEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from convstudio.panels.draw.drawing import SIDE, Dab, Drawing, Page, Stroke
from convstudio.panels.draw.pad import Pad
from tests.convstudio.panels.draw.conftest import LEFT, LEVEL_LINE, PLAIN, UPRIGHT_LINE, draw, on_pad

RIGHT = Qt.MouseButton.RightButton
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def pad(qtbot: QtBot) -> Pad:
    made = Pad()
    qtbot.addWidget(made)
    made.resize(300, 280)
    made.show()
    made.setFocus()
    return made


def ink(pad: Pad) -> np.ndarray:
    return pad.page.pixels() < 128


def test_the_left_button_draws_and_the_right_one_erases(pad: Pad) -> None:
    draw(pad, *UPRIGHT_LINE)
    drawn = ink(pad)
    assert drawn[SIDE // 2, SIDE // 2]
    assert drawn[SIDE // 5, SIDE // 2]
    assert not drawn[:, : SIDE // 3].any()
    draw(pad, *LEVEL_LINE, button=RIGHT)
    assert not ink(pad)[SIDE // 2].any()
    assert ink(pad)[SIDE // 5, SIDE // 2]
    pad.erases = True
    draw(pad, *UPRIGHT_LINE)
    assert not ink(pad).any()


def test_a_second_stroke_right_after_the_first_is_no_double_click(pad: Pad) -> None:
    place = on_pad(pad, 0.3, 0.3)
    QTest.mouseClick(pad, LEFT, PLAIN, place)
    QTest.mouseDClick(pad, LEFT, PLAIN, place)  # what Qt sends in place of a press
    QTest.mouseRelease(pad, LEFT, PLAIN, place)
    assert len(pad.drawing.strokes) == 2


def test_a_stroke_that_grows_looks_like_the_same_stroke_made_at_once(pad: Pad) -> None:
    points = (0.2, 0.3), (0.5, 0.2), (0.8, 0.4), (0.5, 0.6), (0.3, 0.8), (0.7, 0.8)
    draw(pad, *points)
    grown = pad.page.pixels().astype(int)
    again = Page(pad.drawing).pixels().astype(int)
    assert np.abs(grown - again).mean() < 0.2
    sharp = Page(Drawing(strokes=(Stroke((Dab(0.2, 0.3), Dab(0.5, 0.2))),))).pixels()
    assert grown[sharp < 50].mean() < 128


def test_strokes_are_taken_back_and_made_again_by_key(pad: Pad) -> None:
    settled: list[int] = []
    pad.settled.connect(lambda: settled.append(len(pad.drawing.strokes)))
    draw(pad, *UPRIGHT_LINE)
    draw(pad, *LEVEL_LINE)
    QTest.keyClick(pad, Qt.Key.Key_Z, CONTROL)
    QTest.keyClick(pad, Qt.Key.Key_Z, CONTROL)
    assert pad.drawing.is_empty
    assert not pad.can_undo
    QTest.keyClick(pad, Qt.Key.Key_Z, CONTROL | SHIFT)
    QTest.keyClick(pad, Qt.Key.Key_Z, CONTROL | SHIFT)
    assert settled == [1, 2, 1, 0, 1, 2]
    QTest.keyClick(pad, Qt.Key.Key_Delete)
    assert not ink(pad).any()
    QTest.keyClick(pad, Qt.Key.Key_Z, CONTROL)
    assert len(pad.drawing.strokes) == 2
    assert ink(pad)[SIDE // 2, SIDE // 2]


def test_the_windows_own_undo_and_paste_stay_out(pad: Pad) -> None:
    from PySide6.QtGui import QKeyEvent

    for key, ours in ((Qt.Key.Key_Z, True), (Qt.Key.Key_V, True), (Qt.Key.Key_S, False)):
        event = QKeyEvent(QEvent.Type.ShortcutOverride, key, CONTROL)
        event.ignore()
        QApplication.sendEvent(pad, event)
        assert event.isAccepted() == ours


def pen(pad: Pad, kind: QEvent.Type, point: QPoint, pressure: float, device: QPointingDevice) -> None:
    place, button = QPointF(point), LEFT if kind != QEvent.Type.TabletMove else Qt.MouseButton.NoButton
    pressed = Qt.MouseButton.NoButton if kind == QEvent.Type.TabletRelease else LEFT
    everything = place, place, pressure, 0.0, 0.0, 0.0, 0.0, 0.0, PLAIN, button, pressed
    event = QTabletEvent(kind, device, *everything)
    QApplication.sendEvent(pad, event)
    assert event.isAccepted()


def stylus(kind: QPointingDevice.PointerType) -> QPointingDevice:
    able = QInputDevice.Capability.Position | QInputDevice.Capability.Pressure
    return QPointingDevice("pen", 7, QInputDevice.DeviceType.Stylus, kind, able, 1, 3)


def pen_stroke(pad: Pad, pressure: float, device: QPointingDevice) -> None:
    first, *others = (on_pad(pad, *point) for point in LEVEL_LINE)
    pen(pad, QEvent.Type.TabletPress, first, pressure, device)
    for place in others:
        pen(pad, QEvent.Type.TabletMove, place, pressure, device)
    pen(pad, QEvent.Type.TabletRelease, place, 0.0, device)


def test_a_pens_pressure_is_its_width_and_its_other_end_erases(pad: Pad) -> None:
    tip, end = stylus(QPointingDevice.PointerType.Pen), stylus(QPointingDevice.PointerType.Eraser)
    pen_stroke(pad, 0.1, tip)
    thin = int(ink(pad)[:, SIDE // 2].sum())
    pad.clear()
    pen_stroke(pad, 1.0, tip)
    thick = int(ink(pad)[:, SIDE // 2].sum())
    assert 5 < thin < thick / 2 < 15
    pen_stroke(pad, 1.0, end)
    assert not ink(pad).any()
    assert [stroke.erases for stroke in pad.drawing.strokes] == [False, True]


def test_ink_on_a_picture_has_the_other_brightness_than_its_border(pad: Pad) -> None:
    dark = np.zeros((28, 28), np.uint8)
    pad.begin_with(Drawing(dark))
    assert np.array_equal(pad.page.pixels(), dark)
    draw(pad, *LEVEL_LINE)
    assert pad.page.pixels()[14, 14] == 255
    draw(pad, *LEVEL_LINE, button=RIGHT)
    assert not pad.page.pixels()[14].any()
    coloured = np.full((20, 40, 3), (250, 200, 150), np.uint8)
    pad.begin_with(Drawing(coloured))
    assert np.array_equal(pad.page.pixels(), coloured)
    assert pad.page_place().width() == pytest.approx(2 * pad.page_place().height())
