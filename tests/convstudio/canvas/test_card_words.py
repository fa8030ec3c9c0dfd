"""What a card says where there is little room."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtGui import QFontMetricsF
from pytestqt.qtbot import QtBot

from convstudio.canvas.card import BAND, PADDING, WIDTH, card_font, closer, fitted, fitting_line
from convstudio.wording import rounded, sizes, thousands

ROOM = WIDTH - BAND - 2 * PADDING


@pytest.mark.parametrize(
    ("number", "expected"), [(2_359_808, "2.36\u202fM"), (590_080, "590\u202fk"), (999_900, "1\u202fM")]
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


def test_settings_stand_closer_before_they_are_cut_off(qtbot: QtBot) -> None:
    metrics = QFontMetricsF(card_font("caption"))
    for text in ("7×7 · 64 · s2 p3", sizes((3, 224, 224))):
        room = metrics.horizontalAdvance(text) - 1
        assert fitted(text, metrics, room) == closer(text) != text
