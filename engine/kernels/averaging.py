"""Means over windows, and the strongest pixel of a whole channel.

A table of an axis holds for each output its first pixel and one past the last, or the other way round for backward;
`shares` hold one over the number of pixels, so that their product over the axes is one over the window's size.
"""

from __future__ import annotations

from numba import prange

from engine.jit import LANES, kernel
from engine.kernels.simd import load, put, splat, steps, store, where, zeros


@kernel
def average_forward(x, d_table, h_table, w_table, d_shares, h_shares, w_shares, y):  # type: ignore[no-untyped-def]
    blocks, C, OD, OH, OW, _ = y.shape
    xn, xc, xd, xh = steps(x)
    yn, yc, yd, yh = steps(y)
    for task in prange(blocks * C):
        image, to = (task // C) * xn + (task % C) * xc, (task // C) * yn + (task % C) * yc
        for od in range(OD):
            for oh in range(OH):
                for ow in range(OW):
                    total = zeros(1, 1)
                    for d in range(d_table[2 * od], d_table[2 * od + 1]):
                        for h in range(h_table[2 * oh], h_table[2 * oh + 1]):
                            row = image + d * xd + h * xh
                            for w in range(w_table[2 * ow], w_table[2 * ow + 1]):
                                total = total + load(x, row + w * LANES, 0, 0, 1, 1)
                    share = d_shares[od] * h_shares[oh] * w_shares[ow]
                    store(total * share, y, to + od * yd + oh * yh + ow * LANES, 0, 0)


@kernel
def average_backward(dy, d_table, h_table, w_table, d_shares, h_shares, w_shares, dx, gate, mode):  # type: ignore[no-untyped-def]
    """Each pixel collects its share of the gradients of the windows that it lies in."""
    blocks, C, D, H, W, _ = dx.shape
    yn, yc, yd, yh = steps(dy)
    xn, xc, xd, xh = steps(dx)
    gn, gc, gd, gh = steps(gate)
    for task in prange(blocks * C):
        n, c = task // C, task % C
        for d in range(D):
            for h in range(H):
                to, through = n * xn + c * xc + d * xd + h * xh, n * gn + c * gc + d * gd + h * gh
                for w in range(W):
                    total = zeros(1, 1)
                    for od in range(d_table[2 * d], d_table[2 * d + 1]):
                        for oh in range(h_table[2 * h], h_table[2 * h + 1]):
                            row = n * yn + c * yc + od * yd + oh * yh
                            for ow in range(w_table[2 * w], w_table[2 * w + 1]):
                                share = d_shares[od] * h_shares[oh] * w_shares[ow]
                                total = total + load(dy, row + ow * LANES, 0, 0, 1, 1) * share
                    put(total, dx, to + w * LANES, 0, 0, gate, through + w * LANES, 0, 0, mode, 0)


@kernel
def global_max_forward(x, y, winners):  # type: ignore[no-untyped-def]
    # winners: [blocks, C, LANES]: the number of the strongest pixel, exact as float32 up to 16 million pixels
    blocks, C, D, H, W, _ = x.shape
    xn, xc, xd, xh = steps(x)
    for task in prange(blocks * C):
        best, winner = splat(-float("inf"), 1, 1), zeros(1, 1)
        for i in range(D * H * W):
            at = (task // C) * xn + (task % C) * xc + i // (H * W) * xd + i // W % H * xh + i % W * LANES
            pixel = load(x, at, 0, 0, 1, 1)
            higher = pixel > best
            winner = where(higher, splat(i, 1, 1), winner)
            best = where(higher, pixel, best)
        store(best, y, (task // C) * (y.strides[0] // 4) + (task % C) * (y.strides[1] // 4), 0, 0)
        store(winner, winners, task * LANES, 0, 0)


@kernel
def global_max_backward(dy, winners, dx, gate, mode):  # type: ignore[no-untyped-def]
    blocks, C, D, H, W, _ = dx.shape
    yn, yc, _, _ = steps(dy)
    xn, xc, xd, xh = steps(dx)
    gn, gc, gd, gh = steps(gate)
    for task in prange(blocks * C):
        n, c = task // C, task % C
        gradient, winner = load(dy, n * yn + c * yc, 0, 0, 1, 1), load(winners, task * LANES, 0, 0, 1, 1)
        for i in range(D * H * W):
            d, h, w = i // (H * W), i // W % H, i % W
            share = where(winner == splat(i, 1, 1), gradient, 0.0)
            to, through = n * xn + c * xc + d * xd + h * xh, n * gn + c * gc + d * gd + h * gh
            put(share, dx, to + w * LANES, 0, 0, gate, through + w * LANES, 0, 0, mode, 0)
