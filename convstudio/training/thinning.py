"""Curves of any length drawn with few points: a million would take longer to draw than a frame lasts."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
MOST_STRETCHES = 1024  # more than a chart has pixels


class Thinned:
    """Lowest, highest and mean of each stretch of a row of numbers that grows; each number is looked at once."""

    def __init__(self) -> None:
        self.stretch = 1  # how many numbers each entry stands for
        self._count = 0
        self._columns = np.zeros((3, MOST_STRETCHES))

    @property
    def lows(self) -> Array:
        return self._columns[0, : self._count]

    @property
    def highs(self) -> Array:
        return self._columns[1, : self._count]

    @property
    def means(self) -> Array:
        return self._columns[2, : self._count]

    @property
    def ends(self) -> Array:
        """The index of the last number of each stretch."""
        return np.arange(1, self._count + 1) * self.stretch - 1

    def follow(self, values: Array) -> None:
        """Takes in what is new at the end of the row; the rest of the last stretch waits until it is whole."""
        while (new := len(values) // self.stretch - self._count) > 0:
            if self._count == MOST_STRETCHES:
                self._join_pairs()
                continue
            taken = min(new, MOST_STRETCHES - self._count)
            begin, here = self._count * self.stretch, slice(self._count, self._count + taken)
            parts = values[begin : begin + taken * self.stretch].reshape(taken, self.stretch)
            self._columns[:, here] = parts.min(axis=1), parts.max(axis=1), parts.mean(axis=1)
            self._count += taken

    def _join_pairs(self) -> None:
        pairs = self._columns.reshape(3, -1, 2)
        self._count //= 2
        joined = pairs[0].min(axis=1), pairs[1].max(axis=1), pairs[2].mean(axis=1)
        self._columns[:, : self._count] = joined
        self.stretch *= 2
