"""Convolutions over one, two or three axes of space."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from engine import reference
from engine.errors import FieldError
from engine.families import winograd
from engine.naming import plain
from engine.spec import (
    NO_HALO,
    Fix,
    Impossible,
    Layer,
    Parameter,
    Shape,
    Span,
    Window,
    choice,
    flag,
    per_axis,
    whole,
    wider,
)

if TYPE_CHECKING:
    from engine.explained import Explanation
    from engine.influence import Numbers, Reach
    from engine.plan import Backward, Forward

INITIALS = (
    "he_normal",
    "he_uniform",
    "glorot_normal",
    "glorot_uniform",
    "lecun_normal",
    "lecun_uniform",
    "orthogonal",
    "zeros",
)
PADDING_MODES = ("zeros", "reflect", "replicate", "circular")
AXIS_NAMES = {1: ("long",), 2: ("high", "wide"), 3: ("deep", "high", "wide")}


def needs_axes(layer: Layer, x: Shape) -> None:
    """Refuses an input with another number of axes than the layer works on."""
    if len(x) - 1 == layer.axes:
        return
    wanted = ("channels", *AXIS_NAMES[layer.axes])
    raise Impossible(
        f"works on {layer.axes}-D images ({' × '.join(wanted)}), but its input has the shape {times(x)}. "
        f"Feed it from a layer with {layer.axes} {'axis' if layer.axes == 1 else 'axes'} of space."
    )


def times(shape: Shape) -> str:
    """16 × 14 × 14, as shapes are written everywhere."""
    return " × ".join(map(str, shape))


def brief_axes(value: tuple[int, ...]) -> str:
    """5×5: the number of each axis."""
    return "×".join(map(str, value))


def brief_same(value: tuple[int, ...]) -> str:
    """2 where all axes have the same number, 2×1 where they differ."""
    return str(value[0]) if len(set(value)) == 1 else brief_axes(value)


def set_axes(layer: Layer, field: str, wanted: tuple[int, ...]) -> tuple[Fix, ...]:
    """The fix that gives a field these numbers; none where it does not take them."""
    try:
        attrs.evolve(layer, **{field: wanted})
    except FieldError:
        return ()
    value = wanted[0] if len(set(wanted)) == 1 else wanted
    return (Fix(f"Set {plain(field)} to {brief_same(wanted)}", "set_field", field, value),)


def missing_padding(extent: tuple[int, ...], x: Shape) -> tuple[int, ...]:
    """The least padding with which a kernel fits into an image, along each axis."""
    return tuple(max(0, -(-(e - n) // 2)) for e, n in zip(extent, x[1:], strict=True))


@attrs.frozen(kw_only=True)
class Convolution(Layer):
    """Slides small learned kernels over its input; each kernel makes one channel of the output."""

    fuses_relu = True

    out_channels: int = whole(
        16, low=1, high=65536, title="Output channels", help="How many kernels, and so channels of the output."
    )
    kernel_size: Any = per_axis(3, low=1, high=255, help="Size of each kernel.")
    stride: Any = per_axis(1, low=1, high=255, help="Step from one position of the kernel to the next.")
    padding: Any = per_axis(
        0,
        low=0,
        high=255,
        words=("valid", "same", "full"),
        help="Pixels added around the input before the kernel slides.",
    )
    dilation: Any = per_axis(1, low=1, high=255, help="Distance between neighbouring weights of a kernel.")
    groups: int = whole(1, low=1, high=65536, help="Parts of the channels that are convolved apart from each other.")
    bias: bool = flag(True, help="Whether each kernel adds a number of its own.")
    padding_mode: str = choice("zeros", *PADDING_MODES, help="What the added pixels hold.")
    initial: str = choice("he_normal", *INITIALS, title="First weights", help="How the first weights are drawn.")

    def brief(self) -> str:
        stride = f" s{brief_same(self.stride)}" if set(self.stride) != {1} else ""
        padding = (
            self.padding
            if isinstance(self.padding, str)
            else ("" if not any(self.padding) else f"p{brief_same(self.padding)}")
        )
        more = f" ·{stride} {padding}".rstrip() if stride or padding else ""
        return f"{brief_axes(self.kernel_size)} · {self.out_channels}{more}"

    @property
    def extent(self) -> tuple[int, ...]:
        """How many pixels a kernel spans along each axis."""
        return tuple(d * (k - 1) + 1 for k, d in zip(self.kernel_size, self.dilation, strict=True))

    def spans(self, x: Shape) -> tuple[Span, ...]:
        """Padding below and above along each axis."""
        if self.padding == "valid":
            return ((0, 0),) * self.axes
        if self.padding == "full":
            return tuple((e - 1, e - 1) for e in self.extent)
        if self.padding == "same":
            total = (
                max(0, (-(-n // s) - 1) * s + e - n) for n, s, e in zip(x[1:], self.stride, self.extent, strict=True)
            )
            return tuple((t // 2, t - t // 2) for t in total)
        return tuple((p, p) for p in self.padding)

    def output_shape(self, *inputs: Shape) -> Shape:
        x = inputs[0]
        needs_axes(self, x)
        self._check_groups(x[0])
        spans = self.spans(x)
        self._check_padding_mode(x, spans)
        sizes = []
        for axis, (n, e, s) in enumerate(zip(x[1:], self.extent, self.stride, strict=True)):
            size = (n + sum(spans[axis]) - e) // s + 1
            if size < 1:
                raise self._too_small(axis, x, sum(spans[axis]))
            sizes.append(size)
        return self.out_channels, *sizes

    def _check_groups(self, channels: int) -> None:
        for what, count in (("input", channels), ("output", self.out_channels)):
            if count % self.groups:
                raise Impossible(
                    f"splits {count} {what} channels into {self.groups} groups, which does not come out even. "
                    f"Use groups that divide {channels} and {self.out_channels}.",
                    Fix("Set groups to 1", "set_field", "groups", 1),
                )

    def _check_padding_mode(self, x: Shape, spans: tuple[Span, ...]) -> None:
        for n, span in zip(x[1:], spans, strict=True):
            limit = {"reflect": n - 1, "circular": n}.get(self.padding_mode)
            if limit is not None and max(span) > limit:
                raise Impossible(
                    f"pads {max(span)} px by {self.padding_mode}, but its input is only {n} px there. "
                    f"Use padding {limit} or less, or padding mode zeros.",
                    Fix("Set padding mode to zeros", "set_field", "padding_mode", "zeros"),
                )

    def _too_small(self, axis: int, x: Shape, padded: int) -> Impossible:
        name, extent, size = AXIS_NAMES[self.axes][axis], self.extent[axis], x[axis + 1]
        missing = missing_padding(self.extent, x)
        now = self.padding if isinstance(self.padding, tuple) else (0,) * self.axes
        kernel = f"the {self.kernel_size[axis]} px kernel"
        if extent != self.kernel_size[axis]:
            kernel += f", dilated to {extent} px,"
        have = f"{size} px" + (f" with {padded} px of padding" if padded else "")
        return Impossible(
            f"makes its image 0 px {name}: {kernel} does not fit into {have}. "
            f"Use padding {missing[axis]} or more, or a smaller kernel.",
            *set_axes(self, "padding", tuple(map(max, now, missing))),
        )

    def parameters(self, *inputs: Shape) -> dict[str, Parameter]:
        per_group, area = inputs[0][0] // self.groups, prod(self.kernel_size)
        fans = {"fan_in": per_group * area, "fan_out": self.out_channels // self.groups * area}
        found = {"weight": Parameter((self.out_channels, per_group, *self.kernel_size), self.initial, **fans)}
        if self.bias:
            found["bias"] = Parameter((self.out_channels,), "zeros")
        return found

    def identity(self, *inputs: Shape) -> Mapping[str, Any] | None:
        centred = all(
            2 * low == extent - 1 for (low, _), extent in zip(self.spans(inputs[0]), self.extent, strict=True)
        )
        if self.output_shape(*inputs) != inputs[0] or not centred or any(size % 2 == 0 for size in self.kernel_size):
            return None
        arrays = {name: np.zeros(parameter.shape, np.float32) for name, parameter in self.parameters(*inputs).items()}
        channels, per_group = np.arange(self.out_channels), inputs[0][0] // self.groups
        arrays["weight"][(channels, channels % per_group, *(size // 2 for size in self.kernel_size))] = 1
        return arrays

    def multiply_adds(self, *inputs: Shape) -> int:
        kernel: int = prod(self.kernel_size)
        return prod(self.output_shape(*inputs)) * inputs[0][0] // self.groups * kernel

    def window(self, *inputs: Shape) -> Window:
        starts = tuple(-float(low) for low, _ in self.spans(inputs[0]))
        return Window(self.extent, tuple(map(float, self.stride)), starts)

    def arithmetic(self, *inputs: Shape) -> tuple[str, ...]:
        x, y = inputs[0], self.output_shape(*inputs)
        rows = []
        for axis, name in enumerate(("length",) if self.axes == 1 else ("depth", "height", "width")[-self.axes :]):
            low, high = self.spans(x)[axis]
            padded = f"2·{low}" if low == high else f"{low} + {high}"
            rows.append(
                f"{name}: ({x[axis + 1]} + {padded} − {self.extent[axis]}) / {self.stride[axis]} + 1 = {y[axis + 1]}"
            )
        inner = "·".join(map(str, (x[0] // self.groups, *self.kernel_size)))
        count = sum(prod(p.shape) for p in self.parameters(x).values())
        plus = " + 1" if self.bias else ""
        rows.append(f"parameters: {self.out_channels}·({inner}{plus}) = {count:,}".replace(",", " "))
        return tuple(rows)

    def reference(self, parameters: Mapping[str, Any], *xs: Any) -> Any:
        settings = {"stride": self.stride, "dilation": self.dilation, "groups": self.groups}
        arrays = parameters["weight"], parameters.get("bias")
        spans = self.spans(xs[0].shape[1:])
        return reference.convolution(xs[0], *arrays, padding=spans, padding_mode=self.padding_mode, **settings)

    def explain(self, parameters: Mapping[str, Any], at: Shape, *xs: Any) -> Explanation:
        from engine import explained

        x, (channel, *where) = xs[0], at
        per_group = x.shape[0] // self.groups
        first = channel // (self.out_channels // self.groups) * per_group
        axes = [
            [(k, source) for k in range(size) if (source := self._source(position * step - low + k * gap, n)) >= 0]
            for position, size, step, gap, (low, _), n in zip(
                where, self.kernel_size, self.stride, self.dilation, self.spans(x.shape), x.shape[1:], strict=True
            )
        ]
        taps = [(c, tap) for c in range(per_group) for tap in product(*axes)]
        places = [(0, (first + c, *(source for _, source in tap))) for c, tap in taps]
        indices = [(channel, c, *(k for k, _ in tap)) for c, tap in taps]
        weights = [parameters["weight"][index] for index in indices]
        bias = float(parameters["bias"][channel]) if self.bias else None
        values = [x[index] for _, index in places]
        own = {"taps": indices, "bias_at": at[:1], "kernels": parameters["weight"][channel]}
        return explained.weighted(places, values, weights, bias, **own)

    def reach(self, parameters: Mapping[str, Any], name: str, at: Shape, *xs: Numbers) -> Reach:
        from engine import influence

        x = xs[0].shape
        y = self.output_shape(x)
        if name == "bias":
            return influence.of_bias(xs[0], y, at)
        (channel, place, *kernel), per_group = at, x[0] // self.groups
        axes = [
            [(p, source) for p in range(size) if (source := self._source(p * step - low + k * gap, n)) >= 0]
            for size, k, step, gap, (low, _), n in zip(
                y[1:], kernel, self.stride, self.dilation, self.spans(x), x[1:], strict=True
            )
        ]
        source = channel // (self.out_channels // self.groups) * per_group + place
        return influence.of_input(xs[0], channel, source, axes)

    def _source(self, place: int, size: int) -> int:
        """Which pixel stands at a place that may lie in the padding; -1 for none."""
        if 0 <= place < size or self.padding_mode == "zeros":
            return place if 0 <= place < size else -1
        if self.padding_mode == "reflect":
            return -place if place < 0 else 2 * (size - 1) - place
        return place % size if self.padding_mode == "circular" else min(max(place, 0), size - 1)

    # --- how it is computed ------------------------------------------------------------------------------------------

    def halo(self, *inputs: Shape) -> tuple[Span, ...]:
        x, y = inputs[0], self.output_shape(*inputs)
        low, _ = self.spans(x)[-1]
        if self.padding_mode != "zeros":
            return NO_HALO
        if winograd.suits(self, x):
            return winograd.halo(self.kernel_size[0], low, x, y)
        return ((0, 0), (0, 0), (low, max(0, (y[-1] - 1) * self.stride[-1] + self.extent[-1] - low - x[-1])))

    def gradient_halo(self, *inputs: Shape) -> tuple[Span, ...]:
        x, y = inputs[0], self.output_shape(*inputs)
        (low, high), stride = self.spans(x)[-1], self.stride[-1]
        if winograd.suits(self, x):
            kernel, patch = self.kernel_size[0], winograd.patch_size(self.kernel_size[0], y[-2], y[-1])
            below = winograd.halo(kernel, kernel - 1 - low, y, x)
            whole = ((0, 0), *((0, -n % patch) for n in y[-2:]))  # the weight gradient reads whole patches of dy
            return wider(below, whole)
        width = x[-1] + (low + high if self.padding_mode != "zeros" else 0)
        low = low if self.padding_mode == "zeros" else 0
        before = max(0, -(-(self.extent[-1] - 1 - low) // stride))
        return ((0, 0), (0, 0), (before, max(0, (width - 1 + low) // stride - (y[-1] - 1))))

    def forward(self, step: Forward) -> None:
        from engine.lowering import convolution

        convolution.forward(step, self)

    def backward(self, step: Backward) -> None:
        from engine.lowering import convolution

        convolution.backward(step, self)
