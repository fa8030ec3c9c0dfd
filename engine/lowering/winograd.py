"""How 3 x 3 and 5 x 5 convolutions are computed by Winograd's method."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.families.winograd import patch_size
from engine.jit import LANES, MAX_THREADS
from engine.kernels import winograd as kernels
from engine.lowering.tiles import best_tile
from engine.memory import Tensor
from engine.plan import Backward, Forward, Recorder

if TYPE_CHECKING:
    from engine.families.convolution import Convolution

CACHE_NUMBERS = 300_000  # a thread's transformed patches and products stay in a second-level cache of 1 to 2 MB
PART_NUMBERS = 1 << 20  # the sums of a weight gradient's parts together
MOST_PARTS = 8


def forward(step: Forward, layer: Convolution) -> None:
    low = layer.spans(step.input_shapes[0])[0][0]
    bias = step.parameter("bias") if layer.bias else np.zeros(layer.out_channels, np.float32)
    _convolve(step, layer, step.x, bias, step.y, step.y, low, step.relu, 0, turned=False)


def backward(step: Backward, layer: Convolution) -> None:
    _weight_gradient(step, layer)
    if step.wants_dx():
        target = step.dx()
        low = layer.kernel_size[0] - 1 - layer.spans(step.input_shapes[0])[0][0]
        no_bias = np.zeros(target.tensor.shape[1], np.float32)
        _convolve(step, layer, step.dy, no_bias, target.tensor, target.gate, low, False, target.mode, turned=True)


def _whole_vectors(channels: int) -> int:
    return -(-channels // LANES) * LANES


def _group(patches: int, numbers_each: int) -> int:
    """How many patches are worked on together: as many as the cache holds, in groups of even size."""
    most = max(1, min(patches, CACHE_NUMBERS // numbers_each))
    return -(-patches // -(-patches // most))


def _convolve(
    step: Recorder, layer: Convolution, x: Tensor, bias: object, y: Tensor, gate: Tensor, low: int, relu: bool,
    mode: int, *, turned: bool,
) -> None:  # fmt: skip
    kernel, depth, rows = layer.kernel_size[0], x.shape[1], y.shape[1]
    m = patch_size(kernel, *y.shape[-2:])
    places, width = (m + kernel - 1) ** 2, _whole_vectors(depth)
    weights, staging = step.scratch(places, rows, width), step.scratch(rows, kernel**2, width)
    row_step, depth_step = (kernel**2, rows * kernel**2) if turned else (depth * kernel**2, kernel**2)
    transform = kernels.transform_weights(m, kernel)
    step.run(transform, step.parameter("weight"), rows, depth, row_step, depth_step, turned, staging, weights)
    patches = -(-y.shape[-2] // m) * -(-y.shape[-1] // m)
    group = _group(patches, places * (depth + rows) * LANES)
    R, C = best_tile(rows, group)
    group = -(-group // C) * C
    buffers = [step.scratch(MAX_THREADS, places, channels * group + 1, LANES) for channels in (depth, rows)]
    step.run_in_shares(kernels.convolve(m, kernel, R, C), x, weights, bias, y, gate, *buffers, low, group, relu, mode)


def _weight_gradient(step: Backward, layer: Convolution) -> None:
    x, dy, kernel = step.x, step.dy, layer.kernel_size[0]
    m = patch_size(kernel, *dy.shape[-2:])
    places, width, outputs = (m + kernel - 1) ** 2, _whole_vectors(x.shape[1]), layer.out_channels
    patches = -(-dy.shape[-2] // m) * -(-dy.shape[-1] // m)
    group = _group(patches, places * (2 * width + outputs) * LANES)
    tasks = step.blocks * -(-patches // group)
    parts = max(1, min(MOST_PARTS, tasks, PART_NUMBERS // (places * outputs * width)))
    buffers = [step.scratch(MAX_THREADS, places, channels * group + 1, LANES) for channels in (width, width, outputs)]
    sums = step.scratch(parts, places, outputs, width)
    R, C = best_tile(outputs, width // LANES, divide_columns=True)
    low = layer.spans(step.input_shapes[0])[0][0]
    step.run_in_shares(kernels.weight_products(m, kernel, R, C), x, dy, *buffers, sums, low, group, parts)
    staging = step.scratch(outputs, kernel**2, width)
    db = step.gradient("bias") if layer.bias else np.zeros(0, np.float32)
    dw = step.gradient("weight")
    step.run(kernels.weight_gradient(m, kernel), sums, staging, dy, dw, db, x.shape[1], parts)
