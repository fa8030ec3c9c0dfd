from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from engine import reference
from engine.numerals import written
from engine.spec import Layer, Shape, layer, real, whole

if TYPE_CHECKING:
    from engine.explained import Explanation
    from engine.plan import Backward, Forward


@layer("Local response norm", "norm", keywords=("lrn", "alexnet"))
class LocalResponseNorm(Layer):
    """Damps a pixel whose neighbouring channels are strong too."""

    size: int = whole(5, low=1, high=1024, title="Neighbours", help="How many neighbouring channels count.")
    alpha: float = real(1e-4, low=0.0, high=100.0, title="Alpha α", help="How much their squares count.")
    beta: float = real(0.75, low=0.0, high=10.0, title="Beta β", help="The power that damps.")
    k: float = real(1.0, low=1e-3, high=100.0, title="Constant k", help="What is there without neighbours.")

    def brief(self) -> str:
        return f"{self.size} channels"

    def multiply_adds(self, *inputs: Shape) -> int:
        return prod(inputs[0]) * self.size

    def reference(self, parameters: Mapping[str, Any], *xs: Any) -> Any:
        return reference.local_response_norm(xs[0], **self.settings())

    def explain(self, parameters: Mapping[str, Any], at: Shape, *xs: Any) -> Explanation:
        from engine import explained

        channel, x = at[0], xs[0]
        near = range(max(0, channel - self.size // 2), min(len(x), channel + (self.size - 1) // 2 + 1))
        places = [(0, (c, *at[1:])) for c in near]
        values = np.array([x[index] for _, index in places], np.float64)
        base = self.k + self.alpha / self.size * float((values**2).sum())
        result = float(x[at]) * base**-self.beta
        show = explained.number
        squares = show(float((values**2).sum()))
        lines = (
            f"{written(self.k)} + {written(self.alpha)} / {self.size} · {squares} = {show(base)}",
            f"{show(float(x[at]))} / {show(base)} ^ {written(self.beta)} = {show(result)}",
        )
        return explained.explanation(explained.FORMULA, places, values, None, values**2, result, lines=lines)

    def forward(self, step: Forward) -> None:
        from engine.lowering import normalisation

        normalisation.response_forward(step, self)

    def backward(self, step: Backward) -> None:
        from engine.lowering import normalisation

        normalisation.response_backward(step, self)
