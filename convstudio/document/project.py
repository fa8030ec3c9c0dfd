"""A project as a value: the network with its notes and blocks, how it is trained, and on what."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Any

import attrs

from convstudio.document.nesting import contents
from convstudio.document.unfolding import unfolded
from engine import graph as graphs
from engine.data.source import DataSource
from engine.errors import EngineError, GraphError
from engine.graph import Graph, Node
from engine.settings import TrainingSettings

FORMAT, VERSION = "convstudio-project", 1
MOST_REPEATS = 64
COMMENT_SIZE = 220.0, 88.0  # of a new one
DOWN, ACROSS = "down", "across"  # how data flow on the canvas: from top to bottom, or from left to right


class ProjectError(EngineError):
    """A project that cannot be read, or an edit that cannot be done."""


@attrs.frozen
class Comment:
    """A note on the canvas."""

    id: str
    text: str
    position: tuple[float, float]
    size: tuple[float, float] = COMMENT_SIZE


@attrs.frozen
class Block:
    """Layers under one name, which may stand for several copies of them one after the other."""

    id: str
    title: str
    members: tuple[str, ...]  # without those of blocks in it
    repeat: int = 1
    collapsed: bool = False
    parent: str = ""  # the block that this one is in


@attrs.frozen(slots=False)
class Project:
    """Everything that is edited; every edit makes a new one."""

    graph: Graph = Graph()
    blocks: tuple[Block, ...] = ()
    comments: tuple[Comment, ...] = ()
    settings: TrainingSettings = attrs.field(factory=TrainingSettings)
    data: DataSource = DataSource("digits")  # there without any network
    flow: str = DOWN

    @cached_property
    def unfolded(self) -> Graph:
        """The network with every repeated block written out: what is computed and trained."""
        return unfolded(self)

    @cached_property
    def contents(self) -> Mapping[str, tuple[str, ...]]:
        """All layers in each block, those of the blocks in it too."""
        return contents(self.blocks)

    def block_of(self, node_id: str) -> Block | None:
        """The innermost block that a node belongs to."""
        return next((block for block in self.blocks if node_id in block.members), None)

    def block(self, block_id: str) -> Block | None:
        """The block of this name."""
        return next((block for block in self.blocks if block.id == block_id), None)

    def names(self) -> set[str]:
        """The names of all layers, blocks and comments: no two are the same."""
        return {n.id for n in self.graph} | {b.id for b in self.blocks} | {c.id for c in self.comments}

    def free_name(self, stem: str) -> str:
        """A name that no layer, block or comment has."""
        taken, number = self.names(), 1
        while f"{stem}{number}" in taken:
            number += 1
        return f"{stem}{number}"

    def to_json(self) -> dict[str, Any]:
        """The content of a project file."""
        return {
            "format": FORMAT,
            "version": VERSION,
            **drawing_to_json(self),
            "flow": self.flow,
            "training": self.settings.to_json(),
            "data": {"name": self.data.name, "folder": self.data.folder, "shape": list(self.data.shape)},
        }


def drawing_to_json(project: Project) -> dict[str, Any]:
    """What stands on the canvas."""
    return {
        "network": graphs.to_json(project.graph),
        "blocks": [{**attrs.asdict(block), "members": list(block.members)} for block in project.blocks],
        "comments": [{**attrs.asdict(c), "position": list(c.position), "size": list(c.size)} for c in project.comments],
    }


def members_of(project: Project, ids: Collection[str]) -> frozenset[str]:
    """The layers among these names, and those of the blocks among them; comments too."""
    wanted = {n.id for n in project.graph if n.id in ids} | {c.id for c in project.comments if c.id in ids}
    for block in project.blocks:
        if block.id in ids:
            wanted.update(project.contents[block.id])
    return frozenset(wanted)


def place_of(project: Project, block: Block) -> tuple[float, float]:
    """The top left corner of a block's layers."""
    places = [project.graph[member].position for member in project.contents[block.id]]
    return min(x for x, _ in places), min(y for _, y in places)


def node_with(node: Node, **changes: Any) -> Node:
    """The node with other settings of its layer; a value that does not fit is a FieldError."""
    try:
        return attrs.evolve(node, layer=attrs.evolve(node.layer, **changes))
    except TypeError as problem:
        raise GraphError(f"{node.id} has no such setting: {problem}.") from problem


def project_from_json(content: Any) -> Project:
    """A project from a file's content, or a sentence about the first thing that is wrong with it."""
    from convstudio.document.reading import read_project

    return read_project(content)
