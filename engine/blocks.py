"""Ready-made chains of layers: convolutions taken apart into cheaper ones."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

import attrs

from engine.errors import GraphError
from engine.spec import Declared, Layer, flag, make, per_axis, whole

Axes = Any  # two numbers, or a word that stands for them


@attrs.frozen(kw_only=True)
class Block(Declared):
    """Layers that are placed together; `layers` makes them from the block's settings.

    Only the last layer adds a bias: between layers that follow each other directly, another one could be moved there.
    """

    axes = 2
    name: ClassVar[str] = ""
    title: ClassVar[str] = ""
    keywords: ClassVar[tuple[str, ...]] = ()

    out_channels: int = whole(16, low=1, high=65536, help="How many channels the output has.")
    kernel_size: Axes = per_axis(3, low=1, high=255, help="Height and width of what one output pixel sees.")
    stride: Axes = per_axis(1, low=1, high=255, help="Step from one position of the kernel to the next.")
    padding: Axes = per_axis(
        "same", low=0, high=255, words=("valid", "same", "full"), help="Pixels added around the input."
    )
    bias: bool = flag(True, help="Whether each output channel adds a number of its own.")

    def layers(self, channels: int) -> list[Layer]:
        """The layers one after the other, for an input with so many channels."""
        raise NotImplementedError

    def _padding(self, axis: int) -> Axes:
        """The padding along one axis alone."""
        if isinstance(self.padding, str):
            return self.padding  # where a kernel is one pixel wide, no word adds anything
        return tuple(p if i == axis else 0 for i, p in enumerate(self.padding))

    def _along(self, axis: int, channels: int, *, groups: int = 1, bias: bool = False) -> Layer:
        """A convolution that spans one axis alone."""
        size, stride = (tuple(v[i] if i == axis else 1 for i in range(2)) for v in (self.kernel_size, self.stride))
        settings = {"kernel_size": size, "stride": stride, "padding": self._padding(axis)}
        return make("conv2d", out_channels=channels, groups=groups, bias=bias, **settings)


@attrs.frozen(kw_only=True)
class DepthwiseSeparable(Block):
    """Filters every channel apart from the others, then mixes the channels pixel by pixel."""

    name = "depthwise_separable"
    title = "Depthwise separable convolution"
    keywords = ("mobilenet", "xception", "pointwise")

    def layers(self, channels: int) -> list[Layer]:
        settings = {"kernel_size": self.kernel_size, "stride": self.stride, "padding": self.padding}
        depthwise = make("conv2d", out_channels=channels, groups=channels, bias=False, **settings)
        return [depthwise, make("conv2d", out_channels=self.out_channels, kernel_size=1, bias=self.bias)]


@attrs.frozen(kw_only=True)
class SpatiallySeparable(Block):
    """Slides a column of weights over the image and then a row, in place of a whole kernel."""

    name = "spatially_separable"
    title = "Spatially separable convolution"
    keywords = ("asymmetric", "factorized", "inception")

    def layers(self, channels: int) -> list[Layer]:
        return [self._along(0, self.out_channels), self._along(1, self.out_channels, bias=self.bias)]


@attrs.frozen(kw_only=True)
class Flattened(Block):
    """Mixes channels, then slides a column and then a row over each channel: three filters of one axis each."""

    name = "flattened"
    title = "Flattened convolution"
    keywords = ("factorized", "lateral", "vertical", "horizontal")

    def layers(self, channels: int) -> list[Layer]:
        made = self.out_channels
        lateral = make("conv2d", out_channels=made, kernel_size=1, bias=False)
        return [lateral, self._along(0, made, groups=made), self._along(1, made, groups=made, bias=self.bias)]


BLOCKS: Mapping[str, type[Block]] = MappingProxyType(
    {block.name: block for block in (DepthwiseSeparable, SpatiallySeparable, Flattened)}
)


def block_layers(name: str, channels: int, **settings: Any) -> list[Layer]:
    """The layers of the block of this name, for an input with so many channels."""
    if name not in BLOCKS:
        raise GraphError(f"There is no block {name!r}; there are {', '.join(BLOCKS)}.")
    if channels < 1:
        raise GraphError(f"A block needs an input with at least one channel; {channels} was given.")
    return BLOCKS[name](**settings).layers(channels)
