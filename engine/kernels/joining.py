"""Joining tensors: sums, products, channels one after the other."""

from __future__ import annotations

from numba import prange

from engine.jit import LANES, kernel
from engine.kernels.simd import load, maximum, put, steps, store


@kernel
def add(a, b, y, relu):  # type: ignore[no-untyped-def]
    blocks, C, D, H, W, _ = y.shape
    an, ac, ad, ah = steps(a)
    bn, bc, bd, bh = steps(b)
    yn, yc, yd, yh = steps(y)
    floor_value = 0.0 if relu else -float("inf")
    for task in prange(blocks * C):
        n, c = task // C, task % C
        for d in range(D):
            for h in range(H):
                at, by = n * an + c * ac + d * ad + h * ah, n * bn + c * bc + d * bd + h * bh
                to = n * yn + c * yc + d * yd + h * yh
                for i in range(0, W * LANES, LANES):
                    total = load(a, at + i, 0, 0, 1, 1) + load(b, by + i, 0, 0, 1, 1)
                    store(maximum(total, floor_value), y, to + i, 0, 0)


@kernel
def multiply(a, b, y, gate, mode):  # type: ignore[no-untyped-def]
    blocks, C, D, H, W, _ = y.shape
    an, ac, ad, ah = steps(a)
    bn, bc, bd, bh = steps(b)
    yn, yc, yd, yh = steps(y)
    gn, gc, gd, gh = steps(gate)
    for task in prange(blocks * C):
        n, c = task // C, task % C
        for d in range(D):
            for h in range(H):
                at, by = n * an + c * ac + d * ad + h * ah, n * bn + c * bc + d * bd + h * bh
                to, through = n * yn + c * yc + d * yd + h * yh, n * gn + c * gc + d * gd + h * gh
                for i in range(0, W * LANES, LANES):
                    product = load(a, at + i, 0, 0, 1, 1) * load(b, by + i, 0, 0, 1, 1)
                    put(product, y, to + i, 0, 0, gate, through + i, 0, 0, mode, 0)


@kernel
def copy_channels(x, first, y, start, channels, gate, mode):  # type: ignore[no-untyped-def]
    """y[start : start + channels] = x[first : first + channels]; the gate has y's channels."""
    blocks, _, D, H, W, _ = y.shape
    xn, xc, xd, xh = steps(x)
    yn, yc, yd, yh = steps(y)
    gn, gc, gd, gh = steps(gate)
    for task in prange(blocks * channels):
        n, c = task // channels, task % channels
        for d in range(D):
            for h in range(H):
                at, to = n * xn + (first + c) * xc + d * xd + h * xh, n * yn + (start + c) * yc + d * yd + h * yh
                through = n * gn + (start + c) * gc + d * gd + h * gh
                for i in range(0, W * LANES, LANES):
                    put(load(x, at + i, 0, 0, 1, 1), y, to + i, 0, 0, gate, through + i, 0, 0, mode, 0)
