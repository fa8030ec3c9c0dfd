"""What differs between two networks: layers, their fields, shapes and parameters."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any

import attrs

from engine.graph import Graph, Node
from engine.shapes import Inference, NodeShape, infer
from engine.spec import Shape

SAME, CHANGED, ADDED, REMOVED = "same", "changed", "added", "removed"


@attrs.frozen
class FieldChange:
    """A setting that differs."""

    field: str
    before: Any
    after: Any


@attrs.frozen
class Row:
    """A layer of the one network beside that of the other; None where one of them has none."""

    before: Node | None
    after: Node | None
    fields: tuple[FieldChange, ...]
    shapes: tuple[Shape | None, Shape | None]  # None: it has none, or there is no such layer
    parameters: tuple[int, int]
    multiply_adds: tuple[int, int]
    inputs: tuple[tuple[str, ...], tuple[str, ...]]  # the layers that feed it, by port

    rewired: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """What differs, one word for each: layer, name, settings, inputs, shape, parameters, multiply-adds."""
        if self.before is None or self.after is None:
            return (self.state,)
        differs = {
            "layer": self.before.layer.kind != self.after.layer.kind,
            "name": self.before.id != self.after.id,
            "settings": bool(self.fields),
            "inputs": self.rewired,
            "shape": self.shapes[0] != self.shapes[1],
            "parameters": self.parameters[0] != self.parameters[1],
            "multiply-adds": self.multiply_adds[0] != self.multiply_adds[1],
        }
        return tuple(word for word, yes in differs.items() if yes)

    @property
    def state(self) -> str:
        """One of same, changed, added and removed."""
        if self.before is None or self.after is None:
            return ADDED if self.before is None else REMOVED
        return CHANGED if self.words else SAME


@attrs.frozen
class Comparison:
    """All rows, in the order in which data flow, and the totals of both networks."""

    rows: tuple[Row, ...]
    before: Inference
    after: Inference

    @property
    def differences(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.state != SAME)


def compare(before: Graph, after: Graph) -> Comparison:
    """Layers are matched by name, the others by kind and place."""
    shapes = infer(before), infer(after)
    partner = _matched(before, after)
    rows = tuple(_row(before, after, a, b, shapes, partner) for a, b in _in_order(before, after, partner))
    return Comparison(rows, *shapes)


def _ordered(graph: Graph) -> list[Node]:
    """As data flow; layers on a loop of wires come last."""
    known = {node.id for node in graph.order}
    return [*graph.order, *(node for node in graph if node.id not in known)]


def _matched(before: Graph, after: Graph) -> dict[str, str]:
    """Names in the one network by names in the other."""
    partner = {n.id: n.id for n in before if n.id in after and n.layer.kind == after[n.id].layer.kind}
    taken = set(partner.values())
    left = [n for n in _ordered(before) if n.id not in partner]
    right = [n for n in _ordered(after) if n.id not in taken]
    kinds = [n.layer.kind for n in left], [n.layer.kind for n in right]
    for block in SequenceMatcher(None, *kinds, autojunk=False).get_matching_blocks():
        partner |= {left[block.a + i].id: right[block.b + i].id for i in range(block.size)}
    taken = set(partner.values())
    partner |= {n.id: n.id for n in left if n.id not in partner and n.id in after and n.id not in taken}
    return partner


def _in_order(before: Graph, after: Graph, partner: dict[str, str]) -> Iterator[tuple[Node | None, Node | None]]:
    """Pairs in the order of the newer network, and what was removed where it stood in the older one."""
    back = {b: a for a, b in partner.items()}
    removed: dict[str, list[Node]] = {}
    anchor = ""
    for node in _ordered(before):
        if node.id in partner:
            anchor = partner[node.id]
        else:
            removed.setdefault(anchor, []).append(node)
    yield from ((node, None) for node in removed.get("", []))
    for node in _ordered(after):
        yield (before[back[node.id]] if node.id in back else None), node
        yield from ((gone, None) for gone in removed.get(node.id, []))


def _row(
    before: Graph,
    after: Graph,
    a: Node | None,
    b: Node | None,
    shapes: tuple[Inference, Inference],
    partner: dict[str, str],
) -> Row:
    found = [inference.nodes.get(node.id) if node else None for inference, node in zip(shapes, (a, b), strict=True)]
    old = tuple(e.source for e in before.incoming(a.id)) if a else ()
    new = tuple(e.source for e in after.incoming(b.id)) if b else ()
    rewired = a is not None and b is not None and [partner.get(name) for name in old] != list(new)
    return Row(
        a,
        b,
        _field_changes(a, b),
        (_shape(found[0]), _shape(found[1])),
        (_count(found[0]), _count(found[1])),
        (_work(found[0]), _work(found[1])),
        (old, new),
        rewired,
    )


def _shape(shape: NodeShape | None) -> Shape | None:
    return shape.output if shape else None


def _count(shape: NodeShape | None) -> int:
    return shape.parameter_count if shape else 0


def _work(shape: NodeShape | None) -> int:
    return shape.multiply_adds if shape else 0


def _field_changes(a: Node | None, b: Node | None) -> tuple[FieldChange, ...]:
    if a is None or b is None:
        return ()
    old, new = a.layer.settings(), b.layer.settings()
    names = [*old, *(name for name in new if name not in old)]
    return tuple(FieldChange(n, old.get(n), new.get(n)) for n in names if old.get(n) != new.get(n))
