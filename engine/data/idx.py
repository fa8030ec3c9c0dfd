"""IDX files, the format of MNIST and Fashion-MNIST: a magic number, the sizes, then bytes."""

from __future__ import annotations

import gzip
import struct
import zlib
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import DataError

Array = np.ndarray[Any, Any]
UNSIGNED_BYTES = 0x08
MOST_BYTES = 1 << 28  # five times the largest file of its kind; a small file can claim any size


def read_idx(path: Path) -> Array:
    """The bytes of an IDX file (gzip-compressed or not) in its shape, or a sentence that says what is wrong with it."""
    try:
        with open(path, "rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
        with gzip.open(path, "rb") if packed else open(path, "rb") as file:
            return _read(file, path)
    except (OSError, EOFError, zlib.error, struct.error) as problem:
        raise DataError(f"{path} cannot be read ({problem}). It may be cut off; fetch it again.") from problem


def _read(file: Any, path: Path) -> Array:
    zero, kind, axes = struct.unpack(">HBB", file.read(4))
    if zero or kind != UNSIGNED_BYTES or not 1 <= axes <= 4:
        raise DataError(f"{path} is no IDX file of bytes: its first four bytes say something else.")
    shape = struct.unpack(f">{axes}I", file.read(4 * axes))
    size = prod(shape)
    if size > MOST_BYTES:
        raise DataError(f"{path} claims to hold {size} bytes; at most {MOST_BYTES} are read. It is broken or hostile.")
    content = file.read(size + 1)
    if len(content) != size:
        raise DataError(f"{path} should hold {size} bytes after its header, and does not. Fetch it again.")
    return np.frombuffer(content, np.uint8).reshape(shape)
