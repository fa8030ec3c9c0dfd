"""Where data enter and leave a block, and where one goes on after what is selected."""

from __future__ import annotations

from collections.abc import Collection

from convstudio.document.connections import ports_of
from convstudio.document.nesting import around
from convstudio.document.project import Block, Project


def end_of(project: Project, block: Block) -> str:
    """The layer from which data leave a block; the last of several."""
    members = set(project.contents[block.id])
    ordered = [node.id for node in project.graph.order if node.id in members] or [*project.contents[block.id]]
    ends = [name for name in ordered if not any(edge.target in members for edge in project.graph.outgoing(name))]
    return (ends or ordered)[-1]


def entry_of(project: Project, block: Block) -> tuple[str, int] | None:
    """The layer and its input by which data come into a block; the first of several."""
    graph, members = project.graph, set(project.contents[block.id])
    for node in graph.order:
        if node.id in members:
            fed = {edge.port for edge in graph.incoming(node.id) if edge.source in members}
            port = next((port for port in ports_of(graph, node.id) if port not in fed), None)
            if port is not None:
                return node.id, port
    return None


def last_of(project: Project, ids: Collection[str]) -> str | None:
    """The layer or block among these that data reach last; a block counts for what is in it."""
    blocks = [block for block in project.blocks if block.id in ids]
    outermost = [b for b in blocks if not any(outer.id in ids for outer in around(project.blocks, b))]
    held = {name: block.id for block in outermost for name in project.contents[block.id]}
    chosen = [node.id for node in project.graph.order if node.id in ids or node.id in held]
    return held.get(chosen[-1], chosen[-1]) if chosen else None
