from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine import reference
from engine.spec import Layer, layer

if TYPE_CHECKING:
    from engine.plan import Backward, Forward


@layer("Softmax", "output", keywords=("probabilities", "classes"))
class Softmax(Layer):
    """Turns the channels into probabilities that add up to 1."""

    is_softmax = True

    def reference(self, parameters: Mapping[str, Any], *xs: Any) -> Any:
        return reference.softmax(xs[0])

    def forward(self, step: Forward) -> None:
        from engine.lowering import activation

        activation.softmax_forward(step)

    def backward(self, step: Backward) -> None:
        from engine.lowering import activation

        activation.softmax_backward(step)
