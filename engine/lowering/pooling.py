"""How pooling is computed."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import numpy as np

from engine.jit import LANES
from engine.kernels import pooling as kernels
from engine.lowering.windows import geometry
from engine.plan import Backward, Forward

if TYPE_CHECKING:
    from engine.families.pooling import MaxPooling


def _side_by_side(layer: MaxPooling) -> bool:
    """Whether windows neither overlap nor leave gaps nor reach beyond the image: then sizes can be constants."""
    flat = layer.axes < 3 or layer.kernel_size[0] == 1
    plain = not any(layer.padding) and not layer.ceil_mode and set(layer.dilation) == {1}
    return flat and plain and layer.stride == layer.kernel_size and prod(layer.kernel_size) <= 16


def _window(layer: MaxPooling) -> tuple[int, int]:
    return (1, *layer.kernel_size)[-2:]


def max_forward(step: Forward, layer: MaxPooling) -> None:
    winners = step.keep("winners", *step.y.shape, LANES, dtype=np.uint8)
    if _side_by_side(layer):
        step.run(kernels.max_forward_tiled(*_window(layer)), step.x, step.y, winners)
    else:
        g = geometry(layer.kernel_size, layer.stride, layer.dilation, layer.padding)
        step.run(kernels.max_forward, step.x, step.y, winners, g)


def max_backward(step: Backward, layer: MaxPooling) -> None:
    if not step.wants_dx():
        return
    winners, target = step.kept("winners"), step.dx()
    if _side_by_side(layer):
        kernel = kernels.max_backward_tiled(*_window(layer))
        step.run(kernel, step.dy, winners, target.tensor, target.gate, target.mode)
    else:
        g = geometry(layer.kernel_size, layer.stride, layer.dilation, layer.padding)
        step.run(kernels.max_backward, step.dy, winners, target.tensor, target.gate, g, target.mode)
