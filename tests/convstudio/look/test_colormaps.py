"""Colours for numbers: zero is neutral, more is lighter, and both themes can be read."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor

from convstudio.look.colormaps import (
    AUTOMATIC,
    GREY,
    SIGNED,
    SPECTRUM,
    ZERO,
    limits,
    packed,
    shade,
    suiting,
    table,
)
from convstudio.look.theme import DARK, LIGHT, appearance, theme

LUMINANCE = np.array([0.2126, 0.7152, 0.0722])


@pytest.fixture(params=[LIGHT, DARK])
def look(request: pytest.FixtureRequest, qapp: object) -> str:
    appearance().choose(request.param)
    return str(request.param)


def test_zero_is_the_neutral_colour_and_the_signs_have_their_own(look: str) -> None:
    colors = table(SIGNED).astype(float)
    assert QColor(*table(SIGNED)[ZERO].tolist()) == theme().color("canvas")
    minus, plus = colors[: ZERO // 2], colors[ZERO + ZERO // 2 :]
    assert (minus[:, 0] > minus[:, 2]).all()  # orange
    assert (plus[:, 2] > plus[:, 0]).all()  # blue
    ends = colors[[0, -1]] @ LUMINANCE
    assert np.abs(ends - colors[ZERO] @ LUMINANCE).min() > 80  # strong is far from zero


@pytest.mark.parametrize("name", [SPECTRUM, GREY])
def test_more_is_lighter_all_the_way(look: str, name: str) -> None:
    light = table(name).astype(float) @ LUMINANCE
    assert (np.diff(light) > -0.6).all()
    assert light[-1] - light[0] > 150


def test_packed_colours_are_those_of_an_image(look: str) -> None:
    for place in (0, 77, 255):
        assert QColor.fromRgb(int(packed(SPECTRUM)[place])).getRgb()[:3] == tuple(table(SPECTRUM)[place].tolist())


def test_zero_is_on_every_scale() -> None:
    assert [float(end) for end in limits(SPECTRUM, 2.0, 5.0)] == [0.0, 5.0]
    assert [float(end) for end in limits(SIGNED, -1.0, 3.0)] == [-3.0, 3.0]
    assert shade(np.array([-3.0, 3.0, np.nan]), SIGNED, -1.0, 3.0).tolist() == [0, 255, 128]
    assert (suiting(AUTOMATIC, -0.1), suiting(AUTOMATIC, 0.0), suiting(GREY, -1.0)) == (SIGNED, SPECTRUM, GREY)
