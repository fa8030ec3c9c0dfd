"""Filters and activations as pictures: bytes that a window only has to show."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

from engine.network import Network
from engine.protocol import REPORT_BYTES, Picture

Array = np.ndarray[Any, Any]
PICTURE_BYTES = REPORT_BYTES - 128 * 1024  # the rest is for curves and tables
LARGEST_SIDE = 64  # pixels of a tile
GREY, WHITE = 128, 255


def pictures(network: Network, sample: Array, watch: Collection[str]) -> tuple[Picture, ...]:
    """Filters and activations of the watched nodes for one normalised sample, within the size of a report."""
    known = [name for name in watch if name in network.graph]
    if not known:
        return ()
    values = network.activations(sample[None], known)
    found: list[tuple[str, str, Array]] = []
    for name in known:
        weight = network.parameters.get(f"{name}.weight")
        if weight is not None and weight.ndim >= 4:
            found.append((name, "filters", _filter_bytes(weight)))
        found.append((name, "activations", _activation_bytes(values[name][0])))
    share = PICTURE_BYTES // len(found)
    return tuple(Picture(name, what, _within(tiles, share)) for name, what, tiles in found)


def _filter_bytes(weight: Array) -> Array:
    """Grey is zero; each output's first input channel."""
    tiles = weight.reshape(weight.shape[0], -1, *weight.shape[-2:])[:, 0]
    largest = np.abs(tiles).max() or 1.0
    with np.errstate(invalid="ignore"):
        return np.nan_to_num(GREY + tiles / largest * (WHITE - GREY)).astype(np.uint8)


def _activation_bytes(values: Array) -> Array:
    """Black is the lowest value of the node, white the highest."""
    tiles = values.reshape(1, 1, -1) if values.ndim == 1 else values.reshape(-1, *_last_two(values))
    finite = np.nan_to_num(tiles, posinf=0.0, neginf=0.0)
    low, high = finite.min(), finite.max()
    return np.asarray((finite - low) / ((high - low) or 1.0) * WHITE, np.uint8)


def _last_two(values: Array) -> tuple[int, int]:
    return (1, values.shape[-1]) if values.ndim == 2 else (values.shape[-2], values.shape[-1])


def _within(tiles: Array, most_bytes: int) -> Array:
    """Large tiles with pixels left out, and only as many tiles as there is room for."""
    rows, columns = (-(-side // LARGEST_SIDE) for side in tiles.shape[1:])
    if tiles.shape[1] == 1:  # a strip of numbers is no image: it keeps its first ones
        columns, tiles = 1, tiles[:, :, :most_bytes]
    small = tiles[:, ::rows, ::columns]
    room = max(1, most_bytes // (small.shape[1] * small.shape[2]))
    return np.ascontiguousarray(small[:room])


def probabilities(scores: Array) -> Array:
    """Softmax over the classes of one sample."""
    shifted = np.exp(scores.astype(np.float64) - scores.max(axis=0, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=0, keepdims=True), np.float32)
