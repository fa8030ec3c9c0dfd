"""Settings and inputs that Hypothesis draws for every registered layer, from nothing but its declaration."""

from __future__ import annotations

from typing import Any

import attrs
import hypothesis.strategies as st
import numpy as np
from hypothesis import reject

from engine.graph import Graph
from engine.network import Network
from engine.shapes import infer
from engine.spec import Field, Impossible, Layer, Shape, layers, make

KINDS = sorted(kind for kind, layer in layers().items() if layer.ports)
BATCHES = (1, 5, 16, 17, 64)
# Strides and channels are few, since every combination of them is compiled on its own.
SMALL = {"out_channels": 6, "out_features": 13, "kernel_size": 3, "groups": 3, "stride": 2, "dilation": 2, "scale": 3}
LARGEST_IMAGE = {1: 13, 2: 9, 3: 5}


@attrs.frozen
class Case:
    """A layer, the shapes of its inputs, and how many samples are computed at once."""

    layer: Layer
    inputs: tuple[Shape, ...]
    batch: int

    @property
    def graph(self) -> Graph:
        graph = Graph()
        for port, shape in enumerate(self.inputs):
            graph = graph.add(make("input", shape=shape), id=f"input{port}")
        return graph.add(self.layer, *(f"input{port}" for port in range(len(self.inputs))), id="layer")


def values(field: Field) -> st.SearchStrategy[Any]:
    """Small values of a field within its limits."""
    if field.kind == "flag":
        return st.booleans()
    if field.kind == "choice":
        return st.sampled_from(field.options)
    if field.kind == "real":
        assert field.low is not None
        assert field.high is not None
        return st.floats(max(field.low, 1e-3), min(field.high, 0.9))
    assert field.low is not None
    numbers = st.integers(int(field.low), min(int(field.high or 4), SMALL.get(field.name, 3)))
    if field.kind == "axes":
        each = st.tuples(*[numbers] * field.count)
        return st.one_of(each, st.sampled_from(field.options)) if field.options else each
    return numbers


@st.composite
def cases(draw: st.DrawFn, kind: str) -> Case:
    """A layer of this kind with inputs that suit it."""
    cls = layers()[kind]
    axes = cls.axes or draw(st.integers(1, 3))
    channels = draw(st.sampled_from((1, 3, 6)))
    space = tuple(draw(st.integers(1, LARGEST_IMAGE[axes])) for _ in range(axes))
    shape: Shape = (channels, *space)
    if kind == "dense":
        shape = (draw(st.integers(1, 70)),)
    settings = {name: draw(values(field)) for name, field in cls.fields().items() if field.kind != "shape"}
    if kind == "reshape":
        settings["shape"] = shape[::-1]
    inputs = [shape]
    if cls.ports == -1:
        for _ in range(draw(st.integers(1, 2))):
            inputs.append((draw(st.integers(1, 5)), *space) if kind == "concatenate" else shape)
    layer = cls(**settings)
    case = Case(layer, tuple(inputs), draw(st.sampled_from(BATCHES)))
    try:
        layer.output_shape(*inputs)
    except Impossible:
        reject()
    return case


def samples(case: Case, rng: np.random.Generator) -> list[Any]:
    """Distinct values without ties, far enough from the corners of activations."""
    arrays = []
    for shape in case.inputs:
        size = case.batch * int(np.prod(shape))
        numbers = (rng.permutation(size) + 0.5) / size * 4 - 2
        arrays.append(numbers.reshape(case.batch, *shape).astype(np.float32))
    return arrays


def network(case: Case) -> Network:
    made = Network(case.graph, seed=3)
    assert not infer(case.graph).problems
    return made
