"""Three arrangements of the panels, one click apart, each remembered; and a walk through them by key."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollArea, QTabBar
from pytestqt.qtbot import QtBot

from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.look.sheet import style_sheet
from convstudio.look.theme import appearance, tokens
from convstudio.main_window import MainWindow
from convstudio.training.pipe import Pipe
from convstudio.workplaces import BELOW, COMPOSE, SEE, TRAIN, WORK_PLACES
from engine.templates import template

CTRL, LEFT = Qt.KeyboardModifier.ControlModifier, Qt.MouseButton.LeftButton


@pytest.fixture(autouse=True)
def nothing_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    """No process is needed here; what panels ask stays unanswered."""
    monkeypatch.setattr(Pipe, "send", lambda pipe, message: None)


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    QSettings().clear()
    made = MainWindow(Document(Project(template("lenet5"))))
    qtbot.addWidget(made, before_close_func=lambda w: w.document.replace(w.document.project))
    made.resize(1280, 800)
    made.show()
    qtbot.waitExposed(made)
    yield made
    QSettings().clear()


def shown(window: MainWindow) -> set[str]:
    return {name for name, dock in window.docks.items() if not dock.isHidden()}


def of_place(window: MainWindow, place: str) -> set[str]:
    return {name for names in WORK_PLACES[place].panels.values() for name in names} & set(window.docks)


@pytest.mark.parametrize(("place", "key"), [(TRAIN, Qt.Key.Key_2), (SEE, Qt.Key.Key_3)])
def test_a_key_leads_to_a_work_place_and_back(window: MainWindow, place: str, key: Qt.Key) -> None:
    assert shown(window) == of_place(window, COMPOSE)
    QTest.keyClick(window, key, CTRL)
    assert shown(window) == of_place(window, place)
    assert window.actions_[f"stand_at {place}"].isChecked()
    QTest.keyClick(window, Qt.Key.Key_1, CTRL)
    assert shown(window) == of_place(window, COMPOSE)
    assert not window.actions_[f"stand_at {place}"].isChecked()


def test_a_click_leads_there_too(window: MainWindow) -> None:
    QTest.mouseClick(window.toolbar.widgetForAction(window.actions_["stand_at train"]), LEFT)
    assert shown(window) == of_place(window, TRAIN)


@pytest.mark.parametrize("place", WORK_PLACES)
def test_every_work_place_fits_a_small_screen(window: MainWindow, qtbot: QtBot, place: str) -> None:
    window.stand_at(place)
    for dock in window.docks.values():
        dock.raise_()
    qtbot.waitUntil(lambda: window.width() >= 1280)
    assert (window.width(), window.height()) == (1280, 800)
    for bar in window.findChildren(QTabBar):
        if bar.isVisible() and bar.count():
            assert bar.tabRect(bar.count() - 1).right() <= bar.width(), [bar.tabText(n) for n in range(bar.count())]


def test_every_panel_has_a_work_place(window: MainWindow) -> None:
    everywhere = {name for place in WORK_PLACES.values() for names in place.panels.values() for name in names}
    assert set(window.docks) <= everywhere


def test_each_work_place_stays_as_it_was_left(window: MainWindow, qtbot: QtBot) -> None:
    window.docks["palette"].hide()
    window.stand_at(TRAIN)
    window.addDockWidget(BELOW, window.docks["train"])
    window.stand_at(COMPOSE)
    assert window.docks["palette"].isHidden()
    window.stand_at(TRAIN)
    assert window.dockWidgetArea(window.docks["train"]) == BELOW
    window.close()
    again = MainWindow(Document(Project(template("mlp"))))
    qtbot.addWidget(again)
    again.show()
    assert again.workspace.places.current == TRAIN
    assert again.dockWidgetArea(again.docks["train"]) == BELOW
    again.stand_at(COMPOSE)
    assert again.docks["palette"].isHidden()
    again.actions_["reset_panels"].trigger()
    assert again.docks["palette"].isVisible()


def test_a_panel_that_is_wanted_is_shown_where_it_belongs(window: MainWindow) -> None:
    window.workspace.show("maps")
    assert window.workspace.places.current == SEE
    assert window.docks["maps"].isVisible()
    QTest.keyClick(window, Qt.Key.Key_F, CTRL)
    assert window.workspace.places.current == COMPOSE
    assert window.docks["palette"].isVisible()


def test_any_panel_can_be_brought_to_any_work_place(window: MainWindow) -> None:
    toggle = window.docks["charts"].toggleViewAction()
    toggle.trigger()
    assert window.docks["charts"].isVisible()
    assert window.workspace.places.current == COMPOSE
    toggle.trigger()
    assert window.docks["charts"].isHidden()


def test_what_lies_behind_a_tab_is_hidden_and_asks_nothing(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.stand_at(SEE)
    workspace = window.workspace
    qtbot.waitUntil(lambda: workspace.panels["filters"].isVisible())
    behind = WORK_PLACES[SEE].panels[Qt.DockWidgetArea.RightDockWidgetArea][1:]
    assert [name for name in behind if workspace.panels[name].isVisible()] == []
    asked = list[str]()
    monkeypatch.setattr(window.session, "ask_about", lambda question: asked.append(type(question).__name__))
    workspace.show("features")
    qtbot.waitUntil(lambda: "MapFeatures" in asked)
    assert not workspace.panels["filters"].isVisible()
    workspace.show("filters")
    assert not workspace.panels["features"].isVisible()
    sizes = {name: dock.minimumSizeHint() for name, dock in window.docks.items()}
    workspace.show("maps")
    assert {name: dock.minimumSizeHint() for name, dock in window.docks.items()} == sizes


def test_f6_walks_through_the_panels_and_back(window: MainWindow, qtbot: QtBot) -> None:
    window.activateWindow()
    window.canvas.setFocus()
    qtbot.waitUntil(window.canvas.hasFocus)
    visited = []
    for _ in range(4):
        focus = QApplication.focusWidget()
        visited.append(next((n for n, d in window.docks.items() if focus and d.isAncestorOf(focus)), "canvas"))
        QTest.keyClick(window, Qt.Key.Key_F6)
    assert visited == ["canvas", "palette", "inspector", "problems"]
    assert window.canvas.hasFocus()
    QTest.keyClick(window, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(window, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    assert window.docks["inspector"].isAncestorOf(QApplication.focusWidget())


def test_the_canvas_keeps_its_middle_when_panels_take_its_room(window: MainWindow) -> None:
    def middle() -> float:
        return window.canvas.mapToScene(window.canvas.viewport().rect().center()).x()

    window.canvas.show_start()
    before = middle()
    window.docks["palette"].hide()
    QApplication.sendPostedEvents()
    assert window.canvas.viewport().width() > 900
    assert middle() == pytest.approx(before, abs=2)


def test_the_form_of_a_convolution_has_room_at_first(window: MainWindow, qtbot: QtBot) -> None:
    window.setStyleSheet(style_sheet("light", tokens(), appearance()._signs()))
    window.document.select(["conv1"])
    area = window.panels["inspector"].findChild(QScrollArea)
    assert area is not None
    qtbot.waitUntil(lambda: area.viewport().width() < area.width())  # there is a bar beside it
    assert area.horizontalScrollBar().maximum() == 0
