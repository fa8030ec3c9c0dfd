from collections.abc import Mapping
from typing import Any

from engine import reference
from engine.families.local import Local
from engine.spec import Parameter, Shape, layer, whole


@layer("Tiled convolution 2-D", "convolution", keywords=("untied",))
class TiledConv2d(Local):
    """Slides sets of kernels that take turns across the image: between a convolution and a locally connected layer."""

    tile: int = whole(2, low=1, high=64, unit="px", help="After how many positions the same kernels come again.")

    def period(self, output: Shape) -> tuple[int, int]:
        return self.tile, self.tile

    def weight_steps(self, x: Shape, output: Shape) -> tuple[int, int, int]:
        own = x[0] * self.kernel_size[0] * self.kernel_size[1]
        return own, self.tile * self.out_channels * own, self.out_channels * own

    def weight_index(self, channel: int, row: int, column: int) -> Shape:
        return row, column, channel

    def of_weight(self, at: Shape) -> Shape:
        return at[2], at[0], at[1]

    def parameters(self, *inputs: Shape) -> dict[str, Parameter]:
        x = inputs[0]
        shape = (self.tile, self.tile, self.out_channels, x[0], *self.kernel_size)
        found = {"weight": self.weight(shape, x)}
        if self.bias:
            found["bias"] = Parameter((self.out_channels,), "zeros")
        return found

    def reference(self, parameters: Mapping[str, Any], *xs: Any) -> Any:
        arrays = parameters["weight"], parameters.get("bias")
        return reference.tiled_convolution(xs[0], *arrays, **self.reference_settings())
