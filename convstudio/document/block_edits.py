"""Layers under one name: grouping them, repeating the group, folding it away."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import attrs

from convstudio.document.edit import Edit, named, writable
from convstudio.document.gathering import layers_between, with_its_own
from convstudio.document.nesting import around, filled, inner_first
from convstudio.document.project import MOST_REPEATS, Block, Project, ProjectError, members_of
from convstudio.document.room import with_room
from convstudio.document.unfolding import repeat_refusal

LONGEST_TITLE = 200


def group(project: Project, ids: Collection[str], title: str = "") -> Edit:
    """These layers as one block, and those through which data go from one of them to another.

    Blocks among them stay as blocks in it, and others lose what they share with it.
    """
    chosen = {node.id for node in project.graph} & members_of(project, ids)
    if not chosen:
        raise ProjectError("Select one or more layers to group them.")
    between = layers_between(project.graph, chosen)
    wanted = chosen | between
    nodes = [node.id for node in project.graph if node.id in wanted]
    home = _home(project, set(nodes), ids)
    outer = {home.id, *(b.id for b in around(project.blocks, home))} if home else set()
    whole = {b.id for b in project.blocks if b.id not in outer and wanted.issuperset(project.contents[b.id])}
    kept = {member for name in whole for member in project.contents[name]}
    loose = tuple(name for name in nodes if name not in kept)
    name = project.free_name("block")
    block = Block(name, _title(title, name), loose, parent=home.id if home else "")
    others = [
        attrs.evolve(b, parent=name)
        if b.id in whole and b.parent not in whole
        else attrs.evolve(b, members=tuple(m for m in b.members if m not in loose))
        for b in project.blocks
    ]
    grouped = attrs.evolve(project, blocks=filled((*others, block)))
    put = with_room(with_its_own(grouped, name), name)
    return Edit(f"Group {named(nodes)} as {block.title}", put, frozenset({name}), told=_told(between))


def _told(between: Collection[str]) -> str:
    """That more layers are in a block than were chosen."""
    if not between:
        return ""
    stand = "stands" if len(between) == 1 else "stand"
    return f"{named(between)} {stand} between the layers that you grouped, and came along into the block."


def _home(project: Project, nodes: set[str], ids: Collection[str]) -> Block | None:
    """The innermost block that holds all of these layers, and is not itself what is grouped."""
    holding = [b for b in inner_first(project.blocks) if b.id not in ids and nodes.issubset(project.contents[b.id])]
    return holding[0] if holding else None


def ungroup(project: Project, *block_ids: str) -> Edit:
    """Without these blocks; their layers stay, in the block around them where there is one."""
    gone, freed = [], set[str]()
    for block_id in block_ids:
        block = _block(project, block_id)
        freed.discard(block_id)
        freed.update((*block.members, *(b.id for b in project.blocks if b.parent == block_id)))
        project = attrs.evolve(project, blocks=_without(project.blocks, block))
        gone.append(block)
    what = gone[0].title if len(gone) == 1 else f"{len(gone)} blocks"
    repeated = [block for block in gone if block.repeat > 1]
    told = f"Took {what} apart. {_once(repeated)}" if repeated else ""
    return Edit(f"Ungroup {what}", project, frozenset(freed), told=told)


def _without(blocks: tuple[Block, ...], gone: Block) -> tuple[Block, ...]:
    return tuple(
        attrs.evolve(b, members=(*b.members, *gone.members))
        if b.id == gone.parent
        else attrs.evolve(b, parent=gone.parent if b.parent == gone.id else b.parent)
        for b in blocks
        if b is not gone
    )


def _once(repeated: list[Block]) -> str:
    """What is lost of blocks that stood for several copies."""
    if len(repeated) > 1:
        return "Their layers are there once now, and are not repeated any more."
    return f"Its layers are there once now, instead of {repeated[0].repeat} times."


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
    edit = _changed(project, f"{word} {block.title}", block, collapsed=collapsed)
    return edit if collapsed else attrs.evolve(edit, project=with_room(edit.project, block_id))


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
    block = project.block(block_id)
    if block is None:
        raise ProjectError("That block is gone.")
    return block


def _changed(project: Project, text: str, block: Block, **changes: Any) -> Edit:
    other = attrs.evolve(block, **changes)
    return Edit(text, attrs.evolve(project, blocks=tuple(other if b is block else b for b in project.blocks)))
