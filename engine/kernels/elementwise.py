"""Loops over every pixel: moving samples in and out of lanes, adding gradients up."""

from __future__ import annotations

from numba import prange

from engine.jit import LANES, kernel, serial_kernel
from engine.kernels.simd import load, put, steps, store, transpose


@kernel
def combine(source, target, gate, mode):  # type: ignore[no-untyped-def]
    """Puts one gradient into another: copied or added, and gated."""
    blocks, C, D, H, W, _ = target.shape
    sn, sc, sd, sh = steps(source)
    tn, tc, td, th = steps(target)
    gn, gc, gd, gh = steps(gate)
    for task in prange(blocks * C):
        n, c = task // C, task % C
        for d in range(D):
            for h in range(H):
                at, to, by = (
                    n * sn + c * sc + d * sd + h * sh,
                    n * tn + c * tc + d * td + h * th,
                    n * gn + c * gc + d * gd + h * gh,
                )
                for w in range(0, W * LANES, LANES):
                    put(load(source, at + w, 0, 0, 1, 1), target, to + w, 0, 0, gate, by + w, 0, 0, mode, 0)


@kernel
def pack_samples(x, count, y):  # type: ignore[no-untyped-def]
    # x: [N, C, D, H, W] -> y: [blocks, C, D, H, W, LANES]; lanes from `count` on become zero
    blocks, C, D, H, W, _ = y.shape
    yn, yc, yd, yh = steps(y)
    sample_step = C * D * H * W
    for task in prange(blocks * C):
        n, c = task // C, task % C
        full = (n + 1) * LANES <= count[0]
        for d in range(D):
            for h in range(H):
                at, to = ((n * LANES * C + c) * D + d) * H * W + h * W, n * yn + c * yc + d * yd + h * yh
                whole = W // LANES * LANES if full else 0
                for w in range(0, whole, LANES):  # squares of samples by pixels, turned in registers
                    square = load(x, at + w, sample_step, 0, LANES, 1)
                    store(transpose(square), y, to + w * LANES, LANES, 0)
                for w in range(whole, W):
                    for lane in range(LANES):
                        sample = n * LANES + lane
                        y[n, c, d, h, w, lane] = x[sample, c, d, h, w] if sample < count[0] else 0.0


@kernel
def unpack_samples(x, count, y):  # type: ignore[no-untyped-def]
    # x: [blocks, C, D, H, W, LANES] -> y: [N, C, D, H, W]
    _, C, D, H, W = y.shape
    for sample in prange(count[0]):
        n, lane = sample // LANES, sample % LANES
        for c in range(C):
            for d in range(D):
                for h in range(H):
                    for w in range(W):
                        y[sample, c, d, h, w] = x[n, c, d, h, w, lane]


@serial_kernel
def count_not_finite(values, result):  # type: ignore[no-untyped-def]
    """How many numbers are infinite or not numbers; x - x is zero for all others."""
    bad = 0
    for i in range(values.size):
        difference = values[i] - values[i]
        bad += 0 if difference == 0.0 else 1
    result[0] = bad


@kernel
def copy_numbers(x, y):  # type: ignore[no-untyped-def]
    """The same numbers in the same order of channels and pixels, in another shape."""
    blocks, C, D, H, W, _ = y.shape
    _, _, XD, XH, XW, _ = x.shape
    xn, xc, xd, xh = steps(x)
    yn, yc, yd, yh = steps(y)
    for task in prange(blocks * C):
        n, c = task // C, task % C
        for pixel in range(D * H * W):
            i = c * D * H * W + pixel
            at = n * xn + i // (XD * XH * XW) * xc + i // (XH * XW) % XD * xd + i // XW % XH * xh + i % XW * LANES
            to = n * yn + c * yc + pixel // (H * W) * yd + pixel // W % H * yh + pixel % W * LANES
            store(load(x, at, 0, 0, 1, 1), y, to, 0, 0)
