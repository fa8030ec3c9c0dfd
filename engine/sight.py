"""Which part of each layer below one number was made of: its receptive field, layer by layer down to the input."""

from __future__ import annotations

import math

from engine.graph import Graph
from engine.shapes import Inference
from engine.spec import Layer, Shape

EXACT = 1e-9  # steps of a third are no exact numbers
Box = tuple[tuple[int, int], ...]  # along each axis of space: first pixel, one past the last


def sight(graph: Graph, inference: Inference, node: str, at: Shape) -> dict[str, Box]:
    """The pixels of every layer below that a number depends on, as one box for each layer."""
    found: dict[str, Box] = {node: tuple((place, place + 1) for place in at[1:])}
    for above in reversed(graph.order):
        if above.id not in found:
            continue
        shape = inference.nodes[above.id]
        for edge in graph.incoming(above.id):
            below = inference.nodes[edge.source].output
            box = _below(above.layer, shape.inputs, below, found[above.id])
            found[edge.source] = _together(found.get(edge.source, box), box)
    return found


def _below(layer: Layer, inputs: tuple[Shape, ...], below: Shape, box: Box) -> Box:
    """What a box of a layer's output sees of its input."""
    everything = tuple((0, n) for n in below[1:])
    if layer.sees_everything(*inputs) or len(box) != len(below) - 1:
        return everything
    window = layer.window(*inputs)
    if window is None:
        return box if all(high <= n for (_, high), n in zip(box, below[1:], strict=True)) else everything
    sides = []
    for (first, past), size, step, start, n in zip(box, window.size, window.step, window.start, below[1:], strict=True):
        low, last = (math.floor(place * step + start + EXACT) for place in (first, past - 1))
        low, high = max(0, low), min(n, last + size)
        sides.append((min(low, n - 1), max(high, min(low, n - 1) + 1)))
    return tuple(sides)


def _together(a: Box, b: Box) -> Box:
    return tuple((min(p[0], q[0]), max(p[1], q[1])) for p, q in zip(a, b, strict=True))
