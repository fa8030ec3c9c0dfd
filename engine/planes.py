"""A layer's numbers as planes of rows and columns, and where each number of a plane belongs."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from engine.spec import Shape

Array = np.ndarray[Any, Any]


def planes(array: Array) -> Array:
    """The numbers of a layer as [planes, height, width]; each feature of a row is a plane of one pixel."""
    return array.reshape(plane_shape(array.shape))


def plane_shape(shape: Shape) -> tuple[int, int, int]:
    """How many planes of which height and width; slices of 3-D channels follow each other."""
    if len(shape) == 1:
        return shape[0], 1, 1
    if len(shape) == 2:
        return shape[0], 1, shape[1]
    return prod(shape[:-2]), shape[-2], shape[-1]


def index_in(shape: Shape, plane: int, row: int, column: int) -> tuple[int, ...]:
    """The index of a number: channel and position."""
    if len(shape) == 1:
        return (plane,)
    if len(shape) == 2:
        return plane, column
    return *map(int, np.unravel_index(plane, shape[:-2])), row, column


def middle_plane(shape: Shape, channel: int) -> int:
    """The plane that shows a channel; of a 3-D one the slice in its middle."""
    slices = plane_shape(shape)[0] // shape[0]
    return channel * slices + slices // 2
