"""Weights in pieces: the same bytes as the format's own library, and nothing believed that a file says."""

from __future__ import annotations

import itertools
import json
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load, save

from convstudio.document.tensors import TensorsError, from_bytes, to_pieces


def some() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    large = rng.standard_normal((3, 700, 300)).astype(np.float32)
    return {
        "conv1.weight": large,
        "bias·2": np.zeros(3, np.float32),
        "one": np.array(7, np.float32),
        "none": np.zeros((0, 4), np.float32),
    }


def test_the_format_s_own_library_writes_and_reads_the_same() -> None:
    written = b"".join(to_pieces(some()))
    assert written == save(some())
    for reader in (load, from_bytes):
        found = reader(written)
        assert set(found) == set(some())
        for name, array in some().items():
            np.testing.assert_array_equal(found[name], array)


def test_no_piece_is_larger_than_a_megabyte() -> None:
    assert max(len(piece) for piece in to_pieces(some())) == 1 << 20


def test_arrays_in_another_order_are_written_in_theirs() -> None:
    turned = np.arange(6, dtype=np.float32).reshape(2, 3).T
    np.testing.assert_array_equal(from_bytes(b"".join(to_pieces({"a": turned})))["a"], turned)


def made(header: Any, content: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + content


def entry(shape: Any, place: Any, dtype: str = "F32") -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": place}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "the header is cut off"),
        (b"\xff" * 8, "the header is cut off"),
        ((9).to_bytes(8, "little") + b"{}", "the header is cut off"),
        (made(b"{"), "the header is not JSON"),
        (made(b"\xff\xfe"), "the header is not JSON"),
        (made(b"[" * 100_000), "the header is not JSON"),
        (made([1]), "the header is no list of tensors"),
        (made({"a": 3}), "a has no place"),
        (made({"a": entry([1], [0])}, bytes(4)), "a has no place"),
        (made({"a": entry([1], [4, 0])}, bytes(4)), "a has no place"),
        (made({"a": entry([1], [0, True])}, bytes(4)), "a has no place"),
        (made({"a": entry([1], [0, 4], "F64")}, bytes(4)), "a holds more than finite float32 numbers"),
        (made({"a": entry([-1], [0, 4])}, bytes(4)), "a holds more than finite float32 numbers"),
        (made({"a": entry([2], [0, 4])}, bytes(4)), "a is not where the file says"),
        (made({"a": entry([1], [4, 8])}, bytes(8)), "a is not where the file says"),
        (made({"a": entry([2**40], [0, 2**42])}, bytes(8)), "a is not where the file says"),
        (made({"a": entry([1], [0, 4]), "b": entry([1], [2, 6])}, bytes(6)), "b is not where the file says"),
        (made({"a": entry([1], [0, 4])}, bytes(8)), "there is more in the file than it says"),
    ],
    ids=itertools.count(),
)
def test_what_is_wrong_is_said(content: bytes, sentence: str) -> None:
    with pytest.raises(TensorsError, match=f"^{sentence}$"):
        from_bytes(content)


def test_what_others_say_about_their_files_is_no_tensor() -> None:
    content = made({"__metadata__": {"format": "pt"}, "a": entry([1], [0, 4])}, np.float32(2).tobytes())
    assert from_bytes(content)["a"].tolist() == [2.0]


def test_numbers_that_begin_anywhere_are_read() -> None:
    header = json.dumps({"a": entry([2], [0, 8])}).encode()
    for spaces in range(4):
        found = from_bytes(made(header + b" " * spaces, np.array([1, 2], np.float32).tobytes()))["a"]
        assert found.flags.aligned
        assert found.tolist() == [1, 2]
