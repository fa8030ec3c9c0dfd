"""IDX files are read as they are, and broken or hostile ones are refused with a sentence."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.data.idx import read_idx
from engine.errors import DataError


def idx_bytes(shape: tuple[int, ...], content: bytes, kind: int = 8) -> bytes:
    return struct.pack(f">HBB{len(shape)}I", 0, kind, len(shape), *shape) + content


def refusal(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_idx(path)
    return str(caught.value)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_bytes_come_back_in_their_shape(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    values = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    path = tmp_path / "images"
    path.write_bytes(pack(idx_bytes(values.shape, values.tobytes())))
    np.testing.assert_array_equal(read_idx(path), values)


def test_other_kinds_of_numbers_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "images"
    assert refusal(path, idx_bytes((1,), b"\0\0\0\0", kind=0x0D)) == (
        f"{path} is no IDX file of bytes: its first four bytes say something else."
    )


def test_a_header_cannot_claim_more_than_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "images"
    assert refusal(path, idx_bytes((1 << 31, 2), b"")) == (
        f"{path} claims to hold 4294967296 bytes; at most 268435456 are read. It is broken or hostile."
    )


@pytest.mark.parametrize("content", [b"\1" * 5, b"\1" * 7])
def test_content_that_does_not_fill_the_header_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "labels"
    assert refusal(path, idx_bytes((6,), content)) == (
        f"{path} should hold 6 bytes after its header, and does not. Fetch it again."
    )


@pytest.mark.parametrize("kept", [2, 12, -9])
def test_a_truncated_archive_is_refused(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "labels.gz"
    sentence = refusal(path, gzip.compress(idx_bytes((6,), b"\1" * 6))[:kept])
    assert sentence.startswith(f"{path} cannot be read (")
    assert sentence.endswith("It may be cut off; fetch it again.")
