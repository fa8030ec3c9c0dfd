"""What is wrong in training is said in the line at the bottom and in the problems panel, and mended with one click."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from convstudio.document import edits
from convstudio.main_window import MainWindow
from convstudio.panels.problems import FINE, ProblemsPanel
from engine.health import Finding
from engine.spec import Fix

LEFT = Qt.MouseButton.LeftButton
REPLACE = Fix("Replace relu1 by Leaky ReLU", "replace", value="leaky_relu")
LOWER = Fix("Lower the learning rate to 0.0001", "set_setting", "learning_rate", 1e-4)
DEAD = Finding("relu1", "dead", "serious", "relu1 is dead in 6 of 6 channels.", (LOWER, REPLACE))
FAST = Finding("conv2", "fast", "warning", "Every step changes the weights of conv2 by 12 % of their size.", (LOWER,))


@pytest.fixture
def window(window: MainWindow) -> Iterator[MainWindow]:
    """Its session may ask a process, which ends with the test."""
    yield window
    window.session.close()


def problems(window: MainWindow) -> ProblemsPanel:
    panel = window.workspace.show("problems")
    assert isinstance(panel, ProblemsPanel)
    return panel


def test_the_line_at_the_bottom_says_what_is_wrong(window: MainWindow) -> None:
    window.live_cards._show_findings((DEAD, FAST))
    assert window.health.text() == "2 things to look at. relu1 is dead in 6 of 6 channels."
    assert window.health.property("role") == "warning"
    window.live_cards._show_findings((FAST,))
    assert window.health.text() == FAST.text
    window.live_cards._show_findings(())
    assert window.health.text() == FINE
    assert window.health.property("role") == "quiet"


def test_problems_of_the_drawing_come_first(window: MainWindow) -> None:
    window.session._under_way = True
    window.live_cards._show_findings((DEAD,))
    window.document.perform(edits.delete(window.document.project, {"flatten1"}))
    assert "dense1" in window.health.text()
    assert window.health.property("role") == "error"
    window.session._under_way = False


def test_the_panel_lists_findings_and_mends_them(window: MainWindow) -> None:
    panel = problems(window)
    window.live_cards._show_findings((DEAD, FAST))
    assert [row.sentence.text() for row in panel.rows] == [DEAD.text, FAST.text]
    assert [button.text() for button in panel.rows[0].buttons] == [LOWER.title, REPLACE.title]
    QTest.mouseClick(panel.rows[0].sentence, LEFT)
    assert window.document.selection == {"relu1"}
    QTest.mouseClick(panel.rows[0].buttons[0], LEFT)
    assert window.document.project.settings.learning_rate == 1e-4
    QTest.mouseClick(panel.rows[0].buttons[1], LEFT)
    assert window.document.graph["leaky_relu1"].layer.kind == "leaky_relu"
    window.document.undo_stack.undo()
    window.document.undo_stack.undo()
    assert window.document.project.settings.learning_rate == 1e-3
    assert "relu1" in window.document.graph


def test_a_finding_about_a_copy_selects_the_layer_that_is_drawn(window: MainWindow) -> None:
    panel = problems(window)
    window.live_cards._show_findings((Finding("relu1·2", "dead", "serious", "relu1·2 is dead.", (REPLACE,)),))
    QTest.mouseClick(panel.rows[0].sentence, LEFT)
    assert window.document.selection == {"relu1"}
    QTest.mouseClick(panel.rows[0].buttons[0], LEFT)
    assert "leaky_relu1" in window.document.graph


def test_the_view_menu_has_the_toggles(window: MainWindow) -> None:
    menus = [action.menu() for action in window.menus["View"].actions() if action.text() == "On the cards"]
    assert len(menus) == 1
    assert len(menus[0].actions()) == 4  # type: ignore[union-attr, attr-defined]
