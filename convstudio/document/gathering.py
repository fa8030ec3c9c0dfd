"""The layers of a new block brought together, so that its frame holds nothing but them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import attrs

from convstudio.document.layout import along
from convstudio.document.nesting import around
from convstudio.document.project import Block, Project
from convstudio.document.room import Box, between, block_box, card_box, frame, led, meet, moved
from engine.graph import Graph


@attrs.frozen
class Unit:
    """What moves as one: a card, or a block that is beside the one that is made."""

    names: frozenset[str]
    box: Box


def layers_between(graph: Graph, names: Collection[str]) -> frozenset[str]:
    """The layers through which data go from one of these to another: else a folded block would feed itself."""
    after = led(names, lambda name: [edge.target for edge in graph.outgoing(name)])
    before = led(names, lambda name: [edge.source for edge in graph.incoming(name)])
    return frozenset(after & before - set(names))


def with_its_own(project: Project, block_id: str) -> Project:
    """The same where the frame of a block, and of those around it, holds nothing that is not in it.

    What leads to a block or follows it is left to `with_room`, which moves it along the way of the data.
    """
    block = next(b for b in project.blocks if b.id == block_id)
    framed = frame(project, block)
    if any(meet(unit.box, framed) for unit in _others(project, block)):
        project = _gathered(project, block)
    for each in (block, *around(project.blocks, block)):
        if not each.collapsed:
            project = _without_strangers(project, each)
    return project


def _gathered(project: Project, block: Block) -> Project:
    """Parts that no wire joins stand side by side, beginning with the largest."""
    parts = sorted(_parts(project, block), key=lambda part: -len(part.names))
    axis = along(project.flow)
    side, main = 1 - axis, parts[0].box
    edge = main[1][side]
    for part in sorted(parts[1:], key=lambda part: part.box[0][side]):
        edge += between(project)
        project = moved(project, part.names, side, edge - part.box[0][side])
        if part.box[0][axis] < main[0][axis] or part.box[1][axis] > main[1][axis]:
            project = moved(project, part.names, axis, main[0][axis] - part.box[0][axis])
        edge += part.box[1][side] - part.box[0][side]
    return project


def _without_strangers(project: Project, block: Block) -> Project:
    """Puts what is in the frame beside it; what is there already makes room."""
    strangers = _strangers(project, block)
    if not strangers:
        return project
    axis, edge = along(project.flow), frame(project, block)[1]
    side = 1 - axis
    low, high = _span(strangers, side)
    start = edge[side] + between(project)
    moving = {name for unit in strangers for name in unit.names}
    beside = [u for u in _others(project, block) if moving.isdisjoint(u.names) and u.box[1][side] > edge[side]]
    reached, pushed = list(strangers), list[Unit]()
    while hit := [u for u in beside if u not in pushed and _meet_along(u, reached, axis)]:
        reached, pushed = hit, [*pushed, *hit]
    project = moved(project, moving, side, start - low)
    nearest = min((unit.box[0][side] for unit in pushed), default=0.0)
    needed = start + (high - low) + between(project) - nearest
    others = {name for unit in pushed for name in unit.names}
    return moved(project, others, side, needed) if pushed and needed > 0 else project


def _meet_along(unit: Unit, others: Iterable[Unit], axis: int) -> bool:
    """Whether it stands beside one of them."""
    return any(unit.box[0][axis] < o.box[1][axis] and o.box[0][axis] < unit.box[1][axis] for o in others)


def _span(units: Iterable[Unit], axis: int) -> tuple[float, float]:
    boxes = [unit.box for unit in units]
    return min(box[0][axis] for box in boxes), max(box[1][axis] for box in boxes)


def _strangers(project: Project, block: Block) -> list[Unit]:
    """What lies in a block's frame, is not in it, and neither leads to it nor follows it.

    What leads to it or follows it makes room along the way of the data.
    """
    graph, own = project.graph, project.contents[block.id]
    framed = frame(project, block)
    after = led(own, lambda name: [edge.target for edge in graph.outgoing(name)])
    return [u for u in _others(project, block) if meet(u.box, framed) and not _on_the_way(project, u, own, after)]


def _on_the_way(project: Project, unit: Unit, own: Collection[str], after: Collection[str]) -> bool:
    """Whether it follows the block, or feeds it from before all of its layers."""
    if not unit.names.isdisjoint(after):
        return True
    axis = along(project.flow)
    first = min(project.graph[name].position[axis] for name in own)
    return unit.box[0][axis] < first


def _others(project: Project, block: Block) -> list[Unit]:
    """Everything outside a block, with blocks that it is not in as one."""
    holding = {b.id for b in around(project.blocks, block)}
    taken = set(project.contents[block.id])
    units = []
    for other in project.blocks:
        outermost = not other.parent or other.parent in holding
        if other.id != block.id and other.id not in holding and outermost:
            units.append(_unit(project, other))
            taken |= units[-1].names
    return [*units, *(_card(project, node.id) for node in project.graph if node.id not in taken)]


def _parts(project: Project, block: Block) -> list[Unit]:
    """The layers of a block and the blocks in it, those together that wires join."""
    inner = [_unit(project, other) for other in project.blocks if other.parent == block.id]
    units = [*inner, *(_card(project, name) for name in block.members)]
    graph, parts = project.graph, list[Unit]()
    for unit in units:
        near = {
            end
            for name in unit.names
            for e in (*graph.incoming(name), *graph.outgoing(name))
            for end in (e.source, e.target)
        }
        joined = [part for part in parts if not near.isdisjoint(part.names)]
        parts = [part for part in parts if part not in joined]
        parts.append(_united([*joined, unit]))
    return parts


def _united(units: list[Unit]) -> Unit:
    (left, right), (top, bottom) = (_span(units, axis) for axis in (0, 1))
    return Unit(frozenset().union(*(unit.names for unit in units)), ((left, top), (right, bottom)))


def _unit(project: Project, block: Block) -> Unit:
    return Unit(frozenset(project.contents[block.id]), block_box(project, block))


def _card(project: Project, name: str) -> Unit:
    return Unit(frozenset({name}), card_box(project.graph[name].position))
