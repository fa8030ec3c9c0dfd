"""Layers whose every output pixel is one pixel of the input, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from engine.spec import Impossible, Layer, Shape

if TYPE_CHECKING:
    from engine.plan import Backward, Forward


@attrs.frozen(kw_only=True)
class Picking(Layer):
    """Says for each axis which input pixel each output pixel shows."""

    def picks(self, size: int, outputs: int) -> list[int]:
        """The input pixel of each output pixel along an axis, -1 for none."""
        raise NotImplementedError

    def forward(self, step: Forward) -> None:
        from engine.lowering import resampling

        resampling.pick_forward(step, self)

    def backward(self, step: Backward) -> None:
        from engine.lowering import resampling

        resampling.pick_backward(step, self)


def needs_space(x: Shape, verb: str) -> None:
    """Refuses a row of features."""
    if len(x) == 1:
        raise Impossible(f"{verb} images, but its input is a row of features. Put it before Flatten.")
