"""How a number was made, and what the numbers of a layer are."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import attrs
import numpy as np

from engine.batches import BYTE
from engine.errors import InputError
from engine.explained import FORMULA, beside, explanation, largest_terms, number
from engine.graph import Graph
from engine.protocol import REPORT_BYTES
from engine.questions.inside import Explain, Explained, Look, Looked, Plane
from engine.sight import Box, sight
from engine.trainer import Trainer

Array = np.ndarray[Any, Any]
PLANE_BYTES = REPORT_BYTES // 3  # the rest is for terms
LARGEST_SIDE = 80  # of a plane: they are seen as small pictures
LARGEST_SHARE = 127
SPARE_BYTES = 1024  # of an answer, for what surrounds its numbers
NAMING_BYTES = 128  # of an answer, for each layer below


@attrs.frozen(eq=False)
class _Read:
    """What layers make of one sample, at one step."""

    x: Array
    step: int
    values: dict[str, Array]


_read: WeakKeyDictionary[Trainer, _Read] = WeakKeyDictionary()  # the last: neighbours and layers below are asked next


def explain(trainer: Trainer, question: Explain) -> Explained:
    """Every product that made a number, and what it depends on in the layers below."""
    network, node = trainer.network, known(trainer, question.node)
    shape = network.inference.nodes[node].output
    if len(question.at) != len(shape) or not all(0 <= i < n for i, n in zip(question.at, shape, strict=True)):
        raise InputError(f"{node} has the shape {shape}; there is no number at {question.at}. Click one of its pixels.")
    sources = tuple(edge.source for edge in network.graph.incoming(node))
    if not sources:
        return _of_data(trainer, question, node)
    below = sight(network.graph, network.inference, node, question.at)
    values = _values(trainer, _sample(trainer, question), node)
    own = _own(network.store.arrays, node)
    found = network.graph[node].layer.explain(own, question.at, *(values[source] for source in sources))
    value, planes = float(values[node][question.at]), _planes(values, below, node, question.at)
    taken = sum(plane.values.nbytes for plane in planes.values()) + NAMING_BYTES * len(below) + SPARE_BYTES
    return Explained(
        question.number,
        node,
        question.at,
        value,
        largest_terms(beside(found, value), REPORT_BYTES - taken, question.portion),
        sources,
        below,
        planes,
        {name: float(values[name][question.at]) for name in _behind(network.graph, node)},
    )


def _behind(graph: Graph, node: str) -> list[str]:
    """The activations that take a layer's numbers."""
    targets = (edge.target for edge in graph.outgoing(node))
    return [name for name in targets if graph[name].layer.category == "activation"]


def _values(trainer: Trainer, x: Array, node: str) -> dict[str, Array]:
    """What a sample becomes in a layer, in all below it, and in the activations behind it."""
    network, read, step = trainer.network, _read.get(trainer), trainer.progress.steps
    origin = (0,) * len(network.inference.nodes[node].output)
    wanted = {*sight(network.graph, network.inference, node, origin), *_behind(network.graph, node)}
    if read is None or read.step != step or not np.array_equal(read.x, x) or not wanted <= read.values.keys():
        found = network.activations(x[None], wanted, keep=False)
        read = _read[trainer] = _Read(x, step, {name: array[0] for name, array in found.items()})
    return read.values


def _of_data(trainer: Trainer, question: Explain, node: str) -> Explained:
    """Where data enter, numbers come from the sample itself, normalised by the training data's mean and deviation."""
    values, batches = _sample(trainer, question), trainer._batches
    value = float(values[question.at])
    scale, shift = (float(array[question.at[0]]) for array in (batches.scale, batches.shift))
    raw, unit = (value - shift) / scale, BYTE if batches.images.dtype == np.uint8 else 1.0
    deviation = 1 / (scale * unit)
    mean, share = -shift * deviation, raw / unit
    lines = [f"the sample's own number: {number(share)}"]
    if unit != 1:
        lines = [f"the sample's own number: {number(raw)} of {number(unit)} = {number(share)}"]
    lines.append(f"({number(share)} − {number(mean)}) / {number(deviation)} = {number(value)}")
    lines.append("the mean and the deviation are those of the training data")
    found = explanation(FORMULA, [], [], None, [], value, lines=tuple(lines))
    box = {node: tuple((place, place + 1) for place in question.at[1:])}
    planes = _planes({node: values}, box, node, question.at)
    return Explained(question.number, node, question.at, value, found, (), box, planes, {})


def _planes(values: dict[str, Array], below: dict[str, Box], node: str, at: tuple[int, ...]) -> dict[str, Plane]:
    """The strongest channel of each layer within the box; of the number's own layer its own channel."""
    found, room = dict[str, Plane](), PLANE_BYTES
    for name in (*list(below)[::-1][:1], *below):  # the data come first: that is what a network sees
        plane = _plane(values[name], below[name], at[0] if name == node else -1)
        if name not in found and plane.values.nbytes <= room:
            room -= plane.values.nbytes
            found[name] = plane
    return found


def _plane(x: Array, box: Box, channel: int) -> Plane:
    """A channel of a layer, or with -1 the strongest within a box."""
    if x.ndim == 1:
        return Plane(0, _shares(x[None]))
    if channel < 0:
        inside = x[(slice(None), *(slice(*side) for side in box))]
        channel = int(np.abs(inside).reshape(len(x), -1).sum(1).argmax())
    plane = x[channel].reshape(-1, x.shape[-1])
    step = -(-max(plane.shape) // LARGEST_SIDE) if x.ndim == 3 else 1
    return Plane(channel, _shares(plane[::step, ::step]), step)


def _shares(values: Array) -> Array:
    """Numbers as shares of the largest, small as they are seen."""
    finite = np.nan_to_num(values, posinf=0.0, neginf=0.0)
    return np.rint(finite * (LARGEST_SHARE / (np.abs(finite).max(initial=0) or 1.0))).astype(np.int8)


def look(trainer: Trainer, question: Look) -> Looked:
    """The numbers of a layer for one sample, or its weights."""
    node = known(trainer, question.node)
    if question.what == "weights":
        values = _own(trainer.network.store.arrays, node).get("weight", np.zeros((0,), np.float32))
    else:
        values = _values(trainer, _sample(trainer, question), node)[node]
    channels = len(values)
    room = max(1, (REPORT_BYTES - SPARE_BYTES) // max(1, values[:1].nbytes))
    first = max(0, min(question.channel - room // 2, channels - room))
    return Looked(
        question.number, node, question.what, np.ascontiguousarray(values[first : first + room]), channels, first
    )


def _own(arrays: Any, node: str) -> dict[str, Array]:
    return {name.rpartition(".")[2]: array for name, array in arrays.items() if name.rpartition(".")[0] == node}


def known(trainer: Trainer, node: str) -> str:
    """The name of a layer, which must be in the network."""
    if node not in trainer.network.graph:
        raise InputError(f"The network in training has no layer {node!r}. It was drawn after the run began.")
    return node


def _sample(trainer: Trainer, question: Explain | Look) -> Array:
    return trainer.sample(question.sample) if question.image is None else trainer.normalised(question.image)
