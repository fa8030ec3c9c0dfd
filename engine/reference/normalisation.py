"""Normalisation: numbers that share a mean are moved to mean 0 and variance 1, then scaled and shifted."""

from __future__ import annotations

import numpy as np

from engine.reference.windows import Array, Result, Sizes, all_but_channels, per_channel


def batch_norm(x: Array, weight: Array, bias: Array, *, eps: float) -> Result:
    """Mean and variance of each channel over the batch and its pixels, as in training."""
    axes = all_but_channels(x)
    return _scaled(_standardised(x, axes, eps), per_channel(weight, x), per_channel(bias, x), axes)


def batch_norm_inference(
    x: Array, weight: Array, bias: Array, running_mean: Array, running_var: Array, *, eps: float
) -> Result:
    """The same with the mean and variance that training has measured; they are constants here."""
    inverse = 1 / np.sqrt(per_channel(running_var, x) + eps)
    normal = (x - per_channel(running_mean, x)) * inverse, lambda dy: {"x": dy * inverse}
    return _scaled(normal, per_channel(weight, x), per_channel(bias, x), all_but_channels(x))


def layer_norm(x: Array, weight: Array, bias: Array, *, eps: float) -> Result:
    """Mean and variance of each sample over channels and pixels; a weight for each number."""
    return _scaled(_standardised(x, tuple(range(1, x.ndim)), eps), weight, bias, (0,))


def group_norm(x: Array, weight: Array, bias: Array, *, groups: int, eps: float) -> Result:
    """Mean and variance of each sample and group of channels."""
    grouped = (len(x), groups, -1)
    y, back = _standardised(x.reshape(grouped), (2,), eps)
    normal = y.reshape(x.shape), lambda dy: {"x": back(dy.reshape(grouped))["x"].reshape(x.shape)}
    return _scaled(normal, per_channel(weight, x), per_channel(bias, x), all_but_channels(x))


def instance_norm(x: Array, weight: Array, bias: Array, *, eps: float) -> Result:
    """Mean and variance of each sample and channel."""
    return group_norm(x, weight, bias, groups=x.shape[1], eps=eps)


def local_response_norm(x: Array, *, size: int, alpha: float, beta: float, k: float) -> Result:
    """y = x / (k + alpha / size * sum of squares over `size` neighbouring channels) ** beta"""
    channels = x.shape[1]
    spans = [slice(max(0, c - size // 2), c + (size - 1) // 2 + 1) for c in range(channels)]
    base = np.stack([k + alpha / size * (x[:, span] ** 2).sum(1) for span in spans], 1)

    def pullback(dy: Array) -> dict[str, Array]:
        dx = dy * base**-beta  # x itself,
        d_base = dy * x * -beta * base ** (-beta - 1)
        for c, span in enumerate(spans):  # and x as a neighbour
            dx[:, span] += d_base[:, c : c + 1] * alpha / size * 2 * x[:, span]
        return {"x": dx}

    return x * base**-beta, pullback


def _standardised(x: Array, axes: Sizes, eps: float) -> Result:
    """(x - mean) / sqrt(variance + eps), with mean and variance over the given axes."""
    inverse = 1 / np.sqrt(x.var(axes, keepdims=True) + eps)
    y = (x - x.mean(axes, keepdims=True)) * inverse

    def pullback(dy: Array) -> dict[str, Array]:
        # Moving or stretching all of x changes nothing, so these parts of the gradient are taken out.
        moved, stretched = dy.mean(axes, keepdims=True), y * (dy * y).mean(axes, keepdims=True)
        return {"x": inverse * (dy - moved - stretched)}

    return y, pullback


def _scaled(normal: Result, weight: Array, bias: Array, shared: Sizes) -> Result:
    """weight * y + bias, for weights in a shape that meets y; `shared` are the axes along which a weight repeats."""
    y, back = normal

    def pullback(dy: Array) -> dict[str, Array]:
        return back(dy * weight) | {"weight": (dy * y).sum(shared), "bias": dy.sum(shared)}

    return weight * y + bias, pullback
