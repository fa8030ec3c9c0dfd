"""Pixels picked by an index for each axis: padding of every mode, cropping, upsampling.

A map holds, for each position of the larger or smaller image, the position in the other one, or -1 for none.
"""

from __future__ import annotations

import numpy as np
from numba import prange

from engine.jit import LANES, device, kernel
from engine.kernels.simd import load, steps, store, zeros


@kernel
def gather(x, d_map, h_map, w_map, y):  # type: ignore[no-untyped-def]
    """y[d, h, w] = x[d_map[d], h_map[h], w_map[w]], and zero where a map holds -1."""
    blocks, C, D, H, W, _ = y.shape
    xn, xc, xd, xh = steps(x)
    yn, yc, yd, yh = steps(y)
    for task in prange(blocks * C):
        n, c = task // C, task % C
        for d in range(D):
            for h in range(H):
                inside = d_map[d] >= 0 and h_map[h] >= 0
                at, to = n * xn + c * xc + d_map[d] * xd + h_map[h] * xh, n * yn + c * yc + d * yd + h * yh
                for w in range(W):
                    if inside and w_map[w] >= 0:
                        store(load(x, at + w_map[w] * LANES, 0, 0, 1, 1), y, to + w * LANES, 0, 0)
                    else:
                        store(zeros(1, 1), y, to + w * LANES, 0, 0)


@kernel
def scatter(dy, d_map, h_map, w_map, dx):  # type: ignore[no-untyped-def]
    """dx[d_map[d], h_map[h], w_map[w]] += dy[d, h, w], from zero."""
    blocks, C, D, H, W, _ = dy.shape
    XD, XH, XW = dx.shape[2], dx.shape[3], dx.shape[4]
    xn, xc, xd, xh = steps(dx)
    yn, yc, yd, yh = steps(dy)
    for task in prange(blocks * C):
        n, c = task // C, task % C
        image = n * xn + c * xc
        for d in range(XD):
            for h in range(XH):
                for w in range(XW):
                    store(zeros(1, 1), dx, image + d * xd + h * xh + w * LANES, 0, 0)
        for d in range(D):
            for h in range(H):
                if d_map[d] < 0 or h_map[h] < 0:
                    continue
                at, to = n * yn + c * yc + d * yd + h * yh, image + d_map[d] * xd + h_map[h] * xh
                for w in range(W):
                    if w_map[w] >= 0:
                        spot = to + w_map[w] * LANES
                        total = load(dx, spot, 0, 0, 1, 1) + load(dy, at + w * LANES, 0, 0, 1, 1)
                        store(total, dx, spot, 0, 0)


@kernel
def interpolate(x, d_pixels, h_pixels, w_pixels, d_shares, h_shares, w_shares, y):  # type: ignore[no-untyped-def]
    """y = means of the two pixels around it along each axis; the second one counts its share."""
    blocks, C, D, H, W, _ = y.shape
    xn, xc, xd, xh = steps(x)
    yn, yc, yd, yh = steps(y)
    for task in prange(blocks * C):
        image, to = (task // C) * xn + (task % C) * xc, (task // C) * yn + (task % C) * yc
        for i in range(D * H * W):
            d, h, w = i // (H * W), i // W % H, i % W
            total = zeros(1, 1)
            for corner in range(8):
                a, b, c = corner // 4, corner // 2 % 2, corner % 2
                share = weight(d_shares[d], a) * weight(h_shares[h], b) * weight(w_shares[w], c)
                if share > 0:
                    at = image + d_pixels[2 * d + a] * xd + h_pixels[2 * h + b] * xh + w_pixels[2 * w + c] * LANES
                    total = total + load(x, at, 0, 0, 1, 1) * share
            store(total, y, to + d * yd + h * yh + w * LANES, 0, 0)


@kernel
def spread(dy, d_pixels, h_pixels, w_pixels, d_shares, h_shares, w_shares, dx):  # type: ignore[no-untyped-def]
    """The same backward: every pixel hands its gradient to the pixels that it was made of."""
    blocks, C, D, H, W, _ = dy.shape
    XD, XH, XW = dx.shape[2], dx.shape[3], dx.shape[4]
    xn, xc, xd, xh = steps(dx)
    yn, yc, yd, yh = steps(dy)
    for task in prange(blocks * C):
        image, by = (task // C) * xn + (task % C) * xc, (task // C) * yn + (task % C) * yc
        for i in range(XD * XH * XW):
            at = image + i // (XH * XW) * xd + i // XW % XH * xh + i % XW * LANES
            store(zeros(1, 1), dx, at, 0, 0)
        for i in range(D * H * W):
            d, h, w = i // (H * W), i // W % H, i % W
            error = load(dy, by + d * yd + h * yh + w * LANES, 0, 0, 1, 1)
            for corner in range(8):
                a, b, c = corner // 4, corner // 2 % 2, corner % 2
                share = weight(d_shares[d], a) * weight(h_shares[h], b) * weight(w_shares[w], c)
                if share > 0:
                    at = image + d_pixels[2 * d + a] * xd + h_pixels[2 * h + b] * xh + w_pixels[2 * w + c] * LANES
                    store(load(dx, at, 0, 0, 1, 1) + error * share, dx, at, 0, 0)


@device
def weight(share, second):  # type: ignore[no-untyped-def]
    """The share of the first or the second pixel."""
    return share if second else np.float32(1) - share
