"""The weights of any layer as pictures: one for each kernel and input channel."""

from __future__ import annotations

from math import ceil, prod, sqrt
from typing import Any

import attrs
import numpy as np

from engine.families.convolution import Convolution
from engine.families.local import Local
from engine.families.transposed import TransposedConvolution
from engine.graph import Graph
from engine.layers.dense import Dense
from engine.shapes import Inference
from engine.spec import Shape

Array = np.ndarray[Any, Any]
LONGEST_ROW = 512  # numbers; longer ones are folded
"""A row of so many weights still fits beside others; it would be wider than a screen otherwise."""


@attrs.frozen(eq=False)
class KernelImages:
    """What a layer has learned, kernel by kernel."""

    weights: Array  # [kernels, input channels, height, width]
    depth: int = 1  # slices of a 3-D kernel: they follow each other among the input channels
    row: bool = False  # a kernel is a row of numbers, and no picture
    biases: Array | None = None


def kernel_images(graph: Graph, inference: Inference, node: str, arrays: dict[str, Array]) -> KernelImages | None:
    """The kernels of a layer, by its parameters; None where it has no weights."""
    weight, layer = arrays.get("weight"), graph[node].layer
    if weight is None:
        return None
    bias = arrays.get("bias")
    if isinstance(layer, TransposedConvolution):
        weight = _by_output(weight, layer.groups)
    if isinstance(layer, (Convolution, TransposedConvolution)):
        return attrs.evolve(_sliced(weight), biases=bias)
    if isinstance(layer, Local):
        return KernelImages(_side_by_side(weight), biases=_one_each(bias))
    if isinstance(layer, Dense):
        return attrs.evolve(_dense(weight, _picture_below(graph, inference, node)), biases=bias)
    flat = weight.reshape(len(weight), 1, -1, weight.shape[-1] if weight.ndim > 1 else 1)
    return KernelImages(flat, biases=_one_each(bias))


def _one_each(bias: Array | None) -> Array | None:
    """Biases that are one for each kernel; those of every position are not shown."""
    return bias if bias is not None and bias.ndim == 1 else None


def _by_output(weight: Array, groups: int) -> Array:
    """[inputs, outputs of a group, ...] as [outputs, inputs of a group, ...]."""
    inputs, outputs = weight.shape[:2]
    grouped = weight.reshape(groups, inputs // groups, outputs, *weight.shape[2:])
    return np.swapaxes(grouped, 1, 2).reshape(groups * outputs, inputs // groups, *weight.shape[2:])


def _sliced(weight: Array) -> KernelImages:
    """[kernels, inputs, *space] with one, two or three axes of space."""
    kernels, inputs, *space = weight.shape
    if len(space) == 1:
        return KernelImages(weight.reshape(kernels, inputs, 1, *space))
    return KernelImages(weight.reshape(kernels, -1, *space[-2:]), depth=space[0] if len(space) == 3 else 1)


def _side_by_side(weight: Array) -> Array:
    """[kernels, rows, columns, inputs, height, width]: the kernels of all positions, each at its place."""
    kernels, rows, columns, inputs, height, width = weight.shape
    return weight.transpose(0, 3, 1, 4, 2, 5).reshape(kernels, inputs, rows * height, columns * width)


def _dense(weight: Array, picture: Shape | None) -> KernelImages:
    kernels, features = weight.shape
    if picture is not None:
        channels, *space = picture
        height, width = (1, *space)[-2:]
        return KernelImages(
            weight.reshape(kernels, -1, height, width), depth=prod(picture) // (channels * height * width)
        )
    if features <= LONGEST_ROW:
        return KernelImages(weight.reshape(kernels, 1, 1, features), row=True)
    side = ceil(sqrt(features))
    folded = np.zeros((kernels, ceil(features / side) * side), weight.dtype)
    folded[:, :features] = weight
    return KernelImages(folded.reshape(kernels, 1, -1, side))


def _picture_below(graph: Graph, inference: Inference, node: str) -> Shape | None:
    """The shape of the maps that a dense layer's features were, where they were pictures."""
    features = prod(inference.nodes[node].inputs[0])
    while len(graph.incoming(node)) == 1:
        node = graph.incoming(node)[0].source
        shape = inference.nodes[node].output
        if prod(shape) != features:
            return None
        if len(shape) > 1:
            return shape if prod(shape[1:]) > 1 else None
        if graph[node].layer.parameters(*inference.nodes[node].inputs):
            return None  # features of their own
    return None
