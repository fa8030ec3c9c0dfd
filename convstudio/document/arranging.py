"""Where things stand: moving them, and room for what is new."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from convstudio.document.edit import Edit, Place, counted, within
from convstudio.document.layout import NODE_WIDTH, along
from convstudio.document.project import Project, members_of, place_of
from engine.graph import Graph, Node

NODE_HEIGHT = 84.0  # of a card, as the canvas draws it
GAP = 48.0  # left between what is there and what is put beside it


def move(project: Project, places: Mapping[str, Place]) -> Edit:
    """Layers, comments and whole blocks at other places."""
    moved = put_at(project, places)
    return Edit(f"Move {counted(project, members_of(project, places))}", moved)


def placed(graph: Graph, places: Mapping[str, Place]) -> Graph:
    """The network with nodes at other places."""
    nodes = tuple(Node(n.id, n.layer, within(places[n.id])) if n.id in places else n for n in graph.nodes)
    return attrs.evolve(graph, nodes=nodes)


def put_at(project: Project, places: Mapping[str, Place]) -> Project:
    """The same with layers, comments and blocks at other places; blocks take their layers along."""
    nodes = dict(places)
    for block in project.blocks:
        if block.id in places:
            (x, y), (to_x, to_y) = place_of(project, block), places[block.id]
            for member in project.contents[block.id]:
                px, py = project.graph[member].position
                nodes[member] = px + to_x - x, py + to_y - y
    comments = tuple(attrs.evolve(c, position=within(places[c.id])) if c.id in places else c for c in project.comments)
    return attrs.evolve(project, graph=placed(project.graph, nodes), comments=comments)


def _boxes(project: Project) -> list[tuple[Place, Place]]:
    """Position and size of all layers and comments."""
    cards = [(node.position, (NODE_WIDTH, NODE_HEIGHT)) for node in project.graph]
    return [*cards, *((comment.position, comment.size) for comment in project.comments)]


def extent(project: Project) -> tuple[Place, Place]:
    """Corner and size of all that there is."""
    boxes = _boxes(project)
    corner = min(x for (x, _), _ in boxes), min(y for (_, y), _ in boxes)
    far = max(x + wide for (x, _), (wide, _) in boxes), max(y + high for (_, y), (_, high) in boxes)
    return corner, (far[0] - corner[0], far[1] - corner[1])


def beside(project: Project, size: Place, at: Place) -> Place:
    """The place, or the nearest one beside it, across the way of the data, at which something lies on nothing."""
    side = 1 - along(project.flow)
    place, low, high = at[side], at[1 - side], at[1 - side] + size[1 - side]
    row = [
        (corner[side], corner[side] + room[side])
        for corner, room in _boxes(project)
        if corner[1 - side] < high and low < corner[1 - side] + room[1 - side]
    ]
    for first, last in sorted(row):
        if first < place + size[side] + GAP and place < last + GAP:
            place = last + GAP
    return (place, at[1]) if side == 0 else (at[0], place)
