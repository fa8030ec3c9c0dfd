"""How fully connected layers are computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.jit import LANES
from engine.kernels import dense as kernels
from engine.lowering.convolution import NOTHING
from engine.lowering.tiles import best_tile
from engine.plan import Backward, Forward

if TYPE_CHECKING:
    from engine.layers.dense import Dense


def forward(step: Forward, layer: Dense) -> None:
    bias = step.parameter("bias") if layer.bias else np.zeros(layer.out_features, np.float32)
    kernel = kernels.forward(*best_tile(layer.out_features, min(step.blocks, 4)))
    step.run(kernel, step.x, step.parameter("weight"), bias, step.y, step.relu)


def backward(step: Backward, layer: Dense) -> None:
    features = step.x.shape[1]
    # Each sample's features lie side by side here, up to a whole number of tiles.
    rows, columns = best_tile(layer.out_features, -(-features // LANES))
    width = -(-features // (columns * LANES)) * columns * LANES
    turned = step.scratch(step.blocks * LANES, width)
    step.run(kernels.transpose_samples, step.x, turned, width)
    db = step.gradient("bias") if layer.bias else NOTHING
    step.run(kernels.weight_gradient(rows, columns), turned, step.dy, step.gradient("weight"), db, features, width)
    if step.wants_dx():
        target = step.dx()
        kernel = kernels.input_gradient(*best_tile(features, min(step.blocks, 4)))
        step.run(kernel, step.dy, step.parameter("weight"), target.tensor, target.gate, target.mode)
