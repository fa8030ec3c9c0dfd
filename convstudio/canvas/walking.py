"""Which card or comment is next when one walks over the canvas with the arrow keys."""

from __future__ import annotations

from collections.abc import Collection

from convstudio.document.edit import Place
from convstudio.document.layout import along
from convstudio.document.project import Project, place_of

ASIDE = 4  # how much farther off a thing seems for each step that it stands aside


def neighbour(project: Project, selection: Collection[str], way: tuple[int, int]) -> str | None:
    """Along the flow one follows the wires, where there are any; else one goes to what is nearest in that direction.

    From several things one goes on from the farthest of them; a block is one thing.
    """
    graph, forth = project.graph, max(way) > 0
    places = {node.id: node.position for node in graph} | {note.id: note.position for note in project.comments}
    blocks = {block.id: place_of(project, block) for block in project.blocks}
    chosen = sorted(selection)
    if not chosen:
        return graph.order[0].id if graph.order else next(iter(places), None)
    axis = 0 if way[0] else 1
    here = {name: places.get(name) or blocks[name] for name in chosen}
    current = (max if forth else min)(chosen, key=lambda name: here[name][axis])
    own = {member for name in chosen for member in project.contents.get(name, (name,))}
    found = set(places) - own
    if axis == along(project.flow):
        inside = [name for name in project.contents.get(current, (current,)) if name in graph]
        edges = [e for name in inside for e in (graph.outgoing(name) if forth else graph.incoming(name))]
        wired = {edge.target if forth else edge.source for edge in edges} - own
        if wired:
            return min(sorted(wired), key=lambda name: abs(places[name][1 - axis] - here[current][1 - axis]))
    away = {name: _away(here[current], places[name], axis, forth) for name in sorted(found)}
    ahead = [name for name, (on, _) in away.items() if on > 1]
    return min(ahead, key=lambda name: away[name][0] + ASIDE * away[name][1], default=None)


def _away(here: Place, there: Place, axis: int, forth: bool) -> Place:
    """How far ahead a place is, and how far aside."""
    ahead, aside = there[axis] - here[axis], abs(there[1 - axis] - here[1 - axis])
    return ahead if forth else -ahead, aside
