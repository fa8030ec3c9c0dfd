"""Which weight a number in the picture of a kernel is."""

from __future__ import annotations

from math import prod

import numpy as np

from engine.families.transposed import TransposedConvolution
from engine.graph import Graph
from engine.kernel_images import kernel_images
from engine.shapes import Inference
from engine.spec import Shape


def weight_at(
    graph: Graph, inference: Inference, node: str, kernel: int, channel: int, row: int, column: int
) -> Shape | None:
    """Its index in the parameter "weight"; None where a picture is filled up behind its last number.

    The places themselves, counted from 1, are arranged as the weights would be.
    """
    shape = inference.nodes[node].parameters["weight"].shape
    if isinstance(graph[node].layer, TransposedConvolution):  # its kernels are spread over the first axis
        counted, wanted = np.arange(1, prod(shape) + 1).reshape(shape), kernel
    else:
        counted, wanted = np.arange(1, prod(shape[1:]) + 1).reshape(1, *shape[1:]), 0
    images = kernel_images(graph, inference, node, {"weight": counted})
    assert images is not None
    place = int(images.weights[wanted, channel, row, column]) - 1
    if place < 0:
        return None
    found = tuple(int(i) for i in np.unravel_index(place, counted.shape))
    return found if counted.shape == shape else (kernel, *found[1:])
