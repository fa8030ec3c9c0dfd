"""Pooling: each window of a channel becomes one pixel."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from engine.reference.windows import Array, Result, Sizes, Span, pad, pixel, positions, window


def max_pooling(
    x: Array, *, kernel_size: Sizes, stride: Sizes, padding: Sizes, dilation: Sizes, ceil_mode: bool = False
) -> Result:
    """y = the largest pixel of each window, the first of equals; its gradient goes to that pixel alone."""
    size, spans = _windows(x.shape[2:], kernel_size, stride, padding, dilation, ceil_mode)
    padded, unpad = pad(x, spans, value=-np.inf)  # padding never wins
    y, winners = np.zeros((*x.shape[:2], *size)), {}
    for at in positions(size):
        candidates = padded[window(at, kernel_size, stride, dilation)].reshape(*x.shape[:2], -1)
        winners[at] = candidates.argmax(-1)
        y[pixel(at)] = candidates.max(-1)

    def pullback(dy: Array) -> dict[str, Array]:
        d_padded = np.zeros_like(padded)
        for at, winner in winners.items():
            won = np.arange(prod(kernel_size)) == winner[..., None]
            share = won * dy[pixel(at)][..., None]
            d_padded[window(at, kernel_size, stride, dilation)] += share.reshape(*x.shape[:2], *kernel_size)
        return {"x": unpad(d_padded)}

    return y, pullback


def average_pooling(
    x: Array,
    *,
    kernel_size: Sizes,
    stride: Sizes,
    padding: Sizes,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Result:
    """y = the mean of each window; padding counts as pixels where `count_include_pad`, what lies beyond it never."""
    ones = (1,) * len(kernel_size)
    size, spans = _windows(x.shape[2:], kernel_size, stride, padding, ones, ceil_mode)
    padded, unpad = pad(x, spans)
    counted = np.zeros(padded.shape[2:])
    edges = (0,) * len(padding) if count_include_pad else padding
    inside = zip(edges, padding, x.shape[2:], strict=True)
    counted[tuple(slice(edge, n + 2 * p - edge) for edge, p, n in inside)] = 1
    space, y = tuple(range(2, x.ndim)), np.zeros((*x.shape[:2], *size))
    for at in positions(size):
        here = window(at, kernel_size, stride, ones)
        y[pixel(at)] = padded[here].sum(space) / counted[here].sum()

    def pullback(dy: Array) -> dict[str, Array]:
        d_padded = np.zeros_like(padded)
        for at in positions(size):
            here = window(at, kernel_size, stride, ones)
            d_padded[here] += _to_each(dy[pixel(at)] / counted[here].sum(), len(size))
        return {"x": unpad(d_padded)}

    return y, pullback


def global_average(x: Array) -> Result:
    """y = the mean of each channel."""
    return adaptive_average(x, output_size=(1,) * (x.ndim - 2))


def global_max(x: Array) -> Result:
    """y = the largest pixel of each channel."""
    zeros, ones = (0,) * (x.ndim - 2), (1,) * (x.ndim - 2)
    return max_pooling(x, kernel_size=x.shape[2:], stride=ones, padding=zeros, dilation=ones)


def adaptive_average(x: Array, *, output_size: Sizes) -> Result:
    """y = the means of windows from floor(i * n / m) to ceil((i + 1) * n / m), which cover the image evenly."""

    def here(at: Sizes) -> Any:
        axes = zip(at, x.shape[2:], output_size, strict=True)
        return (..., *(slice(i * n // m, -(-(i + 1) * n // m)) for i, n, m in axes))

    space, y = tuple(range(2, x.ndim)), np.zeros((*x.shape[:2], *output_size))
    for at in positions(output_size):
        y[pixel(at)] = x[here(at)].mean(space)

    def pullback(dy: Array) -> dict[str, Array]:
        dx = np.zeros_like(x)
        for at in positions(output_size):
            pixels = x[here(at)][0, 0].size
            dx[here(at)] += _to_each(dy[pixel(at)] / pixels, len(output_size))
        return {"x": dx}

    return y, pullback


def _windows(
    size: Sizes, kernel: Sizes, stride: Sizes, padding: Sizes, dilation: Sizes, ceil_mode: bool
) -> tuple[Sizes, tuple[Span, ...]]:
    """How many windows there are, and the padding that holds the last one even where it reaches beyond the edge."""
    counts, spans = [], []
    for n, k, s, p, d in zip(size, kernel, stride, padding, dilation, strict=True):
        extent = d * (k - 1) + 1
        room = n + 2 * p - extent
        count = (-(-room // s) if ceil_mode else room // s) + 1
        if ceil_mode and (count - 1) * s >= n + p:
            count -= 1  # a window must start inside the image or its left padding
        counts.append(count)
        spans.append((p, max(p, (count - 1) * s + extent - n - p)))
    return tuple(counts), tuple(spans)


def _to_each(share: Array, axes: int) -> Array:
    """One number per sample and channel, in a shape that meets every pixel of a window."""
    return share.reshape(*share.shape, *(1,) * axes)
