"""Functions applied to every number alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import attrs
import numpy as np

from engine import reference
from engine.spec import Layer, Shape

if TYPE_CHECKING:
    from engine.explained import Explanation
    from engine.plan import Backward, Forward


@attrs.frozen(kw_only=True)
class Activation(Layer):
    """Applies one function to every number; its kind names the function in `kernels.activation`."""

    bounds: ClassVar[tuple[float, float] | None] = None  # between which its values stay: it is flat close to them

    @property
    def setting(self) -> float:
        """The number that shapes the function, where it has one."""
        return 0.0

    def reference(self, parameters: Mapping[str, Any], *xs: Any) -> Any:
        return getattr(reference, self.kind)(*xs, **self.settings())

    def explain(self, parameters: Mapping[str, Any], at: Shape, *xs: Any) -> Explanation:
        from engine import explained

        value = float(xs[0][at])
        result = float(self.reference(parameters, np.array([[value]]))[0][0, 0])
        rule = (getattr(reference, self.kind).__doc__ or "").strip().split("\n")[0].rstrip(".")
        for name, setting in self.settings().items():  # the arithmetic has this layer's own numbers in it
            rule = rule.replace(name, explained.number(setting))
        line = f"{self.title}({explained.number(value)}) = {explained.number(result)}"
        return explained.explanation(explained.FORMULA, [(0, at)], [value], None, [value], result, lines=(rule, line))

    def forward(self, step: Forward) -> None:
        from engine.lowering import activation

        activation.forward(step, self)

    def backward(self, step: Backward) -> None:
        from engine.lowering import activation

        activation.backward(step, self)
