from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import TYPE_CHECKING, Any

from engine import reference
from engine.families.joining import JoiningAlike
from engine.spec import Shape, layer

if TYPE_CHECKING:
    from engine.plan import Backward, Forward


@layer("Add", "merge", keywords=("sum", "residual", "skip", "plus"))
class Add(JoiningAlike):
    """Adds its inputs number by number, as a residual connection does."""

    fuses_relu = True
    passes_gradient = True

    def multiply_adds(self, *inputs: Shape) -> int:
        return prod(inputs[0]) * (len(inputs) - 1)

    def reference(self, parameters: Mapping[str, Any], *xs: Any) -> Any:
        return reference.add(list(xs))

    def forward(self, step: Forward) -> None:
        from engine.lowering import joining

        joining.add_forward(step)

    def backward(self, step: Backward) -> None:
        from engine.lowering import joining

        joining.add_backward(step)
