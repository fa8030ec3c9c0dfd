"""What the layer table shows: every layer, its numbers, the sum of all, and what is wrong; sorted as one likes."""

from __future__ import annotations

import attrs
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.document.project import Block, Project
from convstudio.look.theme import theme
from convstudio.panels.layers.columns import COLUMNS, NAME, PROBLEM, TITLES, TOTAL, natural
from convstudio.panels.layers.panel import EMPTY, LayersPanel
from engine.graph import Edge, Graph, Node, chain
from engine.health import Finding
from engine.spec import make
from engine.templates import template

LEFT = Qt.MouseButton.LeftButton
Role = Qt.ItemDataRole


def names(panel: LayersPanel) -> list[str]:
    return [row.name for row in panel.model.rows]


def cells(panel: LayersPanel, place: int, role: int = Role.DisplayRole) -> list[str]:
    return [panel.model.index(place, column).data(role) for column in range(len(COLUMNS))]


def cell(panel: LayersPanel, name: str, title: str, role: int = Role.DisplayRole) -> object:
    place = panel.model.row_of(name)
    assert place is not None
    return panel.model.index(place, TITLES.index(title)).data(role)


def click_title(panel: LayersPanel, title: str) -> None:
    header, column = panel.table.horizontalHeader(), TITLES.index(title)
    middle = header.sectionViewportPosition(column) + header.sectionSize(column) // 2
    QTest.mouseClick(header.viewport(), LEFT, pos=QPoint(middle, header.height() // 2))


# --- what stands in it -----------------------------------------------------------------------------------------------


def test_every_layer_has_a_line_with_the_words_of_its_card(panel: LayersPanel, document: Document) -> None:
    assert names(panel) == [node.id for node in document.graph.order]
    conv = ["conv1", "Convolution 2-D", "5×5 · 6 · p2", "input", "6 × 28 × 28", "156", "117\u202f600", "38 kB", "5 × 5"]
    assert cells(panel, 1) == [*conv, ""]
    assert cells(panel, 0) == ["input", "Input", "1 × 28 × 28", "", "1 × 28 × 28", "", "", "6 kB", "1 × 1", ""]
    assert not panel.model.index(1, NAME).data(Role.DecorationRole).isNull()


def test_numbers_stand_to_the_right_in_digits_of_one_width(panel: LayersPanel) -> None:
    for column, title in enumerate(TITLES):
        is_number = title in ("Output", "Parameters", "Multiply-adds", "Memory", "Sees")
        side = Qt.AlignmentFlag.AlignRight if is_number else Qt.AlignmentFlag.AlignLeft
        index = panel.model.index(1, column)
        assert index.data(Role.TextAlignmentRole) & side
        assert panel.model.headerData(column, Qt.Orientation.Horizontal, Role.TextAlignmentRole) & side
        assert not is_number or index.data(Role.FontRole).featureValue(index.data(Role.FontRole).Tag("tnum")) == 1


def test_the_last_line_is_the_sum(panel: LayersPanel, document: Document) -> None:
    assert panel.model.rowCount() == 14
    assert cells(panel, 13) == [TOTAL, "", "", "", "", "61\u202f706", "416\u202f520", "126 kB", "", ""]
    assert panel.model.total.parameters == document.inference.parameter_count
    assert not panel.model.index(13, NAME).flags() & Qt.ItemFlag.ItemIsSelectable


def test_inputs_are_named_by_port(document: Document, panel: LayersPanel, qtbot: QtBot) -> None:
    document.replace(Project(template("resnet18")))
    qtbot.waitUntil(lambda: len(panel.model.rows) == len(document.graph.nodes))
    joined = next(node for node in document.graph if node.layer.kind == "add")
    sources = [edge.source for edge in document.graph.incoming(joined.id)]
    assert cell(panel, joined.id, "Takes") == ", ".join(sources)
    assert (
        cell(panel, joined.id, "Takes", Role.AccessibleTextRole) == f"{joined.id} takes {sources[0]} and {sources[1]}"
    )


def test_layers_on_a_loop_are_there_too(document: Document, panel: LayersPanel, qtbot: QtBot) -> None:
    nodes = Node("input", make("input")), Node("a", make("relu")), Node("b", make("relu"))
    document.replace(Project(Graph((nodes[1], nodes[0], nodes[2]), (Edge("a", "b"), Edge("b", "a")))))
    qtbot.waitUntil(lambda: names(panel) == ["input", "a", "b"])
    assert cell(panel, "a", "Output") == ""
    assert cell(panel, "a", "Output", Role.ToolTipRole) == "No shape yet"
    assert str(cell(panel, "a", "Problem")) == "a feeds itself through a loop of wires."


def test_repeated_layers_have_one_line_that_counts_all_copies(
    document: Document, panel: LayersPanel, qtbot: QtBot
) -> None:
    layers = make("input", shape=(1, 8, 8)), make("conv2d", out_channels=2, kernel_size=3, padding=1), make("relu")
    block = Block("b", "Stage", ("conv1", "relu1"), repeat=3, collapsed=True)
    document.replace(Project(chain(*layers, make("flatten"), make("dense", out_features=2)), blocks=(block,)))
    qtbot.waitUntil(lambda: names(panel) == ["input1", "conv1", "relu1", "flatten1", "dense1"])
    assert cells(panel, 1)[NAME] == "conv1 × 3"
    assert cell(panel, "conv1", "Output") == "2 × 8 × 8"
    assert cell(panel, "conv1", "Parameters") == "96"  # 20, and twice 38
    assert cell(panel, "conv1", "Parameters", Role.ToolTipRole) == "All 3 copies together"
    assert cell(panel, "conv1", "Parameters", Role.AccessibleTextRole) == "96 parameters in 3 copies"
    assert cell(panel, "flatten1", "Layer") == "flatten1"
    assert panel.model.total.parameters == document.inference.parameter_count
    assert panel.model.total.memory_bytes == document.inference.memory_bytes


def test_what_is_wrong_stands_in_its_line(document: Document, panel: LayersPanel, qtbot: QtBot) -> None:
    document.perform(edits.set_field(document.project, {"conv2"}, "kernel_size", 15))
    qtbot.waitUntil(lambda: cell(panel, "conv2", "Problem") != "")
    (problem,) = document.problems
    assert (
        cell(panel, "conv2", "Problem") == "conv2 makes its image 0 px high: the 15 px kernel does not fit into 14 px."
    )
    assert cell(panel, "conv2", "Problem", Role.ToolTipRole) == problem.text
    assert cell(panel, "conv2", "Problem", Role.AccessibleTextRole) == problem.text
    for title in ("Problem", "Layer"):
        assert cell(panel, "conv2", title, Role.ForegroundRole) == theme().color("error")
        assert cell(panel, "conv1", title, Role.ForegroundRole) != theme().color("error")
    document.undo_stack.undo()
    qtbot.waitUntil(lambda: cell(panel, "conv2", "Problem") == "")


def test_what_is_wrong_in_training_stands_there_too(document: Document, panel: LayersPanel, qtbot: QtBot) -> None:
    dead = Finding("relu1·2", "dead", "serious", "relu1·2 is dead. Lower the rate.")
    panel.show_findings((dead,))
    qtbot.waitUntil(lambda: cell(panel, "relu1", "Problem") == "relu1·2 is dead.")
    assert cell(panel, "relu1", "Problem", Role.ForegroundRole) == theme().color("warning")
    panel.show_findings(())
    qtbot.waitUntil(lambda: cell(panel, "relu1", "Problem") == "")


def test_without_layers_it_says_how_to_begin(document: Document, panel: LayersPanel, qtbot: QtBot) -> None:
    document.replace(Project())
    qtbot.waitUntil(panel.empty.isVisible)
    assert panel.empty.text() == EMPTY
    assert not panel.table.isVisible()
    assert not panel.copy_text.isEnabled()
    QTest.mouseClick(panel.begin, LEFT)
    assert [node.layer.kind for node in document.graph] == ["input"]
    assert panel.table.isVisible()
    assert not panel.begin.isVisible()


# --- sorting ---------------------------------------------------------------------------------------------------------


def test_a_click_on_a_title_sorts_by_numbers_and_the_third_brings_the_network_back(panel: LayersPanel) -> None:
    order = names(panel)
    click_title(panel, "Parameters")
    counts = [row.parameters for row in panel.model.rows]
    assert counts[:4] == [48120, 10164, 2416, 850]  # as texts, 850 would be the first
    assert cells(panel, 13)[NAME] == TOTAL
    click_title(panel, "Parameters")
    assert [row.parameters for row in panel.model.rows] == counts[::-1]
    click_title(panel, "Parameters")
    assert names(panel) == order
    click_title(panel, "Layer")
    assert names(panel)[:2] == ["conv1", "conv2"]


def test_sizes_are_sorted_by_how_much_they_hold(panel: LayersPanel) -> None:
    click_title(panel, "Output")
    assert names(panel)[:3] == ["conv1", "relu1", "conv2"]
    click_title(panel, "Sees")
    assert panel.model.rows[-1].name == "input"


def test_names_with_numbers_are_in_their_order() -> None:
    assert sorted(["conv10", "conv2", "Conv1", "2a", "a"], key=natural) == ["2a", "a", "Conv1", "conv2", "conv10"]


def test_layers_that_change_find_their_new_place(document: Document, panel: LayersPanel, qtbot: QtBot) -> None:
    click_title(panel, "Parameters")
    document.select(["conv1"])
    before = panel.table.currentIndex().row()
    document.perform(edits.set_field(document.project, {"conv1"}, "out_channels", 400))
    qtbot.waitUntil(lambda: names(panel)[:2] == ["conv2", "dense1"])
    assert panel.chosen() == ["conv1"]
    assert panel.table.currentIndex().row() == names(panel).index("conv1") != before


def test_keys_go_on_from_the_same_layer_wherever_it_stands_now(
    document: Document, panel: LayersPanel, qtbot: QtBot
) -> None:
    click_title(panel, "Parameters")
    panel.table.setCurrentIndex(panel.model.index(names(panel).index("conv1"), NAME))
    document.select([])
    document.perform(edits.set_field(document.project, {"conv1"}, "out_channels", 400))
    qtbot.waitUntil(lambda: names(panel)[0] == "conv2")
    assert panel.model.name_at(panel.table.currentIndex().row()) == "conv1"
    assert document.selection == frozenset()


def test_lines_that_change_places_do_not_change_what_is_selected(
    document: Document, panel: LayersPanel, qtbot: QtBot
) -> None:
    layers = make("input", shape=(4,)), make("relu"), make("tanh"), make("sigmoid")
    document.replace(Project(chain(*layers)))
    qtbot.waitUntil(lambda: names(panel) == ["input1", "relu1", "tanh1", "sigmoid1"])
    document.select(["sigmoid1"])
    graph = document.graph.remove("tanh1").disconnect(Edge("input1", "relu1"))
    turned = graph.connect("input1", "sigmoid1").connect("sigmoid1", "relu1")
    document.perform(edits.Edit("Turn it round", attrs.evolve(document.project, graph=turned)))
    qtbot.waitUntil(lambda: names(panel) == ["input1", "sigmoid1", "relu1"])
    assert document.selection == {"sigmoid1"}
    assert panel.chosen() == ["sigmoid1"]


# --- following -------------------------------------------------------------------------------------------------------


def test_only_what_has_changed_is_told(document: Document, panel: LayersPanel, qtbot: QtBot) -> None:
    told: list[tuple[int, int]] = []
    panel.model.dataChanged.connect(lambda first, last: told.append((first.row(), last.row())))
    document.perform(edits.set_field(document.project, {"dense2"}, "out_features", 90))
    qtbot.waitUntil(lambda: cell(panel, "dense2", "Output") == "90")
    assert told == [(10, 13)]  # dense2, relu4, dense3, and the sum
    told.clear()
    document.perform(edits.move(document.project, {"conv1": (5.0, 5.0)}))
    QApplication.processEvents()
    panel.model.show(list(panel.model.rows))
    assert told == []


def test_a_layer_that_comes_or_goes_moves_the_others(document: Document, panel: LayersPanel, qtbot: QtBot) -> None:
    seen: list[tuple[str, int, int]] = []
    panel.model.rowsInserted.connect(lambda parent, first, last: seen.append(("in", first, last)))
    panel.model.rowsRemoved.connect(lambda parent, first, last: seen.append(("out", first, last)))
    document.select(["dense1"])
    document.perform(attrs.evolve(edits.append(document.project, make("tanh"), "conv1"), selection=None))
    qtbot.waitUntil(lambda: names(panel)[:3] == ["input", "conv1", "tanh1"])
    assert seen == [("in", 2, 2)]
    assert panel.chosen() == ["dense1"]
    assert panel.model.name_at(panel.table.currentIndex().row()) == "dense1"
    document.undo_stack.undo()
    qtbot.waitUntil(lambda: "tanh1" not in names(panel))
    assert seen[1:] == [("out", 2, 2)]
    assert panel.chosen() == ["dense1"]


def test_nothing_is_done_while_nobody_looks(
    document: Document, panel: LayersPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[int] = []
    show = panel.model.show
    monkeypatch.setattr(panel.model, "show", lambda rows: (shown.append(len(rows)), show(rows)))
    panel.hide()
    document.perform(edits.delete(document.project, {"relu1"}))
    document.select(["conv2"])
    QApplication.processEvents()
    assert shown == []
    panel.show()
    assert shown == [12]
    assert "relu1" not in names(panel)
    assert panel.chosen() == ["conv2"]
    panel.hide()
    panel.show()
    assert shown == [12]


def test_several_edits_are_followed_at_once(
    document: Document, panel: LayersPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[int] = []
    monkeypatch.setattr(panel.model, "show", lambda rows: shown.append(len(rows)))
    for size in (3, 5, 7):
        document.perform(edits.set_field(document.project, {"conv1"}, "kernel_size", size))
    QApplication.processEvents()
    assert shown == [13]


# --- for those who listen --------------------------------------------------------------------------------------------


def test_a_screen_reader_finds_a_table_with_cells_that_say_what_they_mean(panel: LayersPanel) -> None:
    """Qt's own tables have all roles; the canvas has none."""
    table = QAccessible.queryAccessibleInterface(panel.table)
    said = QAccessible.Text.Name
    assert table.role() == QAccessible.Role.Table
    assert table.text(said) == "Layers of the network"
    assert "F2" in table.text(QAccessible.Text.Description)
    wide = len(COLUMNS) + 1
    assert table.childCount() == wide * 15
    found = [table.child(place) for place in range(2 * wide, 3 * wide)]  # below the titles and the input
    assert [one.role() for one in found] == [QAccessible.Role.RowHeader, *[QAccessible.Role.Cell] * len(COLUMNS)]
    settings = (
        "output channels 6, kernel size 5 by 5, stride 1 by 1, padding 2 by 2, dilation 1 by 1, groups 1, bias on, "
        "padding mode zeros, first weights He normal"
    )
    assert [one.text(said) for one in found] == [
        "conv1",
        "conv1",
        "Convolution 2-D",
        settings,
        "conv1 takes input",
        "6 channels of 28 by 28",
        "156 parameters",
        "117600 multiply-adds",
        "38 kB of memory",
        "a pixel sees 5 by 5 of the input",
        "no problem",
    ]
    titles = [table.child(place) for place in range(1, wide)]
    assert {one.role() for one in titles} == {QAccessible.Role.ColumnHeader}
    assert [one.text(said) for one in titles] == list(TITLES)
    assert table.child(14 * wide).text(said) == TOTAL
    assert table.child(14 * wide + 6).text(said) == "Parameters of all layers: 61\u202f706"


def test_words_for_layers_of_every_sort(document: Document, panel: LayersPanel, qtbot: QtBot) -> None:
    document.replace(Project(chain(make("input", shape=(6,)), make("dense", out_features=1))))
    qtbot.waitUntil(lambda: len(panel.model.rows) == 2)
    assert cells(panel, 0, Role.AccessibleTextRole) == [
        "input1",
        "Input",
        "shape 6",
        "input1 is where data enters",
        "6 features",
        "no parameters",
        "no multiply-adds",
        "0 kB of memory",
        "the input has no pixels",
        "no problem",
    ]
    assert cell(panel, "dense1", "Output", Role.AccessibleTextRole) == "1 feature"
    document.perform(edits.disconnect(document.project, Edge("input1", "dense1")))
    qtbot.waitUntil(lambda: cell(panel, "dense1", "Takes") == "")
    assert cell(panel, "dense1", "Takes", Role.AccessibleTextRole) == "dense1 takes nothing yet"
    assert cell(panel, "dense1", "Output", Role.AccessibleTextRole) == "no shape yet"
    assert cells(panel, 1)[PROBLEM] == "dense1 has no input."
