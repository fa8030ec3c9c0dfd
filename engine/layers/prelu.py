from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine import reference
from engine.spec import Layer, Parameter, Shape, layer

if TYPE_CHECKING:
    from engine.plan import Backward, Forward


@layer("PReLU", "activation", keywords=("parametric", "nonlinearity"))
class Prelu(Layer):
    """A leaky ReLU that learns for each channel how much of a negative number to let through."""

    def parameters(self, *inputs: Shape) -> dict[str, Parameter]:
        return {"weight": Parameter((inputs[0][0],), "quarter")}

    def reference(self, parameters: Mapping[str, Any], *xs: Any) -> Any:
        return reference.prelu(xs[0], parameters["weight"])

    def forward(self, step: Forward) -> None:
        from engine.lowering import activation

        activation.prelu_forward(step)

    def backward(self, step: Backward) -> None:
        from engine.lowering import activation

        activation.prelu_backward(step)
