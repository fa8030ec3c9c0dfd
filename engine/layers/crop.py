from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine import reference
from engine.families.resampling import Picking, needs_space
from engine.spec import Fix, Impossible, Shape, Window, layer, whole


@layer("Crop", "shape", keywords=("cut", "border"))
class Crop(Picking):
    """Cuts pixels off at the edges of each channel."""

    low: int = whole(
        1, low=0, high=4096, unit="px", title="At the start", help="Pixels cut off at the beginning (left, top)."
    )
    high: int = whole(
        1, low=0, high=4096, unit="px", title="At the end", help="Pixels cut off at the end (right, bottom)."
    )

    def brief(self) -> str:
        return f"{self.low} + {self.high}"

    def output_shape(self, *inputs: Shape) -> Shape:
        needs_space(inputs[0], "crops")
        smallest = min(inputs[0][1:])
        if smallest <= self.low + self.high:
            raise Impossible(
                f"cuts off {self.low + self.high} px, and its input is {smallest} px across: nothing would be left. "
                f"Cut off at most {smallest - 1} px.",
                *(
                    Fix(f"Cut off nothing at the {where}", "set_field", field, 0)
                    for where, field, kept in (("end", "high", self.low), ("start", "low", self.high))
                    if kept < smallest
                ),
            )
        return inputs[0][0], *(n - self.low - self.high for n in inputs[0][1:])

    def window(self, *inputs: Shape) -> Window:
        axes = len(inputs[0]) - 1
        return Window((1,) * axes, (1.0,) * axes, (float(self.low),) * axes)

    def picks(self, size: int, outputs: int) -> list[int]:
        return list(range(self.low, self.low + outputs))

    def reference(self, parameters: Mapping[str, Any], *xs: Any) -> Any:
        return reference.crop(xs[0], crop=((self.low, self.high),) * (xs[0].ndim - 2))
