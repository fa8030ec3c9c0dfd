"""Project files: a zip archive with plain content. Nothing in one is trusted, unpacked to the disk or run.

project.json         the network, blocks, comments, training settings and the choice of data
weights.safetensors  what training found, float32, "node.name"; not there before
thumbnail.png        a small picture of the canvas; may be missing
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

import attrs
import numpy as np

from convstudio.document import tensors
from convstudio.document.project import Project, ProjectError, project_from_json
from engine import graph as graphs
from engine.atomic import write_atomically
from engine.errors import EngineError
from engine.layout import laid_out

Weights = Mapping[str, np.ndarray[Any, Any]]

SUFFIX, NETWORK_SUFFIX = ".convstudio", ".json"
DESCRIPTION, WEIGHTS, THUMBNAIL = "project.json", "weights.safetensors", "thumbnail.png"
MOST_BYTES: Mapping[str, int] = {DESCRIPTION: 32 << 20, WEIGHTS: 4 << 30, THUMBNAIL: 8 << 20}
MOST_MEMBERS = 64
MOST_EXPANSION = 20  # weights hardly become smaller in a zip; what grows more is made to fill the memory
SMALL_BYTES = 1 << 20  # and what is small may grow as it likes
ENCRYPTED = 1  # the flag of the zip format
OLDEST_TIME = 1980, 1, 1, 0, 0, 0  # the same project gives the same bytes
PNG_START = b"\x89PNG\r\n\x1a\n"


def is_project(path: Path) -> bool:
    """Whether it is a project file by its ending, in capitals too."""
    return path.suffix.lower() == SUFFIX


def is_network(path: Path) -> bool:
    """Whether it is a file of a network alone by its ending."""
    return path.suffix.lower() == NETWORK_SUFFIX


@attrs.frozen(eq=False)
class Stored:
    """What a project file holds."""

    project: Project
    weights: Weights = attrs.field(factory=dict)
    thumbnail: bytes = b""


# --- writing ---------------------------------------------------------------------------------------------------------


def write(path: Path, stored: Stored) -> None:
    """Writes the file; what was there before stays unharmed if that fails."""
    write_atomically(path, pieces(stored))


def to_bytes(stored: Stored) -> bytes:
    """The file's content."""
    return b"".join(pieces(stored))


def pieces(stored: Stored) -> Iterator[bytes]:
    """The archive bit by bit, so that large weights are not held once more as a whole file."""
    sink = _Sink()
    text = json.dumps(stored.project.to_json(), ensure_ascii=False, indent=1, allow_nan=False)
    with zipfile.ZipFile(sink, "w") as archive:
        content = text.encode("utf-8", "replace")  # halves of characters, which a clipboard may hold, cannot be written
        archive.writestr(_entry(DESCRIPTION), content, zipfile.ZIP_DEFLATED, 1)
        yield from sink.taken()
        if stored.thumbnail:
            archive.writestr(_entry(THUMBNAIL), stored.thumbnail, zipfile.ZIP_STORED)
            yield from sink.taken()
        if stored.weights:
            with archive.open(_entry(WEIGHTS), "w", force_zip64=True) as member:
                for piece in tensors.to_pieces(stored.weights):
                    member.write(piece)
                    yield from sink.taken()
    yield from sink.taken()


def _entry(name: str) -> zipfile.ZipInfo:
    return zipfile.ZipInfo(name, OLDEST_TIME)


