"""LeNet-5 from an empty canvas, with the mouse alone; saved, and opened again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, QSettings, Qt, QTimer
from PySide6.QtGui import QDrag, QDragEnterEvent, QDragMoveEvent, QDropEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QFileDialog, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from convstudio.main_window import MainWindow
from convstudio.panels.inspector.fields import AxesEditor, WholeEditor
from convstudio.panels.palette_row import KIND
from engine.templates import template

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
NOTCH = 120  # of a mouse's wheel
COLUMN_PX, ROW_PX, IN_A_COLUMN = 230, 112, 5


@pytest.fixture
def windows(qtbot: QtBot) -> Iterator[Callable[[], MainWindow]]:
    QSettings().clear()

    def fresh() -> MainWindow:
        window = MainWindow()
        qtbot.addWidget(window, before_close_func=lambda w: w.document.replace(w.document.project))
        window.resize(1440, 900)
        window.show()
        return window

    yield fresh
    QSettings().clear()


class Hand:
    """Does with the mouse what a person would do; knows the window only by what can be seen."""

    def __init__(self, window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
        self.window, self.canvas = window, window.canvas
        self.view = window.canvas.viewport()
        self._target = QPoint()
        monkeypatch.setattr(QDrag, "exec", lambda drag, actions: self._carry(drag))

    def drag_layer(self, kind: str, place: QPoint) -> str:
        """From the palette on to the canvas; the name that the layer got."""
        before = {node.id for node in self.window.document.graph}
        tree = self.window.panels["palette"].tree  # type: ignore[attr-defined]
        item = next(item for _, items in tree.categories for item in items if item.data(0, KIND) == kind)
        self._turn_until(tree.viewport(), lambda: tree.viewport().rect().contains(tree.visualItemRect(item)))
        start, self._target = tree.visualItemRect(item).center(), place
        QTest.mousePress(tree.viewport(), LEFT, NONE, start)
        for step in range(1, 5):
            QTest.mouseMove(tree.viewport(), start + QPoint(8 * step, 0))
            QApplication.processEvents()
        QTest.mouseRelease(tree.viewport(), LEFT, NONE, start + QPoint(32, 0))
        (name,) = {node.id for node in self.window.document.graph} - before
        return name

    def _carry(self, drag: QDrag) -> Qt.DropAction:
        """The rest of a drag: Qt's offscreen platform has none, so the canvas gets the events that others send."""
        everything = Qt.DropAction.CopyAction, drag.mimeData(), LEFT, NONE
        for event in (
            QDragEnterEvent(self._target - QPoint(20, 20), *everything),
            QDragMoveEvent(self._target, *everything),
            QDropEvent(QPointF(self._target), *everything),
        ):
            QApplication.sendEvent(self.view, event)
            assert event.isAccepted()
        return Qt.DropAction.CopyAction

    def draw_wire(self, source: str, target: str) -> None:
        """From an output to an input, by their ports."""
        cards = self.canvas.scene_.cards
        start = self.canvas.mapFromScene(cards[source].output_place())
        end = self.canvas.mapFromScene(cards[target].input_place(0))
        QTest.mousePress(self.view, LEFT, NONE, start)
        for place in ((start + end) / 2, end):
            QTest.mouseMove(self.view, place)
            QApplication.processEvents()
        QTest.mouseRelease(self.view, LEFT, NONE, end)

    def set_numbers(self, name: str, field: str, value: int) -> None:
        """Clicks the card, then turns the wheel over each box of a field until it shows the value."""
        QTest.mouseClick(
            self.view, LEFT, NONE, self.canvas.mapFromScene(self.canvas.scene_.cards[name].face().center())
        )
        editor = self.window.panels["inspector"].editors[field]  # type: ignore[attr-defined]
        assert isinstance(editor, WholeEditor | AxesEditor)
        for spin in [editor.spin] if isinstance(editor, WholeEditor) else editor.spins:
            QTest.mouseClick(spin.lineEdit(), LEFT)
            self._turn(spin, value - spin.value())
            assert spin.value() == value

    def press_tool(self, name: str) -> None:
        """A button of the tool bar."""
        button = self.window.toolbar.widgetForAction(self.window.actions_[name])
        QTest.mouseClick(button, LEFT)

    def press_tool_and_answer(self, name: str, path: Path) -> None:
        """A button that asks for a file: its name is pasted, and the dialog's own button pressed."""
        QTimer.singleShot(0, lambda: self._answer(path))
        self.press_tool(name)

    def _answer(self, path: Path) -> None:
        """Pastes the name when the dialog is there, and presses until it is closed: lists of names may lie over it."""
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, QFileDialog):
            line, box = dialog.findChild(QLineEdit, "fileNameEdit"), dialog.findChild(QDialogButtonBox)
            assert isinstance(line, QLineEdit)
            assert isinstance(box, QDialogButtonBox)
            if line.text() != str(path):
                QApplication.clipboard().setText(str(path))
                line.selectAll()
                QTest.keyClick(line, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
            if (names := QApplication.activePopupWidget()) is not None:
                names.close()
            kind = QDialogButtonBox.StandardButton
            QTest.mouseClick(box.button(kind.Save) or box.button(kind.Open), LEFT)
            if not dialog.isVisible():
                return
        QTimer.singleShot(50, lambda: self._answer(path))

    def _turn_until(self, widget: QWidget, seen: Callable[[], bool]) -> None:
        for notches in (*[1] * 40, *[-1] * 80):
            if seen():
                return
            self._turn(widget, notches)
        raise AssertionError("what was looked for cannot be scrolled to")

    @staticmethod
    def _turn(widget: QWidget, notches: int) -> None:
        middle = QPointF(widget.rect().center())
        turned, pushed = QPoint(0, NOTCH * notches), Qt.ScrollPhase.NoScrollPhase
        everything = turned, Qt.MouseButton.NoButton, NONE, pushed, False
        event = QWheelEvent(middle, QPointF(widget.mapToGlobal(middle.toPoint())), QPoint(), *everything)
        QApplication.sendEvent(widget, event)
        QApplication.processEvents()


def test_lenet_is_built_with_the_mouse_saved_and_opened_again(
    windows: Callable[[], MainWindow], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    window = windows()
    begin = next(b for b in window.welcome.findChildren(QPushButton) if b.text().strip() == "New network")
    QTest.mouseClick(begin, LEFT)
    assert window.document.graph.nodes == ()
    hand, known = Hand(window, monkeypatch), template("lenet5")
    names: list[str] = []
    for number, node in enumerate(known.order):
        column, row = divmod(number, IN_A_COLUMN)
        names.append(hand.drag_layer(node.layer.kind, QPoint(130 + COLUMN_PX * column, 60 + ROW_PX * row)))
    for source, target in pairwise(names):
        hand.draw_wire(source, target)
    for name, node in zip(names, known.order, strict=True):
        made, wanted = window.document.graph[name].layer.settings(), node.layer.settings()
        for field in (f for f in wanted if made[f] != wanted[f]):
            hand.set_numbers(name, field, wanted[field][0] if isinstance(wanted[field], tuple) else wanted[field])
    hand.press_tool("arrange")
    assert window.document.inference.parameter_count == 61_706
    assert window.totals.text().startswith("61\u202f706 parameters")
    assert window.document.problems == ()

    path = tmp_path / "by hand.convstudio"
    hand.press_tool_and_answer("save", path)
    qtbot.waitUntil(lambda: path.is_file() and not window.document.modified)
    qtbot.waitUntil(lambda: window.canvas.gliding.animation.state() == window.canvas.gliding.animation.State.Stopped)

    again = windows()
    Hand(again, monkeypatch).press_tool_and_answer("open_file", path)
    qtbot.waitUntil(lambda: again.document.path == path)
    assert again.document.project == window.document.project
    assert again.document.inference.parameter_count == 61_706
    layers = [node.layer for node in again.document.graph.order]
    assert layers == [node.layer for node in known.order]
