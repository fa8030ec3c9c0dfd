"""Lining things up, and spreading them out."""

from __future__ import annotations

from collections.abc import Collection

import attrs

from convstudio.document.arranging import put_at
from convstudio.document.edit import Edit, Place, counted
from convstudio.document.nesting import around
from convstudio.document.project import Project, ProjectError, members_of, place_of
from convstudio.document.room import block_box, card_box

LINES = {"left": 0.0, "centre": 0.5, "right": 1.0, "top": 0.0, "middle": 0.5, "bottom": 1.0}
HORIZONTAL, VERTICAL = "horizontal", "vertical"
SIDEWAYS = ("left", "centre", "right", HORIZONTAL)


@attrs.frozen
class _Thing:
    """A card, a comment, or a block with all that is in it."""

    place: Place  # that it is moved by: a block by the corner of its layers
    low: Place
    high: Place

    def size(self, axis: int) -> float:
        return self.high[axis] - self.low[axis]

    def put(self, axis: int, low: float) -> Place:
        """Its place where it begins there along an axis."""
        moved = self.place[axis] + low - self.low[axis]
        return (moved, self.place[1]) if axis == 0 else (self.place[0], moved)


def align(project: Project, ids: Collection[str], line: str) -> Edit:
    """Lines up left, centre, right, top, middle or bottom edges."""
    if line not in LINES:
        raise ProjectError(f"Layers line up by {', '.join(LINES)}; {line!r} was given.")
    things = _things(project, ids)
    if len(things) < 2:
        raise ProjectError("Select two or more layers to line them up.")
    axis, share = int(line not in SIDEWAYS), LINES[line]
    low = min(thing.low[axis] for thing in things.values())
    high = max(thing.high[axis] for thing in things.values())
    at = low + share * (high - low)
    places = {name: thing.put(axis, at - share * thing.size(axis)) for name, thing in things.items()}
    return Edit(f"Align {_counted(project, things)} {_where(line)}", put_at(project, places))


def _where(line: str) -> str:
    return {"centre": "at their centres", "middle": "at their middles"}.get(line, f"at the {line}")


def distribute(project: Project, ids: Collection[str], direction: str) -> Edit:
    """The same space between all of them, horizontally or vertically; the outermost stay."""
    if direction not in (HORIZONTAL, VERTICAL):
        raise ProjectError(f"Layers are spread {HORIZONTAL} or {VERTICAL}; {direction!r} was given.")
    things, axis = _things(project, ids), int(direction == VERTICAL)
    if len(things) < 3:
        raise ProjectError("Select three or more layers to spread them evenly.")
    ordered = sorted(things, key=lambda name: things[name].low[axis])
    first, last = (things[name] for name in (ordered[0], ordered[-1]))
    inner = sum(thing.size(axis) for thing in things.values()) - last.size(axis)
    space = (last.low[axis] - first.low[axis] - inner) / (len(things) - 1)
    places, at = {}, first.low[axis]
    for name in ordered:
        places[name] = things[name].put(axis, at)
        at += things[name].size(axis) + space
    places[ordered[-1]] = last.place  # sums of fractions would move it by a hair
    return Edit(f"Spread {_counted(project, things)} {direction}ly", put_at(project, places))


def _things(project: Project, ids: Collection[str]) -> dict[str, _Thing]:
    """What is lined up: what is in a block that is among them moves with that block."""
    blocks = [block for block in project.blocks if block.id in ids]
    outermost = [b for b in blocks if not any(outer.id in ids for outer in around(project.blocks, b))]
    held = {name for block in outermost for name in project.contents[block.id]}
    found = {n.id: _Thing(n.position, *card_box(n.position)) for n in project.graph if n.id in ids and n.id not in held}
    for c in project.comments:
        if c.id in ids:
            found[c.id] = _Thing(c.position, c.position, (c.position[0] + c.size[0], c.position[1] + c.size[1]))
    return found | {block.id: _Thing(place_of(project, block), *block_box(project, block)) for block in outermost}


def _counted(project: Project, things: Collection[str]) -> str:
    return counted(project, members_of(project, things))
