from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from engine import reference
from engine.families.convolution import INITIALS, times
from engine.spec import Fix, Impossible, Layer, Parameter, Shape, choice, flag, layer, whole

if TYPE_CHECKING:
    from engine.explained import Explanation
    from engine.influence import Numbers, Reach
    from engine.plan import Backward, Forward


@layer("Dense", "dense", keywords=("linear", "fully connected", "fc"))
class Dense(Layer):
    """Connects every feature with every output by a weight of its own."""

    fuses_relu = True

    out_features: int = whole(10, low=1, high=1 << 20, title="Output features", help="How many outputs.")
    bias: bool = flag(True, help="Whether each output adds a number of its own.")
    initial: str = choice("he_normal", *INITIALS, title="First weights", help="How the first weights are drawn.")

    def brief(self) -> str:
        return str(self.out_features)

    def output_shape(self, *inputs: Shape) -> Shape:
        if len(inputs[0]) != 1:
            raise Impossible(
                f"needs a row of features, but its input has the shape {times(inputs[0])}. "
                "Put a Flatten layer before it.",
                Fix("Add Flatten", "insert_before", value="flatten"),
            )
        return (self.out_features,)

    def parameters(self, *inputs: Shape) -> dict[str, Parameter]:
        features = inputs[0][0]
        weight = Parameter((self.out_features, features), self.initial, features, self.out_features)
        found = {"weight": weight}
        if self.bias:
            found["bias"] = Parameter((self.out_features,), "zeros")
        return found

    def identity(self, *inputs: Shape) -> Mapping[str, Any] | None:
        if self.out_features != inputs[0][0]:
            return None
        arrays = {name: np.zeros(parameter.shape, np.float32) for name, parameter in self.parameters(*inputs).items()}
        np.fill_diagonal(arrays["weight"], 1)
        return arrays

    def multiply_adds(self, *inputs: Shape) -> int:
        return inputs[0][0] * self.out_features

    def sees_everything(self, *inputs: Shape) -> bool:
        return True

    def arithmetic(self, *inputs: Shape) -> tuple[str, ...]:
        plus = " + 1" if self.bias else ""
        count = self.out_features * (inputs[0][0] + self.bias)
        return (f"parameters: {self.out_features}·({inputs[0][0]}{plus}) = {count:,}".replace(",", " "),)

    def reference(self, parameters: Mapping[str, Any], *xs: Any) -> Any:
        return reference.dense(xs[0], parameters["weight"], parameters.get("bias"))

    def explain(self, parameters: Mapping[str, Any], at: Shape, *xs: Any) -> Explanation:
        from engine import explained

        bias = float(parameters["bias"][at[0]]) if self.bias else None
        places, taps = [(0, (i,)) for i in range(len(xs[0]))], [(at[0], i) for i in range(len(xs[0]))]
        return explained.weighted(places, xs[0], parameters["weight"][at[0]], bias, taps=taps, bias_at=at[:1])

    def reach(self, parameters: Mapping[str, Any], name: str, at: Shape, *xs: Numbers) -> Reach:
        from engine import influence

        if name == "bias":
            return influence.of_bias(xs[0], (self.out_features,), at)
        return influence.of_input(xs[0], at[0], at[1], ())

    def forward(self, step: Forward) -> None:
        from engine.lowering import dense

        dense.forward(step, self)

    def backward(self, step: Backward) -> None:
        from engine.lowering import dense

        dense.backward(step, self)
