"""Project files: a zip archive with plain content. Nothing in one is ever trusted or run."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as tensors_from_bytes
from safetensors.numpy import save as tensors_to_bytes

from convstudio.document.project import Project, ProjectError, project_from_json
from engine import graph as graphs
from engine.atomic import write_atomically

SUFFIX = ".convstudio"
DESCRIPTION, WEIGHTS, THUMBNAIL = "project.json", "weights.safetensors", "thumbnail.png"
MOST_BYTES: Mapping[str, int] = {DESCRIPTION: 32 << 20, WEIGHTS: 4 << 30, THUMBNAIL: 8 << 20}
MOST_MEMBERS = 64
OLDEST_TIME = 1980, 1, 1, 0, 0, 0  # the same project gives the same bytes


@attrs.frozen(eq=False)
class Stored:
    """What a project file holds."""

    project: Project
    weights: Mapping[str, np.ndarray[Any, Any]] = attrs.field(factory=dict)
    thumbnail: bytes = b""


def write(path: Path, stored: Stored) -> None:
    """Writes the file; what was there before stays unharmed if that fails."""
    write_atomically(path, [to_bytes(stored)])


def to_bytes(stored: Stored) -> bytes:
    """The file's content."""
    text = json.dumps(stored.project.to_json(), ensure_ascii=False, indent=1)
    members = {DESCRIPTION: text.encode("utf-8")}
    if stored.weights:
        arrays = {name: np.ascontiguousarray(array) for name, array in stored.weights.items()}
        members[WEIGHTS] = tensors_to_bytes(arrays)
    if stored.thumbnail:
        members[THUMBNAIL] = stored.thumbnail
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, OLDEST_TIME), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def read(path: Path) -> Stored:
    """A project file, or a network file (.json); anything else is a sentence that says what is wrong."""
    if path.suffix == ".json":
        return Stored(Project(graphs.load(path)))
    try:
        with zipfile.ZipFile(path) as archive:
            if len(archive.infolist()) > MOST_MEMBERS:
                raise ProjectError(f"{path} holds more than {MOST_MEMBERS} files, which no project does.")
            content = {name: _member(archive, name, path) for name in MOST_BYTES}
    except zipfile.BadZipFile as problem:
        raise ProjectError(f"{path} is no ConvStudio project, or it is damaged: {problem}.") from problem
    except (OSError, zlib.error, EOFError, RuntimeError, NotImplementedError) as problem:
        raise ProjectError(f"{path} cannot be read: {problem}.") from problem
    return Stored(_project(content[DESCRIPTION], path), _weights(content[WEIGHTS], path), content[THUMBNAIL])


def _member(archive: zipfile.ZipFile, name: str, path: Path) -> bytes:
    """A file of the archive by its exact name: no path in it is ever followed."""
    try:
        info = archive.getinfo(name)
    except KeyError:
        return b""
    most = MOST_BYTES[name]
    with archive.open(info) as stream:
        content = stream.read(most + 1) if info.file_size <= most else b" " * (most + 1)
    if len(content) > most:
        raise ProjectError(f"{name} in {path} is larger than {most >> 20} MB, which no project's is.")
    return content


def _project(content: bytes, path: Path) -> Project:
    if not content:
        raise ProjectError(f"{path} is no ConvStudio project: it holds no {DESCRIPTION}.")
    try:
        return project_from_json(json.loads(content.decode("utf-8")))
    except (ValueError, RecursionError) as problem:
        raise ProjectError(f"{DESCRIPTION} in {path} is damaged: {problem}.") from problem


def _weights(content: bytes, path: Path) -> Mapping[str, np.ndarray[Any, Any]]:
    if not content:
        return {}
    try:
        arrays = tensors_from_bytes(content)
    except (SafetensorError, ValueError) as problem:
        raise ProjectError(f"The weights in {path} are damaged: {problem}.") from problem
    return {name: array for name, array in arrays.items() if np.isfinite(array).all()}
