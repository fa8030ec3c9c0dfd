"""Layers that forget a part of what they get while training."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import TYPE_CHECKING, Any, ClassVar

import attrs

from engine import reference
from engine.numerals import written
from engine.reference import lots as drawing
from engine.spec import Layer, Shape, real

if TYPE_CHECKING:
    from engine.explained import Explanation
    from engine.plan import Backward, Forward


@attrs.frozen(kw_only=True)
class Forgetting(Layer):
    """Sets numbers (or whole channels) to zero by lot, and scales the others up so that the mean stays."""

    draws_lots = True
    passes_gradient = True
    by_channel: ClassVar[bool] = False

    p: float = real(
        0.5, low=0.0, high=1.0, title="Dropped share p", help="The share that is forgotten in each training step."
    )

    def brief(self) -> str:
        return written(self.p)

    def reference(self, parameters: Mapping[str, Any], *xs: Any, lots: tuple[int, int, int] = (0, 0, 0)) -> Any:
        x = xs[0]
        shape = (*x.shape[:2], *(1,) * (x.ndim - 2)) if self.by_channel else x.shape
        mask = drawing.uniform(drawing.key(*lots), prod(shape)).reshape(shape) >= self.p
        return reference.dropout(x, mask.astype(float), p=self.p)

    def explain(self, parameters: Mapping[str, Any], at: Shape, *xs: Any) -> Explanation:
        from engine import explained

        return explained.copied(at, xs[0])  # what is forgotten by lot is forgotten while training alone

    def forward(self, step: Forward) -> None:
        from engine.lowering import dropout

        dropout.forward(step, self)

    def backward(self, step: Backward) -> None:
        from engine.lowering import dropout

        dropout.backward(step, self)
