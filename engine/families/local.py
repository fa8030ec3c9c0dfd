"""Convolutions that share less: kernels of their own for every position, or sets of kernels that take turns."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any

import attrs

from engine.families.convolution import AXIS_NAMES, INITIALS, brief_axes, missing_padding, needs_axes, set_axes
from engine.spec import Impossible, Layer, Parameter, Shape, Window, choice, flag, per_axis, whole

if TYPE_CHECKING:
    from engine.explained import Explanation
    from engine.influence import Numbers, Reach
    from engine.plan import Backward, Forward


@attrs.frozen(kw_only=True)
class Local(Layer):
    """Slides over an image with weights that depend on the position."""

    axes = 2

    out_channels: int = whole(
        16, low=1, high=65536, title="Output channels", help="How many kernels, and so channels of the output."
    )
    kernel_size: Any = per_axis(3, low=1, high=255, help="Size of each kernel.")
    stride: Any = per_axis(1, low=1, high=255, help="Step from one position to the next.")
    padding: Any = per_axis(0, low=0, high=255, help="Zeros added around the input.")
    bias: bool = flag(True, help="Whether a number of its own is added to each output.")
    initial: str = choice("he_normal", *INITIALS, title="First weights", help="How the first weights are drawn.")

    def brief(self) -> str:
        return f"{brief_axes(self.kernel_size)} · {self.out_channels}"

    def period(self, output: Shape) -> tuple[int, int]:
        """After how many positions along each axis the same weights come again."""
        raise NotImplementedError

    def weight_steps(self, x: Shape, output: Shape) -> tuple[int, int, int]:
        """How far apart the weights of neighbouring output channels, rows and columns are."""
        raise NotImplementedError

    def weight_index(self, channel: int, row: int, column: int) -> Shape:
        """Where the kernel of an output channel at one of the positions that have their own begins in the weights."""
        raise NotImplementedError

    def of_weight(self, at: Shape) -> Shape:
        """The other way round: output channel, row and column of a weight's kernel."""
        raise NotImplementedError

    def explain(self, parameters: Mapping[str, Any], at: Shape, *xs: Any) -> Explanation:
        from engine import explained

        x, (channel, row, column) = xs[0], at
        down, across = self.period(self.output_shape(x.shape))
        start = self.weight_index(channel, row % down, column % across)
        axes = [
            [(k, source) for k in range(size) if 0 <= (source := p * step - low + k) < n]
            for p, size, step, low, n in zip(
                (row, column), self.kernel_size, self.stride, self.padding, x.shape[1:], strict=True
            )
        ]
        taps = [(c, tap) for c in range(x.shape[0]) for tap in product(*axes)]
        places = [(0, (c, *(source for _, source in tap))) for c, tap in taps]
        indices = [(*start, c, *(k for k, _ in tap)) for c, tap in taps]
        bias, where = None, at if self.bias and parameters["bias"].ndim > 1 else at[:1]
        if self.bias:
            bias = float(parameters["bias"][where])
        weights = [parameters["weight"][index] for index in indices]
        own = {"taps": indices, "bias_at": where, "kernels": parameters["weight"][start]}
        return explained.weighted(places, [x[i] for _, i in places], weights, bias, **own)

    def reach(self, parameters: Mapping[str, Any], name: str, at: Shape, *xs: Numbers) -> Reach:
        from engine import influence

        x = xs[0].shape
        y = self.output_shape(x)
        if name == "bias":
            return influence.of_bias(xs[0], y, at)
        (channel, *first), source = self.of_weight(at), at[3]
        axes = [
            [(p, s) for p in range(begin, size, every) if 0 <= (s := p * step - low + k) < n]
            for begin, size, every, step, low, k, n in zip(
                first, y[1:], self.period(y), self.stride, self.padding, at[4:], x[1:], strict=True
            )
        ]
        return influence.of_input(xs[0], channel, source, axes)

    def output_shape(self, *inputs: Shape) -> Shape:
        x = inputs[0]
        needs_axes(self, x)
        sizes = []
        for axis in range(2):
            n, k, s, p = x[axis + 1], self.kernel_size[axis], self.stride[axis], self.padding[axis]
            size = (n + 2 * p - k) // s + 1
            if size < 1:
                missing = missing_padding(self.kernel_size, x)
                raise Impossible(
                    f"makes its image 0 px {AXIS_NAMES[2][axis]}: the {k} px kernel does not fit into {n + 2 * p} px. "
                    f"Use padding {missing[axis]} or more, or a smaller kernel.",
                    *set_axes(self, "padding", tuple(map(max, self.padding, missing))),
                )
            sizes.append(size)
        return self.out_channels, *sizes

    def weight(self, shape: Shape, x: Shape) -> Parameter:
        area: int = prod(self.kernel_size)
        return Parameter(shape, self.initial, x[0] * area, self.out_channels * area)

    def multiply_adds(self, *inputs: Shape) -> int:
        kernel: int = prod(self.kernel_size)
        return prod(self.output_shape(*inputs)) * inputs[0][0] * kernel

    def window(self, *inputs: Shape) -> Window:
        return Window(self.kernel_size, tuple(map(float, self.stride)), tuple(-float(p) for p in self.padding))

    def reference_settings(self) -> dict[str, Any]:
        return {"stride": self.stride, "padding": tuple((p, p) for p in self.padding)}

    def parameters(self, *inputs: Shape) -> dict[str, Parameter]:
        raise NotImplementedError

    def arithmetic(self, *inputs: Shape) -> tuple[str, ...]:
        count = sum(prod(p.shape) for p in self.parameters(*inputs).values())
        weight = "·".join(map(str, self.parameters(*inputs)["weight"].shape))
        return (f"parameters: {weight}{' + biases' if self.bias else ''} = {count:,}".replace(",", " "),)

    def forward(self, step: Forward) -> None:
        from engine.lowering import local

        local.forward(step, self)

    def backward(self, step: Backward) -> None:
        from engine.lowering import local

        local.backward(step, self)
