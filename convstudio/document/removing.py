"""Edits that take something away: each says what is gone and what that means for the rest, so that it can be told."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import attrs

from convstudio.document.edit import Edit, counted
from convstudio.document.nesting import filled
from convstudio.document.project import Project, ProjectError, members_of
from engine.graph import Edge, Graph

DELETE, CUT = "Delete", "Cut"
DONE = {DELETE: "Deleted", CUT: "Cut"}


def delete(project: Project, ids: Collection[str], wires: Collection[Edge] = (), word: str = DELETE) -> Edit:
    """Without these layers, blocks, comments and wires; where a layer had one input, what followed it is wired to it.

    `word` is what it is called: Delete, or Cut where a copy is kept elsewhere.
    """
    graph = project.graph
    wanted = members_of(project, ids)
    gone = [node.id for node in graph if node.id in wanted]
    loose = [edge for edge in wires if edge in graph.edges and not {edge.source, edge.target} & set(gone)]
    for edge in sorted(loose, key=lambda e: -e.port):  # the highest first: the others keep their numbers
        graph = closed(graph.disconnect(edge), edge)
    for name in gone:
        graph = _without(graph, name)
    comments = tuple(c for c in project.comments if c.id not in ids)
    blocks = filled(attrs.evolve(b, members=tuple(m for m in b.members if m not in wanted)) for b in project.blocks)
    removed = [*gone, *(c.id for c in project.comments if c.id in ids)]
    if not removed and not loose:
        raise ProjectError("Nothing is selected that could be deleted.")
    what = " and ".join(part for part in (counted(project, removed) if removed else "", _wires(loose)) if part)
    left_over = attrs.evolve(project, comments=comments, blocks=blocks, graph=graph)
    told = " ".join((f"{DONE[word]} {what}.", *_consequences(project.graph, graph)))
    return Edit(f"{word} {what}", left_over, frozenset() if removed else None, told=told)


def disconnect(project: Project, edge: Edge) -> Edit:
    """Without this wire; the ports of a layer that joins close up behind it."""
    graph = closed(project.graph.disconnect(edge), edge)
    told = " ".join((f"Removed {_wires([edge])}.", *_consequences(project.graph, graph)))
    text = f"Disconnect {edge.source} from {edge.target}"
    return Edit(text, attrs.evolve(project, graph=graph), told=told)


def closed(graph: Graph, gone: Edge) -> Graph:
    """The ports of a layer that joins close up behind a wire that is gone."""
    if graph[gone.target].layer.ports != -1:
        return graph
    edges = tuple(
        attrs.evolve(e, port=e.port - 1) if e.target == gone.target and e.port > gone.port else e for e in graph.edges
    )
    return attrs.evolve(graph, edges=edges)


def _without(graph: Graph, name: str) -> Graph:
    """Heals the chain; the ports of a layer that joins close up where a wire is gone for good."""
    into, out = graph.incoming(name), graph.outgoing(name)
    graph = graph.remove(name)
    for edge in sorted(out, key=lambda e: -e.port):
        healed = Edge(into[0].source, edge.target, edge.port) if len(into) == 1 else None
        if healed and healed.source not in (edge.target, name):
            graph = graph.connect(healed.source, healed.target, healed.port)
        else:
            graph = closed(graph, edge)
    return graph


def _wires(edges: Collection[Edge]) -> str:
    """The wire from conv1 to relu1, or 3 wires."""
    if len(edges) > 1:
        return f"{len(edges)} wires"
    return "".join(f"the wire from {edge.source} to {edge.target}" for edge in edges)


def _consequences(before: Graph, after: Graph) -> Iterable[str]:
    """How the wires close behind what is gone, and which layers wait for data now."""
    known = {(edge.source, edge.target) for edge in before.edges}
    healed = [edge for edge in after.edges if (edge.source, edge.target) not in known]
    if healed:
        one = f"{healed[0].source} feeds {healed[0].target} now."
        yield one if len(healed) == 1 else f"{len(healed)} wires close the gap."
    waiting = [n.id for n in after if before.incoming(n.id) and not after.incoming(n.id)]
    if waiting:
        yield f"{waiting[0]} has no input now." if len(waiting) == 1 else f"{len(waiting)} layers have no input now."
