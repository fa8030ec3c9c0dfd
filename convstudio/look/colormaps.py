"""Colours for numbers: tables of 256, made of the theme's own colours.

`signed` has a neutral middle for zero, `spectrum` and `grey` begin dark at the lowest value.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from PySide6.QtGui import QColor

from convstudio.look.theme import DARK, LIGHT, Theme, theme

Array = np.ndarray[Any, Any]
SHADES = 256
TOP = SHADES - 1
ZERO = 128  # the place of zero among signed numbers
SIGNED, SPECTRUM, GREY, AUTOMATIC = "signed", "spectrum", "grey", "automatic"
OPAQUE = np.uint32(0xFF000000)


def table(name: str) -> Array:
    """uint8 [256, 3]: red, green and blue."""
    return _table(name, theme().name)


def packed(name: str) -> Array:
    """uint32 [256]: the same as a QImage of Format_RGB32 has them."""
    return _packed(name, theme().name)


def suiting(name: str, low: float) -> str:
    """The colour map itself; in place of the automatic one that which suits numbers from `low` on."""
    if name != AUTOMATIC:
        return name
    return SIGNED if low < 0 else SPECTRUM


def limits(colormap: str, lows: Array | float, highs: Array | float) -> tuple[Array, Array]:
    """The ends of the scale: zero lies between them, in the middle of a signed one."""
    low, high = np.asarray(np.minimum(lows, 0.0)), np.asarray(np.maximum(highs, 0.0))
    if colormap == SIGNED:
        high = np.maximum(-low, high)
        low = -high
    return low, high


def shade(values: Array, colormap: str, low: float, high: float) -> Array:
    """uint8: the place of each number in a colour map's table."""
    start, end = (float(limit) for limit in limits(colormap, low, high))
    shares = (np.nan_to_num(values) - start) / ((end - start) or 1.0)
    return np.rint(np.clip(shares, 0, 1) * TOP).astype(np.uint8)


@cache
def _packed(name: str, look: str) -> Array:
    return pack(_table(name, look))


def pack(colors: Array) -> Array:
    """Red, green and blue along the last axis, as one number of 32 bits."""
    wide = colors.astype(np.uint32)
    return np.asarray(OPAQUE | wide[..., 0] << 16 | wide[..., 1] << 8 | wide[..., 2], np.uint32)


@cache
def _table(name: str, look: str) -> Array:
    if name == SIGNED:
        return _signed(Theme(look))
    stops = _spectrum() if name == SPECTRUM else _grey()
    made = _between(stops, np.linspace(0, 1, len(stops)), np.linspace(0, 1, SHADES))
    made.flags.writeable = False
    return made


def _signed(look: Theme) -> Array:
    """Orange for what is negative, blue for what is positive, the strongest nearest to the colour of text."""
    minus, plus, ink = (_rgb(c) for c in (look.category("pooling"), look.category("convolution"), look.color("text")))
    zero = _rgb(look.color("canvas"))
    stops = [_mixed(minus, ink, 0.45), minus, zero, plus, _mixed(plus, ink, 0.45)]
    made = _between(stops, np.array([-1.0, -0.7, 0.0, 0.7, 1.0]), (np.arange(SHADES) - ZERO) / (ZERO - 1.0))
    made.flags.writeable = False
    return made


def _spectrum() -> list[Array]:
    """Dark violet over blue and green to yellow; each step is lighter than the one before, in both themes."""
    day, night = Theme(LIGHT), Theme(DARK)
    dark = _rgb(night.color("canvas"))
    return [
        _mixed(_rgb(day.category("dense")), dark, 0.72),
        _mixed(_rgb(day.category("dense")), dark, 0.3),
        _mixed(_rgb(day.category("norm")), _rgb(day.category("convolution")), 0.25),
        _mixed(_rgb(day.category("norm")), _rgb(night.category("output")), 0.6),
        _rgb(night.category("activation")),
        _mixed(_rgb(night.category("activation")), _rgb(day.color("panel")), 0.5),
    ]


def _grey() -> list[Array]:
    return [_rgb(Theme(DARK).color("canvas")), _rgb(Theme(LIGHT).color("panel"))]


def _rgb(color: QColor) -> Array:
    return np.array([color.red(), color.green(), color.blue()], np.float64)


def _mixed(a: Array, b: Array, share: float) -> Array:
    return a + (b - a) * share


def _between(stops: list[Array], places: Array, wanted: Array) -> Array:
    columns = np.stack(stops).T
    made = np.stack([np.interp(wanted, places, column) for column in columns], axis=1)
    return np.ascontiguousarray(made.round(), np.uint8)
