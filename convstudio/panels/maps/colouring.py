"""Bytes of maps in colour, on one scale for a layer or on one for each channel; zero is a part of every scale."""

from __future__ import annotations

from typing import Any

import numpy as np

from convstudio.look.colormaps import SHADES, TOP, limits, packed, table
from engine.questions.seeing import LayerMaps

Array = np.ndarray[Any, Any]
FAINTEST, STRONGEST = 0, 230  # opacity over the sample, of 255


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


def see_through(places: Array, colormap: str, zero: int) -> Array:
    """uint32 with an opacity: what is far from zero covers what is behind it; `zero` is its place in the table."""
    strength = np.sqrt(np.abs(np.arange(SHADES) - zero) / max(zero, TOP - zero))
    alpha = (FAINTEST + strength * (STRONGEST - FAINTEST)).astype(np.uint32)
    wide = table(colormap).astype(np.uint32)
    colors = alpha << 24 | wide[:, 0] << 16 | wide[:, 1] << 8 | wide[:, 2]
    return np.asarray(colors, np.uint32)[places]
