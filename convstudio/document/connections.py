"""Which wires can be drawn, and why the others cannot."""

from __future__ import annotations

from engine.graph import Graph

JOINS = -1  # the number of ports of layers that take two or more inputs


def acceptance(graph: Graph, source: str) -> dict[tuple[str, int], str | None]:
    """For a wire from this node: every port of every other one, with None where it fits or the reason why not."""
    return {
        (node.id, port): refusal(graph, source, node.id, port) for node in graph for port in ports_of(graph, node.id)
    }


def ports_of(graph: Graph, node_id: str) -> range:
    """The input ports that a node shows: a layer that joins always has a free one more."""
    ports = graph[node_id].layer.ports
    if ports != JOINS:
        return range(ports)
    taken = max((edge.port for edge in graph.incoming(node_id)), default=-1)
    return range(max(2, taken + 2))


def refusal(graph: Graph, source: str, target: str, port: int) -> str | None:
    """Why a wire cannot be drawn, in a sentence; None where it can."""
    if source not in graph or target not in graph:
        return "One end of the wire is gone."
    if source == target:
        return f"{target} cannot feed itself."
    if not graph[target].layer.ports:
        return f"{target} is where data enters, so nothing can be wired into it."
    if port not in ports_of(graph, target):
        return f"{target} has no input {port + 1}."
    if any(edge.source == source for edge in graph.incoming(target)) and graph[target].layer.ports == 1:
        return f"{source} is wired to {target} already."
    taken = next((edge for edge in graph.incoming(target) if edge.port == port), None)
    if taken:
        return f"This input of {target} is taken by {taken.source}. Remove that wire first."
    if source in following(graph, target):
        return f"{target} comes before {source}, so this wire would close a loop."
    return None


def following(graph: Graph, node_id: str) -> set[str]:
    """All nodes that a node feeds, directly or through others."""
    reached: set[str] = set()
    waiting = [node_id]
    while waiting:
        for edge in graph.outgoing(waiting.pop()):
            if edge.target not in reached:
                reached.add(edge.target)
                waiting.append(edge.target)
    return reached
