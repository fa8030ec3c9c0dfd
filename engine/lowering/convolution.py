"""How convolutions are computed."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.families.winograd import suits
from engine.jit import LANES, MAX_THREADS
from engine.kernels import convolution as kernels
from engine.kernels.gather import gather, scatter
from engine.lowering import winograd
from engine.lowering.tiles import best_tile
from engine.lowering.windows import geometry, padding_maps, three
from engine.memory import Tensor
from engine.plan import Backward, Forward, Recorder, Target, five

if TYPE_CHECKING:
    from engine.families.convolution import Convolution

Array = np.ndarray[Any, Any]
NOTHING = np.zeros(0, np.float32)


def forward(step: Forward, layer: Convolution) -> None:
    if suits(layer, step.input_shapes[0]):
        winograd.forward(step, layer)
        return
    x, low = _padded(step, layer)
    direct_forward(step, layer, x, low, step.y)


def backward(step: Backward, layer: Convolution) -> None:
    if suits(layer, step.input_shapes[0]):
        winograd.backward(step, layer)
        return
    x, low = step.x, _low(layer, step)
    if layer.padding_mode != "zeros":
        x, low = step.kept("padded"), (0,) * layer.axes
    direct_weight_gradient(step, layer, x, low)
    if not step.wants_dx():
        return
    if layer.padding_mode == "zeros":
        direct_input_gradient(step, layer, step.dx(), low)
        return
    padded = Tensor.image(x.shape)
    direct_input_gradient(step, layer, Target(padded, padded, 0), low)
    with step.plain_dx() as dx:
        step.run(scatter, padded, *_maps(layer, step), dx)


def direct_forward(step: Forward, layer: Convolution, x: Tensor, low: tuple[int, ...], y: Tensor) -> None:
    """Straight from the definition, with register tiles."""
    w, g = step.parameter("weight"), _geometry(layer, low)
    rows, columns = best_tile(layer.out_channels // layer.groups, y.shape[-1])
    length = w.size // layer.out_channels
    packed: Any = w
    if rows > 1:
        packed = step.scratch(w.size)
        step.run(kernels.pack_weights, w, packed, length, rows)
    kernel = kernels.forward(rows, columns, layer.stride[-1])
    step.run_in_shares(kernel, x, packed, _bias(step, layer), y, g, step.relu)


def direct_input_gradient(step: Backward, layer: Convolution, target: Target, low: tuple[int, ...]) -> None:
    w, area = step.parameter("weight"), prod(layer.kernel_size)
    channels, stride = target.tensor.shape[1], layer.stride[-1]
    per_group = channels // layer.groups
    rows, columns = best_tile(per_group, max(1, target.tensor.shape[-1] // stride))  # each residue has as many
    turned = step.scratch(w.size)
    step.run(kernels.turn_weights, w, turned, per_group, layer.out_channels // layer.groups, area, rows)
    kernel = kernels.input_gradient(rows, columns, stride)
    no_bias = np.zeros(channels, np.float32)
    step.run_in_shares(kernel, step.dy, turned, no_bias, target.tensor, target.gate, _geometry(layer, low), target.mode)


def direct_weight_gradient(step: Backward, layer: Convolution, x: Tensor, low: tuple[int, ...]) -> None:
    per_group, width = x.shape[1] // layer.groups, layer.kernel_size[-1]
    # A tile's columns are neighbouring taps; kernels one pixel wide take neighbouring channels instead.
    across = width if width > 1 else per_group
    rows, columns = best_tile(layer.out_channels // layer.groups, across, divide_columns=width == 1)
    kernel = kernels.weight_gradient(rows, columns, layer.stride[-1], layer.dilation[-1] if width > 1 else 0)
    db = step.gradient("bias") if layer.bias else NOTHING
    sums = row_sums(step, layer.kernel_size, rows, columns)
    step.run_in_shares(kernel, x, step.dy, step.gradient("weight"), db, sums, _geometry(layer, low))


def row_sums(step: Recorder, kernel: tuple[int, ...], rows: int, columns: int) -> Tensor:
    """Where each thread keeps a tile for every row of the kernel."""
    return step.scratch(MAX_THREADS, three(kernel, 1)[1], rows, columns, LANES)


def _geometry(layer: Convolution, low: tuple[int, ...]) -> Array:
    return geometry(layer.kernel_size, layer.stride, layer.dilation, low, layer.groups)


def _bias(step: Recorder, layer: Convolution) -> Array:
    return step.parameter("bias") if layer.bias else np.zeros(layer.out_channels, np.float32)


def _low(layer: Convolution, step: Recorder) -> tuple[int, ...]:
    return tuple(low for low, _ in layer.spans(step.input_shapes[0]))


def _maps(layer: Convolution, step: Recorder) -> tuple[Array, Array, Array]:
    x = step.input_shapes[0]
    return padding_maps(x[1:], layer.spans(x), layer.padding_mode)


def _padded(step: Forward, layer: Convolution) -> tuple[Tensor, tuple[int, ...]]:
    """The input and the padding that is still to be imagined around it."""
    if layer.padding_mode == "zeros":
        return step.x, _low(layer, step)
    x = step.input_shapes[0]
    space = tuple(n + sum(span) for n, span in zip(x[1:], layer.spans(x), strict=True))
    padded = step.keep_image("padded", five((x[0], *space), step.blocks))
    step.run(gather, step.x, *_maps(layer, step), padded)
    return padded, (0,) * layer.axes
