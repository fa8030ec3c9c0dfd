"""Where things stand: moving, lining up, spreading out, and the automatic layout."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import attrs

from convstudio.document.edit import Edit, Place, counted, within
from convstudio.document.layout import NODE_WIDTH
from convstudio.document.project import Project, ProjectError, members_of, place_of
from engine.graph import Graph, Node

NODE_HEIGHT = 84.0  # of a card, as the canvas draws it
GAP = 48.0  # left between what is there and what is put beside it
LINES = {"left": 0.0, "centre": 0.5, "right": 1.0, "top": 0.0, "middle": 0.5, "bottom": 1.0}
HORIZONTAL, VERTICAL = "horizontal", "vertical"
SIDEWAYS = ("left", "centre", "right", HORIZONTAL)


def move(project: Project, places: Mapping[str, Place]) -> Edit:
    """Layers, comments and whole blocks at other places."""
    moved = _moved(project, places)
    return Edit(f"Move {counted(project, members_of(project, places))}", moved)


def placed(graph: Graph, places: Mapping[str, Place]) -> Graph:
    """The network with nodes at other places."""
    nodes = tuple(Node(n.id, n.layer, within(places[n.id])) if n.id in places else n for n in graph.nodes)
    return attrs.evolve(graph, nodes=nodes)


def align(project: Project, ids: Collection[str], line: str) -> Edit:
    """Lines up left, centre, right, top, middle or bottom edges."""
    if line not in LINES:
        raise ProjectError(f"Layers line up by {', '.join(LINES)}; {line!r} was given.")
    boxes = _boxes(project, ids)
    if len(boxes) < 2:
        raise ProjectError("Select two or more layers to line them up.")
    axis, share = int(line not in SIDEWAYS), LINES[line]
    low = min(place[axis] for place, _ in boxes.values())
    high = max(place[axis] + size[axis] for place, size in boxes.values())
    at = low + share * (high - low)
    places = {i: _with(place, axis, at - share * size[axis]) for i, (place, size) in boxes.items()}
    return Edit(f"Align {counted(project, boxes)} {_where(line)}", _moved(project, places))


def _where(line: str) -> str:
    return {"centre": "at their centres", "middle": "at their middles"}.get(line, f"at the {line}")


def distribute(project: Project, ids: Collection[str], direction: str) -> Edit:
    """The same space between all of them, horizontally or vertically; the outermost stay."""
    if direction not in (HORIZONTAL, VERTICAL):
        raise ProjectError(f"Layers are spread {HORIZONTAL} or {VERTICAL}; {direction!r} was given.")
    boxes, axis = _boxes(project, ids), int(direction == VERTICAL)
    if len(boxes) < 3:
        raise ProjectError("Select three or more layers to spread them evenly.")
    ordered = sorted(boxes, key=lambda i: boxes[i][0][axis])
    first, last = (boxes[i] for i in (ordered[0], ordered[-1]))
    inner = sum(size[axis] for _, size in boxes.values()) - last[1][axis]
    space = (last[0][axis] - first[0][axis] - inner) / (len(boxes) - 1)
    places, at = {}, first[0][axis]
    for i in ordered:
        places[i] = _with(boxes[i][0], axis, at)
        at += boxes[i][1][axis] + space
    places[ordered[-1]] = last[0]  # sums of fractions would move it by a hair
    return Edit(f"Spread {counted(project, boxes)} {direction}ly", _moved(project, places))


def _moved(project: Project, places: Mapping[str, Place]) -> Project:
    """Blocks take their layers along."""
    nodes = dict(places)
    for block in project.blocks:
        if block.id in places:
            (x, y), (to_x, to_y) = place_of(project, block), places[block.id]
            for member in project.contents[block.id]:
                px, py = project.graph[member].position
                nodes[member] = px + to_x - x, py + to_y - y
    comments = tuple(attrs.evolve(c, position=within(places[c.id])) if c.id in places else c for c in project.comments)
    return attrs.evolve(project, graph=placed(project.graph, nodes), comments=comments)


def _boxes(project: Project, ids: Collection[str]) -> dict[str, tuple[Place, Place]]:
    """Position and size of everything that can be lined up."""
    card = NODE_WIDTH, NODE_HEIGHT
    boxes = {n.id: (n.position, card) for n in project.graph if n.id in ids}
    boxes |= {c.id: (c.position, c.size) for c in project.comments if c.id in ids}
    return boxes


def extent(project: Project) -> tuple[Place, Place]:
    """Corner and size of all that there is."""
    boxes = _boxes(project, project.names()).values()
    corner = min(x for (x, _), _ in boxes), min(y for (_, y), _ in boxes)
    far = max(x + wide for (x, _), (wide, _) in boxes), max(y + high for (_, y), (_, high) in boxes)
    return corner, (far[0] - corner[0], far[1] - corner[1])


def beside(project: Project, size: Place, at: Place) -> Place:
    """The place, or the nearest one to the right of it, at which something of this size lies on nothing."""
    taken, (x, y), (wide, high) = _boxes(project, project.names()).values(), at, size
    rows = [(left, left + across) for (left, top), (across, down) in taken if top < y + high and y < top + down]
    for left, right in sorted(rows):
        if left < x + wide + GAP and x < right + GAP:
            x = right + GAP
    return x, y


def _with(place: Place, axis: int, value: float) -> Place:
    return (value, place[1]) if axis == 0 else (place[0], value)
