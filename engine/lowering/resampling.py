"""How pixels are picked and interpolated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from engine.kernels import gather as kernels
from engine.plan import Backward, Forward, Recorder, five

if TYPE_CHECKING:
    from engine.families.resampling import Picking
    from engine.layers.upsample_bilinear import UpsampleBilinear

Array = np.ndarray[Any, Any]


def _sizes(step: Recorder) -> list[tuple[int, int]]:
    """Input and output size of each axis that the images have, and (1, 1) for those they lack, three in all."""
    given, made = (five(shape, 1)[2:] for shape in (step.input_shapes[0], step.output_shape))
    return list(zip(given, made, strict=True))


def _maps(step: Recorder, layer: Picking) -> list[Array]:
    missing = 4 - len(step.output_shape)
    picks = [[0] if axis < missing else layer.picks(*sizes) for axis, sizes in enumerate(_sizes(step))]
    return [np.array(p, np.int64) for p in picks]


def pick_forward(step: Forward, layer: Picking) -> None:
    step.run(kernels.gather, step.x, *_maps(step, layer), step.y)


def pick_backward(step: Backward, layer: Picking) -> None:
    if step.wants_dx():
        with step.plain_dx() as dx:
            step.run(kernels.scatter, step.dy, *_maps(step, layer), dx)


def _neighbours(step: Recorder, layer: UpsampleBilinear) -> list[Array]:
    """Left and right pixels of depth, height and width, and the shares of the right ones."""
    found = [layer.neighbours(*sizes) for sizes in _sizes(step)]
    pixels = [np.array([p for left, right, _ in axis for p in (left, right)], np.int64) for axis in found]
    return pixels + [np.array([share for _, _, share in axis], np.float32) for axis in found]


def linear_forward(step: Forward, layer: UpsampleBilinear) -> None:
    step.run(kernels.interpolate, step.x, *_neighbours(step, layer), step.y)


def linear_backward(step: Backward, layer: UpsampleBilinear) -> None:
    if step.wants_dx():
        with step.plain_dx() as dx:
            step.run(kernels.spread, step.dy, *_neighbours(step, layer), dx)
