"""CIFAR-10's binary records: a byte for the class, then red, green and blue, row by row."""

from __future__ import annotations

import gzip
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import DataError

Array = np.ndarray[Any, Any]
SHAPE = (3, 32, 32)
RECORD = 1 + 3 * 32 * 32
MOST_BYTES = 64 * 1024 * 1024  # of one file; the published ones have 31 MB
MOST_IMAGES = 100_000  # of a part; an archive can hold any number of files
ARCHIVE = "cifar-10-binary.tar.gz"


def find_files(folder: Path) -> tuple[list[Path], list[Path]] | None:
    """Files to train and to test with: the archive, its content, or parts of it, compressed or not."""
    if (folder / ARCHIVE).is_file():
        return [folder / ARCHIVE], [folder / ARCHIVE]
    names = sorted(path for path in folder.iterdir() if path.name.removesuffix(".gz").endswith(".bin"))
    test = [path for path in names if "test" in path.name]
    train = [path for path in names if path not in test]
    return (train, test) if train and test else None


def read_records(paths: list[Path], *, test: bool) -> tuple[Array, Array]:
    """Images [N, 3, 32, 32] and labels of these files."""
    parts: list[Array] = []
    for name, content in ((name, content) for path in paths for name, content in _contents(path, test)):
        parts.append(_records(content, name))
        if sum(map(len, parts)) > MOST_IMAGES:
            raise DataError(f"{paths[0].parent} holds more than {MOST_IMAGES} images, which CIFAR-10 does not.")
    if not parts:
        raise DataError(f"{paths[0]} holds no {'test' if test else 'training'} records of CIFAR-10. Fetch it again.")
    records = np.concatenate(parts)
    return np.ascontiguousarray(records[:, 1:]).reshape(-1, *SHAPE), records[:, 0].copy()


def _contents(path: Path, test: bool) -> Iterator[tuple[str, bytes]]:
    try:
        if path.name == ARCHIVE:
            with tarfile.open(path, "r:gz") as archive:
                for member in archive:
                    name = Path(member.name).name
                    if member.isfile() and name.endswith(".bin") and ("test" in name) == test:
                        stream = archive.extractfile(member)
                        yield f"{path} ({name})", stream.read(MOST_BYTES + 1) if stream else b""
        else:
            with gzip.open(path, "rb") if path.suffix == ".gz" else open(path, "rb") as file:
                yield str(path), file.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error, tarfile.TarError) as problem:
        raise DataError(f"{path} cannot be read ({problem}). It may be cut off; fetch it again.") from problem


def _records(content: bytes, name: str) -> Array:
    if len(content) > MOST_BYTES:
        raise DataError(f"{name} holds more than {MOST_BYTES} bytes, which no file of CIFAR-10 does.")
    if not content or len(content) % RECORD:
        raise DataError(f"{name} should hold records of {RECORD} bytes, and has {len(content)} bytes. Fetch it again.")
    records = np.frombuffer(content, np.uint8).reshape(-1, RECORD)
    if int(records[:, 0].max()) >= 10:
        raise DataError(f"{name} holds the label {int(records[:, 0].max())}; CIFAR-10 has 10 classes. Fetch it again.")
    return records
