from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import TYPE_CHECKING, Any

from engine import reference
from engine.families.resampling import needs_space
from engine.spec import Layer, Shape, Window, layer, whole

if TYPE_CHECKING:
    from engine.plan import Backward, Forward


@layer("Upsample (bilinear)", "shape", keywords=("linear", "enlarge", "resize", "interpolate"))
class UpsampleBilinear(Layer):
    """Enlarges the image smoothly: every pixel is a mean of its neighbours, weighted by nearness."""

    scale: int = whole(2, low=1, high=64, unit="×", help="How many times larger the image becomes.")

    def brief(self) -> str:
        return f"×{self.scale}"

    def output_shape(self, *inputs: Shape) -> Shape:
        needs_space(inputs[0], "enlarges")
        return inputs[0][0], *(n * self.scale for n in inputs[0][1:])

    def window(self, *inputs: Shape) -> Window:
        axes = len(inputs[0]) - 1
        return Window((2,) * axes, (1 / self.scale,) * axes, (-0.5,) * axes)

    def multiply_adds(self, *inputs: Shape) -> int:
        neighbours: int = 2 ** (len(inputs[0]) - 1)
        return prod(self.output_shape(*inputs)) * neighbours

    def neighbours(self, size: int, outputs: int) -> list[tuple[int, int, float]]:
        """For each output pixel along an axis: the two input pixels around it, and the share of the second."""
        found = []
        for i in range(outputs):
            place = max((i + 0.5) * size / outputs - 0.5, 0.0)
            left = min(int(place), size - 1)
            found.append((left, min(left + 1, size - 1), place - left))
        return found

    def reference(self, parameters: Mapping[str, Any], *xs: Any) -> Any:
        return reference.upsample_bilinear(xs[0], scale=self.scale)

    def forward(self, step: Forward) -> None:
        from engine.lowering import resampling

        resampling.linear_forward(step, self)

    def backward(self, step: Backward) -> None:
        from engine.lowering import resampling

        resampling.linear_backward(step, self)
