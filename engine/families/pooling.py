"""Pooling over one, two or three axes of space."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import attrs

from engine.families.convolution import AXIS_NAMES, brief_axes, needs_axes
from engine.spec import Fix, Impossible, Layer, Shape, Window, axes, flag

if TYPE_CHECKING:
    from engine.plan import Backward, Forward


@attrs.frozen(kw_only=True)
class Pooling(Layer):
    """Slides a window over each channel and keeps one number of it."""

    kernel_size: Any = axes(2, low=1, high=255, help="Size of the window.")
    stride: Any = axes(2, low=1, high=255, help="Step from one window to the next.")
    padding: Any = axes(0, low=0, high=127, help="Pixels added around the input; at most half the window.")
    ceil_mode: bool = flag(False, help="Whether a last window may reach beyond the edge.")

    @property
    def spacing(self) -> tuple[int, ...]:
        """Distance between neighbouring pixels of the window."""
        return (1,) * self.axes

    @property
    def extent(self) -> tuple[int, ...]:
        return tuple(d * (k - 1) + 1 for k, d in zip(self.kernel_size, self.spacing, strict=True))

    def brief(self) -> str:
        stride = f" · s{brief_axes(self.stride)}" if self.stride != self.kernel_size else ""
        padding = f" p{self.padding[0]}" if any(self.padding) else ""
        return f"{brief_axes(self.kernel_size)}{stride}{padding}"

    def output_shape(self, *inputs: Shape) -> Shape:
        x = inputs[0]
        needs_axes(self, x)
        for k, p in zip(self.kernel_size, self.padding, strict=True):
            if 2 * p > k:
                raise Impossible(
                    f"pads {p} px around a window of {k} px, so that some windows would see nothing but padding. "
                    f"Use padding {k // 2} or less.",
                    Fix(f"Set padding to {k // 2}", "set_field", "padding", k // 2),
                )
        return x[0], *(self._size(x, axis) for axis in range(self.axes))

    def _size(self, x: Shape, axis: int) -> int:
        n, e, s, p = x[axis + 1], self.extent[axis], self.stride[axis], self.padding[axis]
        room = n + 2 * p - e
        size = (-(-room // s) if self.ceil_mode else room // s) + 1
        if self.ceil_mode and (size - 1) * s >= n + p:
            size -= 1  # the last window must start inside the image or its left padding
        if size < 1 or room < 0 and not self.ceil_mode:
            name = AXIS_NAMES[self.axes][axis]
            raise Impossible(
                f"makes its image 0 px {name}: the {e} px window does not fit into {n + 2 * p} px. "
                f"Use a window of at most {n + 2 * p} px, or pool less before it.",
                Fix(f"Set kernel size to {n + 2 * p}", "set_field", "kernel_size", n + 2 * p),
            )
        return size

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

    dilation: Any = axes(1, low=1, high=255, help="Distance between neighbouring pixels of the window.")

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
        return shape

    def forward(self, step: Forward) -> None:
        from engine.lowering import pooling

        pooling.max_forward(step, self)

    def backward(self, step: Backward) -> None:
        from engine.lowering import pooling

        pooling.max_backward(step, self)
