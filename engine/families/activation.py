"""Functions applied to every number alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

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

    def forward(self, step: Forward) -> None:
        from engine.lowering import activation

        activation.forward(step, self)

    def backward(self, step: Backward) -> None:
        from engine.lowering import activation

        activation.backward(step, self)
