"""Transposed convolutions: every input pixel paints a kernel into a larger image."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any

import attrs

from engine import reference
from engine.families.convolution import AXIS_NAMES, INITIALS, brief_axes, brief_same, needs_axes, set_axes
from engine.spec import Fix, Impossible, Layer, Parameter, Shape, Span, Window, choice, flag, per_axis, whole

if TYPE_CHECKING:
    from engine.explained import Explanation
    from engine.influence import Numbers, Reach
    from engine.plan import Backward, Forward


@attrs.frozen(kw_only=True)
class TransposedConvolution(Layer):
    """Runs a convolution backwards, so that the image grows."""

    out_channels: int = whole(16, low=1, high=65536, title="Output channels", help="How many channels the output has.")
    kernel_size: Any = per_axis(2, low=1, high=255, help="Size of each kernel.")
    stride: Any = per_axis(2, low=1, high=255, help="Distance at which neighbouring pixels paint their kernels.")
    padding: Any = per_axis(0, low=0, high=255, help="Pixels cut off around the result.")
    output_padding: Any = per_axis(
        0, low=0, high=254, help="Pixels added at the end of each axis; less than the stride."
    )
    dilation: Any = per_axis(1, low=1, high=255, help="Distance between neighbouring weights of a kernel.")
    groups: int = whole(1, low=1, high=65536, help="Parts of the channels that are convolved apart from each other.")
    bias: bool = flag(True, help="Whether each output channel adds a number of its own.")
    initial: str = choice("he_normal", *INITIALS, title="First weights", help="How the first weights are drawn.")

    def brief(self) -> str:
        stride = f" · s{brief_same(self.stride)}" if set(self.stride) != {1} else ""
        return f"{brief_axes(self.kernel_size)} · {self.out_channels}{stride}"

    def output_shape(self, *inputs: Shape) -> Shape:
        x = inputs[0]
        needs_axes(self, x)
        for what, count in (("input", x[0]), ("output", self.out_channels)):
            if count % self.groups:
                raise Impossible(
                    f"splits {count} {what} channels into {self.groups} groups, which does not come out even. "
                    f"Use groups that divide {x[0]} and {self.out_channels}.",
                    Fix("Set groups to 1", "set_field", "groups", 1),
                )
        return self.out_channels, *(self._size(x, axis) for axis in range(self.axes))

    def _painted(self, x: Shape, axis: int) -> int:
        """How many pixels are painted along an axis, before padding is cut off."""
        reach = self.dilation[axis] * (self.kernel_size[axis] - 1) + 1 + self.output_padding[axis]
        return int((x[axis + 1] - 1) * self.stride[axis] + reach)

    def _size(self, x: Shape, axis: int) -> int:
        stride, dilation, extra = self.stride[axis], self.dilation[axis], self.output_padding[axis]
        if extra >= max(stride, dilation):
            raise Impossible(
                f"adds {extra} px at the end, which must be less than the stride of {stride} px or the dilation. "
                f"Use output padding {max(stride, dilation) - 1} or less.",
                Fix("Set output padding to 0", "set_field", "output_padding", 0),
            )
        painted = self._painted(x, axis)
        if painted <= 2 * self.padding[axis]:
            most = ((self._painted(x, a) - 1) // 2 for a in range(self.axes))
            raise Impossible(
                f"makes its image 0 px {AXIS_NAMES[self.axes][axis]}: {painted} px are painted and "
                f"{2 * self.padding[axis]} px of padding cut off. Use padding {(painted - 1) // 2} or less.",
                *set_axes(self, "padding", tuple(map(min, self.padding, most))),
            )
        return painted - 2 * int(self.padding[axis])

    def parameters(self, *inputs: Shape) -> dict[str, Parameter]:
        channels, outputs, area = inputs[0][0], self.out_channels // self.groups, prod(self.kernel_size)
        shared = prod(self.stride)  # so many pixels lie between two paintings: each result sums fewer products
        fans = {"fan_in": max(1, channels // self.groups * area // shared), "fan_out": outputs * area}
        found = {"weight": Parameter((channels, outputs, *self.kernel_size), self.initial, **fans)}
        if self.bias:
            found["bias"] = Parameter((self.out_channels,), "zeros")
        return found

    def multiply_adds(self, *inputs: Shape) -> int:
        kernel: int = prod(self.kernel_size)
        return prod(inputs[0]) * self.out_channels // self.groups * kernel

    def window(self, *inputs: Shape) -> Window:
        extents = (d * (k - 1) + 1 for k, d in zip(self.kernel_size, self.dilation, strict=True))
        sizes = tuple(-(-e // s) for e, s in zip(extents, self.stride, strict=True))
        starts = tuple(1 - n + p / s for n, p, s in zip(sizes, self.padding, self.stride, strict=True))
        return Window(sizes, tuple(1 / s for s in self.stride), starts)

    def arithmetic(self, *inputs: Shape) -> tuple[str, ...]:
        x, y = inputs[0], self.output_shape(*inputs)
        names = ("length",) if self.axes == 1 else ("depth", "height", "width")[-self.axes :]
        rows = [
            f"{name}: ({x[i + 1]} − 1)·{self.stride[i]} + {self.dilation[i]}·({self.kernel_size[i]} − 1) + 1 "
            f"+ {self.output_padding[i]} − 2·{self.padding[i]} = {y[i + 1]}"
            for i, name in enumerate(names)
        ]
        count = sum(prod(p.shape) for p in self.parameters(x).values())
        inner = "·".join(map(str, (x[0], self.out_channels // self.groups, *self.kernel_size)))
        rows.append(
            f"parameters: {inner}{f' + {self.out_channels}' if self.bias else ''} = {count:,}".replace(",", " ")
        )
        return tuple(rows)

    def halo(self, *inputs: Shape) -> tuple[Span, ...]:
        x, y = inputs[0], self.output_shape(*inputs)
        extent, stride, low = self.dilation[-1] * (self.kernel_size[-1] - 1), self.stride[-1], self.padding[-1]
        before = max(0, -(-(extent - low) // stride))
        return ((0, 0), (0, 0), (before, max(0, (y[-1] - 1 + low) // stride - (x[-1] - 1))))

    def gradient_halo(self, *inputs: Shape) -> tuple[Span, ...]:
        x, y = inputs[0], self.output_shape(*inputs)
        reach = (x[-1] - 1) * self.stride[-1] + self.dilation[-1] * (self.kernel_size[-1] - 1) + 1
        return ((0, 0), (0, 0), (self.padding[-1], max(0, reach - self.padding[-1] - y[-1])))

    def reference(self, parameters: Mapping[str, Any], *xs: Any) -> Any:
        return reference.transposed_convolution(
            xs[0], parameters["weight"], parameters.get("bias"), stride=self.stride, padding=self.padding,
            output_padding=self.output_padding, dilation=self.dilation, groups=self.groups,
        )  # fmt: skip

    def explain(self, parameters: Mapping[str, Any], at: Shape, *xs: Any) -> Explanation:
        from engine import explained

        x, (channel, *where), outputs = xs[0], at, self.out_channels // self.groups
        inputs = x.shape[0] // self.groups
        first = channel // outputs * inputs
        axes = [
            [(k, q) for q in range(n) for k in range(size) if q * step - low + k * gap == p]
            for p, size, step, gap, low, n in zip(
                where, self.kernel_size, self.stride, self.dilation, self.padding, x.shape[1:], strict=True
            )
        ]
        taps = [(c, tap) for c in range(first, first + inputs) for tap in product(*axes)]
        places = [(0, (c, *(q for _, q in tap))) for c, tap in taps]
        indices = [(c, channel % outputs, *(k for k, _ in tap)) for c, tap in taps]
        weights, bias = [parameters["weight"][i] for i in indices], None
        if self.bias:
            bias = float(parameters["bias"][channel])
        values = [x[index] for _, index in places]
        return explained.weighted(places, values, weights, bias, taps=indices, bias_at=at[:1])

    def reach(self, parameters: Mapping[str, Any], name: str, at: Shape, *xs: Numbers) -> Reach:
        from engine import influence

        x = xs[0].shape
        y = self.output_shape(x)
        if name == "bias":
            return influence.of_bias(xs[0], y, at)
        source, channel, *kernel = at
        axes = [
            [(p, q) for q in range(n) if 0 <= (p := q * step - low + k * gap) < size]
            for size, k, step, gap, low, n in zip(
                y[1:], kernel, self.stride, self.dilation, self.padding, x[1:], strict=True
            )
        ]
        group = source // (x[0] // self.groups)
        return influence.of_input(xs[0], group * (self.out_channels // self.groups) + channel, source, axes)

    def forward(self, step: Forward) -> None:
        from engine.lowering import transposed

        transposed.forward(step, self)

    def backward(self, step: Backward) -> None:
        from engine.lowering import transposed

        transposed.backward(step, self)
