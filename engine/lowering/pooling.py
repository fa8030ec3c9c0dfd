"""How pooling is computed."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.jit import LANES
from engine.kernels import averaging
from engine.kernels import pooling as kernels
from engine.lowering.windows import geometry
from engine.plan import Backward, Forward, Recorder

if TYPE_CHECKING:
    from engine.families.pooling import Averaging, MaxPooling

Array = np.ndarray[Any, Any]


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


def _tables(step: Recorder, layer: Averaging) -> tuple[list[Array], list[Array], list[Array]]:
    """For depth, height and width: each output's pixels, each pixel's outputs, and each output's share."""
    inputs, outputs = step.input_shapes[0][1:], step.output_shape[1:]
    forward, backward = [np.array([0, 1])] * (3 - len(inputs)), [np.array([0, 1])] * (3 - len(inputs))
    shares = [np.ones(1, np.float32)] * (3 - len(inputs))
    for axis, (size, count) in enumerate(zip(inputs, outputs, strict=True)):
        spans = layer.spans(axis, size, count)
        forward.append(np.array([edge for first, last, _ in spans for edge in (first, last)]))
        reached = [[o for o, (first, last, _) in enumerate(spans) if first <= i < last] for i in range(size)]
        backward.append(np.array([edge for r in reached for edge in ((r[0], r[-1] + 1) if r else (0, 0))]))
        shares.append(np.array([1 / counted for _, _, counted in spans], np.float32))
    return forward, backward, shares


def average_forward(step: Forward, layer: Averaging) -> None:
    pixels, _, shares = _tables(step, layer)
    step.run(averaging.average_forward, step.x, *pixels, *shares, step.y)


def average_backward(step: Backward, layer: Averaging) -> None:
    if step.wants_dx():
        _, outputs, shares = _tables(step, layer)
        target = step.dx()
        step.run(averaging.average_backward, step.dy, *outputs, *shares, target.tensor, target.gate, target.mode)


def global_max_forward(step: Forward) -> None:
    winners = step.keep("winners", step.blocks, step.x.shape[1], LANES)
    step.run(averaging.global_max_forward, step.x, step.y, winners)


def global_max_backward(step: Backward) -> None:
    if step.wants_dx():
        target = step.dx()
        step.run(averaging.global_max_backward, step.dy, step.kept("winners"), target.tensor, target.gate, target.mode)
