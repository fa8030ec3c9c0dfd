"""The palette appends what one looks for; the problems panel leads to problems and mends them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.panels.palette import KIND, PalettePanel
from convstudio.panels.pattern_builder import PatternBuilder
from convstudio.panels.problems import FINE, ProblemsPanel
from engine.graph import Edge
from engine.spec import layers
from engine.templates import template


@pytest.fixture
def document() -> Document:
    return Document(Project(template("lenet5")))


def shown(panel: PalettePanel) -> list[str]:
    return [item.data(0, KIND) for _, items in panel.tree.categories for item in items if not item.isHidden()]


def test_every_layer_is_in_its_category(document: Document, qtbot: QtBot) -> None:
    panel = PalettePanel(document)
    qtbot.addWidget(panel)
    assert sorted(shown(panel)) == sorted(layers())
    assert all(not item.icon(0).isNull() for _, items in panel.tree.categories for item in items)


def test_typing_finds_by_name_keyword_and_sentence_and_enter_appends(document: Document, qtbot: QtBot) -> None:
    panel = PalettePanel(document)
    qtbot.addWidget(panel)
    panel.show()
    document.select(["relu1"])
    QTest.keyClicks(panel.field, "strongest global")
    assert shown(panel) == ["global_max_pool"]
    panel.field.clear()
    assert len(shown(panel)) == len(layers())
    QTest.keyClicks(panel.field, "dropout")
    QTest.keyClick(panel.field, Qt.Key.Key_Return)
    assert Edge("relu1", "dropout1") in document.graph.edges
    assert Edge("dropout1", "max_pool1") in document.graph.edges
    assert document.selection == {"dropout1"}


def test_a_double_click_appends_and_a_drag_carries_the_kind(document: Document, qtbot: QtBot) -> None:
    panel = PalettePanel(document)
    qtbot.addWidget(panel)
    panel.resize(240, 700)
    panel.show()
    item = panel.tree.categories[-1][1][0]
    panel.tree.scrollToItem(item)
    place = panel.tree.visualItemRect(item).center()
    for click in (QTest.mouseClick, QTest.mouseDClick):
        click(panel.tree.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    assert document.graph.outputs[0].id == "softmax1"
    data = panel.tree.mimeData([item])
    assert data.data("application/x-convstudio-layer").toStdString() == "softmax"
    panel.tree.categories[0][0].setExpanded(True)


def test_a_network_that_works_says_so(document: Document, qtbot: QtBot) -> None:
    panel = ProblemsPanel(document)
    qtbot.addWidget(panel)
    assert panel.rows == []
    assert [label.text() for label in panel.findChildren(QLabel)] == [FINE]


def test_a_click_goes_to_the_layer_and_a_button_mends_it(document: Document, qtbot: QtBot) -> None:
    panel = ProblemsPanel(document)
    qtbot.addWidget(panel)
    panel.show()
    document.perform(edits.delete(document.project, {"flatten1"}))
    (row,) = panel.rows
    assert row.sentence.text().startswith("dense1 ")
    QTest.mouseClick(row, Qt.MouseButton.LeftButton)
    assert document.selection == {"dense1"}
    QTest.mouseClick(row.buttons[0], Qt.MouseButton.LeftButton)
    assert not document.problems
    assert panel.rows == []
    document.undo_stack.undo()
    assert len(panel.rows) == 1


def test_the_pattern_builder_builds_while_one_turns(qtbot: QtBot) -> None:
    builder = PatternBuilder()
    qtbot.addWidget(builder)
    builder.show()
    assert builder.formula.text() == "[(CONV-RELU)*2-POOL]*2-(FC-RELU)*1-SOFTMAX"
    builder.editors["blocks"].edited.emit(3)
    assert builder.formula.text() == "[(CONV-RELU)*2-POOL]*3-(FC-RELU)*1-SOFTMAX"
    assert len([n for n in builder.graph if n.layer.kind == "max_pool2d"]) == 3
    assert "parameters" in builder.says.text()
    builder.editors["blocks"].edited.emit(8)
    assert builder.says.property("role") == "error"
