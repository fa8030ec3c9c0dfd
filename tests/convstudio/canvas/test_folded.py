"""A folded block shows what its layers would: the worst sign, in sentences that name them, the epoch, the selection."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from convstudio.canvas.block import BlockItem
from convstudio.canvas.canvas import Canvas
from convstudio.canvas.card import HEIGHT, WIDTH
from convstudio.document import edits
from convstudio.document.project import Block, Project
from convstudio.editing import Editing
from convstudio.look.theme import theme
from engine.graph import Edge, Graph, chain
from engine.health import Finding
from engine.spec import Fix, make
from engine.templates import template

LEFT = Qt.MouseButton.LeftButton
DEAD = Finding("relu1·2", "dead", "serious", "relu1·2 is dead.", (Fix("Replace relu1", "replace", value="leaky_relu"),))
SLOW = Finding("conv2", "slow", "warning", "conv2 hardly moves.")
STAGE = Block("b", "Stage", ("conv1", "relu1", "max_pool1"), collapsed=True)


@pytest.fixture
def canvas(made_canvas: Callable[[Graph], Canvas]) -> Canvas:
    made = made_canvas(Graph())
    made.document.replace(Project(template("lenet5"), blocks=(STAGE,)))
    made.show_start()
    return made


def stage(canvas: Canvas) -> BlockItem:
    return canvas.scene_.blocks["b"]


def color_at(canvas: Canvas, x: float, y: float) -> QColor:
    """What is drawn at a place of the folded card."""
    corner = stage(canvas).pos()
    canvas.viewport().repaint()
    return canvas.viewport().grab().toImage().pixelColor(canvas.mapFromScene(corner + QPointF(x, y)))


def sign(canvas: Canvas) -> QColor:
    """The colour of the badge, beside what is written in it."""
    return color_at(canvas, WIDTH - 11, 2 - 4)


def fold(canvas: Canvas, flag: bool) -> None:
    canvas.document.perform(edits.set_collapsed(canvas.document.project, "b", flag))


def test_what_is_wrong_in_a_layer_is_a_sign_on_the_folded_block(canvas: Canvas) -> None:
    plain = sign(canvas)
    canvas.live.show_findings((SLOW,))
    assert sign(canvas) == plain  # that layer has a card of its own
    canvas.live.show_findings((SLOW, DEAD))
    assert sign(canvas) == theme().color("warning") != plain
    assert stage(canvas).toolTip() == "relu1·2 is dead."
    canvas.live.show_findings(())
    assert sign(canvas) == plain
    assert stage(canvas).toolTip() == ""


def test_problems_are_worse_and_come_first(canvas: Canvas) -> None:
    canvas.live.show_findings((DEAD,))
    canvas.document.perform(edits.disconnect(canvas.document.project, Edge("conv1", "relu1")))
    assert sign(canvas) == theme().color("error")
    problem, finding = stage(canvas).toolTip().split("\n")
    assert problem == "relu1 has no input. Draw a wire to it from the layer that should feed it."
    assert finding == "relu1·2 is dead."


def test_a_copy_that_cannot_be_computed_has_its_sign_on_the_layer_that_is_drawn(canvas: Canvas) -> None:
    layers = make("input", shape=(1, 8, 8)), make("conv2d", out_channels=2, kernel_size=3), make("flatten")
    block = Block("b", "Stage", ("conv1",), repeat=4, collapsed=True)
    canvas.document.replace(Project(chain(*layers, make("dense", out_features=2)), blocks=(block,)))
    (problem,) = canvas.document.problems
    assert problem.node == "conv1·4"
    assert canvas.scene_.cards["conv1"].toolTip() == problem.text
    assert stage(canvas).toolTip() == problem.text


def test_the_card_shows_what_leaves_the_last_copy_and_what_all_of_them_cost(canvas: Canvas) -> None:
    layers = make("input", shape=(1, 8, 8)), make("conv2d", out_channels=2, kernel_size=3), make("flatten")
    block = Block("b", "Stage", ("conv1",), repeat=3, collapsed=True)
    canvas.document.replace(Project(chain(*layers, make("dense", out_features=2)), blocks=(block,)))
    assert stage(canvas).made == (2, 2, 2)
    assert stage(canvas).parameters == 20 + 2 * 38


def test_a_click_on_the_sign_says_it_and_mends_it(canvas: Canvas) -> None:
    canvas.live.show_findings((DEAD,))
    place = stage(canvas).badge().center()
    QTest.mouseClick(canvas.viewport(), LEFT, pos=canvas.mapFromScene(place))
    assert canvas.document.selection == {"b"}
    assert canvas.problem_note.isVisible()
    (button,) = canvas.problem_note.buttons
    QTest.mouseClick(button, LEFT)
    assert "leaky_relu" in {node.layer.kind for node in canvas.document.graph}


def test_opened_the_sign_moves_to_the_card_and_back(canvas: Canvas) -> None:
    canvas.live.show_findings((DEAD,))
    place = stage(canvas).badge().center()
    fold(canvas, False)
    assert stage(canvas).toolTip() == ""
    assert canvas.scene_.badge_at(canvas.scene_.cards["relu1"].badge().center()) == "relu1"
    fold(canvas, True)
    assert stage(canvas).toolTip() == "relu1·2 is dead."
    assert canvas.scene_.badge_at(place) == "b"


def test_layers_that_are_grouped_later_bring_their_signs_along(canvas: Canvas) -> None:
    canvas.live.show_findings((SLOW,))
    canvas.document.perform(edits.group(canvas.document.project, {"conv2", "relu2"}, "Second"))
    second = canvas.document.project.block_of("conv2")
    assert second is not None
    canvas.document.perform(edits.set_collapsed(canvas.document.project, second.id, True))
    assert canvas.scene_.blocks[second.id].toolTip() == "conv2 hardly moves."


def test_signs_of_blocks_in_blocks_reach_the_outermost_that_is_folded(canvas: Canvas) -> None:
    inner = Block("i", "Inner", ("conv1", "relu1"), parent="b")
    outer = Block("b", "Stage", ("max_pool1",), collapsed=True)
    canvas.document.replace(Project(template("lenet5"), blocks=(outer, inner)))
    canvas.live.show_findings((DEAD,))
    assert stage(canvas).toolTip() == "relu1·2 is dead."


def test_the_line_of_the_epoch_is_on_folded_blocks_too(canvas: Canvas) -> None:
    canvas.live.show_progress(0.5)
    accent, y = theme().color("accent"), HEIGHT - 1.5
    assert color_at(canvas, WIDTH * 0.48, y) == accent
    assert color_at(canvas, WIDTH * 0.52, y) != accent
    canvas.live.show_progress(None)
    assert color_at(canvas, WIDTH * 0.48, y) != accent


def test_a_block_shows_that_something_in_it_is_selected(canvas: Canvas) -> None:
    before = color_at(canvas, 0, HEIGHT / 2)
    canvas.document.select(["relu1"])
    assert color_at(canvas, 0, HEIGHT / 2) != before
    canvas.document.select(["conv2"])
    assert color_at(canvas, 0, HEIGHT / 2) == before


def test_new_blocks_are_called_what_no_other_one_is_called(lenet: Canvas) -> None:
    editing = Editing(lenet.document, lenet)
    for layers in (["conv1", "relu1"], ["conv2", "relu2"], ["dense1"]):
        lenet.document.select(layers)
        editing.group()
    assert [block.title for block in lenet.document.project.blocks] == ["Block", "Block 2", "Block 3"]
