"""A canvas with LeNet-5 on it, and a hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from convstudio.canvas.canvas import Canvas
from convstudio.document.document import Document
from convstudio.document.project import Project
from engine.graph import Graph
from engine.templates import template

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def made_canvas(qtbot: QtBot) -> Callable[[Graph], Canvas]:
    """Shows a network on a canvas that has the keyboard."""

    def show(graph: Graph) -> Canvas:
        canvas = Canvas(Document(Project(graph)))
        qtbot.addWidget(canvas)
        canvas.resize(700, 800)
        canvas.show()
        canvas.show_start()
        canvas.activateWindow()
        canvas.setFocus()
        qtbot.waitUntil(canvas.hasFocus)
        return canvas

    return show


@pytest.fixture
def lenet(made_canvas: Callable[[Graph], Canvas]) -> Canvas:
    return made_canvas(template("lenet5"))


@pytest.fixture
def empty(made_canvas: Callable[[Graph], Canvas]) -> Canvas:
    return made_canvas(Graph())


@pytest.fixture
def middle() -> Callable[[Canvas, str], QPoint]:
    """Where a card is on the screen."""
    return lambda canvas, name: canvas.mapFromScene(canvas.scene_.cards[name].face().center())


@pytest.fixture
def drag() -> Callable[..., None]:
    """Presses, moves and lets go."""

    def move(canvas: Canvas, start: QPoint, *stops: QPoint, keys: Qt.KeyboardModifier = NONE) -> None:
        QTest.mousePress(canvas.viewport(), LEFT, keys, start)
        for stop in stops:
            QTest.mouseMove(canvas.viewport(), stop)
            QApplication.processEvents()
        QTest.mouseRelease(canvas.viewport(), LEFT, keys, stops[-1])

    return move
