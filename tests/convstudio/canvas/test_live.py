"""Live cards on the canvas: pictures, numbers, progress and signs, drawn where they belong, and only there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest

from convstudio.canvas.canvas import Canvas
from convstudio.canvas.card import BAND, BLOCK, HEIGHT, WIDTH
from convstudio.canvas.live import BAR_WIDE, LEGIBLE, MOST_PICTURES, Numbers, drawn_name
from convstudio.document import edits
from convstudio.look.theme import theme
from engine.graph import Graph, chain
from engine.health import Finding
from engine.spec import Fix, make
from engine.templates import template

LEFT = Qt.MouseButton.LeftButton
RED = QColor(255, 0, 0)
DEAD = Finding("relu1", "dead", "serious", "relu1 is dead.", (Fix("Replace relu1", "replace", value="leaky_relu"),))


@pytest.fixture
def canvas(made_canvas: Callable[[Graph], Canvas]) -> Canvas:
    return made_canvas(template("lenet5"))


def picture(side: int = 28) -> QImage:
    made = QImage(side, side, QImage.Format.Format_RGB32)
    made.fill(RED)
    return made


def color_at(canvas: Canvas, name: str, x: float, y: float) -> QColor:
    """What is drawn at a place of a card."""
    corner = canvas.scene_.cards[name].face().topLeft()
    spot = canvas.mapFromScene(corner.x() + x, corner.y() + y)
    return canvas.viewport().grab().toImage().pixelColor(spot)


def middle_of_block(canvas: Canvas, name: str) -> QColor:
    return color_at(canvas, name, BLOCK.right() - 14, BLOCK.center().y())


def test_a_picture_takes_the_place_of_the_tensor_block(canvas: Canvas) -> None:
    around = [(BLOCK.right() - 2 - 2 * step, BLOCK.center().y() - 8) for step in range(10)]  # above a small picture
    panel = theme().color("panel")
    assert {color_at(canvas, "conv1", *place).name() for place in around} != {panel.name()}
    assert middle_of_block(canvas, "conv1") != RED
    canvas.live.show_pictures({"conv1": picture(10)})
    assert {color_at(canvas, "conv1", *place).name() for place in around} == {panel.name()}
    canvas.live.show_pictures({"conv1": picture(), "nobody": picture()})
    assert middle_of_block(canvas, "conv1") == RED
    assert color_at(canvas, "conv1", BLOCK.right() - 29, BLOCK.center().y()) == panel
    assert middle_of_block(canvas, "max_pool1") != RED
    canvas.live.clear_pictures()
    assert middle_of_block(canvas, "conv1") != RED
    assert not canvas.scene_.cards["conv1"].pictured


def test_numbers_have_a_row_of_their_own(canvas: Canvas) -> None:
    canvas.live.show_numbers({"conv1": Numbers(0.5, "3.2e−4"), "relu1": Numbers(gradient="1e−3")})
    y = HEIGHT - 20 + 17 / 2
    accent = theme().color("accent")
    assert color_at(canvas, "conv1", BAND + 12 + BAR_WIDE / 2 - 2, y) == accent
    assert color_at(canvas, "conv1", BAND + 12 + BAR_WIDE / 2 + 2, y) != accent
    assert color_at(canvas, "relu1", BAND + 12 + 2, y) != accent
    canvas.live.show_numbers({"conv1": Numbers(1.0, "3.2e−4")})
    assert color_at(canvas, "conv1", BAND + 12 + BAR_WIDE / 2 + 2, y) == accent
    assert not canvas.scene_.cards["relu1"].measured
    canvas.live.show_numbers({})
    assert not canvas.scene_.cards["conv1"].measured


def test_a_line_along_the_bottom_says_how_far_the_epoch_is(canvas: Canvas) -> None:
    canvas.live.show_progress(0.5)
    accent, y = theme().color("accent"), HEIGHT - 1.5
    for name in ("input", "conv1", "relu1"):
        assert color_at(canvas, name, BAND + (WIDTH - BAND) * 0.48, y) == accent
        assert color_at(canvas, name, BAND + (WIDTH - BAND) * 0.52, y) != accent
    canvas.live.show_progress(None)
    assert color_at(canvas, "conv1", 40, y) != accent


def test_a_sign_says_what_is_wrong_and_mends_it(canvas: Canvas) -> None:
    canvas.live.show_findings((DEAD,))
    card = canvas.scene_.cards["relu1"]
    assert card.toolTip() == "relu1 is dead."
    assert color_at(canvas, "relu1", WIDTH - 11, 2 - 4) == theme().color("warning")
    QTest.mouseClick(canvas.viewport(), LEFT, pos=canvas.mapFromScene(card.badge().center()))
    assert canvas.problem_note.isVisible()
    (button,) = canvas.problem_note.buttons
    assert button.text() == "Replace relu1"
    QTest.mouseClick(button, LEFT)
    assert "leaky_relu" in {node.layer.kind for node in canvas.document.graph}
    canvas.document.undo_stack.undo()
    canvas.live.show_findings(())
    assert canvas.scene_.cards["relu1"].toolTip() == ""
    assert canvas.scene_.badge_at(canvas.scene_.cards["relu1"].badge().center()) is None


def test_problems_come_before_findings(canvas: Canvas) -> None:
    canvas.live.show_findings((DEAD,))
    wire = next(edge for edge in canvas.document.graph.edges if edge.target == "relu1")
    canvas.document.perform(edits.disconnect(canvas.document.project, wire))
    lines = canvas.scene_.cards["relu1"].toolTip().split("\n")
    assert len(lines) == 2
    assert lines[1] == "relu1 is dead."
    assert color_at(canvas, "relu1", WIDTH - 11, 2 - 4) == theme().color("error")


def test_a_card_that_is_drawn_anew_starts_anew(canvas: Canvas) -> None:
    canvas.live.show_pictures({"conv1": picture()})
    canvas.live.show_numbers({"conv1": Numbers(0.5)})
    canvas.live.show_progress(0.5)
    canvas.document.perform(edits.delete(canvas.document.project, {"conv1"}))
    canvas.live.clear_pictures()
    canvas.live.show_progress(0.6)
    canvas.document.undo_stack.undo()
    assert middle_of_block(canvas, "conv1") != RED
    assert not canvas.scene_.cards["conv1"].measured
    for _ in range(2):  # the second time nobody has noticed that the card was gone
        canvas.live.show_pictures({"conv1": picture()})
        canvas.live.show_numbers({"conv1": Numbers(0.5)})
        assert middle_of_block(canvas, "conv1") == RED
        assert canvas.scene_.cards["conv1"].measured
        canvas.document.perform(edits.delete(canvas.document.project, {"conv1"}))
        canvas.document.undo_stack.undo()


def test_only_what_can_be_seen_is_in_sight(canvas: Canvas) -> None:
    seen = canvas.live.in_sight()
    assert {"input", "conv1"} < set(seen)
    assert "dense3" not in seen
    middle = canvas.mapToScene(canvas.viewport().rect().center())
    assert canvas.scene_.cards[seen[0]].face().adjusted(0, -30, 0, 30).contains(middle)
    canvas.zoom_by(LEGIBLE * 0.9)
    assert canvas.live.in_sight() == ()
    canvas.zoom_by(1 / canvas.zoom)
    canvas.hide()
    assert canvas.live.in_sight() == ()


def test_pictures_have_a_limit(made_canvas: Callable[[Graph], Canvas]) -> None:
    graph = chain(make("input", shape=(4,)), *[make("relu") for _ in range(40)])
    canvas = made_canvas(graph)
    for number, node in enumerate(graph.order):
        canvas.scene_.cards[node.id].setPos(number % 3 * 180, number // 3 * 40)
    assert len(canvas.live.in_sight()) == MOST_PICTURES


def test_the_card_itself_is_what_one_points_at(canvas: Canvas) -> None:
    canvas.live.show_pictures({"conv1": picture()})
    canvas.live.show_numbers({"conv1": Numbers(0.5)})
    card = canvas.scene_.cards["conv1"]
    assert canvas.scene_.items(card.face().center() + QPointF(60, -20)) == [card]
    QTest.mouseClick(canvas.viewport(), LEFT, pos=canvas.mapFromScene(card.face().center()) + QPoint(60, -20))
    assert canvas.document.selection == {"conv1"}
    assert canvas.scene_.named_at(card.face().bottomLeft() + QPoint(30, -8)) == "conv1"


def test_a_copy_is_shown_by_the_layer_that_is_drawn() -> None:
    assert [drawn_name(name) for name in ("conv1", "conv1·2", "conv1·2·3")] == ["conv1"] * 3
