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


def prelu_forward(step: Forward) -> None:
    step.run(kernels.prelu_forward, step.x, step.parameter("weight"), step.y)


def prelu_backward(step: Backward) -> None:
    step.run(kernels.prelu_weight_gradient, step.x, step.dy, step.gradient("weight"))
    if step.wants_dx():
        target, w = step.dx(), step.parameter("weight")
        step.run(kernels.prelu_input_gradient, step.x, step.dy, w, target.tensor, target.gate, target.mode)


def softmax_forward(step: Forward) -> None:
    step.run(kernels.softmax_forward, step.x, step.y)


def softmax_backward(step: Backward) -> None:
    if step.wants_dx():
        target = step.dx()
        step.run(kernels.softmax_backward, step.y, step.dy, target.tensor, target.gate, target.mode)
