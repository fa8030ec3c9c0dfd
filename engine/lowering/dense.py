"""How fully connected layers are computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.jit import LANES, MAX_THREADS
from engine.kernels import dense as kernels
from engine.lowering.convolution import NOTHING
from engine.lowering.tiles import best_tile
from engine.plan import Backward, Forward, Recorder

if TYPE_CHECKING:
    from engine.layers.dense import Dense


TASKS = 4  # the inputs are read once for each


def _tile(step: Recorder, features: int) -> tuple[int, int]:
    return best_tile(features, step.blocks, divide_columns=True)


def forward(step: Forward, layer: Dense) -> None:
    bias = step.parameter("bias") if layer.bias else np.zeros(layer.out_features, np.float32)
    rows, columns = _tile(step, layer.out_features)
    tasks = min(max(TASKS, MAX_THREADS), layer.out_features // rows)
    step.run(kernels.forward(rows, columns), step.x, step.parameter("weight"), bias, step.y, step.relu, tasks)


def backward(step: Backward, layer: Dense) -> None:
    features = step.x.shape[1]
    # Each sample's features lie side by side here, up to a whole number of tiles.
    rows, columns = best_tile(layer.out_features, -(-features // LANES))
    width = -(-features // (columns * LANES)) * columns * LANES
    turned = step.scratch(step.blocks * LANES, width)
    step.run(kernels.transpose_samples, step.x, turned)
    db = step.gradient("bias") if layer.bias else NOTHING
    step.run(kernels.weight_gradient(rows, columns), turned, step.dy, step.gradient("weight"), db, features)
    if step.wants_dx():
        target = step.dx()
        kernel = kernels.input_gradient(*_tile(step, features))
        step.run(kernel, step.dy, step.parameter("weight"), target.tensor, target.gate, target.mode)
