"""Blocks in blocks: who is in whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from convstudio.document.project import Block


def contents(blocks: Iterable[Block]) -> dict[str, tuple[str, ...]]:
    """All layers in each block: its own, then those of the blocks in it."""
    everything = tuple(blocks)
    found = {block.id: list(block.members) for block in everything}
    for block in everything:
        for outer in around(everything, block):
            found[outer.id] += block.members
    return {name: tuple(members) for name, members in found.items()}


def around(blocks: Iterable[Block], block: Block) -> Iterator[Block]:
    """The blocks that a block is in, from the nearest one outwards."""
    named = {b.id: b for b in blocks}
    outer = named.get(block.parent)
    while outer is not None:
        yield outer
        outer = named.get(outer.parent)


def inner_first(blocks: Iterable[Block]) -> list[Block]:
    """Each block before the one that it is in."""
    everything = tuple(blocks)
    return sorted(everything, key=lambda block: -sum(1 for _ in around(everything, block)))


def copies(blocks: Iterable[Block]) -> Mapping[str, int]:
    """How often the layers of each block are there, all repeats around them counted."""
    everything = tuple(blocks)
    found = {}
    for block in everything:
        times = block.repeat
        for outer in around(everything, block):
            times *= outer.repeat
        found[block.id] = times
    return found


def filled(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """Without blocks that have nothing in them any more."""
    kept = tuple(blocks)
    while True:
        parents = {block.parent for block in kept}
        left = tuple(block for block in kept if block.members or block.id in parents)
        if len(left) == len(kept):
            return kept
        kept = left
