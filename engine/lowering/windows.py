"""Numbers that sliding kernels read: geometry, and index maps for padding."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.spec import Span

Array = np.ndarray[Any, Any]
NUMPY_MODES = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def three(value: tuple[int, ...], fill: int) -> tuple[int, ...]:
    """Depth, height and width of what is given for fewer axes."""
    return (fill,) * (3 - len(value)) + tuple(value)


def geometry(
    kernel: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...], low: tuple[int, ...], groups: int = 1
) -> Array:
    """Kernel, stride, dilation and low padding for depth, height, width; groups: see `kernels.sliding`."""
    return np.array([*three(kernel, 1), *three(stride, 1), *three(dilation, 1), *three(low, 0), groups], np.int64)


def padding_map(size: int, span: Span, mode: str) -> Array:
    """For each pixel of a padded axis, the pixel of the axis that it shows, or -1."""
    if mode == "zeros":
        return np.pad(np.arange(size), span, constant_values=-1)
    return np.pad(np.arange(size), span, mode=NUMPY_MODES[mode])  # type: ignore[call-overload, no-any-return]


def padding_maps(space: tuple[int, ...], spans: tuple[Span, ...], mode: str) -> tuple[Array, Array, Array]:
    """Padding maps for depth, height and width."""
    maps = [padding_map(size, span, mode) for size, span in zip(space, spans, strict=True)]
    depth, height, width = [np.zeros(1, np.int64)] * (3 - len(maps)) + maps
    return depth, height, width
