"""Whether and how a convolution is computed by Winograd's method; the kernels are in `engine.kernels.winograd`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.spec import Shape, Span

if TYPE_CHECKING:
    from engine.families.convolution import Convolution

PATCHES = {3: (2, 4), 5: (2, 4)}  # by kernel size: output patches that are accurate to 1e-5 of the largest value
FEWEST_CHANNELS = 8  # below, transforming costs more than multiplying


def suits(layer: Convolution, x: Shape) -> bool:
    """Square 3 x 3 or 5 x 5 kernels that step pixel by pixel, with enough channels to pay for the transforms."""
    kernel = layer.kernel_size
    if layer.axes != 2 or kernel[0] != kernel[1] or kernel[0] not in PATCHES or layer.groups > 1:
        return False
    if set(layer.stride) != {1} or set(layer.dilation) != {1} or min(x[0], layer.out_channels) < FEWEST_CHANNELS:
        return False
    lows = {low for span in layer.spans(x) for low in span}
    return layer.padding_mode == "zeros" and len(lows) == 1 and max(lows) < kernel[0]


def patch_size(kernel: int, height: int, width: int) -> int:
    """The output patch that needs the fewest multiplications for an image of this size."""
    return min(PATCHES[kernel], key=lambda m: (-(-height // m)) * -(-width // m) * (m + kernel - 1) ** 2)


def halo(kernel: int, low: int, size: tuple[int, ...], output: tuple[int, ...]) -> tuple[Span, ...]:
    """How far patches reach beyond an image of this size while they cover the output."""
    m = patch_size(kernel, output[-2], output[-1])
    highs = (max(0, -(-o // m) * m + kernel - 1 - low - n) for n, o in zip(size[-2:], output[-2:], strict=True))
    return ((0, 0), *((low, high) for high in highs))
