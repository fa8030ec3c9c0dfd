"""Room for the frames of blocks: what is in the way of one that opens moves on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

import attrs

from convstudio.document.arranging import NODE_HEIGHT, placed
from convstudio.document.edit import Place
from convstudio.document.layout import HEADER_PX, MARGIN_PX, NODE_WIDTH, along, step
from convstudio.document.nesting import around
from convstudio.document.project import Block, Project, place_of
from engine.graph import Graph

CARD = NODE_WIDTH, NODE_HEIGHT
Box = tuple[Place, Place]  # the corners at the top left and at the bottom right


def with_room(project: Project, block_id: str) -> Project:
    """The same where no card lies in the frame of an open block or of those around it."""
    block = next(b for b in project.blocks if b.id == block_id)
    for each in (block, *around(project.blocks, block)):
        if not each.collapsed:
            project = _cleared(project, each)
    return project


def _cleared(project: Project, block: Block) -> Project:
    """Moves the block below what is above it, then what follows it behind it."""
    axis, inside = along(project.flow), set(project.contents[block.id])
    graph = project.graph
    reached = _whole(project, led(inside, lambda name: [e.target for e in graph.outgoing(name)])) - inside
    after = reached - led(inside, lambda name: [e.source for e in graph.incoming(name)])  # the rest is in between
    first = place_of(project, block)[axis]
    start = frame(project, block)[0][axis]
    before = [box for name, box in _cards(project, block) if name not in reached and box[0][axis] < first]
    push = max((box[1][axis] - start for box in before if meet(box, frame(project, block))), default=0.0)
    if push > 0:
        gap = between(project) - (MARGIN_PX, HEADER_PX)[axis]
        project = moved(project, inside | reached, axis, push + gap)
    framed = frame(project, block)
    hit = [box[0][axis] for name, box in _cards(project, block) if name in after and meet(box, framed)]
    if not hit:
        return project
    behind = framed[1][axis] - MARGIN_PX + between(project)
    pushed = {name for name, box in _cards(project, block) if name in after and box[0][axis] >= min(hit)}
    return moved(project, _whole(project, pushed), axis, behind - min(hit))


def between(project: Project) -> float:
    """What the layout leaves between two cards along the way."""
    return step(project.flow)[along(project.flow)] - CARD[along(project.flow)]


def frame(project: Project, block: Block) -> Box:
    """What a block takes when it is open: its layers and the blocks in it, a margin around them, and its header."""
    boxes = [card_box(project.graph[name].position) for name in block.members]
    for inner in project.blocks:
        if inner.parent == block.id:
            boxes.append(block_box(project, inner))
    left, top = (min(box[0][axis] for box in boxes) for axis in (0, 1))
    right, bottom = (max(box[1][axis] for box in boxes) for axis in (0, 1))
    return (left - MARGIN_PX, top - HEADER_PX), (right + MARGIN_PX, bottom + MARGIN_PX)


def block_box(project: Project, block: Block) -> Box:
    """What a block takes: its card where it is folded, else its frame."""
    return card_box(place_of(project, block)) if block.collapsed else frame(project, block)


def _cards(project: Project, block: Block) -> Iterable[tuple[str, Box]]:
    """Everything outside a block, where one sees it: what another block holds is seen as its card or frame."""
    holding = {block.id, *(b.id for b in around(project.blocks, block))}
    places: dict[str, Box] = {}
    for node in project.graph:
        if node.id not in project.contents[block.id]:
            own = project.block_of(node.id)
            others = [b for b in (own, *around(project.blocks, own)) if b.id not in holding] if own else []
            if others and others[-1].id not in places:
                places[others[-1].id] = block_box(project, others[-1])
            yield node.id, places[others[-1].id] if others else card_box(node.position)


def led(names: Collection[str], on: Callable[[str], Iterable[str]]) -> set[str]:
    """These layers, and all to which the wires lead from them, along the way of the data or against it."""
    found, waiting = set(names), list(names)
    while waiting:
        more = set(on(waiting.pop())) - found
        found |= more
        waiting += more
    return found


def _whole(project: Project, names: Iterable[str]) -> set[str]:
    """The layers, and those that are folded away with them."""
    found = set(names)
    for block in project.blocks:
        if block.collapsed and not found.isdisjoint(project.contents[block.id]):
            found.update(project.contents[block.id])
    return found


def moved(project: Project, names: Collection[str], axis: int, by: float) -> Project:
    """These layers so much further along an axis."""
    graph: Graph = project.graph
    shift = (by, 0.0) if axis == 0 else (0.0, by)
    places = {n: (graph[n].position[0] + shift[0], graph[n].position[1] + shift[1]) for n in names}
    return attrs.evolve(project, graph=placed(graph, places))


def card_box(corner: Place) -> Box:
    """What a card takes."""
    return corner, (corner[0] + CARD[0], corner[1] + CARD[1])


def meet(a: Box, b: Box) -> bool:
    """Whether one lies on the other."""
    return all(a[0][axis] < b[1][axis] and b[0][axis] < a[1][axis] for axis in (0, 1))
