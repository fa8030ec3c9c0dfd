"""What kernels with sliding windows share: where the numbers of a geometry stand, and which pixels a window meets."""

from __future__ import annotations

from engine.jit import LANES, device
from engine.kernels.simd import load, steps, sum_lanes, zeros

# Where each number of the geometry stands: kernel, stride, dilation, low padding for depth, height, width; groups.
KD, KH, KW, SD, SH, SW, DD, DH, DW, PD, PH, PW, GROUPS = range(13)


@device
def taps(o, stride, dilation, pad, kernel, size):  # type: ignore[no-untyped-def]
    """The first tap and the one past the last whose input row lies inside, for output row o."""
    start = o * stride - pad
    first = (-start + dilation - 1) // dilation if start < 0 else 0
    last = min(kernel, (size - start + dilation - 1) // dilation) if size > start else 0
    return first, max(first, last)


@device
def reach(position, stride, dilation, kernel, size):  # type: ignore[no-untyped-def]
    """The taps that lead from an input position to an output: first, one past the last, and step."""
    first, last, step = kernel, kernel, kernel
    for k in range(kernel):
        o = position - k * dilation
        if o % stride == 0 and 0 <= o < size * stride:
            if first == kernel:
                first = k
            elif step == kernel:
                step = k - first
            last = k + 1
    return first, last, step


@device
def channel_sum(dy, o):  # type: ignore[no-untyped-def]
    """The sum of one channel over all samples and pixels."""
    blocks, _, OD, OH, OW, _ = dy.shape
    yn, yc, yd, yh = steps(dy)
    total = zeros(1, 4)
    for n in range(blocks):
        for od in range(OD):
            for oh in range(OH):
                row = n * yn + o * yc + od * yd + oh * yh
                for ow in range(0, OW - 3, 4):
                    total = total + load(dy, row + ow * LANES, 0, LANES, 1, 4)
                for ow in range(OW - OW % 4, OW):
                    total = total + load(dy, row + ow * LANES, 0, 0, 1, 4) * 0.25
    return sum_lanes(total)
