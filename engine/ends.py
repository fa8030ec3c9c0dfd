"""What mends a network that ends in several layers: leave out all but one, or join them where their shapes permit."""

from __future__ import annotations

from collections.abc import Mapping

from engine.graph import Graph
from engine.spec import Fix, Impossible, Shape, make

JOINS = ("add", "concatenate")
MOST_JOINED = 8  # ends; whoever has more of them meant something else


def end_fixes(graph: Graph, shapes: Mapping[str, Shape]) -> tuple[Fix, ...]:
    """A fix for each way that is clear; none where layers stand in a loop, which lead nowhere at all."""
    if len(graph.order) < len(graph.nodes):
        return ()
    return (*_removals(graph), *_joins(graph, shapes))


def _removals(graph: Graph) -> list[Fix]:
    """Leaves the end that most layers lead to; where two are alike in that, there is a choice."""
    leading = {end.id: _leading_to(graph, end.id) for end in graph.outputs}
    most = max(len(found) for found in leading.values())
    kept = [end for end, found in leading.items() if len(found) == most]
    if len(kept) > 2 or (len(kept) == 2 and len(leading) > 2):
        return []
    fixes = []
    for end in reversed(kept):  # what was drawn last goes last
        gone = tuple(node.id for node in graph if node.id not in leading[end])
        title = f"Remove {gone[0]}" if len(gone) == 1 else f"Remove what does not lead to {end}"
        fixes.append(Fix(title, "remove", value=gone))
    return fixes


def _leading_to(graph: Graph, end: str) -> set[str]:
    found, waiting = {end}, [end]
    while waiting:
        more = {edge.source for edge in graph.incoming(waiting.pop())} - found
        found |= more
        waiting += more
    return found


def _joins(graph: Graph, shapes: Mapping[str, Shape]) -> list[Fix]:
    ends = tuple(node.id for node in graph.outputs)
    if len(ends) > MOST_JOINED or any(end not in shapes or not graph.incoming(end) for end in ends):
        return []
    what = " and ".join(ends) if len(ends) == 2 else f"all {len(ends)} ends"
    fixes = []
    for kind in JOINS:
        layer = make(kind)
        try:
            layer.output_shape(*(shapes[end] for end in ends))
        except Impossible:
            continue
        fixes.append(Fix(f"Join {what} by {layer.title}", "join", field=kind, value=ends))
    return fixes