class _Sink(io.RawIOBase):
    """Hands on what is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self._taken: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self._taken.append(bytes(piece))
        return len(self._taken[-1])

    def taken(self) -> list[bytes]:
        """What was written since the last time."""
        pieces, self._taken = self._taken, []
        return pieces


# --- reading ---------------------------------------------------------------------------------------------------------


def read(path: Path) -> Stored:
    """A project file, or a network file (.json); anything else is a sentence that says what is wrong."""
    _check_file(path)
    if is_network(path):
        return Stored(_network(path))
    content = _members(path, tuple(MOST_BYTES))
    project = _project(content[DESCRIPTION], path)
    return Stored(project, _weights(content[WEIGHTS], path), _thumbnail(content[THUMBNAIL]))


def read_project(path: Path) -> Project:
    """The network and its settings alone, without the weights."""
    _check_file(path)
    if is_network(path):
        return _network(path)
    return _project(_members(path, (DESCRIPTION,))[DESCRIPTION], path)


def _network(path: Path) -> Project:
    """A network alone; files that programs write often say nothing of places."""
    graph = graphs.load(path)
    all_at_one_place = len({node.position for node in graph}) == 1 < len(graph.nodes)
    return Project(laid_out(graph) if all_at_one_place else graph)


def read_thumbnail(path: Path) -> bytes:
    """The small picture in a project file; nothing where there is none, or no such file."""
    try:
        return _thumbnail(_members(path, (THUMBNAIL,))[THUMBNAIL])
    except EngineError:
        return b""


def unpacked_bytes(path: Path) -> int:
    """How much there is to read in an archive by its own account; nothing where it is none, which reading tells."""
    with suppress(OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError, ValueError):
        if path.is_file():
            with zipfile.ZipFile(path) as archive:
                return sum(info.file_size for info in archive.infolist())
    return 0


def _check_file(path: Path) -> None:
    """A pipe would be waited for, and a text of gigabytes would fill the memory; the rest is told by who reads."""
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            raise ProjectError(f"{path} is no file. Choose a project or a network file.")
        too_large = is_network(path) and path.is_file() and path.stat().st_size > MOST_BYTES[DESCRIPTION]
    except (OSError, ValueError) as problem:
        raise ProjectError(f"{path} cannot be read: {getattr(problem, 'strerror', None) or problem}.") from problem
    if too_large:
        raise ProjectError(f"{path} is larger than {MOST_BYTES[DESCRIPTION] >> 20} MB, which no network file is.")


def _members(path: Path, names: tuple[str, ...]) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            _check_names(archive, path)
            return {name: _member(archive, name, path) for name in names}
    except FileNotFoundError as problem:
        raise ProjectError(f"There is no file {path}.") from problem
    except zipfile.BadZipFile as problem:
        raise ProjectError(f"{path} is no ConvStudio project, or it is damaged: {problem}.") from problem
    except OSError as problem:
        raise ProjectError(f"{path} cannot be read: {problem.strerror or problem}.") from problem
    except (zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError) as problem:
        raise ProjectError(f"{path} is damaged: {problem}.") from problem


def _check_names(archive: zipfile.ZipFile, path: Path) -> None:
    names = archive.namelist()
    if len(names) > MOST_MEMBERS:
        raise ProjectError(f"{path} holds {len(names)} files; a project holds at most {MOST_MEMBERS}.")
    for name in names:
        place = PurePosixPath(name.replace("\\", "/"))
        if place.is_absolute() or ".." in place.parts or ":" in name:
            raise ProjectError(f"{path} holds {name!r}, a path that leads out of the project. It was not opened.")


def _member(archive: zipfile.ZipFile, name: str, path: Path) -> bytes:
    """A file of the archive by its exact name, nothing where it is missing; no path in it is ever followed."""
    try:
        info = archive.getinfo(name)
    except KeyError:
        return b""
    most = MOST_BYTES[name]
    if info.flag_bits & ENCRYPTED:
        raise ProjectError(f"{path} is damaged: {name} is encrypted.")
    if info.file_size > most:
        raise ProjectError(f"{name} in {path} is larger than {most >> 20} MB, which no project's is.")
    if name == WEIGHTS and info.file_size > max(SMALL_BYTES, MOST_EXPANSION * info.compress_size):
        raise ProjectError(f"{name} in {path} would unpack to {info.file_size >> 20} MB, far more than it holds.")
    with archive.open(info) as stream:
        return stream.read(most + 1)  # ends at the size that was told, whatever the rest of the file says


def _project(content: bytes, path: Path) -> Project:
    if not content:
        raise ProjectError(f"{path} is no ConvStudio project: it holds no {DESCRIPTION}.")
    try:
        plain = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as problem:
        raise ProjectError(f"{DESCRIPTION} in {path} is not JSON: {problem}.") from problem
    try:
        return project_from_json(plain)
    except EngineError as problem:
        raise ProjectError(f"{path} cannot be opened. {problem}") from problem


def _weights(content: bytes, path: Path) -> Weights:
    if not content:
        return {}
    try:
        arrays = tensors.from_bytes(content)
    except tensors.TensorsError as problem:
        raise ProjectError(f"The weights in {path} are damaged: {problem}.") from problem
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise ProjectError(f"The weights in {path} are damaged: {name} holds more than finite float32 numbers.")
    return arrays


def _thumbnail(content: bytes) -> bytes:
    """Only what begins like a PNG: a file without its picture is still a project."""
    return content if content.startswith(PNG_START) else b""
