"""Many small pictures beside each other as one image: whole pixels, and gaps that are even at every zoom."""

from __future__ import annotations

from math import ceil
from typing import Any

import attrs
import numpy as np
from PySide6.QtGui import QImage

Array = np.ndarray[Any, Any]
LARGEST_ZOOM = 160
STRIP = 8  # a line of numbers is drawn so many times longer than high


@attrs.frozen
class Grid:
    """Where tiles stand; all sizes in pixels of the screen."""

    count: int
    height: int  # of a tile, in its own pixels
    width: int
    zoom: int
    across: int  # tiles in a row
    gap: int
    group: int = 0  # tiles that belong together, in one row; 0: each stands for itself
    aside: int = 0  # between two groups, beyond the gap

    @property
    def rows(self) -> int:
        return ceil(self.count / self.across) if self.count else 0

    @property
    def step(self) -> tuple[int, int]:
        """From one tile to the next, downwards and to the right."""
        return self.height * self.zoom + self.gap, self.width * self.zoom + self.gap

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of everything."""
        down, (_, left) = self.step[0], self.place(max(0, min(self.across, self.count) - 1))
        return max(0, self.rows * down - self.gap), left + self.width * self.zoom if self.count else 0

    def place(self, tile: int) -> tuple[int, int]:
        """The upper left corner of a tile: y and x."""
        row, column = divmod(tile, self.across)
        asides = column // self.group if self.group else 0
        return row * self.step[0], column * self.step[1] + asides * self.aside

    def at(self, y: float, x: float) -> tuple[int, int, int] | None:
        """Tile, row and column of what is drawn there; None between tiles and beside them."""
        down, right = self.step
        row = int(y // down)
        if self.group:
            before, x = divmod(x, self.group * right + self.aside)
            column, beyond = int(before) * self.group + int(x // right), x >= self.group * right
            x += int(before) * self.group * right
        else:
            column, beyond = int(x // right), False
        inside_y, inside_x = int(y - row * down) // self.zoom, int(x - column * right) // self.zoom
        tile = row * self.across + column
        outside = beyond or not (0 <= column < self.across and row >= 0 and tile < self.count)
        return None if outside or inside_y >= self.height or inside_x >= self.width else (tile, inside_y, inside_x)


def fitted(count: int, height: int, width: int, room: int, wanted: int, gap: int) -> Grid:
    """As many tiles in a row as there is room for, each about `wanted` pixels large."""
    zoom = max(1, min(LARGEST_ZOOM, wanted // max(1, height, width)))
    fitting = max(1, min(max(1, count), (room + gap) // (width * zoom + gap)))
    rows = ceil(max(1, count) / fitting)
    across = ceil(max(1, count) / rows)  # rows of equal length
    return Grid(count, height, width, zoom, across, gap)


def in_rows(count: int, height: int, width: int, across: int, room: int, wanted: int, gap: int) -> Grid:
    """The same with so many tiles in every row, as small as they must be."""
    fitting = (room + gap) // across - gap
    zoom = max(1, min(LARGEST_ZOOM, wanted // max(1, height, width), fitting // max(1, width)))
    return Grid(count, height, width, zoom, across, gap)


def in_groups(count: int, height: int, width: int, group: int, room: int, wanted: int, gap: int, aside: int) -> Grid:
    """Tiles that belong together in one row, and as many such groups beside each other as there is room for."""
    zoom = in_rows(count, height, width, group, room, wanted, gap).zoom
    groups = ceil(max(1, count) / group)
    fitting = max(1, (room + gap + aside) // (group * (width * zoom + gap) + aside))
    across = ceil(groups / ceil(groups / fitting)) * group  # rows of equal length
    return Grid(count, height, width, zoom, across, gap, group, aside)


def filling(
    count: int,
    tile: tuple[int, int],
    across: int,
    room: tuple[int, int],
    sides: tuple[int, int],
    gap: int,
    aside: int = 0,
) -> int:
    """How large tiles can be so that all fit into a room of (height, width); within the sides that are allowed."""
    least, most = sides
    largest = max(1, *tile)
    for zoom in range(max(1, most // largest), 0, -1):
        if zoom * largest <= least:
            break
        if aside:
            grid = in_groups(count, *tile, across, room[1], zoom * largest, gap, aside)
        elif across:
            grid = in_rows(count, *tile, across, room[1], zoom * largest, gap)
        else:
            grid = fitted(count, *tile, room[1], zoom * largest, gap)
        if grid.zoom == zoom and grid.size[0] <= room[0] and grid.size[1] <= room[1]:
            return zoom * largest
    return max(least, largest)


def drawn(tiles: Array, grid: Grid, background: int, first_row: int = 0, rows: int | None = None) -> Array:
    """uint32 [height, width]: some rows of tiles, whose pixels are uint32 [tiles, height, width]."""
    rows = grid.rows - first_row if rows is None else rows
    down, right = grid.step
    shown = tiles[first_row * grid.across : (first_row + rows) * grid.across]
    canvas = np.full((rows, down, grid.across, right), background, np.uint32)
    high, wide = grid.height * grid.zoom, np.repeat(shown, grid.zoom, axis=2)
    whole, rest = divmod(len(shown), grid.across)
    whole_rows = wide[: whole * grid.across].reshape(whole, grid.across, grid.height, wide.shape[2])
    rows_of_tiles = whole_rows.transpose(0, 2, 1, 3)
    for line in range(grid.zoom):  # whole lines at a time: several times faster than pixel by pixel
        canvas[:whole, line : high : grid.zoom, :, : wide.shape[2]] = rows_of_tiles
        if rest:
            last = wide[whole * grid.across :].transpose(1, 0, 2)
            canvas[whole, line : high : grid.zoom, :rest, : wide.shape[2]] = last
    whole_canvas = canvas.reshape(rows * down, grid.across * right)
    return _apart(whole_canvas, grid, background) if grid.aside else whole_canvas


def _apart(canvas: Array, grid: Grid, background: int) -> Array:
    """Groups moved away from each other."""
    height, groups, right = len(canvas), grid.across // grid.group, grid.step[1]
    wide = np.full((height, groups, grid.group * right + grid.aside), background, np.uint32)
    wide[:, :, : grid.group * right] = canvas.reshape(height, groups, -1)
    return np.ascontiguousarray(wide.reshape(height, -1))


def as_image(pixels: Array) -> QImage:
    """uint32 [height, width] as an image; the array must live as long as it is shown."""
    height, width = pixels.shape
    return QImage(pixels.data, width, height, width * 4, QImage.Format.Format_RGB32)


def thick(tiles: Array) -> Array:
    """Lines of numbers as bands that can be seen."""
    height, width = tiles.shape[1:]
    return np.repeat(tiles, max(1, round(width / STRIP)), axis=1) if height == 1 < width else tiles
