"""Whatever takes keys has a name for those who listen, and everything is reached without a mouse."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QSettings, Qt
from PySide6.QtGui import QAccessible, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QFrame,
    QLabel,
    QScrollBar,
    QTabBar,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from convstudio.actions import ACTIONS, keys_of
from convstudio.command_palette import actions_of
from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.main_window import MainWindow
from convstudio.panels.draw.panel import DrawPanel
from convstudio.panels.inspector.panel import InspectorPanel
from convstudio.preferences import preferred
from convstudio.preferences_dialog import PreferencesDialog
from convstudio.training.pipe import Pipe
from convstudio.workplaces import SEE, WORK_PLACES
from convstudio.workspace import PLACES
from engine.templates import template


@pytest.fixture
def window(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    QSettings().clear()
    monkeypatch.setattr(Pipe, "send", lambda pipe, message: None)
    made = MainWindow(Document(Project(template("lenet5"))))
    qtbot.addWidget(made, before_close_func=lambda w: w.document.replace(w.document.project))
    made.resize(1280, 800)
    made.show()
    yield made
    QSettings().clear()


def takes_keys(widget: QWidget) -> bool:
    """Whether the user gets there with Tab; what other widgets are made of does not count."""
    parent = widget.parentWidget()
    if isinstance(widget, QScrollBar) or isinstance(parent, QAbstractSpinBox | QComboBox):
        return False
    if widget.focusProxy() is not None or (isinstance(widget, QTabBar) and widget.count() < 2):
        return False
    if widget.objectName() == "qt_scrollarea_viewport":  # Qt's name; PySide crashed now and then on asking its parent
        return False
    if isinstance(widget, QAbstractItemView) and isinstance(parent, QFrame) and isinstance(parent.parent(), QComboBox):
        return False
    put_away = widget.isHidden() and widget.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide)
    return bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus) and not put_away


def unnamed(inside: QWidget) -> list[str]:
    found = []
    QApplication.processEvents()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)  # what is gone needs no name
    for widget in inside.findChildren(QWidget):
        if takes_keys(widget) and not name_of(widget, inside).strip():
            found.append(path(widget, inside))
    return found


def name_of(widget: QWidget, inside: QWidget) -> str:
    """What a screen reader says of it: its name, what is written on it, or the label that belongs to it."""
    if widget.accessibleName():
        return str(widget.accessibleName())
    if isinstance(widget, QAbstractButton):
        return str(widget.text())
    labels = (label for label in inside.findChildren(QLabel) if label.buddy() is widget)
    return next((str(label.text()) for label in labels), "")


def path(widget: QWidget, inside: QWidget) -> str:
    names, here = [], widget
    while here is not inside:
        names.append(type(here).__name__)
        here = here.parentWidget()
    return " in ".join(names)


@pytest.mark.parametrize("place", WORK_PLACES)
def test_everything_that_takes_keys_has_a_name(window: MainWindow, place: str) -> None:
    window.document.select(["conv1"])
    window.stand_at(place)
    assert not unnamed(window), "\n".join(unnamed(window))


@pytest.mark.parametrize("place", WORK_PLACES)
def test_no_name_stands_in_place_of_what_a_label_says(window: MainWindow, place: str) -> None:
    """A screen reader says a label's name where it has one, and then not its text."""
    window.document.select(["conv1"])
    window.stand_at(place)
    for label in window.findChildren(QLabel):
        if label.accessibleName() and label.pixmap().isNull():
            assert label.text(), label.accessibleName()
            assert label.text() in label.accessibleName()


def test_what_lies_on_the_canvas_is_found_by_screen_readers(window: MainWindow) -> None:
    """They find what is in its viewport alone."""
    window.document.replace(Project())
    QAccessible.setActive(True)
    viewport = QAccessible.queryAccessibleInterface(window.canvas).child(0)
    found = {viewport.child(place).text(QAccessible.Text.Name) for place in range(viewport.childCount())}
    QAccessible.setActive(False)
    assert {"Add an input", "Map of the network"} < found


def test_several_layers_and_none_too(window: MainWindow) -> None:
    for chosen in ([], ["conv1", "conv2"], ["dense1"]):
        window.document.select(chosen)
        assert not unnamed(window), "\n".join(unnamed(window))


