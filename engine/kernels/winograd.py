"""Winograd convolution: fewer multiplications for 3 x 3 and 5 x 5 kernels with stride 1.

F(m, r) computes an m x m patch of output from n x n pixels of input, n = m + r - 1, with n * n multiplications for
each pair of channels instead of m * m * r * r.  Patches (B d B^T) and kernels (G w G^T) are transformed, multiplied
place by place and summed over channels, which is a product of small matrices for each of the n * n places, and
transformed back (A m A^T).

Between places lies one vector more than is needed: distances of whole 4096 bytes would put all places of a patch into
one set of the first-level cache.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numba
import numpy as np
from numba import prange

from engine.jit import LANES, Kernel, kernel
from engine.kernels.simd import MATRICES, fma, load, load_rows, maximum, put, sandwich, steps, store, transpose, zeros
from engine.kernels.sliding import channel_sum

Array = np.ndarray[Any, Any]
# Small points on both sides of zero keep rounding errors small, and mirrored ones let transforms share their sums.
POINTS = {4: (0.0, 1.0, -1.0), 6: (0.0, 0.75, -0.75, 1.5, -1.5), 8: (0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -2.0)}


@cache
def matrices(m: int, r: int) -> str:
    """Computes A, B and G by the method of Toom and Cook; their names are these letters before the returned word."""
    n = m + r - 1
    points = np.array(POINTS[n])
    a = np.zeros((m, n))
    a[:, :-1] = points[None, :] ** np.arange(m)[:, None]
    a[m - 1, -1] = 1
    others = [np.delete(points, i) for i in range(n - 1)]
    g = np.zeros((n, r))
    g[:-1] = points[:, None] ** np.arange(r) / [[np.prod(p - o)] for p, o in zip(points, others, strict=True)]
    g[-1, -1] = 1
    b = np.zeros((n, n))
    for i, other in enumerate(others):
        b[i, : n - 1] = np.poly(other)[::-1]
    b[-1] = np.poly(points)[::-1]
    name = f"{m}{r}"
    for letter, matrix in (("A", a), ("B", b), ("G", g), ("A^T", a.T), ("G^T", g.T)):
        MATRICES[letter + name] = np.ascontiguousarray(matrix)
    return name


@cache
def transform_weights(m: int, r: int) -> Kernel:
    """Kernels as products want them: [PLACES, rows, depth], depth filled up with zeros to whole vectors."""
    R, SIZE = r, m + r - 1
    G = "G" + matrices(m, r)

    @kernel
    def winograd_transform_weights(w, rows, depth, row_step, depth_step, flip, staging, turned):  # type: ignore[no-untyped-def]
        # w: [rows, depth, r, r] by the given steps, turned around where `flip`   staging: [rows, r * r, width]
        area, width = R * R, (depth + LANES - 1) // LANES * LANES
        for row in prange(rows):
            own = row * area * width
            for d in range(width):
                for i in range(area):
                    at = row * row_step + d * depth_step + (area - 1 - i if flip else i)
                    staging[own + i * width + d] = w[at] if d < depth else 0.0
            for d in range(0, width, LANES):
                taps = load(staging, own + d, R * width, width, R, R)
                store(sandwich(G, taps), turned, row * width + d, SIZE * rows * width, rows * width)

    return winograd_transform_weights


@cache
def convolve(m: int, r: int, rows: int, columns: int) -> Kernel:
    """y = w * x + b (and ReLU), or dx = turned w * dy, gated and added up as `mode` says."""
    R, C, M, PLACES, SIZE = rows, columns, m, (m + r - 1) ** 2, m + r - 1
    A, B = "A" + matrices(m, r), "B" + matrices(m, r)

    @kernel
    def winograd_convolve(x, turned, b, y, gate, patches, products, low, group, relu, mode, share, shares):  # type: ignore[no-untyped-def]
        # turned: [PLACES, Co, width]   patches: [threads, PLACES, Ci * group + 1] lanes   products: the same with Co
        blocks, Co, _, OH, OW, _ = y.shape
        Ci = x.shape[1]
        width = (Ci + LANES - 1) // LANES * LANES
        xn, xc, _, xh = steps(x)
        yn, yc, _, yh = steps(y)
        gn, gc, _, gh = steps(gate)
        across, down = (OW + M - 1) // M, (OH + M - 1) // M
        groups = (across * down + group - 1) // group
        floor_value = 0.0 if relu else -float("inf")
        patch_step, product_step = (Ci * group + 1) * LANES, (Co * group + 1) * LANES
        tasks = blocks * groups
        for task in prange(tasks * share // shares, tasks * (share + 1) // shares):
            n, first = task // groups, task % groups * group
            count = min(group, across * down - first)
            v = numba.get_thread_id() * PLACES * patch_step
            p = numba.get_thread_id() * PLACES * product_step
            for c in range(Ci):
                for t in range(count):
                    i, j = (first + t) // across * M - low, (first + t) % across * M - low
                    patch = load(x, n * xn + c * xc + i * xh + j * LANES, xh, LANES, SIZE, SIZE)
                    store(sandwich(B, patch), patches, v + (c * group + t) * LANES, SIZE * patch_step, patch_step)
            for place in range(PLACES):
                for o in range(0, Co, R):
                    wo = (place * Co + o) * width
                    for t in range(0, count, C):
                        xo = v + place * patch_step + t * LANES
                        tile = zeros(R, C)
                        for c in range(Ci):
                            tile = fma(tile, patches, xo + c * group * LANES, LANES, turned, wo + c, width)
                        store(tile, products, p + place * product_step + (o * group + t) * LANES, group * LANES, LANES)
            for o in range(Co):
                for t in range(count):
                    i, j = (first + t) // across * M, (first + t) % across * M
                    at = p + (o * group + t) * LANES
                    patch = sandwich(A, load(products, at, SIZE * product_step, product_step, SIZE, SIZE))
                    patch = maximum(patch + load_rows(b, o, 0, M, M), floor_value)
                    to, by = n * yn + o * yc + i * yh + j * LANES, n * gn + o * gc + i * gh + j * LANES
                    if i + M <= OH and j + M <= OW:
                        put(patch, y, to, yh, LANES, gate, by, gh, LANES, mode, 0)
                        continue
                    # At the lower and right edge only a part belongs to the image; the products' place is free by now.
                    store(patch, products, at, M * product_step, product_step)
                    for k in range(min(M, OH - i) * M):
                        h, w = k // M, k % M
                        if j + w < OW:
                            pixel = load(products, at + k * product_step, 0, 0, 1, 1)
                            put(pixel, y, to + h * yh + w * LANES, 0, 0, gate, by + h * gh + w * LANES, 0, 0, mode, 0)

    return winograd_convolve


@cache
def weight_products(m: int, r: int, rows: int, columns: int) -> Kernel:
    """Transformed kernels' gradients, in `parts` sums that each take their share of the patches in a fixed order."""
    R, C, M, PLACES, SIZE = rows, columns, m, (m + r - 1) ** 2, m + r - 1
    A_T, B = "A^T" + matrices(m, r), "B" + matrices(m, r)

    @kernel
    def winograd_weight_products(x, dy, patches, samples, errors, sums, low, group, parts, share, shares):  # type: ignore[no-untyped-def]
        # patches: [threads, PLACES, width * group + 1] lanes   samples: the same size, [.., group * LANES, width]
        # errors: [threads, PLACES, Co * group + 1] lanes   sums: [parts, PLACES, Co, width]
        blocks, Co, _, OH, OW, _ = dy.shape
        Ci = x.shape[1]
        width = (Ci + LANES - 1) // LANES * LANES
        xn, xc, _, xh = steps(x)
        yn, yc, _, yh = steps(dy)
        across, down = (OW + M - 1) // M, (OH + M - 1) // M
        groups = (across * down + group - 1) // group
        patch_step, error_step = (width * group + 1) * LANES, (Co * group + 1) * LANES
        for part in prange(parts * share // shares, parts * (share + 1) // shares):
            v = numba.get_thread_id() * PLACES * patch_step
            e = numba.get_thread_id() * PLACES * error_step
            begin, end = blocks * groups * part // parts, blocks * groups * (part + 1) // parts
            for task in range(begin, end):
                n, first = task // groups, task % groups * group
                count = min(group, across * down - first)
                for c in range(width):
                    for t in range(count):
                        i, j = (first + t) // across * M - low, (first + t) % across * M - low
                        to = v + (c * group + t) * LANES
                        if c < Ci:
                            patch = load(x, n * xn + c * xc + i * xh + j * LANES, xh, LANES, SIZE, SIZE)
                            store(sandwich(B, patch), patches, to, SIZE * patch_step, patch_step)
                        else:
                            store(zeros(SIZE, SIZE), patches, to, SIZE * patch_step, patch_step)
                for place in range(PLACES):
                    for c in range(0, width, LANES):
                        for t in range(count):
                            at = v + place * patch_step + (c * group + t) * LANES
                            square = transpose(load(patches, at, group * LANES, 0, LANES, 1))
                            store(square, samples, v + place * patch_step + t * LANES * width + c, width, 0)
                for o in range(Co):
                    for t in range(count):
                        i, j = (first + t) // across * M, (first + t) % across * M
                        patch = load(dy, n * yn + o * yc + i * yh + j * LANES, yh, LANES, M, M)
                        store(sandwich(A_T, patch), errors, e + (o * group + t) * LANES, SIZE * error_step, error_step)
                for place in range(PLACES):
                    for o in range(0, Co, R):
                        eo = e + place * error_step + o * group * LANES
                        for c in range(0, width, C * LANES):
                            to = ((part * PLACES + place) * Co + o) * width + c
                            xo = v + place * patch_step + c
                            tile = zeros(R, C)
                            for k in range(count * LANES):
                                tile = fma(tile, samples, xo + k * width, LANES, errors, eo + k, group * LANES)
                            if task > begin:
                                tile = tile + load(sums, to, width, LANES, R, C)
                            store(tile, sums, to, width, LANES)

    return winograd_weight_products


@cache
def weight_gradient(m: int, r: int) -> Kernel:
    """dw = G^T (sum of the parts) G, and db."""
    R, PLACES, SIZE = r, (m + r - 1) ** 2, m + r - 1
    G_T = "G^T" + matrices(m, r)

    @kernel
    def winograd_weight_gradient(sums, staging, dy, dw, db, Ci, parts):  # type: ignore[no-untyped-def]
        # sums: [parts, PLACES, Co, width]   staging: [Co, r * r, width]   dw: [Co, Ci, r, r]
        Co, area, width = dy.shape[1], R * R, (Ci + LANES - 1) // LANES * LANES
        for o in prange(Co):
            own = o * area * width
            for c in range(0, width, LANES):
                total = load(sums, o * width + c, SIZE * Co * width, Co * width, SIZE, SIZE)
                for part in range(1, parts):
                    at = (part * PLACES * Co + o) * width + c
                    total = total + load(sums, at, SIZE * Co * width, Co * width, SIZE, SIZE)
                store(sandwich(G_T, total), staging, own + c, R * width, width)
            for c in range(Ci):
                for i in range(area):
                    dw[(o * Ci + c) * area + i] = staging[own + i * width + c]
            if db.size:
                db[o] = channel_sum(dy, o)

    return winograd_weight_gradient
