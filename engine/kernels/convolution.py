"""Convolution in all its directions, for one to three axes of space, any stride, dilation and groups.

Arrays are views `[blocks, channels, depth, height, width, LANES]`; rows and planes beyond the input's edge are
skipped, columns beyond it are read from the buffer's halo of zeros.  `g` holds the geometry.
"""

from __future__ import annotations

from functools import cache

import numba
from numba import prange

from engine.jit import LANES, Kernel, kernel
from engine.kernels.simd import fma, load_rows, maximum, outer, put, steps, store, store_sums, zeros
from engine.kernels.simd import load as load_tile
from engine.kernels.sliding import (
    DD,
    DH,
    DW,
    GROUPS,
    KD,
    KH,
    KW,
    PD,
    PH,
    PW,
    SD,
    SH,
    SW,
    channel_sum,
    reach,
    taps,
)

CACHE_NUMBERS = 4096  # rows of a gradient that stay in the first-level cache beside those of the input


@kernel
def pack_weights(w, packed, length, R):  # type: ignore[no-untyped-def]
    # w: [Co, length] -> packed: [Co / R, length, R], so that a tile reads its rows' weights side by side
    for tile in prange(w.size // (R * length)):
        for i in range(length):
            for r in range(R):
                packed[(tile * length + i) * R + r] = w[(tile * R + r) * length + i]


@cache
def forward(rows: int, columns: int, stride: int) -> Kernel:
    """y = w * x + b, a tile of `rows` output channels and `columns` pixels at a time."""
    R, C, X_STEP = rows, columns, stride * LANES

    @kernel
    def convolution_forward(x, packed, b, y, g, relu, share, shares):  # type: ignore[no-untyped-def]
        # packed: [Co / R, Ci / groups, KD * KH * KW, R]
        blocks, Co, OD, OH, OW, _ = y.shape
        D, H = x.shape[2], x.shape[3]
        xn, xc, xd, xh = steps(x)
        yn, yc, yd, yh = steps(y)
        kd, kh, kw = g[KD], g[KH], g[KW]
        Cg, Og, area, tap = x.shape[1] // g[GROUPS], Co // g[GROUPS], kd * kh * kw, g[DW] * LANES
        floor_value = 0.0 if relu else -float("inf")
        tasks = blocks * OD * OH
        for task in prange(tasks * share // shares, tasks * (share + 1) // shares):
            n, od, oh = task // (OD * OH), task // OH % OD, task % OH
            d0, d1 = taps(od, g[SD], g[DD], g[PD], kd, D)
            h0, h1 = taps(oh, g[SH], g[DH], g[PH], kh, H)
            for o in range(0, Co, R):
                row = n * xn + (o // Og) * Cg * xc + (od * g[SD] - g[PD]) * xd + (oh * g[SH] - g[PH]) * xh
                for start in range(0, OW, C):
                    ow = max(0, min(start, OW - C))
                    tile = zeros(R, C)
                    column = row + (ow * g[SW] - g[PW]) * LANES
                    for c in range(Cg):
                        for i in range(d0, d1):
                            for j in range(h0, h1):
                                xo = column + c * xc + i * g[DD] * xd + j * g[DH] * xh
                                wo = (o * Cg + c * R) * area + (i * kh + j) * kw * R
                                for k in range(kw):
                                    tile = fma(tile, x, xo + k * tap, X_STEP, packed, wo + k * R, 1)
                    tile = maximum(tile + load_rows(b, o, 1, R, C), floor_value)
                    store(tile, y, n * yn + o * yc + od * yd + oh * yh + ow * LANES, yc, LANES)

    return convolution_forward


@kernel
def turn_weights(w, turned, Cg, Og, area, R):  # type: ignore[no-untyped-def]
    # w: [groups, Og, Cg, area] -> turned: [Ci / R, Og, area, R], so that a tile's rows are input channels
    for c in prange(w.size // (Og * area)):
        for o in range(Og):
            for a in range(area):
                value = w[((c // Cg * Og + o) * Cg + c % Cg) * area + a]
                turned[((c // R * Og + o) * area + a) * R + c % R] = value


@cache
def input_gradient(rows: int, columns: int, stride: int) -> Kernel:
    """dx from dy: for each residue of the stride a small dense convolution with the taps that reach it."""
    R, C, STRIDE = rows, columns, stride

    @kernel
    def convolution_input_gradient(dy, turned, b, dx, gate, g, mode, share, shares):  # type: ignore[no-untyped-def]
        # turned: [Ci / R, Co / groups, KD * KH * KW, R]   b: [Ci], zeros unless dx is a transposed convolution's y
        blocks, Ci, D, H, W, _ = dx.shape
        OD, OH, OW = dy.shape[2], dy.shape[3], dy.shape[4]
        yn, yc, yd, yh = steps(dy)
        xn, xc, xd, xh = steps(dx)
        gn, gc, gd, gh = steps(gate)
        kd, kh, kw = g[KD], g[KH], g[KW]
        Cg, Og, area = Ci // g[GROUPS], dy.shape[1] // g[GROUPS], kd * kh * kw
        everywhere = W + OW + kw * g[DW]  # columns beyond dy are zeros of its halo
        tasks = blocks * D * H
        for task in prange(tasks * share // shares, tasks * (share + 1) // shares):
            n, d, h = task // (D * H), task // H % D, task % H
            d0, d1, d_step = reach(d + g[PD], g[SD], g[DD], kd, OD)
            h0, h1, h_step = reach(h + g[PH], g[SH], g[DH], kh, OH)
            od, oh = (d + g[PD] - d0 * g[DD]) // g[SD], (h + g[PH] - h0 * g[DH]) // g[SH]
            d_hop, h_hop = g[DD] * d_step // g[SD] * yd, g[DH] * h_step // g[SH] * yh
            for r in range(min(STRIDE, W)):
                far = everywhere * STRIDE
                w0, w1, w_step = reach(r + g[PW] + far, STRIDE, g[DW], kw, 3 * everywhere)
                hop = g[DW] * w_step // STRIDE * LANES
                count = (W - r + STRIDE - 1) // STRIDE  # pixels of this residue in the row
                for c in range(0, Ci, R):
                    corner = n * yn + (c // Cg) * Og * yc + od * yd + oh * yh
                    for start in range(0, count, C):
                        here = max(0, min(start, count - C))
                        left = r + here * STRIDE
                        first = (left + g[PW] - w0 * g[DW] + far) // STRIDE - everywhere
                        tile = load_rows(b, c, 1, R, C)
                        for o in range(Og):
                            wo = ((c // R) * Og + o) * area * R
                            plane = corner + o * yc + first * LANES
                            for i in range(d0, d1, d_step):
                                row = plane
                                for j in range(h0, h1, h_step):
                                    yo = row
                                    for k in range(w0, w1, w_step):
                                        at = wo + ((i * kh + j) * kw + k) * R
                                        tile = fma(tile, dy, yo, LANES, turned, at, 1)
                                        yo -= hop
                                    row -= h_hop
                                plane -= d_hop
                        to = n * xn + c * xc + d * xd + h * xh + left * LANES
                        at = n * gn + c * gc + d * gd + h * gh + left * LANES
                        put(tile, dx, to, xc, STRIDE * LANES, gate, at, gc, STRIDE * LANES, mode, start - here)

    return convolution_input_gradient


@cache
def weight_gradient(rows: int, columns: int, stride: int, dilation: int) -> Kernel:
    """dw and db: a tile of `rows` output channels by `columns` neighbouring taps, summed over all samples.

    The taps lie along the kernel's width, `dilation` pixels apart; a kernel that is one pixel wide (dilation 0) takes
    neighbouring channels instead.  Constant steps leave the registers to the tile.
    """
    R, C, X_STEP, TAP_STEP = rows, columns, stride * LANES, dilation * LANES

    @kernel
    def convolution_weight_gradient(x, dy, dw, db, sums, g, share, shares):  # type: ignore[no-untyped-def]
        # dw: [Co, Ci / groups, KD, KH, KW], flat   db: [Co], or empty where there is no bias
        # sums: [threads, KH] tiles, so that a few rows of dy serve all rows of the kernel while they are in the cache
        blocks, Co, OD, OH, OW, _ = dy.shape
        D, H = x.shape[2], x.shape[3]
        xn, xc, xd, xh = steps(x)
        yn, yc, yd, yh = steps(dy)
        kd, kh, kw = g[KD], g[KH], g[KW]
        Cg, Og, area = x.shape[1] // g[GROUPS], Co // g[GROUPS], kd * kh * kw
        tap_step, dw_step = (TAP_STEP, 1) if TAP_STEP else (xc, area)
        spans, depth = ((kw + C - 1) // C, Cg) if TAP_STEP else (kw, Cg // C)
        per_tile, stretch = depth * kd * spans, max(1, CACHE_NUMBERS // (R * OW * LANES))
        stretches = (OH + stretch - 1) // stretch
        tasks = Co // R * per_tile
        for task in prange(tasks * share // shares, tasks * (share + 1) // shares):
            o, rest = task // per_tile * R, task % per_tile
            for r in range(R if rest == 0 and db.size else 0):
                db[o + r] = channel_sum(dy, o + r)
            c, i, k = rest // (kd * spans), rest // spans % kd, rest % spans
            if TAP_STEP:
                k = min(k * C, kw - C)
            else:
                c *= C
            xo = (o // Og * Cg + c) * xc + (k * g[DW] - g[PW]) * LANES
            own = numba.get_thread_id() * kh * R * C * LANES
            for j in range(kh):
                store(zeros(R, C), sums, own + j * R * C * LANES, C * LANES, LANES)
            for part in range(blocks * OD * stretches):
                n, od, first = part // (OD * stretches), part // stretches % OD, part % stretches * stretch
                d = od * g[SD] + i * g[DD] - g[PD]
                if d < 0 or d >= D:
                    continue
                for j in range(kh):
                    tile = load_tile(sums, own + j * R * C * LANES, C * LANES, LANES, R, C)
                    for oh in range(first, min(OH, first + stretch)):
                        h = oh * g[SH] + j * g[DH] - g[PH]
                        if h < 0 or h >= H:
                            continue
                        at, to = xo + n * xn + d * xd + h * xh, n * yn + o * yc + od * yd + oh * yh
                        for ow in range(OW):
                            tile = outer(tile, x, at + ow * X_STEP, tap_step, dy, to + ow * LANES, yc)
                    store(tile, sums, own + j * R * C * LANES, C * LANES, LANES)
            for j in range(kh):
                tile = load_tile(sums, own + j * R * C * LANES, C * LANES, LANES, R, C)
                store_sums(tile, dw, (o * Cg + c) * area + (i * kh + j) * kw + k, Cg * area, dw_step)

    return convolution_weight_gradient


@kernel
def channel_sums(dy, db):  # type: ignore[no-untyped-def]
    """The bias's gradient: each channel summed over all samples and pixels."""
    for o in prange(db.size):
        db[o] = channel_sum(dy, o)
