from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import TYPE_CHECKING, Any

from engine import reference
from engine.spec import Layer, Shape, layer

if TYPE_CHECKING:
    from engine.plan import Backward, Forward


@layer("Flatten", "shape", keywords=("vector", "view"))
class Flatten(Layer):
    """Lays all channels and pixels out in one row of features."""

    passes_gradient = True

    def output_shape(self, *inputs: Shape) -> Shape:
        return (prod(inputs[0]),)

    def reference(self, parameters: Mapping[str, Any], *xs: Any) -> Any:
        return reference.flatten(xs[0])

    def forward(self, step: Forward) -> None:
        from engine.lowering import reshaping

        reshaping.forward(step)

    def backward(self, step: Backward) -> None:
        from engine.lowering import reshaping

        reshaping.backward(step)
