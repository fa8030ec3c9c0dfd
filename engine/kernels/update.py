"""Optimisers: one pass over all parameters at once, which lie in one flat array.

Every array is flat and as long as the parameters, in whole vectors.  `g` is scaled by `scale[0]` first (clipping).
"""

from __future__ import annotations

import numpy as np
from numba import prange

from engine.jit import LANES, device, kernel
from engine.kernels.simd import absolute, load, splat, square_root, store, sum_lanes, where, zeros

CHUNK = 4096  # numbers that a thread takes at a time


TINY = 1e-30


@device
def settled(x):  # type: ignore[no-untyped-def]
    """Numbers that fade away become zero before they are so small that processors take a hundred times as long."""
    return where(absolute(x) < TINY, splat(0.0, 1, 1), x)


@kernel
def sgd(p, g, scale, v, lr, momentum, nesterov, decay):  # type: ignore[no-untyped-def]
    """v = momentum v + g; p -= lr v (Nesterov looks ahead: p -= lr (g + momentum v))"""
    for chunk in prange((p.size + CHUNK - 1) // CHUNK):
        for i in range(chunk * CHUNK, min(p.size, (chunk + 1) * CHUNK), LANES):
            value = load(p, i, 0, 0, 1, 1)
            slope = load(g, i, 0, 0, 1, 1) * scale[0] + value * decay
            speed = settled(load(v, i, 0, 0, 1, 1) * momentum + slope)
            store(speed, v, i, 0, 0)
            step = slope + speed * momentum if nesterov else speed
            store(value - step * lr, p, i, 0, 0)


@kernel
def adam(p, g, scale, m, v, lr, beta1, beta2, eps, correction1, correction2, decay, decoupled):  # type: ignore[no-untyped-def]
    """m, v = running means of g and g**2, corrected for their start at zero; p -= lr * m / (sqrt(v) + eps)"""
    shrink = np.float32(1) - lr * decay if decoupled else np.float32(1)
    added = np.float32(0) if decoupled else decay
    rest1, rest2 = np.float32(1) - beta1, np.float32(1) - beta2
    for chunk in prange((p.size + CHUNK - 1) // CHUNK):
        for i in range(chunk * CHUNK, min(p.size, (chunk + 1) * CHUNK), LANES):
            value = load(p, i, 0, 0, 1, 1)
            slope = load(g, i, 0, 0, 1, 1) * scale[0] + value * added
            mean = settled(load(m, i, 0, 0, 1, 1) * beta1 + slope * rest1)
            square = settled(load(v, i, 0, 0, 1, 1) * beta2 + slope * slope * rest2)
            store(mean, m, i, 0, 0)
            store(square, v, i, 0, 0)
            step = mean * (lr * correction1) / (square_root(square * correction2) + eps)
            store(value * shrink - step, p, i, 0, 0)


@kernel
def rmsprop(p, g, scale, v, speed, lr, alpha, eps, momentum, decay):  # type: ignore[no-untyped-def]
    """v = running mean of g**2; p -= lr * g / (sqrt(v) + eps), with momentum where wanted"""
    rest = np.float32(1) - alpha
    for chunk in prange((p.size + CHUNK - 1) // CHUNK):
        for i in range(chunk * CHUNK, min(p.size, (chunk + 1) * CHUNK), LANES):
            value = load(p, i, 0, 0, 1, 1)
            slope = load(g, i, 0, 0, 1, 1) * scale[0] + value * decay
            square = settled(load(v, i, 0, 0, 1, 1) * alpha + slope * slope * rest)
            store(square, v, i, 0, 0)
            step = settled(load(speed, i, 0, 0, 1, 1) * momentum + slope / (square_root(square) + eps))
            store(step, speed, i, 0, 0)
            store(value - step * lr, p, i, 0, 0)


@kernel
def adagrad(p, g, scale, v, lr, eps, decay):  # type: ignore[no-untyped-def]
    """v = sum of g**2; p -= lr * g / (sqrt(v) + eps)"""
    for chunk in prange((p.size + CHUNK - 1) // CHUNK):
        for i in range(chunk * CHUNK, min(p.size, (chunk + 1) * CHUNK), LANES):
            value = load(p, i, 0, 0, 1, 1)
            slope = load(g, i, 0, 0, 1, 1) * scale[0] + value * decay
            square = load(v, i, 0, 0, 1, 1) + slope * slope
            store(square, v, i, 0, 0)
            store(value - slope * lr / (square_root(square) + eps), p, i, 0, 0)


@kernel
def adadelta(p, g, scale, v, u, lr, rho, eps, decay):  # type: ignore[no-untyped-def]
    """v, u = running means of g**2 and of the steps' squares; p -= lr * g * sqrt(u + eps) / sqrt(v + eps)"""
    rest = np.float32(1) - rho
    for chunk in prange((p.size + CHUNK - 1) // CHUNK):
        for i in range(chunk * CHUNK, min(p.size, (chunk + 1) * CHUNK), LANES):
            value = load(p, i, 0, 0, 1, 1)
            slope = load(g, i, 0, 0, 1, 1) * scale[0] + value * decay
            square = settled(load(v, i, 0, 0, 1, 1) * rho + slope * slope * rest)
            before = settled(load(u, i, 0, 0, 1, 1))
            step = slope * square_root(before + eps) / square_root(square + eps)
            store(square, v, i, 0, 0)
            store(before * rho + step * step * rest, u, i, 0, 0)
            store(value - step * lr, p, i, 0, 0)


@kernel
def sum_squares(g, parts):  # type: ignore[no-untyped-def]
    """The sum of squares of each chunk; adding those up in order gives the same bits with any number of threads."""
    for chunk in prange(parts.size):
        total = zeros(1, 1)
        for i in range(chunk * CHUNK, min(g.size, (chunk + 1) * CHUNK), LANES):
            slope = load(g, i, 0, 0, 1, 1)
            total = total + slope * slope
        parts[chunk] = sum_lanes(total)
