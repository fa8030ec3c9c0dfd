from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import TYPE_CHECKING, Any

from engine import reference
from engine.families.joining import JoiningAlike
from engine.spec import Shape, layer

if TYPE_CHECKING:
    from engine.explained import Explanation
    from engine.plan import Backward, Forward


@layer("Multiply", "merge", keywords=("product", "gate", "attention"))
class Multiply(JoiningAlike):
    """Multiplies its inputs number by number."""

    def multiply_adds(self, *inputs: Shape) -> int:
        return prod(inputs[0]) * (len(inputs) - 1)

    def reference(self, parameters: Mapping[str, Any], *xs: Any) -> Any:
        return reference.multiply(list(xs))

    def explain(self, parameters: Mapping[str, Any], at: Shape, *xs: Any) -> Explanation:
        from engine import explained

        values = [float(x[at]) for x in xs]
        result = prod(values)
        line = f"{' · '.join(f'({explained.number(v)})' for v in values)} = {explained.number(result)}"
        places = [(port, at) for port in range(len(xs))]
        return explained.explanation(explained.PRODUCT, places, values, None, values, result, lines=(line,))

    def forward(self, step: Forward) -> None:
        from engine.lowering import joining

        joining.multiply_forward(step)

    def backward(self, step: Backward) -> None:
        from engine.lowering import joining

        joining.multiply_backward(step)
