"""Random numbers that depend on nothing but their place: the same with any number of threads and on every machine."""

from __future__ import annotations

import numpy as np

from engine.reference.windows import Array


def key(seed: int, step: int, node: int) -> int:
    """Names a stream of numbers, as a signed 32-bit whole number."""
    mixed = (seed * 0x9E3779B97F4A7C15 + step * 0xBF58476D1CE4E5B9 + node * 0x94D049BB133111EB) & (2**64 - 1)
    mixed ^= mixed >> 31
    mixed = mixed * 0xD6E8FEB86659FD93 & (2**64 - 1)
    return (mixed >> 32) - (1 << 32) * (mixed >> 63)


def uniform(stream: int, count: int) -> Array:
    """The first numbers of a stream, from 0 up to 1 (the last steps of MurmurHash3)."""
    bits = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B1) + np.uint32(stream & 0xFFFFFFFF)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1)):
        bits = (bits ^ (bits >> np.uint32(shift))) * np.uint32(factor)
    return (bits >> np.uint32(8)) * 2.0**-24
