from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import TYPE_CHECKING, Any

from engine import reference
from engine.families.convolution import times
from engine.spec import Impossible, Layer, Shape, layer, sizes

if TYPE_CHECKING:
    from engine.plan import Backward, Forward


@layer("Reshape", "shape", keywords=("view", "unflatten"))
class Reshape(Layer):
    """Looks at the same numbers in another shape."""

    passes_gradient = True

    shape: Shape = sizes((1, 28, 28), low=1, high=1 << 20, help="Channels and space of the result.")

    def brief(self) -> str:
        return times(self.shape)

    def output_shape(self, *inputs: Shape) -> Shape:
        if prod(inputs[0]) != prod(self.shape):
            raise Impossible(
                f"cannot see {times(inputs[0])} as {times(self.shape)}: that is {prod(inputs[0])} numbers against "
                f"{prod(self.shape)}. Choose sizes whose product is {prod(inputs[0])}."
            )
        return self.shape

    def reference(self, parameters: Mapping[str, Any], *xs: Any) -> Any:
        return reference.reshape(xs[0], shape=self.shape)

    def forward(self, step: Forward) -> None:
        from engine.lowering import reshaping

        reshaping.forward(step)

    def backward(self, step: Backward) -> None:
        from engine.lowering import reshaping

        reshaping.backward(step)
