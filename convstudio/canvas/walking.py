"""Which card is next when one walks through a network with the arrow keys."""

from __future__ import annotations

from collections.abc import Collection

from engine.graph import Graph


def neighbour(graph: Graph, selection: Collection[str], direction: tuple[int, int]) -> str | None:
    """Up and down follow the wires; left and right go to the nearest card beside."""
    chosen = [name for name in selection if name in graph]
    if not chosen:
        return graph.order[0].id if graph.order else None
    current = graph[chosen[0]]
    across, down = direction
    if down:
        edges = graph.outgoing(current.id) if down > 0 else graph.incoming(current.id)
        ends = [graph[edge.target if down > 0 else edge.source] for edge in edges]
        return min(ends, key=lambda n: abs(n.position[0] - current.position[0])).id if ends else None
    beside = [n for n in graph if (n.position[0] - current.position[0]) * across > 1]

    def distance(index: int) -> float:
        (x, y), (own_x, own_y) = beside[index].position, current.position
        return abs(x - own_x) + 4 * abs(y - own_y)

    return beside[min(range(len(beside)), key=distance)].id if beside else None
