from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from engine import reference
from engine.spec import Layer, Parameter, Shape, layer

if TYPE_CHECKING:
    from engine.explained import Explanation
    from engine.influence import Numbers, Reach
    from engine.plan import Backward, Forward


@layer("PReLU", "activation", keywords=("parametric", "nonlinearity"))
class Prelu(Layer):
    """A leaky ReLU that learns for each channel how much of a negative number to let through."""

    def parameters(self, *inputs: Shape) -> dict[str, Parameter]:
        return {"weight": Parameter((inputs[0][0],), "quarter")}

    def reference(self, parameters: Mapping[str, Any], *xs: Any) -> Any:
        return reference.prelu(xs[0], parameters["weight"])

    def explain(self, parameters: Mapping[str, Any], at: Shape, *xs: Any) -> Explanation:
        from engine import explained

        value = float(xs[0][at])
        slope = 1.0 if value > 0 else float(parameters["weight"][at[0]])
        return explained.weighted([(0, at)], [value], [slope], taps=None if value > 0 else [(at[0],)])

    def reach(self, parameters: Mapping[str, Any], name: str, at: Shape, *xs: Numbers) -> Reach:
        from engine import influence

        places = influence.everywhere(xs[0].shape, *at)
        return influence.Reach(places, np.minimum(xs[0].pick(places), 0), influence.BELOW_ZERO, places)

    def forward(self, step: Forward) -> None:
        from engine.lowering import activation

        activation.prelu_forward(step)

    def backward(self, step: Backward) -> None:
        from engine.lowering import activation

        activation.prelu_backward(step)
