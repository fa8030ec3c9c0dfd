"""Arrays from .npz and .npy files that anyone may have made: no objects, and no more memory than is asked for."""

from __future__ import annotations

import zipfile
import zlib
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np

from engine.errors import DataError

Array = np.ndarray[Any, Any]
MOST_BYTES = 2 << 30  # of all arrays of a file; a small file can unpack to any size
HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}


def read_arrays(path: Path) -> dict[str, Array]:
    """The arrays of an .npz file by name; the one of an .npy file under the name x."""
    try:
        if path.suffix == ".npy":
            with open(path, "rb") as file:
                _check_claim(file, path.stat().st_size)
                file.seek(0)
                return {"x": np.lib.format.read_array(file, allow_pickle=False)}
        with zipfile.ZipFile(path) as archive:
            return _members(path, archive)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error, MemoryError, RuntimeError) as problem:
        raise DataError(f"{path} cannot be read as arrays: {problem}.") from problem


def _members(path: Path, archive: zipfile.ZipFile) -> dict[str, Array]:
    members = [member for member in archive.infolist() if member.filename.endswith(".npy")]
    size = sum(member.file_size for member in members)
    if size > MOST_BYTES:
        raise DataError(f"{path} unpacks to {size} bytes; at most {MOST_BYTES} are read. Make it smaller.")
    arrays = {}
    for member in members:
        with archive.open(member) as file:
            _check_claim(file, member.file_size)
        with archive.open(member) as file:
            arrays[member.filename.removesuffix(".npy")] = np.lib.format.read_array(file, allow_pickle=False)
    return arrays


def _check_claim(file: IO[bytes], size: int) -> None:
    """NumPy makes room for what a header claims before it looks at what follows."""
    version = np.lib.format.read_magic(file)
    if version not in HEADERS:
        return  # NumPy itself refuses it, or reads structures, whose kind is refused later
    shape, _, kind = HEADERS[version](file)
    if prod(shape) * kind.itemsize > size:
        raise ValueError(f"an array claims the shape {shape} and has {size} bytes")
