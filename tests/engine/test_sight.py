"""What one number sees of the input, held against what changes it."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from engine.graph import chain
from engine.shapes import infer
from engine.sight import Box, sight
from engine.spec import Layer, make

SIZE = 7
LAYERS = {
    "nearest": (make("upsample_nearest", scale=2),),
    "nearest by three": (make("upsample_nearest", scale=3),),
    "bilinear": (make("upsample_bilinear", scale=2),),
    "bilinear by three": (make("upsample_bilinear", scale=3),),
    "transposed": (make("transposed_conv2d", out_channels=1, kernel_size=2, stride=2),),
    "transposed and cut": (make("transposed_conv2d", out_channels=1, kernel_size=3, stride=2, padding=1),),
    "adaptive to five": (make("adaptive_avg_pool2d", output_size=5),),
    "adaptive to three": (make("adaptive_avg_pool2d", output_size=3),),
    "pooled": (make("avg_pool2d", kernel_size=3, stride=2, padding=1),),
    "padded and cropped": (make("zero_pad", low=2, high=1), make("crop", low=1, high=3)),
    "up and across": (
        make("conv2d", out_channels=1, kernel_size=3),
        make("upsample_nearest", scale=2),
        make("conv2d", out_channels=1, kernel_size=(1, 4)),
    ),
}


def changing(layers: tuple[Layer, ...]) -> dict[tuple[int, int], set[tuple[int, int]]]:
    """For each pixel of the output those of the input that change it."""
    rng = np.random.default_rng(3)
    shape: tuple[int, ...] = (1, SIZE, SIZE)
    parameters: list[dict[str, Any]] = []
    for layer in layers:
        parameters.append({n: rng.uniform(0.5, 1.5, p.shape) for n, p in layer.parameters(shape).items()})
        shape = layer.output_shape(shape)

    def output(x: Any) -> Any:
        for layer, own in zip(layers, parameters, strict=True):
            x, _ = layer.reference(own, x)
        return x[0, 0]

    x = rng.uniform(1, 2, (1, 1, SIZE, SIZE))
    before = output(x)
    found: dict[tuple[int, int], set[tuple[int, int]]] = {at: set() for at in np.ndindex(before.shape)}
    for at in product(range(SIZE), repeat=2):
        other = x.copy()
        other[0, 0][at] += 1
        for place in zip(*np.nonzero(np.abs(output(other) - before) > 1e-9), strict=True):
            found[int(place[0]), int(place[1])].add(at)
    return found


def around(pixels: set[tuple[int, int]]) -> Box:
    return tuple((min(p[axis] for p in pixels), max(p[axis] for p in pixels) + 1) for axis in (0, 1))


@pytest.mark.parametrize("name", LAYERS)
def test_a_box_holds_what_changes_the_number_and_the_field_is_as_large_as_the_largest(name: str) -> None:
    graph = chain(make("input", shape=(1, SIZE, SIZE)), *LAYERS[name])
    inference = infer(graph)
    last = graph.order[-1].id
    field = inference.nodes[last].receptive_field
    assert field is not None
    for at, pixels in changing(LAYERS[name]).items():
        box = sight(graph, inference, last, (0, *at))["input1"]
        assert all(high - low <= size for (low, high), size in zip(box, field.size, strict=True))
        if pixels:
            assert all(
                low <= first and past <= high for (low, high), (first, past) in zip(box, around(pixels), strict=True)
            )
            if "nearest" in name:
                assert box == around(pixels)


@pytest.mark.parametrize("kind", ["upsample_nearest", "transposed_conv2d"])
def test_an_image_that_grows_sees_no_more_of_the_input(kind: str) -> None:
    graph = chain(make("input", shape=(1, 9, 9)), make("conv2d", kernel_size=3, stride=2), make(kind), make("flatten"))
    graph = graph.add(make("dense"), "flatten1")
    field = infer(graph).nodes["dense1"].receptive_field
    assert field is not None
    assert field.size == (9, 9)
