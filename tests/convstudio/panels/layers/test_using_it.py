"""The layer table in use, by mouse and by key: selecting, going there, renaming, deleting, copying."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QGraphicsItem, QLineEdit, QToolButton, QToolTip
from pytestqt.qtbot import QtBot

from convstudio.canvas import announcing
from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.document.project import Block, Project
from convstudio.look.sheet import CELL_PX
from convstudio.main_window import MainWindow
from convstudio.panels.layers.columns import COLUMNS, NAME, PROBLEM, TITLES, TOTAL
from convstudio.panels.layers.panel import LayersPanel
from convstudio.panels.layers.view import WIDEST_PX
from convstudio.training.pipe import Pipe
from engine.graph import Edge
from engine.templates import template

LEFT, CTRL, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier
Key = Qt.Key


def place_of(panel: LayersPanel, name: str, column: int = NAME) -> QPoint:
    row = panel.model.row_of(name)
    assert row is not None
    return panel.table.visualRect(panel.model.index(row, column)).center()


def click(panel: LayersPanel, name: str, keys: Qt.KeyboardModifier = NONE) -> None:
    QTest.mouseClick(panel.table.viewport(), LEFT, keys, place_of(panel, name))


def press(panel: LayersPanel, key: Qt.Key, keys: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(panel.table, key, keys)


def write(panel: LayersPanel, name: str) -> None:
    """A name into the field that is open, and Enter."""
    *_, field = panel.table.findChildren(QLineEdit)
    assert field.accessibleName() == "Name of the layer"
    field.selectAll()
    QTest.keyClicks(field, name)
    QTest.keyClick(field, Key.Key_Return)
    QApplication.processEvents()  # Qt takes the text when it comes to it


# --- selecting -------------------------------------------------------------------------------------------------------


def test_what_is_clicked_is_selected_in_the_document(panel: LayersPanel, document: Document) -> None:
    click(panel, "conv1")
    assert document.selection == {"conv1"}
    click(panel, "conv2", CTRL)
    assert document.selection == {"conv1", "conv2"}
    click(panel, "relu1")
    click(panel, "conv2", SHIFT)
    assert document.selection == {"relu1", "max_pool1", "conv2"}


def test_what_is_selected_elsewhere_is_selected_here(panel: LayersPanel, document: Document, qtbot: QtBot) -> None:
    panel.resize(900, 120)
    document.select(["dense2", "dense3"])
    assert panel.chosen() == ["dense2", "dense3"]
    assert panel.model.name_at(panel.table.currentIndex().row()) == "dense2"
    assert panel.table.viewport().rect().contains(place_of(panel, "dense2"))
    document.select([])
    panel.table.scrollToTop()
    document.select(["dense2"])  # where the table stands still, out of sight
    assert panel.table.viewport().rect().contains(place_of(panel, "dense2"))
    document.perform(edits.add_comment(document.project, (0.0, 0.0)))
    assert panel.chosen() == []
    assert len(document.selection) == 1  # the comment, which has no line


def test_arrow_keys_walk_and_the_sum_belongs_to_no_layer(panel: LayersPanel, document: Document) -> None:
    click(panel, "dense2")
    press(panel, Key.Key_Down)
    press(panel, Key.Key_Down, SHIFT)
    assert document.selection == {"relu4", "dense3"}
    press(panel, Key.Key_End, CTRL)
    assert panel.table.currentIndex().data() == ""
    assert panel.model.index(panel.table.currentIndex().row(), NAME).data() == TOTAL
    press(panel, Key.Key_F2)
    press(panel, Key.Key_Return)
    press(panel, Key.Key_Delete)
    assert panel.table.findChild(QLineEdit) is None
    assert len(document.graph.nodes) == 13


def test_a_ring_shows_where_keys_have_led(panel: LayersPanel) -> None:
    click(panel, "conv1")
    still = panel.table.viewport().grab().toImage()
    press(panel, Key.Key_Down)
    press(panel, Key.Key_Up)
    assert panel.table.viewport().grab().toImage() != still
    click(panel, "conv1")
    assert panel.table.viewport().grab().toImage() == still
    panel.table.clearFocus()
    panel.table.setFocus(Qt.FocusReason.TabFocusReason)
    assert panel.table.viewport().grab().toImage() != still


# --- going there -----------------------------------------------------------------------------------------------------


def test_enter_and_a_double_click_ask_to_see_the_layer(panel: LayersPanel, qtbot: QtBot) -> None:
    wanted: list[str] = []
    panel.visited.connect(wanted.append)
    click(panel, "conv2")
    press(panel, Key.Key_Return)
    click(panel, "relu1")
    QTest.mouseDClick(panel.table.viewport(), LEFT, pos=place_of(panel, "relu1"))
    assert wanted == ["conv2", "relu1"]
    assert panel.table.findChild(QLineEdit) is None


# --- editing ---------------------------------------------------------------------------------------------------------


def test_f2_writes_another_name(panel: LayersPanel, document: Document) -> None:
    click(panel, "conv2")
    press(panel, Key.Key_Right)
    press(panel, Key.Key_F2)
    write(panel, "edges")
    assert "edges" in document.graph
    assert panel.model.row_of("edges") == 4
    assert document.selection == {"edges"}
    assert panel.chosen() == ["edges"]
    assert panel.model.index(5, TITLES.index("Takes")).data() == "edges"
    assert document.undo_stack.undoText() == "Rename conv2 to edges"
    document.undo_stack.undo()
    assert "conv2" in document.graph


def test_a_name_that_cannot_be_is_refused_beside_it(panel: LayersPanel, document: Document, qtbot: QtBot) -> None:
    said: list[str] = []
    panel.failed.connect(said.append)
    click(panel, "conv2")
    press(panel, Key.Key_F2)
    write(panel, "conv1")
    sentence = "There is already something named conv1; choose another name."
    assert said == [sentence]
    qtbot.waitUntil(QToolTip.isVisible)
    assert QToolTip.text() == sentence
    assert panel.model.index(4, NAME).data() == "conv2"
    assert not document.undo_stack.count()
    QToolTip.hideText()


def test_escape_leaves_the_name_and_the_same_name_is_no_edit(panel: LayersPanel, document: Document) -> None:
    click(panel, "conv2")
    press(panel, Key.Key_F2)
    field = panel.table.findChild(QLineEdit)
    assert field is not None
    QTest.keyClicks(field, "other")
    QTest.keyClick(field, Key.Key_Escape)
    press(panel, Key.Key_F2)
    write(panel, "conv2")
    assert panel.table.state() == panel.table.State.NoState
    assert not document.undo_stack.count()


def test_delete_heals_the_chain_and_undo_brings_it_back(panel: LayersPanel, document: Document, qtbot: QtBot) -> None:
    before = document.graph
    click(panel, "relu1")
    click(panel, "max_pool1", CTRL)
    press(panel, Key.Key_Delete)
    assert Edge("conv1", "conv2") in document.graph.edges
    assert [row.name for row in panel.model.rows][:3] == ["input", "conv1", "conv2"]
    assert document.selection == frozenset()
    assert panel.chosen() == []
    document.undo_stack.undo()
    assert document.graph == before
    assert document.selection == {"relu1", "max_pool1"}
    qtbot.waitUntil(lambda: panel.chosen() == ["relu1", "max_pool1"])


# --- the clipboard ---------------------------------------------------------------------------------------------------


def test_copied_layers_can_be_pasted(panel: LayersPanel, document: Document) -> None:
    QApplication.clipboard().clear()
    click(panel, "conv1")
    click(panel, "relu1", CTRL)
    press(panel, Key.Key_C, CTRL)
    pasted = edits.paste(document.project, QApplication.clipboard().text(), (0.0, 0.0)).project.graph
    assert [node.layer.kind for node in pasted.nodes[13:]] == ["conv2d", "relu"]


def test_the_table_is_copied_as_text_as_it_stands(panel: LayersPanel) -> None:
    QApplication.clipboard().clear()
    panel.table.sortByColumn(TITLES.index("Parameters"), Qt.SortOrder.DescendingOrder)
    panel.copy_text.trigger()
    lines = [line.split("\t") for line in QApplication.clipboard().text().splitlines()]
    assert lines[0] == [*TITLES[:7], "Memory in bytes", *TITLES[8:]]
    assert lines[1] == ["dense1", "Dense", "120", "flatten1", "120", "48120", "48000", "960", "32 × 32", ""]
    assert lines[-1] == [TOTAL, "", "", "", "", "61706", "416520", "126288", "", ""]
    assert len(lines) == 15
    assert {len(line) for line in lines} == {10}


def test_the_menu_does_the_same(panel: LayersPanel, document: Document) -> None:
    click(panel, "conv2")
    menu = panel.menu()
    texts = [action.text().partition("\t")[0] for action in menu.actions()]
    assert texts == ["Show on the canvas", "Rename", "Copy", "Delete", "", "Copy the table as text"]
    menu.actions()[3].trigger()
    assert "conv2" not in document.graph
    menu.deleteLater()
    menu = panel.menu()
    assert [action.isEnabled() for action in menu.actions()[:4]] == [False] * 4
    menu.deleteLater()


# --- in the window ---------------------------------------------------------------------------------------------------


@pytest.fixture
def window(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    QSettings().clear()
    monkeypatch.setattr(Pipe, "send", lambda pipe, message: None)
    made = MainWindow(Document(Project(template("lenet5"))))
    qtbot.addWidget(made, before_close_func=lambda w: w.document.replace(w.document.project))
    made.resize(1280, 800)
    made.show()
    made.activateWindow()
    made.canvas.show_start()
    yield made
    QSettings().clear()


@pytest.fixture
def shown(window: MainWindow, qtbot: QtBot) -> LayersPanel:
    panel = window.workspace.show("layers")
    assert isinstance(panel, LayersPanel)
    panel.table.setFocus()
    qtbot.waitUntil(panel.table.hasFocus)
    return panel


def middle(window: MainWindow, item: QGraphicsItem) -> bool:
    """Whether a card is in the middle of the canvas."""
    view = window.canvas.viewport().rect().center()
    place = window.canvas.mapFromScene(item.sceneBoundingRect().center())
    return (place - view).manhattanLength() < 12


def test_a_click_brings_the_card_into_view_and_enter_into_the_middle(window: MainWindow, shown: LayersPanel) -> None:
    card = window.canvas.scene_.cards["dense1"]
    window.canvas.zoom_by(0.3)
    shown.table.setCurrentIndex(shown.model.index(8, NAME))
    assert card.isSelected()
    press(shown, Key.Key_Return)
    assert window.canvas.zoom == pytest.approx(1.0)
    assert middle(window, card)
    assert shown.table.hasFocus()


def test_a_layer_in_a_folded_block_leads_to_the_block(window: MainWindow, shown: LayersPanel, qtbot: QtBot) -> None:
    block = Block("b", "Stage", ("dense1", "relu3"), collapsed=True)
    window.document.replace(Project(template("lenet5"), blocks=(block,)))
    qtbot.waitUntil(lambda: shown.model.row_of("relu3") is not None)
    shown.table.setCurrentIndex(shown.model.index(9, NAME))
    press(shown, Key.Key_Return)
    assert window.document.selection == {"relu3"}
    assert middle(window, window.canvas.scene_.blocks["b"])


def test_keys_mean_the_lines_while_the_table_has_them(window: MainWindow, shown: LayersPanel) -> None:
    wire = window.canvas.scene_.wires[Edge("conv2", "relu2")]
    wire.setSelected(True)
    click(shown, "input")
    press(shown, Key.Key_Down)
    press(shown, Key.Key_Down)
    press(shown, Key.Key_Delete)
    assert "relu1" not in window.document.graph
    assert wire.edge in window.document.graph.edges
    window.document.perform(edits.add_comment(window.document.project, (0.0, 0.0)))
    press(shown, Key.Key_A, CTRL)
    assert window.document.selection == {node.id for node in window.document.graph}
    click(shown, "conv1")
    press(shown, Key.Key_F2)
    assert window.canvas.in_place.field is None
    write(shown, "first")
    assert "first" in window.document.graph


def test_what_is_refused_is_said_at_the_bottom(window: MainWindow, shown: LayersPanel) -> None:
    click(shown, "conv1")
    press(shown, Key.Key_F2)
    write(shown, "input")
    assert window.toasts.message.text == "There is already something named input; choose another name."
    QToolTip.hideText()


def test_nobody_hears_twice_what_is_selected(
    window: MainWindow, shown: LayersPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(announcing.QAccessible, "isActive", staticmethod(lambda: True))
    monkeypatch.setattr(
        announcing.QAccessible, "updateAccessibility", staticmethod(lambda event: told.append(event.message()))
    )
    click(shown, "conv1")  # Qt says it of the cell
    assert told == []
    press(shown, Key.Key_F2)
    write(shown, "input")
    assert told == ["There is already something named input; choose another name."]
    window.canvas.setFocus()
    window.document.select(["relu1", "conv1"])
    assert told[1].startswith("conv1, Convolution 2-D, ")
    QToolTip.hideText()


def test_the_title_has_a_button_that_copies(window: MainWindow, shown: LayersPanel) -> None:
    QApplication.clipboard().clear()
    bar = window.docks["layers"].titleBarWidget()
    (button,) = [b for b in bar.findChildren(QToolButton) if b.accessibleName() == "Copy the table as text"]
    QTest.mouseClick(button, LEFT)
    assert QApplication.clipboard().text().startswith("Layer\tKind\t")
    assert shown.isVisible()


def test_columns_have_room_for_every_number_of_another_network(document: Document, panel: LayersPanel) -> None:
    QApplication.processEvents()
    for name in ("googlenet", "lenet5", "alexnet"):
        document.replace(Project(template(name)))
        panel._follow()
        metrics, header = panel.table.fontMetrics(), panel.table.horizontalHeader()
        for place, column in enumerate(COLUMNS[:PROBLEM]):
            widest = max(metrics.horizontalAdvance(column.text(row)) for row in panel.model.rows)
            assert min(widest, WIDEST_PX) < header.sectionSize(place) - CELL_PX, (name, column.title)


def test_columns_grow_with_their_numbers_but_not_those_drawn_by_hand(document: Document, panel: LayersPanel) -> None:
    panel._follow()
    header, output, takes = panel.table.horizontalHeader(), TITLES.index("Output"), TITLES.index("Takes")
    header.resizeSection(takes, 60)
    before = header.sectionSize(output)
    document.perform(edits.set_field(document.project, {"conv1"}, "out_channels", 65536))
    panel._follow()
    assert header.sectionSize(output) > before
    assert header.sectionSize(takes) == 60


def test_a_layer_that_is_gone_meanwhile_cannot_be_shown(window: MainWindow, shown: LayersPanel) -> None:
    window.document.select(["conv1"])
    shown.visited.emit("relu9")  # by a menu that was open while the network was replaced
    assert window.document.selection == {"conv1"}
    assert window.toasts.message.text == "relu9 is no longer on the canvas."
