"""The safetensors format in small pieces: whoever shares the interpreter with a large file does not notice it.

Eight bytes say how long the header is; it is JSON and says each tensor's type, shape and place in what follows. The
library for this format copies whole files at a time, and nothing else in the program moves while it does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from math import prod
from typing import Any, TypeGuard

import numpy as np

from engine.errors import EngineError

Tensors = Mapping[str, np.ndarray[Any, Any]]

LENGTH_BYTES, ALIGN_BYTES, NUMBER_BYTES = 8, 8, 4
MOST_HEADER_BYTES = 16 << 20
PIECE_BYTES = 1 << 20
TYPE, ABOUT = "F32", "__metadata__"


class TensorsError(EngineError):
    """Bytes that are no tensors."""


def to_pieces(tensors: Tensors) -> Iterator[bytes | memoryview]:
    """The file's content, a megabyte at a time."""
    header: dict[str, Any] = {}
    place = 0
    for name in sorted(tensors):
        end = place + NUMBER_BYTES * tensors[name].size
        header[name] = {"dtype": TYPE, "shape": list(tensors[name].shape), "data_offsets": [place, end]}
        place = end
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % ALIGN_BYTES)
    yield len(text).to_bytes(LENGTH_BYTES, "little") + text
    for name in header:
        content = np.ascontiguousarray(tensors[name], "<f4").reshape(-1).view(np.uint8).data
        for start in range(0, len(content), PIECE_BYTES):
            yield content[start : start + PIECE_BYTES]


def from_bytes(content: bytes) -> Tensors:
    """The tensors in a file; they share its memory and cannot be written to."""
    header, start = _header(content)
    room, end, found = len(content) - start, 0, {}
    for name, about in sorted(header.items(), key=lambda entry: _place(*entry)[0]):
        shape, (first, last) = _shape(name, about), _place(name, about)
        if first != end or last > room or last - first != NUMBER_BYTES * prod(shape):
            raise TensorsError(f"{name} is not where the file says")
        numbers = np.frombuffer(content, "<f4", prod(shape), start + first)
        found[name], end = (numbers if numbers.flags.aligned else numbers.copy()).reshape(shape), last
    if end != room:
        raise TensorsError("there is more in the file than it says")
    return found


def _header(content: bytes) -> tuple[dict[str, Any], int]:
    length = int.from_bytes(content[:LENGTH_BYTES], "little")
    end = LENGTH_BYTES + length
    if len(content) < LENGTH_BYTES or length > MOST_HEADER_BYTES or end > len(content):
        raise TensorsError("the header is cut off")
    try:
        header = json.loads(content[LENGTH_BYTES:end].decode("utf-8"))
    except (ValueError, RecursionError) as problem:
        raise TensorsError("the header is not JSON") from problem
    if not isinstance(header, dict):
        raise TensorsError("the header is no list of tensors")
    header.pop(ABOUT, None)
    return header, end


def _place(name: str, about: Any) -> tuple[int, int]:
    place = about.get("data_offsets") if isinstance(about, dict) else None
    if not _is_numbers(place) or len(place) != 2 or place[0] > place[1]:
        raise TensorsError(f"{name} has no place")
    return place[0], place[1]


def _shape(name: str, about: dict[str, Any]) -> tuple[int, ...]:
    if about.get("dtype") != TYPE or not _is_numbers(about.get("shape")):
        raise TensorsError(f"{name} holds more than finite float32 numbers")
    return tuple(about["shape"])


def _is_numbers(value: Any) -> TypeGuard[list[int]]:
    return isinstance(value, list) and all(type(number) is int and number >= 0 for number in value)
