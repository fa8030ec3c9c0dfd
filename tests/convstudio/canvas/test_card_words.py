"""What a card says where there is little room."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFontMetricsF
from pytestqt.qtbot import QtBot

from convstudio.canvas.card import BAND, PADDING, WIDTH, card_font, fitting_count
from convstudio.wording import rounded, sizes, thousands


@pytest.mark.parametrize(
    ("number", "expected"), [(2_359_808, "2.36\u202fM"), (590_080, "590\u202fk"), (999_900, "1\u202fM")]
)
def test_a_count_is_rounded(number: int, expected: str) -> None:
    assert rounded(number) == expected


@pytest.mark.parametrize("count", [1_792, 36_928, 2_359_808, 102_764_544])
def test_shape_and_parameters_do_not_run_into_each_other(qtbot: QtBot, count: int) -> None:
    room = WIDTH - BAND - 2 * PADDING
    for shape in (sizes((64, 224, 224)), sizes((512, 14, 14)), sizes((4096,))):
        text = fitting_count(count, shape, room)
        taken = QFontMetricsF(card_font("strong")).horizontalAdvance(shape)
        assert taken + QFontMetricsF(card_font("caption")).horizontalAdvance(text) < room
    assert fitting_count(count, sizes((10,)), room) == thousands(count)
