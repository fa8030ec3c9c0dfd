"""Choosing register tiles: how many rows and columns of vectors a kernel works on at a time."""

from __future__ import annotations

from functools import cache

from engine.jit import REGISTERS

ACCUMULATORS = 28 if REGISTERS == 32 else 12  # the other registers hold what is multiplied
LATENCY = 8  # multiply-adds that must be under way at once to keep both units busy


@cache
def best_tile(rows: int, columns: int, divide_columns: bool = False) -> tuple[int, int]:
    """The tile that wastes least of rows x columns: rows must divide evenly, the last columns may overlap."""
    def cost(r: int, c: int) -> tuple[float, int]:
        tiles = (rows // r) * -(-columns // c)
        return tiles * max(r * c, r + c, LATENCY), -r * c

    shapes = [
        (r, c)
        for r in range(1, min(rows, ACCUMULATORS) + 1)
        if rows % r == 0
        for c in range(1, min(columns, ACCUMULATORS // r) + 1)
        if not divide_columns or columns % c == 0
    ]
    return min(shapes, key=lambda shape: cost(*shape))
