"""Kernels as coloured tiles, in the order and on the scale that one wants."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

from convstudio.look.colormaps import SIGNED, ZERO, pack, packed
from convstudio.wording import sizes, thousands
from engine.questions.seeing import KernelsSeen

Array = np.ndarray[Any, Any]
ONE, ALL, COLOUR = "one", "all", "colour"  # which input channels are shown
LARGEST = 127
BAND = 3  # a row of weights is so many of its squares high


@attrs.frozen
class Wish:
    """How kernels are shown."""

    what: str = ONE
    first: int = 0
    by_norm: bool = False
    shared: bool = True


@attrs.frozen(eq=False)
class Tiles:
    """What a grid shows: pixels, how many tiles are in a row (0: as many as fit), and whose they are."""

    pixels: Array  # uint32 [tiles, height, width]
    across: int
    order: Array  # the kernel of each tile, or of each row of tiles


def arranged(seen: KernelsSeen, wish: Wish) -> Tiles:
    """The tiles of kernels."""
    order = np.argsort(-seen.norms, kind="stable") if wish.by_norm else np.arange(len(seen.tiles))
    bytes_ = seen.tiles[order]
    if wish.shared:
        shares = seen.scales[order] / (seen.scales.max(initial=0) or 1.0)
        bytes_ = np.rint(bytes_ * shares[:, None, None, None]).astype(np.int8)
    places = bytes_.astype(np.int16) + ZERO
    if wish.what == COLOUR and places.shape[1] == 3:
        return Tiles(pack(np.moveaxis(places, 1, -1)), 0, order)
    colors = packed(SIGNED)[places]
    _, inputs, height, width = colors.shape
    if wish.what == ALL:
        return Tiles(colors.reshape(-1, height, width), inputs, np.repeat(order, inputs))
    if seen.row:
        return Tiles(np.repeat(colors[:, 0], BAND, axis=1), 1, order)
    return Tiles(colors[:, 0], 0, order)


def limits(seen: KernelsSeen, wish: Wish, chosen: int) -> float | None:
    """The weight that the strongest colour stands for; None where each kernel has its own and none is chosen."""
    if wish.shared:
        return float(seen.scales.max(initial=0))
    return float(seen.scales[chosen]) if 0 <= chosen < len(seen.scales) else None


def coloured(weights: Array, largest: float) -> Array:
    """uint32 [height, width] of weights, on a scale that ends at `largest`."""
    shares = np.clip(np.nan_to_num(weights) / (largest or 1.0), -1, 1)
    return packed(SIGNED)[np.rint(shares * LARGEST).astype(np.intp) + ZERO]


def facts(seen: KernelsSeen, what: str) -> str:
    """How many kernels there are, how large and deep, and what of them is not shown."""
    kernels, inputs, height, width = seen.tiles.shape
    sides = (seen.depth, height, width) if seen.depth > 1 else (height, width)
    words = [f"{thousands(seen.kernels)} kernels, {sizes(sides)}"]
    if seen.row:
        words = [f"{thousands(seen.kernels)} outputs (rows) of {thousands(width)} inputs (columns)"]
    if seen.inputs > 1:
        words.append(f"{thousands(seen.inputs // seen.depth)} input channels")
    if kernels < seen.kernels:
        words.append(f"the first {thousands(kernels)} are shown")
    if what == ALL and inputs < seen.inputs:
        words.append(f"the first {thousands(inputs)} inputs are shown")
    return " · ".join(words)
