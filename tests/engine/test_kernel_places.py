"""The weight that one points at in the picture of a kernel is the one of the layer's own array."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine import Graph, make
from engine.kernel_images import kernel_images
from engine.kernel_places import weight_at
from engine.shapes import infer


@pytest.mark.parametrize(
    ("kind", "shape", "settings"),
    [
        ("conv1d", (4, 9), {"out_channels": 3}),
        ("conv2d", (4, 9, 9), {"out_channels": 6, "groups": 2}),
        ("conv3d", (2, 5, 5, 5), {"out_channels": 3}),
        ("transposed_conv2d", (4, 5, 5), {"out_channels": 6, "groups": 2}),
        ("transposed_conv1d", (4, 5), {"out_channels": 3}),
        ("locally_connected2d", (2, 5, 5), {"out_channels": 3}),
        ("tiled_conv2d", (2, 5, 5), {"out_channels": 3}),
        ("dense", (1000,), {"out_features": 3}),
        ("dense", (20,), {"out_features": 3}),
        ("batch_norm", (5, 4, 4), {}),
        ("layer_norm", (5, 4, 4), {}),
        ("prelu", (5, 4, 4), {}),
    ],
)
def test_every_number_of_a_picture_is_found(kind: str, shape: tuple[int, ...], settings: dict[str, Any]) -> None:
    graph = Graph().add(make("input", shape=shape), id="input1").add(make(kind, **settings), "input1", id="asked")
    inference, rng = infer(graph), np.random.default_rng(1)
    weight = rng.permutation(np.prod(inference.nodes["asked"].parameters["weight"].shape)).astype(np.float32) + 1
    weight = weight.reshape(inference.nodes["asked"].parameters["weight"].shape)
    images = kernel_images(graph, inference, "asked", {"weight": weight})
    assert images is not None
    for _ in range(20):
        place = tuple(int(rng.integers(n)) for n in images.weights.shape)
        index = weight_at(graph, inference, "asked", *place)
        if images.weights[place]:
            assert index is not None
            assert weight[index] == images.weights[place]
        else:
            assert index is None


def test_behind_the_last_number_there_is_none() -> None:
    graph = Graph().add(make("input", shape=(1000,)), id="input1")
    graph = graph.add(make("dense", out_features=2), "input1", id="asked")
    inference = infer(graph)
    assert weight_at(graph, inference, "asked", 1, 0, 31, 7) == (1, 999)
    assert weight_at(graph, inference, "asked", 1, 0, 31, 8) is None
