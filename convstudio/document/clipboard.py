"""Copies of layers as text, so that they can be pasted into any window, or into a mail."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping

import attrs

from convstudio.document.arranging import beside, extent
from convstudio.document.edit import Edit, Place, counted, within
from convstudio.document.nesting import around
from convstudio.document.project import Project, ProjectError, members_of
from convstudio.document.reading import fragment_from_json, fragment_to_json
from engine.errors import EngineError
from engine.graph import Edge, Graph

NUDGE = 24.0  # a duplicate stands so far right of and below the original
MOST_LETTERS = 16 << 20


def copy_text(project: Project, ids: Collection[str]) -> str:
    """Layers, the wires between them, blocks and comments as JSON text; pasting reads it again."""
    part = _part(project, ids)
    if not part.graph.nodes and not part.comments:
        raise ProjectError("Nothing is selected that could be copied.")
    return json.dumps(fragment_to_json(part), ensure_ascii=False, indent=1)


def paste(project: Project, text: str, at: Place, *, clear: bool = False) -> Edit:
    """What was copied, with its top left corner at a place, or beside what is there; taken names get another number."""
    part = _read(text)
    corner, size = extent(part)
    if clear:
        at = beside(project, size, at)
    joined, selected = _put(project, part, (at[0] - corner[0], at[1] - corner[1]))
    return Edit(f"Paste {_told(part)}", joined, selected)


def duplicate(project: Project, ids: Collection[str]) -> Edit:
    """A second one of each, a little to the side, with the same wires between them."""
    part = _part(project, ids)
    if not part.graph.nodes and not part.comments:
        raise ProjectError("Nothing is selected that could be duplicated.")
    joined, selected = _put(project, part, (NUDGE, NUDGE))
    return Edit(f"Duplicate {_told(part)}", joined, selected)


def _told(part: Project) -> str:
    return counted(part, [n.id for n in part.graph] + [c.id for c in part.comments])


def _part(project: Project, ids: Collection[str]) -> Project:
    """The selected part as a project of its own; blocks that are in it whole come along."""
    wanted = members_of(project, ids)
    nodes = tuple(n for n in project.graph if n.id in wanted)
    edges = tuple(e for e in project.graph.edges if e.source in wanted and e.target in wanted)
    whole = {b.id for b in project.blocks if wanted.issuperset(project.contents[b.id])}
    blocks = tuple(
        attrs.evolve(b, parent=b.parent if b.parent in whole else "") for b in project.blocks if b.id in whole
    )
    comments = tuple(c for c in project.comments if c.id in ids)
    return Project(Graph(nodes, edges), blocks, comments)


def _read(text: str) -> Project:
    if len(text) > MOST_LETTERS:
        raise ProjectError(f"The text on the clipboard is longer than {MOST_LETTERS >> 20} million letters.")
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise ProjectError("The text on the clipboard holds no layers: it is not JSON.") from problem
    try:
        part = fragment_from_json(content)
    except EngineError as problem:
        raise ProjectError(f"The text on the clipboard holds no layers: {problem}") from problem
    if not part.graph.nodes and not part.comments:
        raise ProjectError("The text on the clipboard holds no layers.")
    return part


def _put(project: Project, part: Project, by: Place) -> tuple[Project, frozenset[str]]:
    """The project with the part moved and its names made new."""
    taken = project.names()
    new = {n.id: _free(n.id, taken) for n in part.graph}
    notes = {c.id: _free(c.id, taken) for c in part.comments}
    groups = {"": "", **{b.id: _free(b.id, taken) for b in part.blocks}}
    nodes = tuple(attrs.evolve(n, id=new[n.id], position=_shifted(n.position, by)) for n in part.graph)
    edges = tuple(Edge(new[e.source], new[e.target], e.port) for e in _dense(part.graph))
    graph = project.graph
    joined = attrs.evolve(
        project,
        graph=attrs.evolve(graph, nodes=(*graph.nodes, *nodes), edges=(*graph.edges, *edges)),
        blocks=(
            *project.blocks,
            *(
                attrs.evolve(
                    b, id=groups[b.id], members=tuple(map(new.__getitem__, b.members)), parent=groups[b.parent]
                )
                for b in part.blocks
            ),
        ),
        comments=(
            *project.comments,
            *(attrs.evolve(c, id=notes[c.id], position=_shifted(c.position, by)) for c in part.comments),
        ),
    )
    return joined, _seen(joined, [*new.values(), *notes.values()], groups)


def _seen(project: Project, names: Iterable[str], groups: Mapping[str, str]) -> frozenset[str]:
    """What one sees of these: folded blocks among them instead of what is in them."""
    folded = [b for b in project.blocks if b.id in groups.values() and b.collapsed]
    hidden = {name for b in folded for name in project.contents[b.id]}
    outermost = [b.id for b in folded if not any(outer.collapsed for outer in around(project.blocks, b))]
    return frozenset([*outermost, *(name for name in names if name not in hidden)])


def _dense(graph: Graph) -> list[Edge]:
    """The wires, where inputs that came from outside leave no gap before the others of a layer that joins."""
    ports: Mapping[str, list[Edge]] = {n.id: list(graph.incoming(n.id)) for n in graph if n.layer.ports == -1}
    return [attrs.evolve(e, port=ports[e.target].index(e)) if e.target in ports else e for e in graph.edges]


def _shifted(place: Place, by: Place) -> Place:
    return within((place[0] + by[0], place[1] + by[1]))


def _free(name: str, taken: set[str]) -> str:
    """The name itself, or with the next number that is free: conv2 → conv3."""
    stem, number, free = name.rstrip("0123456789"), 1, name
    while free in taken:
        number += 1
        free = f"{stem or name}{number}"
    taken.add(free)
    return free
