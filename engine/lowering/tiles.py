"""Choosing register tiles: how many rows and columns of vectors a kernel works on at a time."""

from __future__ import annotations

from engine.jit import REGISTERS

LATENCY = 8  # multiply-adds that must be under way at once to keep both units busy
# Few sizes: every shape is compiled on its own, which takes longer than a small network takes to train.
ROWS = (1, 2, 3, 4, 5, 6, 7, 8, 12, 16)
COLUMNS = (1, 2, 3, 4, 5, 6, 7)


def _fits(rows: int, columns: int) -> bool:
    """Whether a tile, its shorter side and one passing vector fit into the registers."""
    return rows * columns + min(rows, columns) + 1 <= REGISTERS


def best_tile(rows: int, columns: int, divide_columns: bool = False) -> tuple[int, int]:
    """The tile that covers rows x columns soonest: rows must divide evenly, the last columns may overlap."""

    def cost(r: int, c: int) -> tuple[float, int]:
        tiles = (rows // r) * -(-columns // c)
        return tiles * max(r * c, r + c + 2, LATENCY), -min(r, c)

    shapes = [
        (r, c)
        for r in ROWS
        for c in COLUMNS
        if rows % r == 0 and c <= columns and _fits(r, c) and (not divide_columns or columns % c == 0)
    ]
    return min(shapes, key=lambda shape: cost(*shape))
