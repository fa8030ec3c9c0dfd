"""Edits of the comments on the canvas."""

from __future__ import annotations

from typing import Any

import attrs

from convstudio.document.edit import Edit, Place, within, writable
from convstudio.document.project import Comment, Project, ProjectError

SMALLEST = 80.0, 40.0
LONGEST_TEXT = 10_000


def add_comment(project: Project, position: Place, text: str = "") -> Edit:
    """A note on the canvas."""
    comment = Comment(project.free_name("comment"), writable(text)[:LONGEST_TEXT], within(position))
    wider = attrs.evolve(project, comments=(*project.comments, comment))
    return Edit("Add a comment", wider, frozenset({comment.id}))


def set_comment_text(project: Project, comment_id: str, text: str) -> Edit:
    """Another text for a note."""
    if len(text) > LONGEST_TEXT:
        raise ProjectError(f"A comment holds at most {LONGEST_TEXT} letters; {len(text)} were given.")
    return _changed(project, "Write a comment", comment_id, text=writable(text))


def resize_comment(project: Project, comment_id: str, size: tuple[float, float]) -> Edit:
    """Another size for a note."""
    room = max(size[0], SMALLEST[0]), max(size[1], SMALLEST[1])
    return _changed(project, "Resize a comment", comment_id, size=room)


def _changed(project: Project, title: str, comment_id: str, **changes: Any) -> Edit:
    if not any(c.id == comment_id for c in project.comments):
        raise ProjectError("That comment is gone.")
    comments = tuple(attrs.evolve(c, **changes) if c.id == comment_id else c for c in project.comments)
    return Edit(title, attrs.evolve(project, comments=comments))
