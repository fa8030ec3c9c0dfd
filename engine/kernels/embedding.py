"""Forces between the points of a t-SNE map."""

from __future__ import annotations

from engine.jit import LANES, serial_kernel
from engine.kernels.simd import load, store, zeros


@serial_kernel  # some hundred times a second: threads would wait for each other longer than they work
def pair_forces(near, places, points, forces):  # type: ignore[no-untyped-def]
    # near: [blocks, N, 2 * LANES], a column of the symmetric table for each block of points   places: [2, N]
    # points[0]: how many of the N there are, which are a multiple of 2 * LANES
    # forces: [5, N] for each point: what its neighbours pull (x, y), what all push (x, y), and how close all are
    blocks, N, _ = near.shape
    for block in range(blocks):
        i = block * 2 * LANES
        x, y = load(places, i, 0, LANES, 1, 2), load(places, N + i, 0, LANES, 1, 2)
        pull_x, pull_y, push_x, push_y = zeros(1, 2), zeros(1, 2), zeros(1, 2), zeros(1, 2)
        total = zeros(1, 2)
        for j in range(points[0]):
            dx, dy = x - places[0, j], y - places[1, j]
            close = 1.0 / (dx * dx + dy * dy + 1.0)
            total = total + close
            pull, push = load(near, (block * N + j) * 2 * LANES, 0, LANES, 1, 2) * close, close * close
            pull_x, pull_y = pull_x + pull * dx, pull_y + pull * dy
            push_x, push_y = push_x + push * dx, push_y + push * dy
        store(pull_x, forces, i, 0, LANES)
        store(pull_y, forces, N + i, 0, LANES)
        store(push_x, forces, 2 * N + i, 0, LANES)
        store(push_y, forces, 3 * N + i, 0, LANES)
        store(total, forces, 4 * N + i, 0, LANES)
