"""How activations are computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.kernels import activation as kernels
from engine.plan import Backward, Forward

if TYPE_CHECKING:
    from engine.families.activation import Activation


def forward(step: Forward, layer: Activation) -> None:
    step.run(kernels.forward(layer.kind), step.x, layer.setting, step.y)


def backward(step: Backward, layer: Activation) -> None:
    if step.wants_dx():
        target = step.dx()
        kernel = kernels.backward(layer.kind)
        step.run(kernel, step.x, step.dy, layer.setting, target.tensor, target.gate, target.mode)
