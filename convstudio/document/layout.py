"""Puts the cards of a project in order, with folded blocks as one card and room for the frames of open ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from convstudio.document.edit import Edit, Place
from convstudio.document.nesting import around, inner_first
from convstudio.document.project import ACROSS, Project, ProjectError
from engine.graph import Edge, Graph, Node
from engine.layout import COLUMN_PX, ROW_PX, layered

NODE_WIDTH = 176.0
HEADER_PX, MARGIN_PX = 40.0, 12.0  # of a block's frame: above its layers, and on the other sides


def step(flow: str) -> Place:
    """From one card to the next along the way that data flow."""
    return (COLUMN_PX, 0.0) if flow == ACROSS else (0.0, ROW_PX)


def along(flow: str) -> int:
    """The axis that data flow along."""
    return 0 if flow == ACROSS else 1


def set_flow(project: Project, flow: str) -> Edit:
    """Data from top to bottom or from left to right, and the cards in that order."""
    turned = attrs.evolve(project, flow=flow)
    text = "Lay out from left to right" if flow == ACROSS else "Lay out from top to bottom"
    return Edit(text, lay_out(turned).project if project.graph.nodes else turned)


def lay_out(project: Project) -> Edit:
    """All cards in order; the first one stays where it is, and a folded block stands as one card."""
    graph = project.graph
    if not graph.nodes:
        raise ProjectError("There are no layers to arrange yet.")
    folded = _folded(project)
    stands_for = {name: members[0] for members in folded for name in members}
    cells = layered(_contracted(graph, stands_for))
    if project.flow == ACROSS:
        cells = {n: (y / ROW_PX * COLUMN_PX, x / COLUMN_PX * ROW_PX) for n, (x, y) in cells.items()}
    cells = _with_room_for_headers(project, cells)
    places = {}
    for name in (node.id for node in graph):
        x, y = cells[stands_for.get(name, name)]
        corner = _corner(graph, next((m for m in folded if name in m), (name,)))
        places[name] = x + graph[name].position[0] - corner[0], y + graph[name].position[1] - corner[1]
    first = graph.order[0] if graph.order else graph.nodes[0]
    dx, dy = (first.position[axis] - places[first.id][axis] for axis in (0, 1))
    nodes = tuple(Node(n.id, n.layer, (places[n.id][0] + dx, places[n.id][1] + dy)) for n in graph)
    return Edit("Arrange the network", attrs.evolve(project, graph=attrs.evolve(graph, nodes=nodes)))


def _folded(project: Project) -> list[tuple[str, ...]]:
    """The layers of each outermost block that is shown as one card."""
    closed = [b for b in project.blocks if b.collapsed]
    hidden = {inner.id for inner in project.blocks if any(b.collapsed for b in around(project.blocks, inner))}
    return [project.contents[block.id] for block in closed if block.id not in hidden]


def _contracted(graph: Graph, stands_for: Mapping[str, str]) -> Graph:
    """The network with one node for all of a folded block."""
    if not stands_for:
        return graph
    nodes = tuple(node for node in graph if stands_for.get(node.id, node.id) == node.id)
    ends = dict.fromkeys((stands_for.get(e.source, e.source), stands_for.get(e.target, e.target)) for e in graph.edges)
    return Graph(nodes, tuple(Edge(*pair, port) for port, pair in enumerate(ends) if pair[0] != pair[1]))


def _corner(graph: Graph, names: Iterable[str]) -> Place:
    places = [graph[name].position for name in names]
    return min(x for x, _ in places), min(y for _, y in places)


def _with_room_for_headers(project: Project, cells: dict[str, Place]) -> dict[str, Place]:
    """Where the frames of several blocks begin above the same row, that row moves down."""
    deep: dict[float, int] = {}  # how many frames begin above a row, at most
    above: dict[str, tuple[float, int]] = {}  # of each open block: its first row, and how many frames begin there
    for block in inner_first(b for b in project.blocks if not b.collapsed):
        rows = [cells[m][1] for m in project.contents[block.id] if m in cells]
        if rows:
            top = min(rows)
            inner = (above[b.id] for b in project.blocks if b.parent == block.id and b.id in above)
            frames = 1 + max((number for row, number in inner if row == top), default=0)
            above[block.id], deep[top] = (top, frames), max(deep.get(top, 0), frames)
    return {
        name: (x, y + sum((frames - 1) * HEADER_PX for top, frames in deep.items() if top <= y))
        for name, (x, y) in cells.items()
    }
