"""Tiles: small blocks of vector registers as values inside Numba kernels.

A Tile(R, C) holds R x C vectors of LANES float32 numbers; the numbers of one vector belong to LANES samples.
LLVM keeps a tile in registers as long as it is created, used and stored inside one loop body, which an array of
accumulators would not be.  This is the only package that knows LLVM.  Offsets and steps count float32 numbers from an
array's first element, so that a view's negative offsets reach its halo.
"""

from engine.kernels.simd.arithmetic import (
    absolute,
    draw_lots,
    exponent,
    floor,
    fma,
    lane_mask,
    mantissa,
    maximum,
    minimum,
    outer,
    scale_by_power,
    square_root,
    where,
)
from engine.kernels.simd.finishing import ACCUMULATE, GATE, put, steps
from engine.kernels.simd.moving import (
    fold,
    load,
    load_bytes,
    load_rows,
    splat,
    store,
    store_bytes,
    store_part,
    store_sums,
    sum_lanes,
    zeros,
)
from engine.kernels.simd.squares import MATRICES, sandwich, transpose

__all__ = [
    "ACCUMULATE",
    "GATE",
    "MATRICES",
    "absolute",
    "draw_lots",
    "exponent",
    "floor",
    "fma",
    "fold",
    "lane_mask",
    "load",
    "load_bytes",
    "load_rows",
    "mantissa",
    "maximum",
    "minimum",
    "outer",
    "put",
    "sandwich",
    "scale_by_power",
    "splat",
    "square_root",
    "steps",
    "store",
    "store_bytes",
    "store_part",
    "store_sums",
    "sum_lanes",
    "transpose",
    "where",
    "zeros",
]
