"""Fully connected layers: products of weights with features, for blocks of samples at a time.

Arrays are `[blocks, features, LANES]`, given flat; weights are `[O, I]`, flat.
"""

from __future__ import annotations

from functools import cache

from numba import prange

from engine.jit import LANES, Kernel, kernel
from engine.kernels.simd import fma, load_rows, maximum, put, store, store_part, sum_lanes, transpose, zeros
from engine.kernels.simd import load as load_tile

CACHE_NUMBERS = 1 << 17  # what stays in the second-level cache
CHUNK = 128  # features at a time, so that they stay in the first-level cache while all outputs use them


@cache
def forward(rows: int, columns: int) -> Kernel:
    """y = w x + b, a tile of `rows` outputs and `columns` blocks at a time."""
    R, C = rows, columns

    @kernel
    def dense_forward(x, w, b, y, relu, tasks, share, shares):  # type: ignore[no-untyped-def]
        # x: [blocks, I, 1, 1, 1, LANES]   w: [O, I]   y: [blocks, O, 1, 1, 1, LANES]
        blocks, I, O = x.shape[0], x.shape[1], y.shape[1]  # noqa: E741
        floor_value = 0.0 if relu else -float("inf")
        tiles = O // R
        for task in prange(tasks * share // shares, tasks * (share + 1) // shares):
            for start in range(0, I, CHUNK):
                end = min(I, start + CHUNK)
                for t in range(tiles * task // tasks, tiles * (task + 1) // tasks):
                    o = t * R
                    for n in range(0, blocks, C):
                        to = (n * O + o) * LANES
                        tile = zeros(R, C) if start == 0 else load_tile(y, to, LANES, O * LANES, R, C)
                        for i in range(start, end):
                            tile = fma(tile, x, (n * I + i) * LANES, I * LANES, w, o * I + i, I)
                        if end == I:
                            tile = maximum(tile + load_rows(b, o, 1, R, C), floor_value)
                        store(tile, y, to, LANES, O * LANES)

    return dense_forward


@cache
def input_gradient(rows: int, columns: int) -> Kernel:
    """dx = w^T dy, a tile of `rows` inputs and `columns` blocks at a time."""
    R, C = rows, columns

    @kernel
    def dense_input_gradient(dy, w, dx, gate, mode, share, shares):  # type: ignore[no-untyped-def]
        # dy: [blocks, O, 1, 1, 1, LANES]   w: [O, I]   dx: [blocks, I, 1, 1, 1, LANES]
        blocks, O, I = dy.shape[0], dy.shape[1], dx.shape[1]  # noqa: E741
        tasks = I // R
        for task in prange(tasks * share // shares, tasks * (share + 1) // shares):
            i = task * R
            for n in range(0, blocks, C):
                tile = zeros(R, C)
                for o in range(O):
                    tile = fma(tile, dy, (n * O + o) * LANES, O * LANES, w, o * I + i, 1)
                at = (n * I + i) * LANES
                put(tile, dx, at, LANES, I * LANES, gate, at, LANES, I * LANES, mode, 0)

    return dense_input_gradient


@kernel
def transpose_samples(x, turned):  # type: ignore[no-untyped-def]
    # x: [blocks, I, 1, 1, 1, LANES] -> turned: [blocks * LANES, width], zeros from I on
    blocks, I = x.shape[0], x.shape[1]  # noqa: E741
    width = turned.size // (blocks * LANES)
    for task in prange(width // LANES):
        i = task * LANES
        for n in range(blocks):
            at, to = (n * I + i) * LANES, n * LANES * width + i
            if i + LANES <= I:
                store(transpose(load_tile(x, at, LANES, 0, LANES, 1)), turned, to, width, 0)
                continue
            for lane in range(LANES):
                for k in range(LANES):
                    turned[to + lane * width + k] = x[n, i + k, 0, 0, 0, lane] if i + k < I else 0.0


@cache
def weight_gradient(rows: int, columns: int) -> Kernel:
    """dw = dy x^T, summed over samples one by one so that no horizontal sums are needed; and db."""
    R, C = rows, columns

    @kernel
    def dense_weight_gradient(turned, dy, dw, db, I, share, shares):  # type: ignore[no-untyped-def]  # noqa: E741
        # turned: [samples, width]   dy: [blocks, O, 1, 1, 1, LANES]   dw: [O, I]   db: [O], or empty
        blocks, O = dy.shape[0], dy.shape[1]  # noqa: E741
        width, tiles = turned.size // (blocks * LANES), O // R
        spans = (width + C * LANES - 1) // (C * LANES)
        # The optimiser hands the first half of all weights to the first thread, so rows are shared out in that way too:
        # otherwise they would wander from one processor's cache to the other's.  Where the features do not fit into the
        # cache, all outputs of one span of features follow each other instead.
        by_rows = turned.size <= CACHE_NUMBERS
        tasks = spans * tiles
        for task in prange(tasks * share // shares, tasks * (share + 1) // shares):
            span, o = (task % spans, task // spans * R) if by_rows else (task // tiles, task % tiles * R)
            start = span * C * LANES
            tile = zeros(R, C)
            for n in range(blocks):
                for lane in range(LANES):
                    at = (n * LANES + lane) * width + start
                    tile = fma(tile, turned, at, LANES, dy, (n * O + o) * LANES + lane, LANES)
            if start + C * LANES <= I:
                store(tile, dw, o * I + start, I, LANES)
            else:
                store_part(tile, dw, o * I + start, I, I - start)
            if start == 0 and db.size:
                for r in range(R):
                    total = zeros(1, 1)
                    for n in range(blocks):
                        total = total + load_tile(dy, (n * O + o + r) * LANES, 0, 0, 1, 1)
                    db[o + r] = sum_lanes(total)

    return dense_weight_gradient
