"""How fully connected layers are computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.jit import LANES, MAX_THREADS
from engine.kernels import dense as kernels
from engine.lowering.convolution import NOTHING
from engine.plan import Backward, Forward, Recorder

if TYPE_CHECKING:
    from engine.layers.dense import Dense


TASKS = 4  # the inputs are read once for each
ROWS = (4, 5, 3, 2)  # few shapes, since each is compiled on its own: small networks would wait longer than they train
COLUMNS = 4


def _rows(features: int) -> int:
    return next((rows for rows in ROWS if features % rows == 0), 1)


def _blocks(step: Recorder) -> int:
    return next(columns for columns in range(COLUMNS, 0, -1) if step.blocks % columns == 0)


def forward(step: Forward, layer: Dense) -> None:
    bias = step.parameter("bias") if layer.bias else np.zeros(layer.out_features, np.float32)
    rows, columns = _rows(layer.out_features), _blocks(step)
    tasks = min(max(TASKS, MAX_THREADS), layer.out_features // rows)
    step.run_in_shares(kernels.forward(rows, columns), step.x, step.parameter("weight"), bias, step.y, step.relu, tasks)


def backward(step: Backward, layer: Dense) -> None:
    features = step.x.shape[1]
    # Each sample's features lie side by side here, up to a whole number of tiles.
    rows, columns = _rows(layer.out_features), COLUMNS
    width = -(-features // (columns * LANES)) * columns * LANES
    turned = step.scratch(step.blocks * LANES, width)
    step.run(kernels.transpose_samples, step.x, turned)
    db = step.gradient("bias") if layer.bias else NOTHING
    step.run_in_shares(kernels.weight_gradient(rows, columns), turned, step.dy, step.gradient("weight"), db, features)
    if step.wants_dx():
        target = step.dx()
        kernel = kernels.input_gradient(_rows(features), _blocks(step))
        step.run_in_shares(kernel, step.dy, step.parameter("weight"), target.tensor, target.gate, target.mode)
