"""How locally connected and tiled convolutions are computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.kernels import local as kernels
from engine.kernels.convolution import channel_sums
from engine.lowering.windows import geometry
from engine.plan import Backward, Forward, Recorder

if TYPE_CHECKING:
    from engine.families.local import Local


def _places(step: Recorder, layer: Local) -> tuple[int, ...]:
    """Where the weights of each position are: steps and periods."""
    return *layer.weight_steps(step.input_shapes[0], step.output_shape), *layer.period(step.output_shape)


def _bias_each(step: Recorder) -> bool:
    """Whether each output has a bias of its own, rather than each channel."""
    return step.parameter("bias").size > step.output_shape[0]


def forward(step: Forward, layer: Local) -> None:
    g = geometry(layer.kernel_size, layer.stride, (1, 1), layer.padding)
    bias = step.parameter("bias") if layer.bias else np.zeros(layer.out_channels, np.float32)
    each = layer.bias and _bias_each(step)
    w = step.parameter("weight")
    step.run(kernels.local_forward, step.x, w, bias, *_places(step, layer), each, g, step.y)


def backward(step: Backward, layer: Local) -> None:
    g = geometry(layer.kernel_size, layer.stride, (1, 1), layer.padding)
    places = _places(step, layer)
    step.run(kernels.local_weight_gradient, step.x, step.dy, *places, g, step.gradient("weight"))
    if layer.bias:
        kernel = kernels.local_bias_gradient if _bias_each(step) else channel_sums
        step.run(kernel, step.dy, step.gradient("bias"))
    if step.wants_dx():
        target = step.dx()
        put = target.tensor, target.gate, target.mode
        step.run(kernels.local_input_gradient, step.dy, step.parameter("weight"), *places, g, *put)
