"""Normalisation layers: numbers that belong together are moved to mean 0 and variance 1."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from engine import reference
from engine.spec import Fix, Impossible, Layer, Parameter, Shape, real

if TYPE_CHECKING:
    from engine.explained import Explanation
    from engine.influence import Numbers, Reach
    from engine.plan import Backward, Forward


@attrs.frozen(kw_only=True)
class Normalisation(Layer):
    """What all of them share: a small number that keeps the division safe, and a learned scale and shift."""

    eps: float = real(
        1e-5, low=1e-12, high=1.0, title="Epsilon ε", help="Added to the variance, so that nothing is divided by zero."
    )

    def weight_shape(self, x: Shape) -> Shape:
        return (x[0],)

    def parameters(self, *inputs: Shape) -> dict[str, Parameter]:
        shape = self.weight_shape(inputs[0])
        return {"weight": Parameter(shape, "ones"), "bias": Parameter(shape, "zeros")}

    def multiply_adds(self, *inputs: Shape) -> int:
        return prod(inputs[0])

    def arithmetic(self, *inputs: Shape) -> tuple[str, ...]:
        size = prod(self.weight_shape(inputs[0]))
        return (f"parameters: 2·{size} = {2 * size:,}".replace(",", " "),)


@attrs.frozen(kw_only=True)
class SampleNormalisation(Normalisation):
    """Normalises parts of each sample on its own."""

    def group_count(self, x: Shape) -> int:
        return 1

    def reference(self, parameters: Mapping[str, Any], *xs: Any) -> Any:
        shape = xs[0].shape[1:]
        arrays = xs[0], parameters["weight"], parameters["bias"]
        if self.weight_shape(shape) == shape and len(shape) > 1:
            return reference.layer_norm(*arrays, eps=self.eps)
        return reference.group_norm(*arrays, groups=self.group_count(shape), eps=self.eps)

    def explain(self, parameters: Mapping[str, Any], at: Shape, *xs: Any) -> Explanation:
        from engine import explained

        x, groups = xs[0], self.group_count(xs[0].shape)
        group = x.reshape(groups, -1)[at[0] * groups // x.shape[0]]
        own = at if self.weight_shape(x.shape) == x.shape else at[:1]
        weight, bias = float(parameters["weight"][own]), float(parameters["bias"][own])
        return explained.standardised(at, x, group, weight, bias, self.eps, own)

    def reach(self, parameters: Mapping[str, Any], name: str, at: Shape, *xs: Numbers) -> Reach:
        from engine import influence

        x = xs[0].shape
        if name == "bias":
            return influence.of_bias(xs[0], x, at)
        size = x[0] // self.group_count(x)
        group = np.arange(at[0] // size * size, at[0] // size * size + size), *influence.everywhere(x)[1:]
        return influence.of_scale(xs[0], influence.everywhere(x, *at), group, tuple(range(1, len(x) + 1)), self.eps)

    def forward(self, step: Forward) -> None:
        from engine.lowering import normalisation

        normalisation.sample_forward(step, self)

    def backward(self, step: Backward) -> None:
        from engine.lowering import normalisation

        normalisation.sample_backward(step, self)


def check_groups(groups: int, channels: int) -> None:
    """Refuses groups that do not come out even."""
    if channels % groups:
        raise Impossible(
            f"splits {channels} channels into {groups} groups, which does not come out even. "
            f"Use a number of groups that divides {channels}.",
            Fix("Set groups to 1", "set_field", "groups", 1),
        )
