"""Pooling over one, two or three axes of space."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import TYPE_CHECKING, Any

import attrs

from engine import reference
from engine.families.convolution import AXIS_NAMES, brief_axes, brief_same, needs_axes, set_axes
from engine.spec import Fix, Impossible, Layer, Shape, Window, flag, per_axis

if TYPE_CHECKING:
    from engine.explained import Explanation
    from engine.plan import Backward, Forward


@attrs.frozen(kw_only=True)
class Pooling(Layer):
    """Slides a window over each channel and keeps one number of it."""

    kernel_size: Any = per_axis(2, low=1, high=255, help="Size of the window.")
    stride: Any = per_axis(2, low=1, high=255, help="Step from one window to the next.")
    padding: Any = per_axis(0, low=0, high=127, help="Pixels added around the input; at most half the window.")
    ceil_mode: bool = flag(False, title="Round up (ceil)", help="Whether a last window may reach beyond the edge.")

    @property
    def spacing(self) -> tuple[int, ...]:
        """Distance between neighbouring pixels of the window."""
        return (1,) * self.axes

    @property
    def extent(self) -> tuple[int, ...]:
        return tuple(d * (k - 1) + 1 for k, d in zip(self.kernel_size, self.spacing, strict=True))

    def brief(self) -> str:
        stride = f" · s{brief_same(self.stride)}" if self.stride != self.kernel_size else ""
        padding = f" p{brief_same(self.padding)}" if any(self.padding) else ""
        return f"{brief_axes(self.kernel_size)}{stride}{padding}"

    def output_shape(self, *inputs: Shape) -> Shape:
        x = inputs[0]
        needs_axes(self, x)
        for k, p in zip(self.kernel_size, self.padding, strict=True):
            if 2 * p > k:
                raise Impossible(
                    f"pads {p} px around a window of {k} px, so that some windows would see nothing but padding. "
                    f"Use padding {k // 2} or less.",
                    *set_axes(self, "padding", tuple(map(min, self.padding, (k // 2 for k in self.kernel_size)))),
                )
        return x[0], *(self._size(x, axis) for axis in range(self.axes))

    def _size(self, x: Shape, axis: int) -> int:
        n, e, s, p = x[axis + 1], self.extent[axis], self.stride[axis], self.padding[axis]
        room = n + 2 * p - e
        size = (-(-room // s) if self.ceil_mode else room // s) + 1
        if self.ceil_mode and (size - 1) * s >= n + p:
            size -= 1  # the last window must start inside the image or its left padding
        if size < 1 or (room < 0 and not self.ceil_mode):
            name = AXIS_NAMES[self.axes][axis]
            raise Impossible(
                f"makes its image 0 px {name}: the {e} px window does not fit into {n + 2 * p} px. "
                f"Use a window of at most {n + 2 * p} px, or pool less before it.",
                *set_axes(self, "kernel_size", self._fitting(x)),
            )
        return int(size)

    def _fitting(self, x: Shape) -> tuple[int, ...]:
        """The window, where it is too large the largest that fits into the image."""
        rooms = (n + 2 * p for n, p in zip(x[1:], self.padding, strict=True))
        axes = zip(self.kernel_size, self.spacing, rooms, strict=True)
        return tuple(min(k, (room - 1) // d + 1) for k, d, room in axes)

    def window(self, *inputs: Shape) -> Window:
        return Window(self.extent, tuple(map(float, self.stride)), tuple(-float(p) for p in self.padding))

    def arithmetic(self, *inputs: Shape) -> tuple[str, ...]:
        x, y = inputs[0], self.output_shape(*inputs)
        names = ("length",) if self.axes == 1 else ("depth", "height", "width")[-self.axes :]
        up = " (rounded up)" if self.ceil_mode else ""
        return tuple(
            f"{name}: ({x[i + 1]} + 2·{self.padding[i]} − {self.extent[i]}) / {self.stride[i]} + 1 = {y[i + 1]}{up}"
            for i, name in enumerate(names)
        )


@attrs.frozen(kw_only=True)
class MaxPooling(Pooling):
    """Keeps the strongest pixel of each window."""

    dilation: Any = per_axis(1, low=1, high=255, help="Distance between neighbouring pixels of the window.")

    @property
    def spacing(self) -> tuple[int, ...]:
        return tuple(self.dilation)

    def output_shape(self, *inputs: Shape) -> Shape:
        shape = super().output_shape(*inputs)
        if prod(self.kernel_size) > 256:
            raise Impossible(
                f"looks for the maximum among {prod(self.kernel_size)} pixels; at most 256 can be told apart. "
                "Use a smaller window, or global max pooling."
            )
        for axis in range(self.axes):
            if not self._sees_pixels(inputs[0][axis + 1], shape[axis + 1], axis):
                raise Impossible(
                    f"has windows that see nothing but padding, since their pixels lie {self.dilation[axis]} px apart. "
                    "Use padding 0 or dilation 1.",
                    Fix("Set dilation to 1", "set_field", "dilation", 1),
                )
        return shape

    def _sees_pixels(self, size: int, outputs: int, axis: int) -> bool:
        """Whether every window along an axis meets at least one pixel of the image."""
        k, s, p, d = self.kernel_size[axis], self.stride[axis], self.padding[axis], self.dilation[axis]
        starts = range(-p, outputs * s - p, s) if d > 1 and p else ()
        return all(any(0 <= start + i * d < size for i in range(k)) for start in starts)

    def reference(self, parameters: Mapping[str, Any], *xs: Any) -> Any:
        return reference.max_pooling(xs[0], **self.settings())

    def explain(self, parameters: Mapping[str, Any], at: Shape, *xs: Any) -> Explanation:
        from engine import explained

        axes = [
            [place for i in range(k) if 0 <= (place := p * s - low + i * d) < n]
            for p, k, s, low, d, n in zip(
                at[1:], self.kernel_size, self.stride, self.padding, self.dilation, xs[0].shape[1:], strict=True
            )
        ]
        return explained.windowed(explained.LARGEST, xs[0], at[0], axes)

    def forward(self, step: Forward) -> None:
        from engine.lowering import pooling

        pooling.max_forward(step, self)

    def backward(self, step: Backward) -> None:
        from engine.lowering import pooling

        pooling.max_backward(step, self)


@attrs.frozen(kw_only=True)
class Averaging(Layer):
    """Means over windows whose place and size on each axis do not depend on the other axes."""

    def spans(self, axis: int, size: int, outputs: int) -> list[tuple[int, int, int]]:
        """For each output along an axis: first pixel, one past the last, and how many pixels count in the mean."""
        raise NotImplementedError

    def explain(self, parameters: Mapping[str, Any], at: Shape, *xs: Any) -> Explanation:
        from engine import explained

        output = self.output_shape(xs[0].shape)
        spans = [
            self.spans(axis, n, outputs)[p]
            for axis, (p, n, outputs) in enumerate(zip(at[1:], xs[0].shape[1:], output[1:], strict=True))
        ]
        counted = prod(count for _, _, count in spans)
        axes = [list(range(first, last)) for first, last, _ in spans]
        return explained.windowed(explained.SUM, xs[0], at[0], axes, 1 / counted, "mean")

    def forward(self, step: Forward) -> None:
        from engine.lowering import pooling

        pooling.average_forward(step, self)

    def backward(self, step: Backward) -> None:
        from engine.lowering import pooling

        pooling.average_backward(step, self)


@attrs.frozen(kw_only=True)
class AveragePooling(Pooling, Averaging):
    """Keeps the mean of each window."""

    count_include_pad: bool = flag(True, title="Count padding", help="Whether added pixels count as zeros in the mean.")

    def spans(self, axis: int, size: int, outputs: int) -> list[tuple[int, int, int]]:
        k, s, p = self.kernel_size[axis], self.stride[axis], self.padding[axis]
        found = []
        for start in range(-p, outputs * s - p, s):
            first, last = max(0, start), min(size, start + k)
            counted = min(size + p, start + k) - start if self.count_include_pad else last - first
            found.append((first, last, counted))
        return found

    def reference(self, parameters: Mapping[str, Any], *xs: Any) -> Any:
        return reference.average_pooling(xs[0], **self.settings())


@attrs.frozen(kw_only=True)
class AdaptiveAveragePooling(Averaging):
    """Means of windows that cover the image evenly."""

    output_size: Any = per_axis(1, low=1, high=4096, help="Size of the output; windows are made to fit.")

    def brief(self) -> str:
        return f"to {brief_axes(self.output_size)}"

    def output_shape(self, *inputs: Shape) -> Shape:
        needs_axes(self, inputs[0])
        return inputs[0][0], *self.output_size

    def sees_everything(self, *inputs: Shape) -> bool:
        return set(self.output_size) == {1}

    def window(self, *inputs: Shape) -> Window:
        space = inputs[0][1:]
        steps = tuple(n / m for n, m in zip(space, self.output_size, strict=True))
        spans = (self.spans(axis, n, m) for axis, (n, m) in enumerate(zip(space, self.output_size, strict=True)))
        return Window(tuple(max(wide for *_, wide in each) for each in spans), steps, (0.0,) * self.axes)

    def spans(self, axis: int, size: int, outputs: int) -> list[tuple[int, int, int]]:
        found = [(i * size // outputs, -(-(i + 1) * size // outputs)) for i in range(outputs)]
        return [(first, last, last - first) for first, last in found]

    def reference(self, parameters: Mapping[str, Any], *xs: Any) -> Any:
        return reference.adaptive_average(xs[0], output_size=self.output_size)


@attrs.frozen(kw_only=True)
class GlobalPooling(Layer):
    """One number for each channel, as an image of one pixel."""

    def output_shape(self, *inputs: Shape) -> Shape:
        if len(inputs[0]) == 1:
            raise Impossible("pools over space, but its input is a row of features. Put it before Flatten.")
        return inputs[0][0], *(1,) * (len(inputs[0]) - 1)

    def sees_everything(self, *inputs: Shape) -> bool:
        return True
