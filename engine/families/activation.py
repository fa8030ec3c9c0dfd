"""Functions applied to every number alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from engine import reference
from engine.spec import Layer

if TYPE_CHECKING:
    from engine.plan import Backward, Forward


@attrs.frozen(kw_only=True)
class Activation(Layer):
    """Applies one function to every number; its kind names the function in `kernels.activation`."""

    @property
    def setting(self) -> float:
        """The number that shapes the function, where it has one."""
        return 0.0

    def reference(self, parameters: Mapping[str, Any], *xs: Any) -> Any:
        return getattr(reference, self.kind)(*xs, **self.settings())

    def forward(self, step: Forward) -> None:
        from engine.lowering import activation

        activation.forward(step, self)

    def backward(self, step: Backward) -> None:
        from engine.lowering import activation

        activation.backward(step, self)
