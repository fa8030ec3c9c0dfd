"""Choosing register tiles: how many rows and columns of vectors a kernel works on at a time."""

from __future__ import annotations

from functools import cache

from engine.jit import REGISTERS

LATENCY = 8  # multiply-adds that must be under way at once to keep both units busy


def _fits(rows: int, columns: int) -> bool:
    """Whether a tile, its shorter side and one passing vector fit into the registers."""
    return rows * columns + min(rows, columns) + 1 <= REGISTERS


@cache
def best_tile(rows: int, columns: int, divide_columns: bool = False) -> tuple[int, int]:
    """The tile that covers rows x columns soonest: rows must divide evenly, the last columns may overlap."""

    def cost(r: int, c: int) -> tuple[float, int]:
        tiles = (rows // r) * -(-columns // c)
        return tiles * max(r * c, r + c + 2, LATENCY), -min(r, c)

    shapes = [
        (r, c)
        for r in range(1, min(rows, REGISTERS) + 1)
        if rows % r == 0
        for c in range(1, min(columns, REGISTERS) + 1)
        if _fits(r, c) and (not divide_columns or columns % c == 0)
    ]
    return min(shapes, key=lambda shape: cost(*shape))
