"""How numbers of any shape lie in planes of rows and columns."""

from __future__ import annotations

from math import ceil, prod, sqrt
from typing import Any

import attrs
import numpy as np

Array = np.ndarray[Any, Any]
Index = tuple[int, ...]


@attrs.frozen
class Layout:
    """Planes of a layer's numbers; a row of features is folded into a square."""

    shape: Index

    @property
    def planes(self) -> int:
        return prod(self.shape[:-2]) if len(self.shape) > 2 else 1

    @property
    def size(self) -> tuple[int, int]:
        if len(self.shape) > 1:
            return self.shape[-2], self.shape[-1]
        columns = ceil(sqrt(self.shape[0]))
        return ceil(self.shape[0] / columns), columns

    def index(self, plane: int, row: int, column: int) -> Index | None:
        """The number's own index; None where a folded row has ended."""
        if len(self.shape) > 1:
            return *map(int, np.unravel_index(plane, self.shape[:-2] or (1,))[: len(self.shape) - 2]), row, column
        place = row * self.size[1] + column
        return (place,) if place < self.shape[0] else None

    def place(self, at: Index) -> tuple[int, int, int]:
        """Plane, row and column of a number."""
        if len(self.shape) == 1:
            return 0, *divmod(at[0], self.size[1])
        return int(np.ravel_multi_index(at[:-2], self.shape[:-2])) if len(at) > 2 else 0, at[-2], at[-1]

    def plane(self, values: Array, plane: int) -> Array:
        """Its numbers in rows and columns."""
        if len(self.shape) > 1:
            return np.asarray(values.reshape(-1, *self.size)[plane])
        return np.concatenate([values, np.zeros(prod(self.size) - len(values), values.dtype)]).reshape(self.size)
