"""What an edit is: the next project, and the words that undo shows."""

from __future__ import annotations

from collections.abc import Collection

import attrs

from convstudio.document.project import Project
from engine.graph import MAX_POSITION, Graph

Place = tuple[float, float]


@attrs.frozen
class Edit:
    """What an edit is called, what it makes of the project, and what is selected afterwards (None: what was)."""

    text: str
    project: Project
    selection: frozenset[str] | None = None
    renamed: tuple[str, str] | None = None  # a layer's old and new name: its weights go with it
    told: str = ""  # what is gone by it, or not plain to see, in a sentence that is told with an Undo


def edited(text: str, project: Project, graph: Graph, *selected: str) -> Edit:
    """The edit that puts this network into the project."""
    return Edit(text, attrs.evolve(project, graph=graph), frozenset(selected) if selected else None)


def writable(text: str) -> str:
    """The text without halves of characters, which a clipboard may hold and a file may not."""
    return text.encode("utf-8", "replace").decode("utf-8")


def within(place: Place) -> Place:
    """The place, or the nearest that a file can hold."""
    x, y = (min(max(float(v), -MAX_POSITION), MAX_POSITION) for v in place)
    return x, y


def named(ids: Collection[str]) -> str:
    """conv1, conv1 and relu1, or 3 layers."""
    names = sorted(ids)
    return " and ".join(names) if 1 <= len(names) <= 2 else f"{len(names)} layers"


def counted(project: Project, ids: Collection[str]) -> str:
    """The same, where notes and blocks may be among them."""
    notes = [c.id for c in project.comments if c.id in ids]
    layers = [i for i in ids if i not in notes]
    if not notes:
        return named(layers)
    what = "a comment" if len(notes) == 1 else f"{len(notes)} comments"
    return f"{named(layers)} and {what}" if layers else what
