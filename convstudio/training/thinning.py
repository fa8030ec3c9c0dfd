"""Curves of any length drawn with few points: a million would take longer to draw than a frame lasts."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

Array = np.ndarray[Any, Any]
FINE = 64  # numbers of the shortest stretch that is remembered; shorter ones are quickly looked at again
FIRST_ROOM = 256


@attrs.frozen(eq=False)
class Stretches:
    """Lowest, highest and mean of equal pieces of a row of numbers."""

    stretch: int  # how many numbers each stands for
    first: int  # the number of the first stretch, counted from the beginning of the row
    lows: Array
    highs: Array
    means: Array

    @property
    def ends(self) -> Array:
        """The index of the last number of each stretch."""
        return (self.first + 1 + np.arange(len(self.lows))) * self.stretch - 1

    @property
    def covered(self) -> int:
        """The index of the first number behind all of them."""
        return (self.first + len(self.lows)) * self.stretch


def stretch_for(count: int, most: int) -> int:
    """A power of two, so that stretches stay where they are while the row grows, and whatever part of it is seen."""
    stretch = 1
    while count > most * stretch:
        stretch *= 2
    return stretch


class Thinned:
    """Any part of a row of numbers that grows, in few stretches; each number is looked at once for the long ones."""

    def __init__(self) -> None:
        self._count = 0
        self._columns = np.zeros((3, FIRST_ROOM))

    def over(self, values: Array, begin: int, end: int, most: int) -> Stretches:
        """The whole stretches of a part of the row; what is left over at its end is the caller's to show."""
        self._follow(values)
        stretch = stretch_for(end - begin, most)
        first, last = begin // stretch, end // stretch
        if stretch < FINE:
            parts = values[first * stretch : last * stretch].reshape(-1, stretch)
            return Stretches(stretch, first, parts.min(axis=1), parts.max(axis=1), parts.mean(axis=1))
        share = stretch // FINE
        fine = self._columns[:, first * share : last * share].reshape(3, -1, share)
        return Stretches(stretch, first, fine[0].min(axis=1), fine[1].max(axis=1), fine[2].mean(axis=1))

    def _follow(self, values: Array) -> None:
        """Takes in what is new at the end of the row; the rest of the last stretch waits until it is whole."""
        whole = len(values) // FINE
        while whole > self._columns.shape[1]:
            self._columns = np.concatenate([self._columns, np.zeros_like(self._columns)], axis=1)
        if whole > self._count:
            new, here = values[self._count * FINE : whole * FINE].reshape(-1, FINE), slice(self._count, whole)
            self._columns[:, here] = new.min(axis=1), new.max(axis=1), new.mean(axis=1)
            self._count = whole
