"""Activations: y = f(x) for every number on its own, so dx = dy * f'(x); softmax alone looks at all channels."""

from __future__ import annotations

from math import erf, pi, sqrt

import numpy as np

from engine.reference.windows import Array, Result, all_but_channels, per_channel

_erf = np.vectorize(erf, otypes=[float])


def relu(x: Array) -> Result:
    """max(x, 0)"""
    return _pointwise(np.maximum(x, 0), np.where(x > 0, 1.0, 0.0))


def leaky_relu(x: Array, *, negative_slope: float) -> Result:
    """x above zero, negative_slope · x below"""
    slope = np.where(x > 0, 1.0, negative_slope)
    return _pointwise(x * slope, slope)


def prelu(x: Array, weight: Array) -> Result:
    """The same with a learned fraction, for each channel or for all."""
    own = per_channel(weight, x)

    def pullback(dy: Array) -> dict[str, Array]:
        dw = (dy * np.minimum(x, 0)).sum(all_but_channels(x))
        return {"x": dy * np.where(x > 0, 1.0, own), "weight": dw if weight.size > 1 else dw.sum(keepdims=True)}

    return np.where(x > 0, x, own * x), pullback


def elu(x: Array, *, alpha: float) -> Result:
    """x above zero, alpha · (e^x − 1) below"""
    below = alpha * np.exp(np.minimum(x, 0))
    return _pointwise(np.where(x > 0, x, below - alpha), np.where(x > 0, 1.0, below))


def sigmoid(x: Array) -> Result:
    """1 / (1 + e^−x)"""
    y = logistic(x)
    return _pointwise(y, y * (1 - y))


def tanh(x: Array) -> Result:
    """(e^x − e^−x) / (e^x + e^−x)"""
    y = np.tanh(x)
    return _pointwise(y, 1 - y**2)


def softplus(x: Array) -> Result:
    """log(1 + e^x)"""
    return _pointwise(np.logaddexp(0, x), logistic(x))


def silu(x: Array) -> Result:
    """x · sigmoid(x)"""
    s = logistic(x)
    return _pointwise(x * s, s + x * s * (1 - s))


def gelu(x: Array) -> Result:
    """x · (the probability that a standard normal number is below x)"""
    below, density = (1 + _erf(x / sqrt(2))) / 2, np.exp(-(x**2) / 2) / sqrt(2 * pi)
    return _pointwise(x * below, below + x * density)


def hard_swish(x: Array) -> Result:
    """x · clip(x + 3, 0, 6) / 6"""
    slope = np.where(x <= -3, 0.0, np.where(x >= 3, 1.0, (2 * x + 3) / 6))
    return _pointwise(x * np.clip(x + 3, 0, 6) / 6, slope)


def softmax(x: Array) -> Result:
    """y[c] = e**x[c] / sum over all channels of e**x"""
    e = np.exp(x - x.max(1, keepdims=True))  # the same ratio, and never too large
    y = e / e.sum(1, keepdims=True)
    return y, lambda dy: {"x": y * (dy - (dy * y).sum(1, keepdims=True))}


def logistic(x: Array) -> Array:
    """1 / (1 + e**-x), written so that e**-x cannot be too large"""
    return np.exp(-np.logaddexp(0, -x))


def _pointwise(y: Array, slope: Array) -> Result:
    return y, lambda dy: {"x": dy * slope}
