"""From a data set into the lanes of a network: picked, normalised and laid out in one go."""

from __future__ import annotations

from numba import prange

from engine.jit import LANES, kernel, serial_kernel


@kernel
def pack_picked(images, picks, count, scale, shift, y):  # type: ignore[no-untyped-def]
    # images: [N, C, D, H, W] bytes or numbers   picks: which of the N   scale, shift: [C]
    # y: [blocks, C, D, H, W, LANES] = images * scale + shift; lanes from `count` on become zero
    blocks, C, D, H, W, _ = y.shape
    for task in prange(blocks * C):
        n, c = task // C, task % C
        for lane in range(LANES):  # one sample after the other: its pixels follow each other in memory
            sample = n * LANES + lane
            picked = picks[sample] if sample < count[0] else 0
            factor = scale[c] if sample < count[0] else scale[c] * 0
            offset = shift[c] if sample < count[0] else shift[c] * 0
            for d in range(D):
                for h in range(H):
                    for w in range(W):
                        y[n, c, d, h, w, lane] = images[picked, c, d, h, w] * factor + offset


@serial_kernel
def count_hits(z, targets, count, hits):  # type: ignore[no-untyped-def]
    # z: [blocks, K, D, H, W, LANES] logits   targets: [samples * D * H * W]
    # hits[0]: how often the right class has the highest one
    _, K, D, H, W, _ = z.shape
    area = D * H * W
    total = 0
    for i in range(count[0] * area):
        sample, pixel = i // area, i % area
        n, lane, d, h, w = sample // LANES, sample % LANES, pixel // (H * W), pixel // W % H, pixel % W
        best = 0
        for k in range(1, K):
            if z[n, k, d, h, w, lane] > z[n, best, d, h, w, lane]:
                best = k
        total += 1 if best == targets[i] else 0
    hits[0] = total
