from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine import reference
from engine.families.resampling import Picking, needs_space
from engine.spec import Shape, Window, layer, whole


@layer("Upsample (nearest)", "shape", keywords=("unpool", "enlarge", "resize"))
class UpsampleNearest(Picking):
    """Turns every pixel into a square of equal pixels."""

    scale: int = whole(2, low=1, high=64, unit="×", help="How many times larger the image becomes.")

    def brief(self) -> str:
        return f"×{self.scale}"

    def output_shape(self, *inputs: Shape) -> Shape:
        needs_space(inputs[0], "enlarges")
        return inputs[0][0], *(n * self.scale for n in inputs[0][1:])

    def window(self, *inputs: Shape) -> Window:
        axes = len(inputs[0]) - 1
        return Window((1,) * axes, (1 / self.scale,) * axes, (0.0,) * axes)

    def picks(self, size: int, outputs: int) -> list[int]:
        scale = outputs // size  # 1 for the axes that a smaller image does not have
        return [i // scale for i in range(outputs)]

    def reference(self, parameters: Mapping[str, Any], *xs: Any) -> Any:
        return reference.upsample_nearest(xs[0], scale=self.scale)
