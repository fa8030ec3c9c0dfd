"""The palette appends what one looks for; the problems panel leads to problems and mends them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.look.letters import font
from convstudio.panels.palette import PalettePanel
from convstudio.panels.palette_row import KIND, WRAPPED
from convstudio.panels.pattern_builder import PatternBuilder
from convstudio.panels.problems import FINE, ProblemsPanel
from convstudio.searching import matching
from engine.data.source import DataSource
from engine.graph import Edge, Graph, chain
from engine.health import Finding
from engine.spec import Fix, layers, make
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


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("pool", "max_pool2d"), ("conv", "conv2d"), ("norm", "batch_norm"), ("max_pool3d", "max_pool3d"),
        ("drop", "dropout"),
    ],
)  # fmt: skip
def test_enter_takes_the_plainest_of_those_that_match(document: Document, qtbot: QtBot, typed: str, kind: str) -> None:
    panel = PalettePanel(document)
    qtbot.addWidget(panel)
    panel.show()
    QTest.keyClicks(panel.field, typed)
    assert panel.tree.currentItem().data(0, KIND) == kind == matching(typed)[0]
    QTest.keyClick(panel.field, Qt.Key.Key_Return)
    assert document.graph.outputs[0].layer.kind == kind
    assert panel.tree.recent.isHidden()  # it is used last now, but one still sees what was searched for


def test_a_search_that_finds_nothing_says_so(document: Document, qtbot: QtBot) -> None:
    panel = PalettePanel(document)
    qtbot.addWidget(panel)
    panel.show()
    QTest.keyClicks(panel.field, "zzz")
    assert panel.nothing.isVisible()
    assert panel.tree.isHidden()
    QTest.keyClick(panel.field, Qt.Key.Key_Return)
    assert document.graph == template("lenet5")
    QTest.keyClick(panel.field, Qt.Key.Key_Escape)
    assert not panel.nothing.isVisible()
    assert panel.tree.isVisible()


def test_an_empty_network_is_no_mistake(qtbot: QtBot) -> None:
    panel = ProblemsPanel(Document(Project(Graph())))
    qtbot.addWidget(panel)
    panel.show()
    assert panel.rows == []
    assert panel.fine.isVisible()
    assert panel.fine.text() == "There is no network yet. Add a layer, or choose a template."


def test_an_input_is_added_where_the_network_waits_for_one(qtbot: QtBot) -> None:
    document = Document(Project(chain(make("conv2d", out_channels=4), make("relu"))))
    panel = ProblemsPanel(document)
    qtbot.addWidget(panel)
    panel.show()
    row = next(row for row in panel.rows if row.problem.text.startswith("The network has no input."))
    row.buttons[0].click()
    assert document.graph.order[0].layer.kind == "input"
    assert document.graph.order[0].position[1] < document.graph["conv1"].position[1]
    assert not document.problems
    assert document.undo_stack.undoText() == "Add an input"
    document.undo_stack.undo()
    assert len(document.graph.nodes) == 2


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
    drag = panel.tree.drag_of("softmax")
    assert drag.mimeData().data("application/x-convstudio-layer").toStdString() == "softmax"
    assert not drag.pixmap().isNull()
    drag.deleteLater()


def test_every_name_and_sentence_can_be_read_whatever_the_width(document: Document, qtbot: QtBot) -> None:
    panel = PalettePanel(document)
    qtbot.addWidget(panel)
    heights = {}
    for width in (200, 420):
        panel.resize(width, 700)
        panel.show()
        QApplication.processEvents()
        room = panel.tree.viewport().width() - 45
        for _, items in panel.tree.categories:
            for item in items:
                sentence = layers()[item.data(0, KIND)].summary()
                lines = QFontMetrics(font("caption")).boundingRect(0, 0, room, 999, WRAPPED, sentence).height()
                name = QFontMetrics(font("body")).boundingRect(0, 0, room, 999, WRAPPED, item.text(0)).height()
                heights[width] = panel.tree.visualItemRect(item).height()
                assert heights[width] >= 4 + max(20, name) + lines + 4
    assert heights[200] > heights[420]


def test_layers_that_were_used_last_stand_at_the_top(document: Document, qtbot: QtBot) -> None:
    QSettings().remove("recent layers")
    panel = PalettePanel(document)
    qtbot.addWidget(panel)
    assert panel.tree.recent.isHidden()
    for kind in ("dropout", "relu", "dense", "relu", "flatten", "softmax"):
        document.perform(edits.add(document.project, make(kind), (0.0, 0.0)))
    wanted = ["softmax", "flatten", "relu", "dense"]
    assert [panel.tree.recent.child(row).data(0, KIND) for row in range(4)] == wanted
    assert panel.tree.recent.childCount() == 4
    another = PalettePanel(document)
    qtbot.addWidget(another)
    assert [another.tree.recent.child(row).data(0, KIND) for row in range(4)] == wanted
    QTest.keyClicks(panel.field, "conv")
    assert panel.tree.recent.isHidden()
    QTest.keyClick(panel.field, Qt.Key.Key_Escape)
    assert not panel.tree.recent.isHidden()
    QSettings().remove("recent layers")


def test_what_comes_back_by_undo_was_not_used_last(document: Document, qtbot: QtBot) -> None:
    QSettings().remove("recent layers")
    panel = PalettePanel(document)
    qtbot.addWidget(panel)
    document.perform(edits.add(document.project, make("dropout"), (0.0, 0.0)))
    document.perform(edits.delete(document.project, {"relu1"}))
    document.undo_stack.undo()  # of the deletion
    document.undo_stack.undo()
    document.undo_stack.redo()  # of the addition
    assert [panel.tree.recent.child(row).data(0, KIND) for row in range(panel.tree.recent.childCount())] == ["dropout"]
    QSettings().remove("recent layers")


def test_the_list_is_reached_and_used_without_the_mouse(document: Document, qtbot: QtBot) -> None:
    panel = PalettePanel(document)
    qtbot.addWidget(panel)
    panel.show()
    panel.activateWindow()
    panel.field.setFocus()
    QTest.keyClicks(panel.field, "pooling 2-d")
    first = panel.tree.currentItem().data(0, KIND)
    QTest.keyClick(panel.field, Qt.Key.Key_Down)
    qtbot.waitUntil(panel.tree.hasFocus)
    QTest.keyClick(panel.tree, Qt.Key.Key_Up)
    second = panel.tree.currentItem().data(0, KIND)
    assert second in shown(panel)
    assert second != first
    QTest.keyClick(panel.tree, Qt.Key.Key_Return)
    assert document.graph.outputs[0].layer.kind == second


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


def test_the_keyboard_stays_with_the_problems_that_are_left(document: Document, qtbot: QtBot) -> None:
    document.perform(edits.set_field(document.project, {"conv2"}, "kernel_size", 15))
    box, panel, elsewhere = QWidget(), ProblemsPanel(document), QLineEdit()
    panel.show_findings((Finding("relu1", "dead", "serious", "relu1 is dead.", (Fix("Replace", "replace"),)),))
    column = QVBoxLayout(box)
    column.addWidget(elsewhere)
    column.addWidget(panel)
    qtbot.addWidget(box)
    box.show()
    box.activateWindow()
    button = panel.rows[1].buttons[0]
    button.setFocus()
    qtbot.waitUntil(button.hasFocus)
    panel.show_findings(())  # the network learns
    assert len(panel.rows) == 1
    assert panel.rows[0].hasFocus()


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


def test_what_mends_the_fit_to_the_data_leaves_later_edits_alone(document: Document, qtbot: QtBot) -> None:
    document.perform(edits.set_data(document.project, DataSource("cifar10")))
    panel = ProblemsPanel(document)
    qtbot.addWidget(panel)
    panel.show()
    document.perform(edits.move(document.project, {"conv2": (500.0, 500.0)}))
    (row,) = panel.rows
    QTest.mouseClick(row.buttons[0], Qt.MouseButton.LeftButton)
    assert document.graph["input"].layer.output_shape() == (3, 32, 32)
    assert document.graph["conv2"].position == (500.0, 500.0)


def test_several_ends_are_mended_with_a_click_and_leave_the_sentence_its_line(qtbot: QtBot) -> None:
    graph = chain(make("input", shape=(1, 8, 8)), make("relu"), make("flatten"), make("dense", out_features=10))
    document = Document(Project(graph.add(make("dense", out_features=10), "flatten1", id="other")))
    panel = ProblemsPanel(document)
    qtbot.addWidget(panel)
    panel.resize(720, 240)
    panel.show()
    (row,) = panel.rows
    assert len(row.buttons) == 4
    assert all(button.geometry().top() >= row.sentence.geometry().bottom() for button in row.buttons)
    assert row.sentence.width() >= row.sentence.fontMetrics().horizontalAdvance(row.sentence.text())
    panel.resize(420, 240)
    qtbot.waitUntil(lambda: row.buttons[-1].geometry().top() > row.buttons[0].geometry().bottom())
    assert all(button.geometry().left() >= 0 and button.geometry().right() < row.width() for button in row.buttons)
    assert all(panel.rect().contains(button.mapTo(panel, button.rect().bottomRight())) for button in row.buttons)
    QTest.mouseClick(row.buttons[2], Qt.MouseButton.LeftButton)
    assert document.undo_stack.undoText() == "Join dense1 and other by Add"
    assert not document.problems
