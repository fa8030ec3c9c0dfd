"""Which card is next when one walks through a network with the arrow keys."""

from __future__ import annotations

from collections.abc import Collection

from convstudio.document.layout import along
from convstudio.document.project import DOWN
from engine.graph import Graph


def neighbour(graph: Graph, selection: Collection[str], direction: tuple[int, int], flow: str = DOWN) -> str | None:
    """Along the flow one follows the wires; across it one goes to the nearest card beside."""
    chosen = [name for name in selection if name in graph]
    if not chosen:
        return graph.order[0].id if graph.order else None
    current = graph[chosen[0]]
    wires = along(flow)
    beside = 1 - wires
    if direction[wires]:
        edges = graph.outgoing(current.id) if direction[wires] > 0 else graph.incoming(current.id)
        ends = [graph[edge.target if direction[wires] > 0 else edge.source] for edge in edges]
        return min(ends, key=lambda n: abs(n.position[beside] - current.position[beside])).id if ends else None
    others = [n for n in graph if (n.position[beside] - current.position[beside]) * direction[beside] > 1]

    def distance(index: int) -> float:
        place, own = others[index].position, current.position
        return abs(place[beside] - own[beside]) + 4 * abs(place[wires] - own[wires])

    return others[min(range(len(others)), key=distance)].id if others else None
