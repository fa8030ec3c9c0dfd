"""Where a plan's tensors live: one arena, shared by tensors whose lives do not overlap."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import Any

import attrs
import numpy as np

from engine.jit import LANES
from engine.spec import NO_HALO, Span

Array = np.ndarray[Any, Any]
ALIGNMENT = 64  # a cache line, and the widest vector: loads that straddle two lines cost double


@attrs.define(eq=False)
class Storage:
    """A piece of memory that is needed from its first to its last step."""

    shape: tuple[int, ...]  # with the halo
    dtype: np.dtype[Any]
    halo: tuple[Span, ...] = NO_HALO
    first: int = -1
    last: int = -1
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
        return cls(Storage((*shape[:2], *space, LANES), np.dtype(np.float32), halo), shape, halo)

    @classmethod
    def flat(cls, size: int, dtype: Any = np.float32) -> Tensor:
        return cls(Storage((size,), np.dtype(dtype)), (size,))

    @property
    def has_halo(self) -> bool:
        return self.halo != NO_HALO

    def reshaped(self, shape: tuple[int, ...]) -> Tensor:
        """The same memory with another shape; a halo would be in the way."""
        assert not self.has_halo
        assert prod(shape) == prod(self.shape)
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


def place(storages: Iterable[Storage]) -> Array:
    """Gives every storage its array: largest first, each at the lowest place that is free during its life.

    A halo must stay zero, so storages with a halo share only with their like: all of them write inside alone.
    """
    each = list({id(s): s for s in storages}.values())
    rooms = [_Room([s]) for s in each if s.halo == NO_HALO]
    rooms += _shared_by_likes(s for s in each if s.halo != NO_HALO)
    placed: list[tuple[int, int, _Room]] = []  # start, end, room
    for room in sorted(rooms, key=lambda r: (-r.nbytes, r.first)):
        start = 0
        for low, high, _ in sorted((p for p in placed if p[2].meets(room)), key=lambda p: p[0]):
            if low - start >= room.nbytes:
                break
            start = max(start, high)
        placed.append((start, start + room.nbytes, room))
    arena = _aligned(max((end for _, end, _ in placed), default=0))
    for start, _, room in placed:
        for storage in room.storages:
            size = prod(storage.shape) * storage.dtype.itemsize
            storage.array = arena[start : start + size].view(storage.dtype).reshape(storage.shape)
    return arena


@attrs.define(eq=False)
class _Room:
    """A piece of the arena, and who lives there one after the other."""

    storages: list[Storage]

    @property
    def nbytes(self) -> int:
        return self.storages[0].nbytes

    @property
    def first(self) -> int:
        return min(s.first for s in self.storages)

    def meets(self, other: _Room) -> bool:
        halos = any(room.storages[0].halo != NO_HALO for room in (self, other))
        return halos or any(a.meets(b) for a in self.storages for b in other.storages)


def _shared_by_likes(storages: Iterable[Storage]) -> list[_Room]:
    rooms: dict[Any, list[_Room]] = {}
    for storage in sorted(storages, key=lambda s: s.first):
        likes = rooms.setdefault((storage.shape, storage.halo), [])
        free = next((room for room in likes if not any(s.meets(storage) for s in room.storages)), None)
        if free:
            free.storages.append(storage)
        else:
            likes.append(_Room([storage]))
    return [room for likes in rooms.values() for room in likes]


def _aligned(size: int) -> Array:
    raw = np.zeros(size + ALIGNMENT, np.uint8)
    offset = -raw.ctypes.data % ALIGNMENT
    return raw[offset : offset + size]
