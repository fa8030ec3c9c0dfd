"""Bytes of maps in colour, on one scale for a layer or on one for each channel; zero is a part of every scale."""

from __future__ import annotations

from typing import Any

import numpy as np

from convstudio.look.colormaps import SHADES, SIGNED, ZERO, packed, table
from engine.questions.seeing import LayerMaps

Array = np.ndarray[Any, Any]
TOP = SHADES - 1
STRIP = 8  # a line of numbers is drawn so many times longer than high


def limits(colormap: str, lows: Array | float, highs: Array | float) -> tuple[Array, Array]:
    """The ends of the scale: zero lies between them, in the middle of a signed one."""
    low, high = np.asarray(np.minimum(lows, 0.0)), np.asarray(np.maximum(highs, 0.0))
    if colormap == SIGNED:
        high = np.maximum(-low, high)
        low = -high
    return low, high


def coloured(maps: LayerMaps, colormap: str, *, shared: bool) -> Array:
    """uint32 [channels, height, width]."""
    lows, highs = maps.lows, maps.highs
    if shared:
        lows, highs = (np.broadcast_to(end, len(maps.lows)) for end in (lows.min(initial=0.0), highs.max(initial=0.0)))
    low, high = limits(colormap, lows, highs)
    span = np.where(high > low, high - low, 1.0)
    factor = (maps.highs - maps.lows) / span  # from a channel's own bytes to places on the scale
    offset = (maps.lows - low) / span * TOP
    places = maps.tiles * factor[:, None, None].astype(np.float32) + offset[:, None, None].astype(np.float32)
    return packed(colormap)[np.rint(places).astype(np.uint8)]


def shade(values: Array, colormap: str, low: float, high: float) -> Array:
    """uint8: the place of each number in a colour map's table."""
    start, end = (float(limit) for limit in limits(colormap, low, high))
    shares = (np.nan_to_num(values) - start) / ((end - start) or 1.0)
    return np.rint(np.clip(shares, 0, 1) * TOP).astype(np.uint8)


def see_through(places: Array, colormap: str) -> Array:
    """uint32 with an opacity: what is far from zero covers what is behind it."""
    strength = np.abs(np.arange(SHADES) - ZERO) * 2 if colormap == SIGNED else np.arange(SHADES)
    alpha = (24 + np.minimum(strength, TOP) * 0.8).astype(np.uint32)
    wide = table(colormap).astype(np.uint32)
    colors = alpha << 24 | wide[:, 0] << 16 | wide[:, 1] << 8 | wide[:, 2]
    return np.asarray(colors, np.uint32)[places]


def thick(tiles: Array) -> Array:
    """Lines of numbers as bands that can be seen."""
    height, width = tiles.shape[1:]
    return np.repeat(tiles, max(1, round(width / STRIP)), axis=1) if height == 1 < width else tiles
