"""How normalisation is computed."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from engine.jit import LANES
from engine.kernels import normalisation as kernels
from engine.plan import Backward, Forward, Recorder

if TYPE_CHECKING:
    from engine.families.normalisation import SampleNormalisation
    from engine.layers.batch_norm import BatchNorm
    from engine.layers.local_response_norm import LocalResponseNorm


def batch_forward(step: Forward, layer: BatchNorm) -> None:
    statistics = step.keep("statistics", 2, step.x.shape[1])
    running = step.parameter("running_mean"), step.parameter("running_var")
    if step.training:
        kernel = kernels.batch_norm_statistics
        step.run(kernel, step.x, *running, layer.momentum, layer.eps, step.samples, statistics)
    else:
        step.run(kernels.batch_norm_running, *running, layer.eps, statistics)
    weights = step.parameter("weight"), step.parameter("bias")
    step.run(kernels.batch_norm_forward, step.x, statistics, *weights, step.y, step.relu)


def batch_backward(step: Backward, layer: BatchNorm) -> None:
    statistics, gradients = step.kept("statistics"), (step.gradient("weight"), step.gradient("bias"))
    if step.wants_dx():
        target = step.dx()
        put = target.tensor, target.gate, target.mode
    else:
        put = step.dy, step.dy, 0
    start = step.x, step.dy, statistics, step.parameter("weight"), *gradients, step.samples
    step.run(kernels.batch_norm_backward, *start, *put, step.wants_dx())


def _weight_steps(step: Recorder, layer: SampleNormalisation) -> tuple[int, int]:
    """How far apart the weights of neighbouring channels and pixels are."""
    x = step.input_shapes[0]
    each_number = layer.weight_shape(x) == x and len(x) > 1
    return (prod(x[1:]), 1) if each_number else (1, 0)


def sample_forward(step: Forward, layer: SampleNormalisation) -> None:
    groups = layer.group_count(step.input_shapes[0])
    statistics = step.keep("statistics", step.blocks, groups, 2, LANES)
    weights = step.parameter("weight"), step.parameter("bias")
    kernel = kernels.group_norm_forward
    step.run(kernel, step.x, *weights, *_weight_steps(step, layer), layer.eps, groups, statistics, step.y)


def sample_backward(step: Backward, layer: SampleNormalisation) -> None:
    groups, statistics = layer.group_count(step.input_shapes[0]), step.kept("statistics")
    w_channel, w_pixel = _weight_steps(step, layer)
    gradients = step.gradient("weight"), step.gradient("bias")
    step.run(kernels.group_norm_weight_gradient, step.x, step.dy, statistics, w_pixel, groups, *gradients)
    if step.wants_dx():
        target, weight = step.dx(), step.parameter("weight")
        put = target.tensor, target.gate, target.mode
        step.run(kernels.group_norm_backward, step.x, step.dy, statistics, weight, w_channel, w_pixel, groups, *put)


def response_forward(step: Forward, layer: LocalResponseNorm) -> None:
    step.run(kernels.local_response_forward, step.x, *layer.settings().values(), step.y)


def response_backward(step: Backward, layer: LocalResponseNorm) -> None:
    if step.wants_dx():
        target = step.dx()
        put = target.tensor, target.gate, target.mode
        step.run(kernels.local_response_backward, step.x, step.dy, *layer.settings().values(), *put)
