"""Repeated blocks written out: the network that is computed and trained."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import attrs

from engine.graph import MAX_NODES, Edge, Graph
from engine.shapes import Problem

if TYPE_CHECKING:
    from convstudio.document.project import Block, Project

COPY_MARK = "·"  # before the number of a block's copy in the names of its nodes


def unfolded(project: Project) -> Graph:
    """Each repeated block so many times in a row; a block that cannot be repeated stays single."""
    graph = project.graph
    for block in project.blocks:
        if block.repeat > 1 and repeat_refusal(project, block) is None:
            graph = _repeated(graph, block)
    return graph


def repeat_problems(project: Project) -> tuple[Problem, ...]:
    """Why some blocks cannot be repeated as they stand."""
    reasons = ((block, repeat_refusal(project, block)) for block in project.blocks)
    return tuple(Problem(block.members[0], reason) for block, reason in reasons if reason)


def repeat_refusal(project: Project, block: Block) -> str | None:
    """Why a block cannot be repeated, in a sentence; None where it can."""
    if block.repeat == 1:
        return None
    graph = project.graph
    into, exits = entries(graph, block.members), exits_of(graph, block.members)
    if len(into) != 1 or len(exits) != 1:
        return (
            f"{block.title} cannot be repeated: {len(into)} wires lead into it and {len(exits)} of its layers "
            "are read outside. A repeated block needs one wire in and one layer that feeds the next."
        )
    more = sum(len(b.members) * (b.repeat - 1) for b in project.blocks)
    if len(graph.nodes) + more > MAX_NODES:
        return f"{block.title} cannot be repeated so often: the network would have more than {MAX_NODES} layers."
    names = {f"{m}{COPY_MARK}{k}" for m in block.members for k in range(2, block.repeat + 1)}
    taken = next((node.id for node in graph if node.id in names), None)
    return f"{block.title} cannot be repeated: a copy would be named {taken}, which is taken." if taken else None


def entries(graph: Graph, members: Iterable[str]) -> list[Edge]:
    """The wires into a group of nodes."""
    inside = set(members)
    return [e for m in inside for e in graph.incoming(m) if e.source not in inside]


def exits_of(graph: Graph, members: Iterable[str]) -> list[str]:
    """The nodes of a group that others read, or that nobody reads."""
    inside = set(members)
    return sorted(m for m in inside if not graph.outgoing(m) or any(e.target not in inside for e in graph.outgoing(m)))


def _repeated(graph: Graph, block: Block) -> Graph:
    members, inside = block.members, set(block.members)
    (entry,), (last,) = entries(graph, members), exits_of(graph, members)
    inner = [e for m in members for e in graph.outgoing(m) if e.target in inside]

    def copy(name: str, number: int) -> str:
        return name if number == 1 else f"{name}{COPY_MARK}{number}"

    nodes, edges = list(graph.nodes), []
    for number in range(2, block.repeat + 1):
        nodes += [attrs.evolve(graph[m], id=copy(m, number)) for m in members]
        edges.append(Edge(copy(last, number - 1), copy(entry.target, number), entry.port))
        edges += [Edge(copy(e.source, number), copy(e.target, number), e.port) for e in inner]
    led_on = [
        attrs.evolve(e, source=copy(last, block.repeat)) if e.source == last and e.target not in inside else e
        for e in graph.edges
    ]
    return attrs.evolve(graph, nodes=tuple(nodes), edges=(*led_on, *edges))
