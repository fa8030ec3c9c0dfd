"""Reads projects and copied parts from plain values that may be anybody's: nothing is trusted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, TypeGuard

import attrs

from convstudio.document.notes import SMALLEST
from convstudio.document.project import (
    ACROSS,
    DOWN,
    FORMAT,
    MOST_REPEATS,
    VERSION,
    Block,
    Comment,
    Project,
    ProjectError,
    drawing_to_json,
)
from engine import graph as graphs
from engine.data.source import DataSource
from engine.graph import MAX_NODES, MAX_POSITION, Graph
from engine.settings import settings_from_json

FRAGMENT, FRAGMENT_VERSION = "convstudio-layers", 1
DEFAULT_SIZE = [220.0, 88.0]  # of comments whose file says nothing about it


def read_project(content: Any) -> Project:
    """A project from a file's content, or a sentence about the first thing that is wrong with it."""
    _check_kind(content, FORMAT, VERSION, "This is no ConvStudio project: its description is of another kind.")
    drawn = _read_drawing(content)
    return attrs.evolve(
        drawn,
        flow=ACROSS if content.get("flow") == ACROSS else DOWN,
        settings=settings_from_json(content.get("training", {})),
        data=_read_source(content.get("data", {})),
    )


def _read_source(data: Any) -> DataSource:
    if not isinstance(data, Mapping) or not all(_is_text(data.get(k, "")) for k in ("name", "folder")):
        raise ProjectError("The project's data set must be a name and a folder.")
    shape = data.get("shape", [])
    if not isinstance(shape, list) or len(shape) > 4 or not all(_is_whole(n) and 0 < n <= MAX_POSITION for n in shape):
        raise ProjectError("The shape of the project's data set must be up to four whole numbers from 1.")
    return DataSource(data.get("name", "mnist"), data.get("folder", ""), tuple(shape))


def fragment_to_json(part: Project) -> dict[str, Any]:
    """Copied layers as plain values."""
    return {"format": FRAGMENT, "version": FRAGMENT_VERSION, **drawing_to_json(part)}


def fragment_from_json(content: Any) -> Project:
    """Copied layers; a whole project or network file's text may be pasted too."""
    kind = content.get("format") if isinstance(content, Mapping) else None
    if kind == graphs.FORMAT:
        return Project(graphs.from_json(content))
    if kind == FORMAT:
        return read_project(content)
    _check_kind(content, FRAGMENT, FRAGMENT_VERSION, "it is JSON of another kind.")
    return _read_drawing(content)


def _check_kind(content: Any, wanted: str, newest: int, otherwise: str) -> None:
    if not isinstance(content, Mapping) or content.get("format") != wanted:
        raise ProjectError(otherwise)
    version = content.get("version")
    if not _is_whole(version) or not 1 <= version <= newest:
        raise ProjectError(f"The project has version {version!r}; this program reads versions 1 to {newest}.")


def _read_drawing(content: Mapping[str, Any]) -> Project:
    graph = graphs.from_json(content.get("network"))
    comments = tuple(_read_comment(item) for item in _list(content, "comments"))
    project = Project(graph, tuple(_read_blocks(content, graph)), comments)
    names = Counter([n.id for n in graph] + [b.id for b in project.blocks] + [c.id for c in comments])
    twice, times = next(iter(names.most_common(1)), ("", 0))
    if times > 1:
        raise ProjectError(f"Two things in the project are named {twice!r}; names must differ.")
    return project


def _list(content: Mapping[str, Any], key: str) -> list[Any]:
    items = content.get(key, [])
    if not isinstance(items, list) or len(items) > MAX_NODES or not all(isinstance(v, Mapping) for v in items):
        raise ProjectError(f'"{key}" of the project must be a list of at most {MAX_NODES} objects.')
    return items


def _read_blocks(content: Mapping[str, Any], graph: Graph) -> list[Block]:
    blocks: list[Block] = []
    taken: set[str] = set()
    for item in _list(content, "blocks"):
        name, title, members, repeat = (item.get(k) for k in ("id", "title", "members", "repeat"))
        if not _is_text(name) or not name or not _is_text(title):
            raise ProjectError("A block of the project needs an id and a title.")
        if not isinstance(members, list) or not all(_is_text(m) and m in graph for m in members):
            raise ProjectError(f"Block {name!r} of the project names a layer that the network does not have.")
        if taken & set(members) or len(set(members)) < len(members):
            raise ProjectError(f"Block {name!r} of the project holds a layer that is in a block already.")
        repeat = 1 if repeat is None else repeat
        if not _is_whole(repeat) or not 1 <= repeat <= MOST_REPEATS:
            raise ProjectError(f"Block {name!r} of the project must repeat from 1 to {MOST_REPEATS} times.")
        taken |= set(members)
        blocks.append(
            Block(name, title, tuple(members), repeat, item.get("collapsed") is True, item.get("parent") or "")
        )
    _check_nesting(blocks)
    return blocks


def _check_nesting(blocks: list[Block]) -> None:
    """Every block is in one that exists, and in the end in none; and there is a layer in each."""
    parents = {block.id: block.parent for block in blocks}
    holding = {block.id for block in blocks if block.members}
    for block in blocks:
        seen, name = set(), block.id
        while name:
            if not _is_text(name) or name not in parents:
                raise ProjectError(f"Block {block.id!r} of the project is in a block that is not there.")
            if name in seen:
                raise ProjectError(f"Block {block.id!r} of the project is in itself.")
            seen.add(name)
            if block.members:
                holding.add(name)
            name = parents[name]
    empty = next((block.id for block in blocks if block.id not in holding), None)
    if empty is not None:
        raise ProjectError(f"Block {empty!r} of the project holds no layers.")


def _read_comment(item: Mapping[str, Any]) -> Comment:
    position, size = item.get("position"), item.get("size", DEFAULT_SIZE)
    texts = _is_text(item.get("id")) and item["id"] and _is_text(item.get("text"))
    if not texts or not _is_place(position) or not _is_place(size):
        raise ProjectError("A comment of the project needs an id, a text, a position and a size.")
    wide, high = _pair(size)
    return Comment(item["id"], item["text"], _pair(position), (max(wide, SMALLEST[0]), max(high, SMALLEST[1])))


def _pair(numbers: Any) -> tuple[float, float]:
    return float(numbers[0]), float(numbers[1])


def _is_whole(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_text(value: Any) -> bool:
    """Text that can be written again: JSON can spell halves of characters, files cannot hold them."""
    return isinstance(value, str) and not any("\ud800" <= letter <= "\udfff" for letter in value)


def _is_place(value: Any) -> bool:
    numbers = isinstance(value, list) and len(value) == 2 and all(_is_whole(v) or isinstance(v, float) for v in value)
    return numbers and all(abs(v) <= MAX_POSITION for v in value)  # NaN is not
