"""Pooling: the strongest or the mean pixel of each window.

`g` holds the geometry as `kernels.sliding` describes it; windows are cut at the image's edges.  Winners are kept
as one byte for each number of y: which pixel of the window it came from.
"""

from __future__ import annotations

from functools import cache

from numba import prange

from engine.jit import LANES, Kernel, kernel
from engine.kernels.simd import load, load_bytes, put, splat, steps, store, store_bytes, where, zeros
from engine.kernels.sliding import DD, DH, DW, KD, KH, KW, PD, PH, PW, SD, SH, SW, reach, taps


@cache
def max_forward_tiled(height: int, width: int) -> Kernel:
    """Windows side by side that cover the image: sizes are constants, so that the loops are unrolled."""
    HEIGHT, WIDTH = height, width

    @kernel
    def max_pool_forward_tiled(x, y, winners):  # type: ignore[no-untyped-def]
        blocks, C, OD, OH, OW, _ = y.shape
        xn, xc, xd, xh = steps(x)
        yn, yc, yd, yh = steps(y)
        for task in prange(blocks * C):
            for od in range(OD):
                for oh in range(OH):
                    at = (task // C) * xn + (task % C) * xc + od * xd + oh * HEIGHT * xh
                    to = (task // C) * yn + (task % C) * yc + od * yd + oh * yh
                    note = ((task * OD + od) * OH + oh) * OW * LANES
                    for ow in range(0, OW * LANES, LANES):
                        best, winner = load(x, at + ow * WIDTH, 0, 0, 1, 1), zeros(1, 1)
                        for i in range(1, HEIGHT * WIDTH):
                            spot = at + ow * WIDTH + i // WIDTH * xh + i % WIDTH * LANES
                            pixel = load(x, spot, 0, 0, 1, 1)
                            higher = pixel > best
                            winner = where(higher, splat(i, 1, 1), winner)
                            best = where(higher, pixel, best)
                        store(best, y, to + ow, 0, 0)
                        store_bytes(winner, winners, note + ow)

    return max_pool_forward_tiled


@cache
def max_backward_tiled(height: int, width: int) -> Kernel:
    """The same backward: each window hands its gradient to its winner, and zero to the others."""
    HEIGHT, WIDTH = height, width

    @kernel
    def max_pool_backward_tiled(dy, winners, dx, gate, mode):  # type: ignore[no-untyped-def]
        blocks, C, OD, OH, OW, _ = dy.shape
        H, W = dx.shape[3], dx.shape[4]
        xn, xc, xd, xh = steps(dx)
        yn, yc, yd, yh = steps(dy)
        gn, gc, gd, gh = steps(gate)
        nothing = zeros(1, 1)
        for task in prange(blocks * C):
            n, c = task // C, task % C
            for od in range(OD):
                image, through = n * xn + c * xc + od * xd, n * gn + c * gc + od * gd
                for oh in range(OH):
                    at, note = n * yn + c * yc + od * yd + oh * yh, ((task * OD + od) * OH + oh) * OW * LANES
                    for ow in range(0, OW * LANES, LANES):
                        gradient, winner = load(dy, at + ow, 0, 0, 1, 1), load_bytes(winners, note + ow, 1, 1)
                        for i in range(HEIGHT * WIDTH):
                            h, w = oh * HEIGHT + i // WIDTH, ow * WIDTH + i % WIDTH * LANES
                            share = where(winner == splat(i, 1, 1), gradient, 0.0)
                            put(share, dx, image + h * xh + w, 0, 0, gate, through + h * gh + w, 0, 0, mode, 0)
                for h in range(H):  # what no window covers, at the right and below
                    for w in range(OW * WIDTH if h < OH * HEIGHT else 0, W):
                        put(
                            nothing,
                            dx,
                            image + h * xh + w * LANES,
                            0,
                            0,
                            gate,
                            through + h * gh + w * LANES,
                            0,
                            0,
                            mode,
                            0,
                        )

    return max_pool_backward_tiled


@kernel
def max_forward(x, y, winners, g):  # type: ignore[no-untyped-def]
    """Windows of any stride, padding and dilation."""
    blocks, C, OD, OH, OW, _ = y.shape
    D, H, W = x.shape[2], x.shape[3], x.shape[4]
    xn, xc, xd, xh = steps(x)
    yn, yc, yd, yh = steps(y)
    for task in prange(blocks * C):
        n, c = task // C, task % C
        for od in range(OD):
            d0, d1 = taps(od, g[SD], g[DD], g[PD], g[KD], D)
            for oh in range(OH):
                h0, h1 = taps(oh, g[SH], g[DH], g[PH], g[KH], H)
                corner = n * xn + c * xc + (od * g[SD] - g[PD]) * xd + (oh * g[SH] - g[PH]) * xh
                to, note = n * yn + c * yc + od * yd + oh * yh, ((task * OD + od) * OH + oh) * OW * LANES
                for ow in range(OW):
                    w0, w1 = taps(ow, g[SW], g[DW], g[PW], g[KW], W)
                    best, winner = splat(-float("inf"), 1, 1), splat((d0 * g[KH] + h0) * g[KW] + w0, 1, 1)
                    for i in range(d0, d1):
                        for j in range(h0, h1):
                            for k in range(w0, w1):
                                at = corner + i * g[DD] * xd + j * g[DH] * xh + (ow * g[SW] - g[PW] + k * g[DW]) * LANES
                                pixel = load(x, at, 0, 0, 1, 1)
                                higher = pixel > best
                                winner = where(higher, splat((i * g[KH] + j) * g[KW] + k, 1, 1), winner)
                                best = where(higher, pixel, best)
                    store(best, y, to + ow * LANES, 0, 0)
                    store_bytes(winner, winners, note + ow * LANES)


@kernel
def max_backward(dy, winners, dx, gate, g, mode):  # type: ignore[no-untyped-def]
    """Each pixel collects the gradients of the windows that it has won."""
    blocks, C, D, H, W, _ = dx.shape
    OD, OH, OW = dy.shape[2], dy.shape[3], dy.shape[4]
    xn, xc, xd, xh = steps(dx)
    yn, yc, yd, yh = steps(dy)
    gn, gc, gd, gh = steps(gate)
    for task in prange(blocks * C):
        n, c = task // C, task % C
        for d in range(D):
            d0, d1, d_step = reach(d + g[PD], g[SD], g[DD], g[KD], OD)
            for h in range(H):
                h0, h1, h_step = reach(h + g[PH], g[SH], g[DH], g[KH], OH)
                to, through = n * xn + c * xc + d * xd + h * xh, n * gn + c * gc + d * gd + h * gh
                for w in range(W):
                    w0, w1, w_step = reach(w + g[PW], g[SW], g[DW], g[KW], OW)
                    total = zeros(1, 1)
                    for i in range(d0, d1, d_step):
                        od = (d + g[PD] - i * g[DD]) // g[SD]
                        for j in range(h0, h1, h_step):
                            oh = (h + g[PH] - j * g[DH]) // g[SH]
                            for k in range(w0, w1, w_step):
                                ow = (w + g[PW] - k * g[DW]) // g[SW]
                                note = (((task * OD + od) * OH + oh) * OW + ow) * LANES
                                mine = load_bytes(winners, note, 1, 1) == splat((i * g[KH] + j) * g[KW] + k, 1, 1)
                                at = n * yn + c * yc + od * yd + oh * yh + ow * LANES
                                total = total + where(mine, load(dy, at, 0, 0, 1, 1), 0.0)
                    put(total, dx, to + w * LANES, 0, 0, gate, through + w * LANES, 0, 0, mode, 0)
