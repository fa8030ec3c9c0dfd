"""LeNet-5 from the first page on, settings and all, without a mouse."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QSpinBox
from pytestqt.qtbot import QtBot

from convstudio.document import edits
from convstudio.main_window import MainWindow
from engine.spec import make
from engine.templates import template

KEY = Qt.Key
LENET = (
    ("input", ()), ("conv", ("6", "5", "5", "", "", "", "2", "2")), ("relu", ()), ("max", ()),
    ("conv", ("16", "5", "5")), ("relu", ()), ("max", ()), ("flatten", ()),
    ("dense", ("120",)), ("relu", ()), ("dense", ("84",)), ("relu", ()), ("dense", ("10",)),
)  # fmt: skip


@pytest.fixture
def fresh(qtbot: QtBot) -> Iterator[MainWindow]:
    QSettings().clear()
    window = MainWindow()
    qtbot.addWidget(window, before_close_func=lambda w: w.document.replace(w.document.project))
    before = QCursor.pos()
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    yield window
    QCursor.setPos(before)
    QSettings().clear()


def press(key: Qt.Key) -> None:
    """Where the keyboard is."""
    QTest.keyClick(QApplication.focusWidget(), key)


def test_lenet_is_built_with_keys_alone(fresh: MainWindow) -> None:
    press(KEY.Key_Space)  # the first page begins at its first button
    for words, numbers in LENET:
        assert fresh.canvas.hasFocus()
        press(KEY.Key_Insert)
        QTest.keyClicks(QApplication.focusWidget(), words)
        press(KEY.Key_Return)
        if numbers:
            press(KEY.Key_Return)
        for number in numbers:
            field = QApplication.focusWidget()
            if number:
                assert isinstance(field, QSpinBox | QLineEdit)
                field.selectAll()
                QTest.keyClicks(field, number)
            press(KEY.Key_Tab)
        if numbers:
            press(KEY.Key_Escape)
    built, wanted = fresh.document.graph, template("lenet5")
    assert [node.layer for node in built.order] == [node.layer for node in wanted.order]
    assert not fresh.document.problems


def test_escape_closes_what_is_told_before_it_leads_to_the_canvas(fresh: MainWindow) -> None:
    press(KEY.Key_Space)
    fresh.document.perform(edits.append(fresh.document.project, make("input")))
    press(KEY.Key_Home)
    press(KEY.Key_Return)
    field = QApplication.focusWidget()
    assert not fresh.canvas.hasFocus()
    fresh.say("Look.")
    press(KEY.Key_Escape)
    assert QApplication.focusWidget() is field
    press(KEY.Key_Escape)
    assert fresh.canvas.hasFocus()
