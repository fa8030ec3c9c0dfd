from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine import reference
from engine.families.normalisation import Normalisation
from engine.spec import Parameter, Shape, layer, real

if TYPE_CHECKING:
    from engine.explained import Explanation
    from engine.influence import Numbers, Reach
    from engine.plan import Backward, Forward


@layer("Batch norm", "norm", keywords=("bn", "batch normalization"))
class BatchNorm(Normalisation):
    """Moves each channel to mean 0 and variance 1 over the batch, then scales and shifts it."""

    fuses_relu = True

    momentum: float = real(0.1, low=0.0, high=1.0, help="How fast the measured mean and variance follow each batch.")

    def parameters(self, *inputs: Shape) -> dict[str, Parameter]:
        shape = (inputs[0][0],)
        measured = {
            "running_mean": Parameter(shape, "zeros", trained=False),
            "running_var": Parameter(shape, "ones", trained=False),
        }
        return super().parameters(*inputs) | measured

    def reference(self, parameters: Mapping[str, Any], *xs: Any) -> Any:
        return reference.batch_norm(xs[0], parameters["weight"], parameters["bias"], eps=self.eps)

    def reference_in_use(self, parameters: Mapping[str, Any], *xs: Any) -> Any:
        names = ("weight", "bias", "running_mean", "running_var")
        return reference.batch_norm_inference(xs[0], *(parameters[name] for name in names), eps=self.eps)

    def explain(self, parameters: Mapping[str, Any], at: Shape, *xs: Any) -> Explanation:
        from engine import explained

        names = ("running_mean", "running_var", "weight", "bias")
        mean, variance, weight, bias = (float(parameters[name][at[0]]) for name in names)
        return explained.shifted_and_scaled(at, xs[0], mean, variance, weight, bias, self.eps, at[:1])

    def reach(self, parameters: Mapping[str, Any], name: str, at: Shape, *xs: Numbers) -> Reach:
        from engine import influence

        x = xs[0].shape
        if name == "bias":
            return influence.of_bias(xs[0], x, at)
        places = influence.everywhere(x, *at)
        return influence.of_scale(xs[0], places, places, tuple(range(len(x) + 1)), self.eps)

    def forward(self, step: Forward) -> None:
        from engine.lowering import normalisation

        normalisation.batch_forward(step, self)

    def backward(self, step: Backward) -> None:
        from engine.lowering import normalisation

        normalisation.batch_backward(step, self)
