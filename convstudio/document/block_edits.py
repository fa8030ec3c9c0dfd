"""Layers under one name: grouping them, repeating the group, folding it away."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import attrs

from convstudio.document.edit import Edit, named, writable
from convstudio.document.project import MOST_REPEATS, Block, Project, ProjectError, members_of
from convstudio.document.unfolding import repeat_refusal

LONGEST_TITLE = 200


def group(project: Project, ids: Collection[str], title: str = "") -> Edit:
    """These layers as one block; those that are in another block leave it."""
    wanted = members_of(project, ids)
    members = tuple(node.id for node in project.graph if node.id in wanted)
    if not members:
        raise ProjectError("Select one or more layers to group them.")
    name = project.free_name("block")
    block = Block(name, _title(title, name), members)
    blocks = (*_blocks_without(project, members), block)
    return Edit(f"Group {named(members)} as {block.title}", attrs.evolve(project, blocks=blocks), frozenset({name}))


def _blocks_without(project: Project, members: tuple[str, ...]) -> list[Block]:
    kept = []
    for block in project.blocks:
        left = tuple(m for m in block.members if m not in members)
        if left:
            kept.append(block if left == block.members else attrs.evolve(block, members=left))
    return kept


def ungroup(project: Project, block_id: str) -> Edit:
    """Without the block; its layers stay."""
    block = _block(project, block_id)
    blocks = tuple(b for b in project.blocks if b is not block)
    return Edit(f"Ungroup {block.title}", attrs.evolve(project, blocks=blocks), frozenset(block.members))


def set_repeat(project: Project, block_id: str, times: int) -> Edit:
    """The block so many times, one after the other."""
    block = _block(project, block_id)
    if not 1 <= times <= MOST_REPEATS:
        raise ProjectError(f"A block repeats from 1 to {MOST_REPEATS} times; {times} was given.")
    edit = _changed(project, f"Repeat {block.title} {times} times", block, repeat=times)
    reason = repeat_refusal(edit.project, attrs.evolve(block, repeat=times))
    if reason:
        raise ProjectError(reason)
    return edit if times > 1 else attrs.evolve(edit, text=f"Repeat {block.title} once")


def set_collapsed(project: Project, block_id: str, collapsed: bool) -> Edit:
    """Folds the block away, or shows what is in it."""
    block = _block(project, block_id)
    word = "Collapse" if collapsed else "Expand"
    return _changed(project, f"{word} {block.title}", block, collapsed=collapsed)


def rename_block(project: Project, block_id: str, title: str) -> Edit:
    """Another title for the block."""
    block = _block(project, block_id)
    if not title.strip():
        raise ProjectError("A block needs a name; give it at least one letter.")
    new = _title(title, block.id)
    return _changed(project, f"Rename {block.title} to {new}", block, title=new)


def _title(text: str, otherwise: str) -> str:
    return writable(text).strip()[:LONGEST_TITLE] or otherwise


def _block(project: Project, block_id: str) -> Block:
    block = next((b for b in project.blocks if b.id == block_id), None)
    if block is None:
        raise ProjectError("That block is gone.")
    return block


def _changed(project: Project, text: str, block: Block, **changes: Any) -> Edit:
    other = attrs.evolve(block, **changes)
    return Edit(text, attrs.evolve(project, blocks=tuple(other if b is block else b for b in project.blocks)))
