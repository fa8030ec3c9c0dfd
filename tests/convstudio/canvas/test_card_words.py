"""What a card says where there is little room."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtGui import QFontMetricsF
from pytestqt.qtbot import QtBot

from convstudio.canvas.card import (
    BAND,
    BLOCK,
    PADDING,
    TEXT_LEFT,
    WIDTH,
    card_font,
    closer,
    fitted,
    fitting_line,
    shape_room,
)
from convstudio.canvas.tensor_block import block_left
from convstudio.wording import rounded, sizes, thousands
from engine.shapes import infer
from engine.templates import template, template_names

ROOM = WIDTH - BAND - 2 * PADDING


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (224, "224"),
        (999, "999"),
        (1000, "1\u202fk"),
        (2_359_808, "2.36\u202fM"),
        (590_080, "590\u202fk"),
        (999_900, "1\u202fM"),
    ],
)
def test_a_count_is_rounded(number: int, expected: str) -> None:
    assert rounded(number) == expected


@pytest.mark.parametrize("points", [9, 10, 15])
@pytest.mark.parametrize("count", [1_792, 9_408, 36_928, 2_359_808, 102_764_544])
def test_shape_and_parameters_do_not_run_into_each_other(
    qtbot: QtBot, letters: Callable[[int], None], count: int, points: int
) -> None:
    letters(points)
    for shape in (sizes((64, 224, 224)), sizes((64, 112, 112)), sizes((512, 14, 14)), sizes((4096,))):
        words, number = fitting_line(shape, count, ROOM)
        taken = QFontMetricsF(card_font("strong")).horizontalAdvance(words)
        assert taken + QFontMetricsF(card_font("caption")).horizontalAdvance(number) < ROOM
        assert words in (shape, closer(shape))
    assert fitting_line(sizes((10,)), count, ROOM) == ("10", thousands(count))


@pytest.mark.parametrize("points", [9, 10, 13, 15])
def test_shapes_of_volumes_leave_room_for_their_parameters(
    qtbot: QtBot, letters: Callable[[int], None], points: int
) -> None:
    letters(points)
    for shape, count in (((8, 32, 32, 32), 224), ((128, 64, 64, 64), 442_496), ((1024, 128, 128, 128), 28_312_576)):
        words, number = fitting_line(sizes(shape), count, ROOM)
        beside = QFontMetricsF(card_font("caption")).horizontalAdvance(number)
        line, face = fitted(words, card_font("strong"), shape_room(number, ROOM))
        assert QFontMetricsF(face).horizontalAdvance(line) + beside < ROOM - 2
        assert line in (words, closer(words))
        assert number or count == 28_312_576  # which says nothing that could not be left out


def test_words_stand_closer_and_get_smaller_before_they_are_cut_off(qtbot: QtBot) -> None:
    face = card_font("caption")
    for text in ("7×7 · 64 · s2 p3", sizes((3, 224, 224)), "max_pool1"):
        wide = QFontMetricsF(face).horizontalAdvance
        assert fitted(text, face, wide(text)) == (text, face)
        assert fitted(text, face, wide(closer(text))) == (closer(text), face)
        words, smaller = fitted(text, face, 0.93 * wide(closer(text)))
        assert words == closer(text)
        assert 0.85 * face.pointSizeF() <= smaller.pointSizeF() < face.pointSizeF()
        words, smallest = fitted(text, face, 0.5 * wide(closer(text)))
        assert words.endswith("…")
        assert smallest.pointSizeF() == pytest.approx(0.85 * face.pointSizeF())


@pytest.mark.parametrize("name", template_names())
def test_cards_of_templates_say_their_settings_in_full(qtbot: QtBot, letters: Callable[[int], None], name: str) -> None:
    letters(10)
    graph = template(name)
    for node, shape in infer(graph).nodes.items():
        room = block_left(shape.output, BLOCK) - TEXT_LEFT - 4
        words, _ = fitted(graph[node].layer.brief(), card_font("caption"), room)
        assert not words.endswith("…"), node


def test_names_of_lenet_stand_beside_pictures_in_full(qtbot: QtBot, letters: Callable[[int], None]) -> None:
    letters(10)
    for node in template("lenet5"):
        assert fitted(node.id, card_font("strong"), BLOCK.left() - TEXT_LEFT - 4)[0] == node.id
