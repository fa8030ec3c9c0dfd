"""Repeated blocks written out: the network that is computed and trained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

import attrs

from convstudio.document.nesting import around, copies, inner_first
from engine.graph import MAX_NODES, Edge, Graph
from engine.shapes import Problem

if TYPE_CHECKING:
    from convstudio.document.project import Block, Project

COPY_MARK = "·"  # before the number of a block's copy in the names of its nodes


def unfolded(project: Project) -> Graph:
    """Each repeated block so many times in a row, inner ones first; one that cannot be repeated stays single."""
    graph, inside = project.graph, {name: list(nodes) for name, nodes in project.contents.items()}
    copy_of = {node.id: (node.id, 1) for node in graph} if project.blocks else {}
    for block in inner_first(project.blocks):
        if block.repeat > 1 and repeat_refusal(project, block) is None:
            graph, added = _repeated(graph, inside[block.id], block.repeat, copy_of)
            for holder in (block, *around(project.blocks, block)):
                inside[holder.id] += added
    return graph


def repeat_problems(project: Project) -> tuple[Problem, ...]:
    """Why some blocks cannot be repeated as they stand."""
    reasons = ((block, repeat_refusal(project, block)) for block in project.blocks)
    return tuple(Problem(project.contents[block.id][0], reason) for block, reason in reasons if reason)


def repeat_refusal(project: Project, block: Block) -> str | None:
    """Why a block cannot be repeated, in a sentence; None where it can."""
    if block.repeat == 1:
        return None
    graph, members = project.graph, project.contents[block.id]
    into, exits = entries(graph, members), exits_of(graph, members)
    if len(into) != 1 or len(exits) != 1:
        return (
            f"{block.title} cannot be repeated: {len(into)} wires lead into it and {len(exits)} of its layers "
            "are read outside. A repeated block needs one wire in and one layer that feeds the next."
        )
    times = copies(project.blocks)
    if len(graph.nodes) + sum(len(b.members) * (times[b.id] - 1) for b in project.blocks) > MAX_NODES:
        return f"{block.title} cannot be repeated so often: the network would have more than {MAX_NODES} layers."
    marked = {node.id for node in graph if COPY_MARK in node.id}  # only a file can name them so
    for holder in project.blocks if marked else ():
        names = {f"{m}{COPY_MARK}{k}" for m in holder.members for k in range(2, times[holder.id] + 1)}
        if names & marked:
            return f"{block.title} cannot be repeated: a copy would be named {min(names & marked)}, which is taken."
    return None


def copy_name(name: str, number: int) -> str:
    """What a copy of a layer is called; the first one, with the number 0, has the layer's own name."""
    return f"{name}{COPY_MARK}{number + 1}" if number else name


def entries(graph: Graph, members: Iterable[str]) -> list[Edge]:
    """The wires into a group of nodes."""
    inside = set(members)
    return [e for m in inside for e in graph.incoming(m) if e.source not in inside]


def exits_of(graph: Graph, members: Iterable[str]) -> list[str]:
    """The nodes of a group that others read, or that nobody reads."""
    inside = set(members)
    return sorted(m for m in inside if not graph.outgoing(m) or any(e.target not in inside for e in graph.outgoing(m)))


def _repeated(
    graph: Graph, members: list[str], times: int, copy_of: dict[str, tuple[str, int]]
) -> tuple[Graph, list[str]]:
    """The network with these nodes so many times in a row, and the copies' names.

    Copies are numbered as data meet them: conv1, conv1·2, ... also where blocks repeat in blocks.
    """
    inside, already = set(members), Counter(copy_of[member][0] for member in members)
    (entry,), (last,) = entries(graph, members), exits_of(graph, members)
    inner = [e for m in members for e in graph.outgoing(m) if e.target in inside]

    def place(name: str, number: int) -> tuple[str, int]:
        first, own = copy_of[name]
        return first, own + (number - 1) * already[first]

    def copy(name: str, number: int) -> str:
        first, at = place(name, number)
        return copy_name(first, at - 1)

    nodes, edges = list(graph.nodes), list[Edge]()
    added: dict[str, tuple[str, int]] = {}
    for number in range(2, times + 1):
        nodes += [attrs.evolve(graph[m], id=copy(m, number)) for m in members]
        added |= {copy(m, number): place(m, number) for m in members}
        edges.append(Edge(copy(last, number - 1), copy(entry.target, number), entry.port))
        edges += [Edge(copy(e.source, number), copy(e.target, number), e.port) for e in inner]
    led_on = [
        attrs.evolve(e, source=copy(last, times)) if e.source == last and e.target not in inside else e
        for e in graph.edges
    ]
    copy_of.update(added)
    return attrs.evolve(graph, nodes=tuple(nodes), edges=(*led_on, *edges)), list(added)
