from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine import reference
from engine.families.convolution import times
from engine.families.joining import Joining
from engine.spec import Impossible, Shape, layer

if TYPE_CHECKING:
    from engine.plan import Backward, Forward


@layer("Concatenate", "merge", keywords=("concat", "stack", "inception", "skip"))
class Concatenate(Joining):
    """Puts the channels of its inputs one after the other."""

    def output_shape(self, *inputs: Shape) -> Shape:
        for port, shape in enumerate(inputs):
            if shape[1:] != inputs[0][1:]:
                raise Impossible(
                    "puts channels one after the other, so its inputs must agree in space; "
                    f"input 0 has {times(inputs[0])} and input {port} has {times(shape)}. "
                    "Pad, crop or pool one of them."
                )
        return sum(shape[0] for shape in inputs), *inputs[0][1:]

    def reference(self, parameters: Mapping[str, Any], *xs: Any) -> Any:
        return reference.concatenate(list(xs))

    def forward(self, step: Forward) -> None:
        from engine.lowering import joining

        joining.concatenate_forward(step)

    def backward(self, step: Backward) -> None:
        from engine.lowering import joining

        joining.concatenate_backward(step)