def test_preferences_have_names(window: MainWindow, qtbot: QtBot) -> None:
    dialog = PreferencesDialog(preferred(), window)
    dialog.show()
    assert unnamed(dialog) == []


def test_tab_walks_through_a_panel_and_on(window: MainWindow, qtbot: QtBot) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    visited: list[QWidget] = []
    window.find_layer()
    for _ in range(60):
        focus = QApplication.focusWidget()
        if focus is None or focus in visited:
            break
        visited.append(focus)
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    inspector, palette = window.docks["inspector"], window.docks["palette"]
    assert sum(palette.isAncestorOf(widget) for widget in visited) >= 2
    assert sum(inspector.isAncestorOf(widget) for widget in visited) >= 2


def test_every_command_has_a_name_and_no_key_means_two_things(window: MainWindow) -> None:
    keys: dict[str, str] = {}
    for name, action in window.actions_.items():
        assert action.text()
        for key in action.shortcuts():
            text = key.toString()
            assert text not in keys, f"{text} means {keys[text]} and {name}"
            keys[text] = name


def test_every_command_is_reached_by_menu_key_and_name(window: MainWindow) -> None:
    in_menus = {action for _, action in actions_of(window.menus)}
    for action in ACTIONS:
        made = window.actions_[action.name]
        assert made in in_menus, f"{action.text} is in no menu, and so not among the commands"
        assert made.shortcuts() or action.keys == "Tab", f"{action.text} has no key"


@pytest.mark.parametrize(("keys", "also"), [("", "Ctrl+Q"), ("Ctrl+Q", "Ctrl+Q"), ("Ctrl+Q", "")])
def test_a_key_that_a_system_has_no_standard_for_is_there_all_the_same(keys: str, also: str) -> None:
    assert keys_of(keys, also) == [QKeySequence("Ctrl+Q")]


def test_every_panel_says_what_one_sees_and_what_to_try(window: MainWindow) -> None:
    words = {name: getattr(panel, "explanation", "") for name, panel in window.panels.items()}
    assert len(words) == 16
    assert [name for name, text in words.items() if "Try " not in text] == []
    assert "One number, explained" in {place.title for place in PLACES}  # nothing on the screen is called a ledger
    assert [name for name, text in words.items() if "ledger" in text.lower()] == []


@pytest.mark.parametrize("place", WORK_PLACES)
def test_what_a_list_of_choices_is_about_is_told(window: MainWindow, place: str) -> None:
    """Also on Linux, where its name is what is chosen."""
    window.document.select(["conv1"])
    window.stand_at(place)
    boxes = [box for box in window.findChildren(QComboBox) if takes_keys(box)]
    assert len(boxes) > 8
    for box in boxes:
        assert box.accessibleName()
        assert box.accessibleDescription().startswith(box.accessibleName())


def toggle(button: QWidget) -> None:
    """As a screen reader does it, of which Qt sends no click."""
    hands = QAccessible.queryAccessibleInterface(button).actionInterface()
    hands.doAction(hands.toggleAction())


def test_a_screen_reader_switches_what_a_mouse_does(window: MainWindow) -> None:
    document = window.document
    document.select(["conv1"])
    inspector = window.panels["inspector"]
    assert isinstance(inspector, InspectorPanel)
    toggle(inspector.editors["bias"].findChild(QCheckBox))
    assert document.graph["conv1"].layer.settings()["bias"] is False
    assert document.undo_stack.count() == 1
    document.perform(edits.group(document.project, {"conv1", "relu1"}, "Edges"))
    toggle(next(box for box in inspector.findChildren(QCheckBox) if box.text() == "as one card"))
    assert document.project.blocks[0].collapsed
    assert document.undo_stack.count() == 3
    draw = window.panels["draw"]
    assert isinstance(draw, DrawPanel)
    toggle(draw.eraser)
    assert draw.pad.erases
    buttons = {button.text(): button for button in window.toolbar.findChildren(QToolButton)}
    toggle(buttons["See"])
    assert window.workspace.places.current == SEE
    toggle(buttons["See"])  # one stands somewhere
    assert (window.workspace.places.current, buttons["See"].isChecked()) == (SEE, True)
