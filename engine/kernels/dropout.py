"""Dropout: numbers that are drawn anew in backward rather than kept; see `engine.reference.lots`."""

from __future__ import annotations

import numpy as np
from numba import prange

from engine.jit import LANES, device, kernel
from engine.kernels.simd import draw_lots, load, put, splat, steps, where


@device
def key(random, node):  # type: ignore[no-untyped-def]
    """The stream of this node in this step."""
    seed, step = np.uint64(random[0]), np.uint64(random[1])
    mixed = seed * np.uint64(0x9E3779B97F4A7C15) + step * np.uint64(0xBF58476D1CE4E5B9)
    mixed += np.uint64(node) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    mixed *= np.uint64(0xD6E8FEB86659FD93)
    return np.int64(mixed >> np.uint64(32))


@kernel
def dropout(x, random, node, p, by_channel, y, gate, mode):  # type: ignore[no-untyped-def]
    """y = x / (1 - p) where the lot is p or more, else 0: forward on x, backward on dy."""
    blocks, C, D, H, W, _ = y.shape
    xn, xc, xd, xh = steps(x)
    yn, yc, yd, yh = steps(y)
    gn, gc, gd, gh = steps(gate)
    stream = key(random, node)
    lots = C if by_channel else C * D * H * W  # for each sample
    scale = np.float32(1) / (np.float32(1) - p) if p < 1 else np.float32(0)
    for task in prange(blocks * C):
        n, c = task // C, task % C
        for d in range(D):
            for h in range(H):
                at, to = n * xn + c * xc + d * xd + h * xh, n * yn + c * yc + d * yd + h * yh
                through = n * gn + c * gc + d * gd + h * gh
                for w in range(W):
                    number = c if by_channel else ((c * D + d) * H + h) * W + w
                    lot = draw_lots(stream, n * LANES * lots + number, lots)
                    i = w * LANES
                    kept = where(lot < p, splat(0.0, 1, 1), load(x, at + i, 0, 0, 1, 1) * scale)
                    put(kept, y, to + i, 0, 0, gate, through + i, 0, 0, mode, 0)
