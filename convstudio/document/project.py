"""A project as a value: the network with its notes and blocks, how it is trained, and on what."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import attrs

from engine import graph as graphs
from engine.data.source import DataSource
from engine.errors import EngineError, GraphError
from engine.graph import Edge, Graph, Node
from engine.settings import TrainingSettings, settings_from_json

FORMAT, VERSION = "convstudio-project", 1
MOST_REPEATS = 64
COPY_MARK = "·"  # before the number of a block's copy in the names of its nodes


class ProjectError(EngineError):
    """A project that cannot be read, or an edit that cannot be done."""


@attrs.frozen
class Comment:
    """A note on the canvas."""

    id: str
    text: str
    position: tuple[float, float]
    size: tuple[float, float] = (220.0, 88.0)


@attrs.frozen
class Block:
    """Layers under one name, which may stand for several copies of them one after the other."""

    id: str
    title: str
    members: tuple[str, ...]
    repeat: int = 1
    collapsed: bool = False


@attrs.frozen(slots=False)
class Project:
    """Everything that is edited; every edit makes a new one."""

    graph: Graph = Graph()
    blocks: tuple[Block, ...] = ()
    comments: tuple[Comment, ...] = ()
    settings: TrainingSettings = attrs.field(factory=TrainingSettings)
    data: DataSource = DataSource("mnist")

    @cached_property
    def unfolded(self) -> Graph:
        """The network with every repeated block written out: what is computed and trained."""
        graph = self.graph
        for block in self.blocks:
            for number in range(2, block.repeat + 1):
                graph = _with_copy(graph, block, number)
        return graph

    def block_of(self, node_id: str) -> Block | None:
        """The block that a node belongs to."""
        return next((block for block in self.blocks if node_id in block.members), None)

    def free_name(self, stem: str) -> str:
        """A name that no node, block or comment has."""
        taken = {n.id for n in self.graph} | {b.id for b in self.blocks} | {c.id for c in self.comments}
        number = 1
        while f"{stem}{number}" in taken:
            number += 1
        return f"{stem}{number}"

    def to_json(self) -> dict[str, Any]:
        """The content of a project file."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "network": graphs.to_json(self.graph),
            "blocks": [{**attrs.asdict(block), "members": list(block.members)} for block in self.blocks],
            "comments": [
                {**attrs.asdict(c), "position": list(c.position), "size": list(c.size)} for c in self.comments
            ],
            "training": self.settings.to_json(),
            "data": {"name": self.data.name, "folder": self.data.folder},
        }


def ends_of(graph: Graph, members: tuple[str, ...]) -> tuple[list[Edge], list[Edge]]:
    """The wires into a group of nodes, and the wires out of it."""
    inside = set(members)
    into = [e for e in graph.edges if e.target in inside and e.source not in inside]
    out = [e for e in graph.edges if e.source in inside and e.target not in inside]
    return into, out


def _with_copy(graph: Graph, block: Block, number: int) -> Graph:
    """One more copy after the last one: its entry is fed by the exit before it, and it feeds what that one fed."""

    def named(node_id: str, copy: int) -> str:
        return node_id if copy == 1 else f"{node_id}{COPY_MARK}{copy}"

    into, _ = ends_of(graph, block.members)
    last = tuple(named(member, number - 1) for member in block.members)
    _, out = ends_of(graph, last)
    exits = {e.source for e in out} or {m for m in last if not graph.outgoing(m)}
    if len(exits) != 1 or len({(e.target, e.port) for e in into}) != 1:
        return graph  # the editor refuses such repeats; a file's are left alone
    exit_ = exits.pop()
    copies = tuple(attrs.evolve(graph[m], id=named(m, number)) for m in block.members)
    inner = [e for e in graph.edges if e.source in block.members and e.target in block.members]
    wires = [Edge(named(e.source, number), named(e.target, number), e.port) for e in inner]
    entry = Edge(exit_, named(into[0].target, number), into[0].port)
    after = [Edge(named(exit_.split(COPY_MARK)[0], number), e.target, e.port) for e in out]
    kept = tuple(e for e in graph.edges if e not in out)
    return attrs.evolve(graph, nodes=(*graph.nodes, *copies), edges=(*kept, entry, *wires, *after))


# --- reading ---------------------------------------------------------------------------------------------------------


def project_from_json(content: Any) -> Project:
    """A project from a file's content, or a sentence about the first thing that is wrong with it."""
    if not isinstance(content, Mapping) or content.get("format") != FORMAT:
        raise ProjectError("This is no ConvStudio project: its description is of another kind.")
    version = content.get("version")
    if not isinstance(version, int) or not 1 <= version <= VERSION:
        raise ProjectError(f"The project has version {version!r}; this program reads versions 1 to {VERSION}.")
    graph = graphs.from_json(content.get("network"))
    data = content.get("data", {})
    if not isinstance(data, Mapping) or not all(isinstance(data.get(k, ""), str) for k in ("name", "folder")):
        raise ProjectError("The project's data set should be a name and a folder.")
    return Project(
        graph,
        tuple(_read_blocks(content.get("blocks", []), graph)),
        tuple(_read_comment(item) for item in _list(content.get("comments", []), "comments")),
        settings_from_json(content.get("training", {})),
        DataSource(data.get("name", "mnist"), data.get("folder", "")),
    )


def _list(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list) or len(value) > graphs.MAX_NODES or not all(isinstance(v, Mapping) for v in value):
        raise ProjectError(f"The project's {what} should be a list of at most {graphs.MAX_NODES} objects.")
    return value


def _read_blocks(content: Any, graph: Graph) -> list[Block]:
    blocks: list[Block] = []
    for item in _list(content, "blocks"):
        members, repeat = item.get("members"), item.get("repeat", 1)
        if not isinstance(members, list) or not members or any(m not in graph for m in members):
            raise ProjectError("A block of the project names a layer that the network does not have.")
        if any(block.id == item.get("id") or set(block.members) & set(members) for block in blocks):
            raise ProjectError("Two blocks of the project share a layer or a name.")
        texts = isinstance(item.get("id"), str) and isinstance(item.get("title", ""), str)
        if not texts or not isinstance(repeat, int) or not 1 <= repeat <= MOST_REPEATS:
            raise ProjectError(f"A block of the project needs a name, and repeats from 1 to {MOST_REPEATS}.")
        title = item.get("title", item["id"])
        blocks.append(Block(item["id"], title, tuple(members), repeat, item.get("collapsed") is True))
    return blocks


def _read_comment(item: Mapping[str, Any]) -> Comment:
    pairs = [item.get("position"), item.get("size", [220.0, 88.0])]
    numbers = all(isinstance(p, list) and len(p) == 2 and all(_is_place(v) for v in p) for p in pairs)
    if not numbers or not isinstance(item.get("id"), str) or not isinstance(item.get("text"), str):
        raise ProjectError("A comment of the project needs a name, a text, a position and a size.")
    (x, y), (width, height) = pairs
    return Comment(item["id"], item["text"], (float(x), float(y)), (float(width), float(height)))


def _is_place(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= graphs.MAX_POSITION


def node_with(node: Node, **changes: Any) -> Node:
    """The node with other settings of its layer; a value that does not fit is a FieldError."""
    try:
        return attrs.evolve(node, layer=attrs.evolve(node.layer, **changes))
    except TypeError as problem:
        raise GraphError(f"{node.id} has no such setting: {problem}.") from problem
