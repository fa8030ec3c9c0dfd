from collections.abc import Mapping
from typing import Any

from engine import reference
from engine.families.local import Local
from engine.spec import Parameter, Shape, layer


@layer("Locally connected 2-D", "convolution", keywords=("unshared",))
class LocallyConnected2d(Local):
    """Slides over an image with kernels of its own at every position: a convolution without sharing."""

    def period(self, output: Shape) -> tuple[int, int]:
        return output[1], output[2]

    def weight_steps(self, x: Shape, output: Shape) -> tuple[int, int, int]:
        own = x[0] * self.kernel_size[0] * self.kernel_size[1]
        return output[1] * output[2] * own, output[2] * own, own

    def weight_index(self, channel: int, row: int, column: int) -> Shape:
        return channel, row, column

    def of_weight(self, at: Shape) -> Shape:
        return at[:3]

    def parameters(self, *inputs: Shape) -> dict[str, Parameter]:
        x, y = inputs[0], self.output_shape(*inputs)
        found = {"weight": self.weight((*y, x[0], *self.kernel_size), x)}
        if self.bias:
            found["bias"] = Parameter(y, "zeros")
        return found

    def reference(self, parameters: Mapping[str, Any], *xs: Any) -> Any:
        arrays = parameters["weight"], parameters.get("bias")
        return reference.locally_connected(xs[0], *arrays, **self.reference_settings())
