from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from engine import reference
from engine.spec import Layer, Shape, layer

if TYPE_CHECKING:
    from engine.explained import Explanation
    from engine.plan import Backward, Forward


@layer("Softmax", "output", keywords=("probabilities", "classes"))
class Softmax(Layer):
    """Turns the channels into probabilities that add up to 1."""

    is_softmax = True

    def reference(self, parameters: Mapping[str, Any], *xs: Any) -> Any:
        return reference.softmax(xs[0])

    def explain(self, parameters: Mapping[str, Any], at: Shape, *xs: Any) -> Explanation:
        from engine import explained

        places = [(0, (c, *at[1:])) for c in range(len(xs[0]))]
        values = np.array([xs[0][index] for _, index in places], np.float64)
        powers = np.exp(values - values.max())
        result, show = float(powers[at[0]] / powers.sum()), explained.number
        lines = (
            f"each number less the largest, {show(float(values.max()))}, as a power of e",
            f"{show(float(powers[at[0]]))} / {show(float(powers.sum()))} = {show(result)}",
        )
        return explained.explanation(explained.FORMULA, places, values, None, powers, result, lines=lines)

    def forward(self, step: Forward) -> None:
        from engine.lowering import activation

        activation.softmax_forward(step)

    def backward(self, step: Backward) -> None:
        from engine.lowering import activation

        activation.softmax_backward(step)
