"""How transposed convolutions are computed: by the kernels of the convolution that they run backwards.

That convolution leads from our output (its x) to our input (its y); our forward pass is its input gradient.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import numpy as np

from engine.kernels import convolution as kernels
from engine.lowering.convolution import NOTHING, row_sums
from engine.lowering.tiles import best_tile
from engine.lowering.windows import geometry
from engine.plan import Backward, Forward

if TYPE_CHECKING:
    from engine.families.transposed import TransposedConvolution


def forward(step: Forward, layer: TransposedConvolution) -> None:
    w, area, groups = step.parameter("weight"), prod(layer.kernel_size), layer.groups
    outputs, inputs, stride = layer.out_channels // groups, step.x.shape[1] // groups, layer.stride[-1]
    rows, columns = best_tile(outputs, max(1, step.y.shape[-1] // stride))
    turned = step.scratch(w.size)
    step.run(kernels.turn_weights, w, turned, outputs, inputs, area, rows)
    bias = step.parameter("bias") if layer.bias else np.zeros(layer.out_channels, np.float32)
    g = geometry(layer.kernel_size, layer.stride, layer.dilation, layer.padding, groups)
    step.run_in_shares(kernels.input_gradient(rows, columns, stride), step.x, turned, bias, step.y, step.y, g, 0)


def backward(step: Backward, layer: TransposedConvolution) -> None:
    g = geometry(layer.kernel_size, layer.stride, layer.dilation, layer.padding, layer.groups)
    outputs, inputs = layer.out_channels // layer.groups, step.x.shape[1] // layer.groups
    width, stride = layer.kernel_size[-1], layer.stride[-1]
    rows, columns = best_tile(inputs, width if width > 1 else outputs, divide_columns=width == 1)
    kernel = kernels.weight_gradient(rows, columns, stride, layer.dilation[-1] if width > 1 else 0)
    sums = row_sums(step, layer.kernel_size, rows, columns)
    step.run_in_shares(kernel, step.dy, step.x, step.gradient("weight"), NOTHING, sums, g)
    if layer.bias:
        step.run(kernels.channel_sums, step.dy, step.gradient("bias"))
    if step.wants_dx():
        w = step.parameter("weight")
        rows, columns = best_tile(inputs, step.x.shape[-1])
        packed = step.scratch(w.size)
        step.run(kernels.pack_weights, w, packed, w.size // step.x.shape[1], rows)
        no_bias = np.zeros(step.x.shape[1], np.float32)
        with step.plain_dx() as dx:
            step.run_in_shares(kernels.forward(rows, columns, stride), step.dy, packed, no_bias, dx, g, False)
