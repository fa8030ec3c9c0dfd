"""t-SNE: places points in a plane so that those which are neighbours among many numbers stay neighbours.

Van der Maaten and Hinton 2008, with every pair of points: exact, and quick enough for some thousand of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
import numpy as np

from engine.jit import LANES
from engine.kernels.embedding import pair_forces

Array = np.ndarray[Any, Any]
ITERATIONS, EARLY = 750, 250  # all of them, and those in which the groups find each other
EXAGGERATION = 12.0  # of the early ones: neighbours pull so much harder
MOMENTUM, LATER_MOMENTUM = 0.5, 0.8
GAIN_UP, GAIN_DOWN, LEAST_GAIN = 0.2, 0.8, 0.01  # a step grows where it keeps its direction
LEAST_RATE = 50.0
SPREAD = 1e-4  # of the positions that it starts with
HALVINGS = 64  # until a neighbourhood has its size
CLOSE = 1e-5  # to the wanted entropy
TINY = 1e-12
BLOCK_NUMBERS = 1 << 16  # of a block of rows, whose neighbourhoods are measured in one go
WIDE = 2 * LANES  # points that the kernel takes at a time


@attrs.frozen(eq=False)
class Layout:
    """Where the points are after so many iterations."""

    iteration: int
    positions: Array  # float32 [points, 2]


def tsne(squares: Array, start: Array, perplexity: float) -> Iterator[Layout | None]:
    """Positions after each iteration; None while the neighbourhoods are measured.

    `squares` are the squared distances between all points, and `start` the positions to begin with, at any scale.
    The same numbers in give the same numbers out.
    """
    near = np.zeros(squares.shape, np.float32)
    for rows in blocks(len(squares)):
        near[rows] = neighbours(squares[rows], rows.start, perplexity)
        yield None
    forces = Forces((near + near.T) / np.float32(2 * len(near)))
    positions = np.asarray(start / max(TINY, float(start[:, 0].std())) * SPREAD, np.float32)
    rate = max(LEAST_RATE, len(positions) / EXAGGERATION / 4)
    speed, gains = np.zeros_like(positions), np.ones_like(positions)
    for iteration in range(1, ITERATIONS + 1):
        early = iteration <= EARLY
        slope = forces.gradient(positions, EXAGGERATION if early else 1.0)
        gains = np.where((slope > 0) == (speed > 0), gains * GAIN_DOWN, gains + GAIN_UP).clip(LEAST_GAIN)
        speed = np.float32(MOMENTUM if early else LATER_MOMENTUM) * speed - np.float32(rate) * gains * slope
        positions = positions + speed
        positions -= positions.mean(axis=0)
        yield Layout(iteration, positions)


def blocks(points: int) -> list[slice]:
    """All rows of a square table, some at a time."""
    rows = max(1, BLOCK_NUMBERS // max(1, points))
    return [slice(at, min(points, at + rows)) for at in range(0, points, rows)]


def neighbours(squares: Array, first: int, perplexity: float) -> Array:
    """How much of a neighbour each point is to those in a block of rows, which begins at row `first`.

    Each row sums to one, and is as wide as so many equal neighbours would be.
    """
    count, points = squares.shape
    itself = np.arange(count), first + np.arange(count)
    distances = squares.astype(np.float64)
    distances[itself] = np.inf
    distances -= distances.min(axis=1, keepdims=True)
    wanted = np.log(min(perplexity, max(1.0, (points - 1) / 3)))
    finite = distances.copy()
    finite[itself] = 0.0
    low, high, sharp = np.zeros(count), np.full(count, np.inf), 1 / (np.median(finite, axis=1) + TINY)
    for _ in range(HALVINGS):
        weights = np.exp(-distances * sharp[:, None])
        total = weights.sum(axis=1)
        entropy = np.log(total) + sharp * (weights * finite).sum(axis=1) / total
        if (np.abs(entropy - wanted) < CLOSE).all():
            break
        wide = entropy > wanted
        low, high = np.where(wide, sharp, low), np.where(wide, high, sharp)
        sharp = np.where(np.isinf(high), sharp * 2, (low + high) / 2)
    return np.asarray(weights / total[:, None], np.float32)


class Forces:
    """What the points of a map do to each other."""

    def __init__(self, near: Array) -> None:
        self._points = len(near)
        wide = -(-self._points // WIDE) * WIDE
        padded = np.zeros((wide, wide), np.float32)
        padded[: self._points, : self._points] = near
        self._near = np.ascontiguousarray(padded.reshape(wide, -1, WIDE).transpose(1, 0, 2))  # read from end to end
        self._places, self._found = np.zeros((2, wide), np.float32), np.zeros((5, wide), np.float32)
        self._count = np.array([self._points], np.int64)

    def gradient(self, positions: Array, exaggeration: float = 1.0) -> Array:
        """The slope of the divergence between the neighbourhoods among many numbers and those on the map."""
        points = self._points
        self._places[:, :points] = positions.T
        pair_forces(self._near, self._places, self._count, self._found)
        total = float(self._found[4, :points].sum(dtype=np.float64)) - points  # each is close to itself, too
        pull, push = self._found[:2, :points], self._found[2:4, :points]
        slope = 4 * (np.float32(exaggeration) * pull - push / np.float32(max(total, TINY)))
        return np.ascontiguousarray(slope.T, np.float32)
