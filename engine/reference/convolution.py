"""Convolutions, in the sense of the field: the kernel is not turned around.

Each forward pass visits every position with its window and multiplies; each pullback visits the same windows again and
hands every product's gradient to its two factors: d(a * b) = da * b + a * db.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.reference.windows import (
    Array,
    Result,
    Sizes,
    Span,
    all_but_channels,
    inner,
    pad,
    per_channel,
    pixel,
    positions,
    slides,
    window,
)


def convolution(
    x: Array,
    weight: Array,
    bias: Array | None = None,
    *,
    stride: Sizes,
    padding: tuple[Span, ...],
    dilation: Sizes,
    groups: int = 1,
    padding_mode: str = "zeros",
) -> Result:
    """y[n, o, p] = bias[o] + sum over c, k of weight[o, c, k] * x[n, c, p * stride + k * dilation]"""
    padded, unpad = pad(x, padding, padding_mode)
    kernel = weight.shape[2:]
    size = slides(padded.shape[2:], kernel, stride, dilation)
    teams = _teams(groups, x.shape[1], len(weight))
    y = np.zeros((len(x), len(weight), *size))
    for at in positions(size):
        patch = padded[window(at, kernel, stride, dilation)]
        for c, o in teams:
            y[:, o][pixel(at)] = _sum_of_products(patch[:, c], weight[o])
    if bias is not None:
        y += per_channel(bias, y)

    def pullback(dy: Array) -> dict[str, Array]:
        d_padded, dw = np.zeros_like(padded), np.zeros_like(weight)
        for at in positions(size):
            here = window(at, kernel, stride, dilation)
            for c, o in teams:
                error = dy[:, o][pixel(at)]
                dw[o] += _paired(error, padded[:, c][here])
                d_padded[:, c][here] += _spread(error, weight[o])
        return {"x": unpad(d_padded), "weight": dw} | _bias_gradient(bias, dy)

    return y, pullback


def transposed_convolution(
    x: Array,
    weight: Array,
    bias: Array | None = None,
    *,
    stride: Sizes,
    padding: Sizes,
    output_padding: Sizes,
    dilation: Sizes,
    groups: int = 1,
) -> Result:
    """y[n, o, p * stride + k * dilation - padding] += weight[c, o, k] * x[n, c, p]: each pixel stamps its kernel."""
    kernel = weight.shape[2:]
    axes = zip(x.shape[2:], stride, dilation, kernel, output_padding, strict=True)
    whole = tuple((n - 1) * s + d * (k - 1) + 1 + extra for n, s, d, k, extra in axes)
    teams = _teams(groups, x.shape[1], weight.shape[1] * groups)
    canvas = np.zeros((len(x), weight.shape[1] * groups, *whole))
    for at in positions(x.shape[2:]):
        here = window(at, kernel, stride, dilation)
        for c, o in teams:
            canvas[:, o][here] += _spread(x[:, c][pixel(at)], weight[c])
    kept = inner(whole, tuple((p, p) for p in padding))  # padding means here: edges that are cut off
    y = canvas[kept] if bias is None else canvas[kept] + per_channel(bias, canvas)

    def pullback(dy: Array) -> dict[str, Array]:
        d_canvas, dx, dw = np.zeros_like(canvas), np.zeros_like(x), np.zeros_like(weight)
        d_canvas[kept] = dy
        for at in positions(x.shape[2:]):
            here = window(at, kernel, stride, dilation)
            for c, o in teams:
                error = d_canvas[:, o][here]
                dw[c] += _paired(x[:, c][pixel(at)], error)
                dx[:, c][pixel(at)] = _sum_of_products(error, weight[c])
        return {"x": dx, "weight": dw} | _bias_gradient(bias, dy)

    return y, pullback


def locally_connected(
    x: Array, weight: Array, bias: Array | None = None, *, stride: Sizes, padding: tuple[Span, ...]
) -> Result:
    """A convolution with kernels of its own at every position p: weight[o, p, c, k] and bias[o, p]."""
    padded, unpad = pad(x, padding)
    axes = x.ndim - 2
    size, kernel, ones = weight.shape[1 : 1 + axes], weight.shape[2 + axes :], (1,) * axes
    y = np.zeros((len(x), len(weight), *size))
    for at in positions(size):
        patch, own = padded[window(at, kernel, stride, ones)], weight[_own(at)]
        y[pixel(at)] = _sum_of_products(patch, own)
    if bias is not None:
        y += bias

    def pullback(dy: Array) -> dict[str, Array]:
        d_padded, dw = np.zeros_like(padded), np.zeros_like(weight)
        for at in positions(size):
            here, own = window(at, kernel, stride, ones), _own(at)
            dw[own] = _paired(dy[pixel(at)], padded[here])
            d_padded[here] += _spread(dy[pixel(at)], weight[own])
        gradients = {"x": unpad(d_padded), "weight": dw}
        return gradients if bias is None else gradients | {"bias": dy.sum(0)}

    return y, pullback


def tiled_convolution(
    x: Array, weight: Array, bias: Array | None = None, *, stride: Sizes, padding: tuple[Span, ...]
) -> Result:
    """A convolution with t x t sets of kernels that take turns: position (i, j) uses weight[i % t, j % t, o, c, k]."""
    padded, unpad = pad(x, padding)
    axes = x.ndim - 2
    kernel, ones = weight.shape[2 + axes :], (1,) * axes
    size = slides(padded.shape[2:], kernel, stride, ones)
    y = np.zeros((len(x), weight.shape[axes], *size))
    for at in positions(size):
        turn = tuple(i % len(weight) for i in at)
        y[pixel(at)] = _sum_of_products(padded[window(at, kernel, stride, ones)], weight[turn])
    if bias is not None:
        y += per_channel(bias, y)

    def pullback(dy: Array) -> dict[str, Array]:
        d_padded, dw = np.zeros_like(padded), np.zeros_like(weight)
        for at in positions(size):
            here, turn = window(at, kernel, stride, ones), tuple(i % len(weight) for i in at)
            dw[turn] += _paired(dy[pixel(at)], padded[here])
            d_padded[here] += _spread(dy[pixel(at)], weight[turn])
        return {"x": unpad(d_padded), "weight": dw} | _bias_gradient(bias, dy)

    return y, pullback


def _teams(groups: int, inputs: int, outputs: int) -> list[tuple[slice, slice]]:
    """Which input channels work for which output channels; groups know nothing of each other."""
    i, o = inputs // groups, outputs // groups
    return [(slice(g * i, (g + 1) * i), slice(g * o, (g + 1) * o)) for g in range(groups)]


def _own(at: Sizes) -> Any:
    """The kernels of one position, as an index into `[O, *positions, C, *kernel]`."""
    return (slice(None), *at)


def _sum_of_products(patch: Array, weight: Array) -> Array:
    """[n, o] = sum over c, k of patch[n, c, k] * weight[o, c, k]"""
    every = range(1, weight.ndim)
    return np.tensordot(patch, weight, axes=(every, every))


def _paired(a: Array, b: Array) -> Array:
    """[i, j, k] = sum over samples of a[n, i] * b[n, j, k]"""
    return np.tensordot(a, b, axes=(0, 0))


def _spread(values: Array, weight: Array) -> Array:
    """[n, j, k] = sum over i of values[n, i] * weight[i, j, k]"""
    return np.tensordot(values, weight, axes=(1, 0))


def _bias_gradient(bias: Array | None, dy: Array) -> dict[str, Array]:
    """A bias is added to every sample and pixel of its channel, so it collects all their gradients."""
    return {} if bias is None else {"bias": dy.sum(all_but_channels(dy))}
