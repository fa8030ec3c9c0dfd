"""Windows that slide over space, for one axis or more, and padding around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Pullback = Callable[[Array], dict[str, Any]]
Result = tuple[Array, Pullback]
Span = tuple[int, int]
Sizes = tuple[int, ...]
MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def positions(size: Sizes) -> Iterator[Sizes]:
    """Every index of an image of this size."""
    return product(*(range(n) for n in size))


def pixel(at: Sizes) -> Any:
    """All samples and channels at one position, as an index into `[N, C, *space]`."""
    return (..., *at)


def window(at: Sizes, kernel: Sizes, stride: Sizes, dilation: Sizes) -> Any:
    """The pixels that output position `at` sees, as an index into `[N, C, *space]`."""
    axes = zip(at, kernel, stride, dilation, strict=True)
    return (..., *(slice(p * s, p * s + d * (k - 1) + 1, d) for p, k, s, d in axes))


def inner(size: Sizes, edges: tuple[Span, ...]) -> Any:
    """All but so many pixels at each edge, as an index into `[N, C, *space]`."""
    return (..., *(slice(low, n - high) for n, (low, high) in zip(size, edges, strict=True)))


def slides(size: Sizes, kernel: Sizes, stride: Sizes, dilation: Sizes) -> Sizes:
    """How many positions a window has on an image of this (padded) size."""
    axes = zip(size, kernel, stride, dilation, strict=True)
    return tuple((n - d * (k - 1) - 1) // s + 1 for n, k, s, d in axes)


def pad(
    x: Array, spans: tuple[Span, ...], mode: str = "zeros", value: float = 0.0
) -> tuple[Array, Callable[[Array], Array]]:
    """x with pixels added around, and what hands a gradient back to the pixels that were shown there."""
    everywhere, pixels = ((0, 0), (0, 0), *spans), np.arange(x[0, 0].size).reshape(x.shape[2:])
    if mode == "zeros":
        nobody = x[0, 0].size  # one place more, for what belongs to no pixel of x
        padded = np.pad(x, everywhere, constant_values=value)
        source = np.pad(pixels, spans, constant_values=nobody)
    else:
        padded = np.pad(x, everywhere, MODES[mode])  # type: ignore[call-overload]
        source = np.pad(pixels, spans, MODES[mode])  # type: ignore[call-overload]

    def unpad(d_padded: Array) -> Array:
        dx = np.zeros((*x.shape[:2], x[0, 0].size + 1))
        for at in positions(source.shape):  # a pixel shown several times collects all their gradients
            dx[..., source[at]] += d_padded[pixel(at)]
        return dx[..., :-1].reshape(x.shape)

    return padded, unpad


def per_channel(values: Array, x: Array) -> Array:
    """One number for each channel, in a shape that meets `[N, C, *space]`."""
    return values.reshape(1, -1, *(1,) * (x.ndim - 2))


def all_but_channels(x: Array) -> Sizes:
    """The axes that share a channel: samples and space."""
    return (0, *range(2, x.ndim))
