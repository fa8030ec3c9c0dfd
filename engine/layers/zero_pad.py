from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine import reference
from engine.families.resampling import Picking, needs_space
from engine.spec import Shape, Window, layer, whole


@layer("Zero pad", "shape", keywords=("padding", "border"))
class ZeroPad(Picking):
    """Adds zeros at the edges of each channel."""

    low: int = whole(
        1, low=0, high=4096, unit="px", title="At the start", help="Pixels added before the first (left, top)."
    )
    high: int = whole(
        1, low=0, high=4096, unit="px", title="At the end", help="Pixels added after the last (right, bottom)."
    )

    def brief(self) -> str:
        return f"{self.low} + {self.high}"

    def output_shape(self, *inputs: Shape) -> Shape:
        needs_space(inputs[0], "pads")
        return inputs[0][0], *(n + self.low + self.high for n in inputs[0][1:])

    def window(self, *inputs: Shape) -> Window:
        axes = len(inputs[0]) - 1
        return Window((1,) * axes, (1.0,) * axes, (-float(self.low),) * axes)

    def picks(self, size: int, outputs: int) -> list[int]:
        return [i - self.low if self.low <= i < self.low + size else -1 for i in range(outputs)]

    def reference(self, parameters: Mapping[str, Any], *xs: Any) -> Any:
        return reference.zero_pad(xs[0], padding=((self.low, self.high),) * (xs[0].ndim - 2))
