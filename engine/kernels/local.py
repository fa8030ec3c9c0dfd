"""Convolutions whose weights depend on the position, repeating after a period along each axis.

The weights of output channel o at row i and column j begin at o * w_o + (i % p_h) * w_h + (j % p_w) * w_w; the bias is
one number for each channel (b_pixel 0) or for each output (b_pixel 1).  `g` is the geometry of `kernels.sliding`.
"""

from __future__ import annotations

from numba import prange

from engine.jit import LANES, kernel
from engine.kernels.simd import fma, load, load_rows, outer, put, steps, store, sum_lanes, zeros
from engine.kernels.sliding import KH, KW, PH, PW, SH, SW, reach, taps


@kernel
def local_forward(x, w, b, w_o, w_h, w_w, p_h, p_w, b_pixel, g, y):  # type: ignore[no-untyped-def]
    blocks, Co, _, OH, OW, _ = y.shape
    Ci, H, W, area = x.shape[1], x.shape[3], x.shape[4], g[KH] * g[KW]
    xn, xc, _, xh = steps(x)
    yn, yc, _, yh = steps(y)
    for task in prange(Co * OH):
        o, i = task // OH, task % OH
        h0, h1 = taps(i, g[SH], 1, g[PH], g[KH], H)
        for j in range(OW):
            k0, k1 = taps(j, g[SW], 1, g[PW], g[KW], W)
            own = o * w_o + i % p_h * w_h + j % p_w * w_w
            for n in range(blocks):
                tile = load_rows(b, (o * OH + i) * OW + j if b_pixel else o, 0, 1, 1)
                corner = n * xn + (i * g[SH] - g[PH]) * xh + (j * g[SW] - g[PW]) * LANES
                for c in range(Ci):
                    for h in range(h0, h1):
                        for k in range(k0, k1):
                            at = corner + c * xc + h * xh + k * LANES
                            tile = fma(tile, x, at, 0, w, own + c * area + h * g[KW] + k, 0)
                store(tile, y, n * yn + o * yc + i * yh + j * LANES, 0, 0)


@kernel
def local_input_gradient(dy, w, w_o, w_h, w_w, p_h, p_w, g, dx, gate, mode):  # type: ignore[no-untyped-def]
    blocks, Ci, _, H, W, _ = dx.shape
    Co, OH, OW, area = dy.shape[1], dy.shape[3], dy.shape[4], g[KH] * g[KW]
    yn, yc, _, yh = steps(dy)
    xn, xc, _, xh = steps(dx)
    gn, gc, _, gh = steps(gate)
    for task in prange(Ci * H):
        c, h = task // H, task % H
        h0, h1, h_step = reach(h + g[PH], g[SH], 1, g[KH], OH)
        for k in range(W):
            k0, k1, k_step = reach(k + g[PW], g[SW], 1, g[KW], OW)
            for n in range(blocks):
                tile = zeros(1, 1)
                for a in range(h0, h1, h_step):
                    i = (h + g[PH] - a) // g[SH]
                    for e in range(k0, k1, k_step):
                        j = (k + g[PW] - e) // g[SW]
                        own = i % p_h * w_h + j % p_w * w_w + c * area + a * g[KW] + e
                        for o in range(Co):
                            tile = fma(tile, dy, n * yn + o * yc + i * yh + j * LANES, 0, w, own + o * w_o, 0)
                to, through = n * xn + c * xc + h * xh + k * LANES, n * gn + c * gc + h * gh + k * LANES
                put(tile, dx, to, 0, 0, gate, through, 0, 0, mode, 0)


@kernel
def local_weight_gradient(x, dy, w_o, w_h, w_w, p_h, p_w, g, dw):  # type: ignore[no-untyped-def]
    blocks, Co, _, OH, OW, _ = dy.shape
    Ci, H, W, area = x.shape[1], x.shape[3], x.shape[4], g[KH] * g[KW]
    xn, xc, _, xh = steps(x)
    yn, yc, _, yh = steps(dy)
    for task in prange(Co * p_h * p_w):
        o, first_i, first_j = task // (p_h * p_w), task // p_w % p_h, task % p_w
        own = o * w_o + first_i * w_h + first_j * w_w
        for tap in range(Ci * area):
            c, a, e = tap // area, tap // g[KW] % g[KH], tap % g[KW]
            total = zeros(1, 1)
            for i in range(first_i, OH, p_h):
                h = i * g[SH] + a - g[PH]
                if h < 0 or h >= H:
                    continue
                for j in range(first_j, OW, p_w):
                    k = j * g[SW] + e - g[PW]
                    if k < 0 or k >= W:
                        continue
                    for n in range(blocks):
                        at, by = n * xn + c * xc + h * xh + k * LANES, n * yn + o * yc + i * yh + j * LANES
                        total = outer(total, x, at, 0, dy, by, 0)
            dw[own + tap] = sum_lanes(total)


@kernel
def local_bias_gradient(dy, db):  # type: ignore[no-untyped-def]
    """One bias for each output."""
    blocks, Co, _, OH, OW, _ = dy.shape
    yn, yc, _, yh = steps(dy)
    for k in prange(Co * OH * OW):
        total = zeros(1, 1)
        for n in range(blocks):
            at = n * yn + k // (OH * OW) * yc + k // OW % OH * yh + k % OW * LANES
            total = total + load(dy, at, 0, 0, 1, 1)
        db[k] = sum_lanes(total)
