"""Cards, wires and ports as those meet them who listen to a screen reader."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtTest import QTest

from convstudio.canvas.canvas import Canvas
from convstudio.document import edits
from convstudio.document.project import Project
from convstudio.look.sheet import style_sheet
from convstudio.look.theme import tokens
from engine.spec import make
from engine.templates import template

ROLE, NAME = QAccessible.Role, QAccessible.Text.Name


@pytest.fixture
def heard() -> Iterator[None]:
    """Somebody listens."""
    QAccessible.setActive(True)
    yield
    QAccessible.setActive(False)


@pytest.fixture
def listened(heard: None, lenet: Canvas) -> Canvas:
    lenet.listeners.look_for_them()
    return lenet


def list_of(canvas: Canvas) -> QAccessibleInterface:
    """What the canvas shows to a screen reader."""
    viewport = QAccessible.queryAccessibleInterface(canvas).child(0)
    children = [viewport.child(place) for place in range(viewport.childCount())]
    (found,) = [child for child in children if child.role() == ROLE.List]
    return found


def rows_of(canvas: Canvas) -> dict[str, QAccessibleInterface]:
    """Each row by the first words of what is said of it."""
    found = list_of(canvas)
    rows = [found.child(place) for place in range(found.childCount())]
    return {row.text(NAME).split(",")[0]: row for row in rows if row.role() == ROLE.ListItem}


def test_cards_ports_and_wires_have_roles_and_names(listened: Canvas) -> None:
    rows = rows_of(listened)
    assert rows["conv1"].text(NAME).startswith("conv1, Convolution 2-D, 5×5 · 6 · p2, output 6 × 28 × 28, ")
    assert rows["Input of conv1"].text(NAME) == "Input of conv1, fed by input"
    assert rows["Wire from input to conv1"].text(NAME) == "Wire from input to conv1, 1 × 28 × 28"
    assert rows["Output 6 × 28 × 28 of conv1"].text(NAME) == "Output 6 × 28 × 28 of conv1, feeds relu1"
    assert len(rows) == len(listened.document.graph.nodes) * 2 + 2 * len(listened.document.graph.edges)
    assert list_of(listened).text(NAME) == "Layers and wires"


def test_rows_lie_where_cards_lie(listened: Canvas) -> None:
    def middle() -> QPoint:
        return rows_of(listened)["conv1"].rect().center()

    assert (middle() - listened.global_place("conv1")).manhattanLength() <= 2
    listened.verticalScrollBar().setValue(listened.verticalScrollBar().value() + 30)
    listened.zoom_by(0.8)
    assert (middle() - listened.global_place("conv1")).manhattanLength() <= 2
    there = list_of(listened).childAt(middle().x(), middle().y())
    assert there.text(NAME).startswith("conv1, ")
    output = rows_of(listened)["Output 6 × 28 × 28 of conv1"].rect()
    assert output.center().x() == pytest.approx(middle().x(), abs=2)
    assert output.center().y() > rows_of(listened)["conv1"].rect().bottom() - 8


def test_what_is_selected_on_the_canvas_is_selected_for_listeners(
    listened: Canvas, middle: Callable[[Canvas, str], QPoint]
) -> None:
    QTest.mouseClick(listened.viewport(), Qt.MouseButton.LeftButton, pos=middle(listened, "conv1"))
    assert rows_of(listened)["conv1"].state().selected
    assert not rows_of(listened)["relu1"].state().selected
    QTest.keyClick(listened, Qt.Key.Key_Down)
    assert rows_of(listened)["relu1"].state().selected
    assert not rows_of(listened)["conv1"].state().selected


def test_what_listeners_select_is_selected_on_the_canvas(listened: Canvas) -> None:
    chosen = list_of(listened).selectionInterface()
    chosen.select(rows_of(listened)["conv2"])
    assert listened.document.selection == {"conv2"}
    press = rows_of(listened)["conv1"].actionInterface()
    press.doAction(press.toggleAction())
    assert listened.document.selection == {"conv1", "conv2"}
    chosen.clear()
    chosen.select(rows_of(listened)["Wire from conv1 to relu1"])
    assert listened.document.selection == frozenset()
    listened.delete_selection()
    assert ("conv1", "relu1") not in {(edge.source, edge.target) for edge in listened.document.graph.edges}


def test_edits_are_heard(listened: Canvas) -> None:
    document = listened.document
    document.perform(edits.append(document.project, make("relu"), "conv1"))
    document.select(["relu5"])
    assert rows_of(listened)["relu5"].state().selected
    assert "Wire from relu5 to relu1" in rows_of(listened)


def test_a_step_to_another_card_moves_the_focus(listened: Canvas) -> None:
    listened.document.select(["conv1"])
    assert rows_of(listened)["conv1"].state().focused
    QTest.keyClick(listened, Qt.Key.Key_Down)
    assert rows_of(listened)["relu1"].state().focused
    assert not rows_of(listened)["conv1"].state().focused


def test_a_repeated_block_and_its_wires_tell_what_leaves_the_last_copy(listened: Canvas) -> None:
    document = listened.document
    document.perform(edits.group(document.project, {"conv1", "relu1", "max_pool1"}, "Edges"))
    (block,) = document.project.blocks
    document.perform(edits.set_repeat(document.project, block.id, 2))
    document.select(["conv2"])
    rows = rows_of(listened)
    assert rows["Block Edges"].text(NAME) == "Block Edges, 3 layers, × 2, open, output 6 × 7 × 7, 1\u202f062 parameters"
    assert rows["Wire from max_pool1 to conv2"].text(NAME) == "Wire from max_pool1 to conv2, 6 × 7 × 7"
    wires = {(edge.source, edge.target): wire.text for edge, wire in listened.scene_.wires.items()}
    assert wires["max_pool1", "conv2"] == "6 × 7 × 7"
    assert wires["conv1", "relu1"] == "6 × 28 × 28"


def test_a_folded_block_stands_for_its_layers(listened: Canvas) -> None:
    document = listened.document
    document.perform(edits.group(document.project, {"conv1", "relu1"}, "Edges"))
    document.select([])
    assert {"Block Edges", "conv1", "Input of conv1"} < set(rows_of(listened))
    (block,) = document.project.blocks
    document.perform(edits.set_collapsed(document.project, block.id, True))
    document.select(["conv2"])
    rows = rows_of(listened)
    assert {"Block Edges", "Wire from input to conv1", "conv2"} < set(rows)
    assert not {"conv1", "relu1", "Input of conv1", "Wire from conv1 to relu1"} & set(rows)
    ports = {"Input of Edges, fed by input": "input_place", "Output of Edges, feeds max_pool1": "output_place"}
    for text, place in ports.items():
        row = next(row for row in rows.values() if row.text(NAME) == text)
        where = getattr(listened.scene_.blocks[block.id], place)()
        off = row.rect().center() - listened.viewport().mapToGlobal(listened.mapFromScene(where))
        assert off.manhattanLength() <= 2
    face = listened.mapFromScene(listened.scene_.blocks[block.id].face()).boundingRect()
    there = rows["Block Edges"].rect().center() - listened.viewport().mapToGlobal(face.center())
    assert there.manhattanLength() <= 2


def test_nothing_is_painted_for_listeners(lenet: Canvas) -> None:
    lenet.setStyleSheet(style_sheet("light", tokens(), {"arrow": "", "tick": ""}))
    before = lenet.grab().toImage()
    QAccessible.setActive(True)
    lenet.listeners.look_for_them()
    QAccessible.setActive(False)
    assert lenet.listeners.outline is not None
    assert lenet.grab().toImage() == before


def test_who_starts_to_listen_later_is_found(lenet: Canvas) -> None:
    assert lenet.listeners.outline is None
    QAccessible.setActive(True)
    lenet.clearFocus()
    lenet.setFocus()
    QAccessible.setActive(False)
    assert lenet.listeners.outline is not None


def test_the_number_of_layers_is_told_without_a_selection(empty: Canvas) -> None:
    empty.document.replace(Project(template("lenet5")))
    assert empty.accessibleDescription() == "Nothing is selected. 13 layers."
