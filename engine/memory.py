"""Where a plan's tensors live: one arena, shared by tensors whose lives do not overlap."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import prod
from typing import Any

import attrs
import numpy as np

from engine.jit import LANES
from engine.kernels.elementwise import clear_halo
from engine.spec import NO_HALO, Span

Array = np.ndarray[Any, Any]
ALIGNMENT = 64  # a cache line, and the widest vector: loads that straddle two lines cost double


@attrs.define(eq=False)
class Storage:
    """A piece of memory that is needed from its first to its last step."""

    shape: tuple[int, ...]  # with the halo
    dtype: np.dtype[Any]
    first: int = -1
    last: int = -1
    shared: bool = False
    array: Array | None = None

    def touch(self, step: int) -> None:
        self.first = step if self.first < 0 else self.first
        self.last = max(self.last, step)

    def keep_forever(self) -> None:
        """Nobody else may use this memory."""
        self.first, self.last = 0, 1 << 30

    @property
    def nbytes(self) -> int:
        size = prod(self.shape) * self.dtype.itemsize
        return -(-size // ALIGNMENT) * ALIGNMENT

    def meets(self, other: Storage) -> bool:
        return self.first <= other.last and other.first <= self.last


@attrs.frozen(eq=False)
class Tensor:
    """A view of a storage: [blocks, channels, depth, height, width, LANES] inside its halo, or a flat array."""

    storage: Storage
    shape: tuple[int, ...]
    halo: tuple[Span, ...] = NO_HALO

    @classmethod
    def image(cls, shape: tuple[int, ...], halo: tuple[Span, ...] = NO_HALO) -> Tensor:
        """Blocks, channels, depth, height and width of float32 lanes, with zeros around."""
        space = tuple(size + low + high for size, (low, high) in zip(shape[2:], halo, strict=True))
        return cls(Storage((*shape[:2], *space, LANES), np.dtype(np.float32)), shape, halo)

    @classmethod
    def flat(cls, size: int, dtype: Any = np.float32) -> Tensor:
        return cls(Storage((size,), np.dtype(dtype)), (size,))

    @property
    def has_halo(self) -> bool:
        return self.halo != NO_HALO

    def reshaped(self, shape: tuple[int, ...]) -> Tensor:
        """The same memory with another shape; a halo would be in the way."""
        assert not self.has_halo and prod(shape) == prod(self.shape)
        return Tensor(self.storage, shape)

    @property
    def array(self) -> Array:
        """The real array, once the plan has placed it."""
        whole = self.storage.array
        assert whole is not None
        if whole.ndim == 1:
            return whole
        if not self.has_halo:
            return whole.reshape((*self.shape, LANES))
        inner = tuple(slice(low, low + size) for size, (low, _) in zip(self.shape[2:], self.halo, strict=True))
        return whole[(slice(None), slice(None), *inner)]


def place(storages: Iterable[Storage], steps: int) -> Array:
    """Gives every storage its array: largest first, each at the lowest place that is free during its life."""
    placed: list[tuple[int, int, Storage]] = []  # start, end, storage
    for storage in sorted({id(s): s for s in storages}.values(), key=lambda s: (-s.nbytes, s.first)):
        start = 0
        for low, high, other in sorted((p for p in placed if p[2].meets(storage)), key=lambda p: p[0]):
            if low - start >= storage.nbytes:
                break
            start = max(start, high)
        placed.append((start, start + storage.nbytes, storage))
    size = max((end for _, end, _ in placed), default=0)
    arena = _aligned(size)
    for start, end, storage in placed:
        size_bytes = prod(storage.shape) * storage.dtype.itemsize
        storage.array = arena[start : start + size_bytes].view(storage.dtype).reshape(storage.shape)
        storage.shared = any(s is not storage and low < end and start < high for low, high, s in placed)
    return arena


def _aligned(size: int) -> Array:
    raw = np.zeros(size + ALIGNMENT, np.uint8)
    offset = -raw.ctypes.data % ALIGNMENT
    return raw[offset : offset + size]


def halo_clearing(tensor: Tensor, step: int) -> Callable[[], None] | None:
    """What makes a halo zero again whose memory somebody else has used meanwhile, if this is its first step."""
    storage = tensor.storage
    if not tensor.has_halo or not storage.shared or storage.first != step:
        return None
    return clear_halo.bind(storage.array, *(n for span in tensor.halo for n in span))
