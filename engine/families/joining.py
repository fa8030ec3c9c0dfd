"""Layers that join two or more inputs."""

from __future__ import annotations

import attrs

from engine.families.convolution import times
from engine.spec import Impossible, Layer, Shape


@attrs.frozen(kw_only=True)
class Joining(Layer):
    """Takes two inputs or more."""

    ports = -1


@attrs.frozen(kw_only=True)
class JoiningAlike(Joining):
    """Joins inputs of the same shape, number by number."""

    def output_shape(self, *inputs: Shape) -> Shape:
        for port, shape in enumerate(inputs):
            if shape != inputs[0]:
                raise Impossible(
                    "joins inputs number by number, so they must have the same shape; "
                    f"input 0 has {times(inputs[0])} and input {port} has {times(shape)}. "
                    "Bring them to one shape, for example with a 1 × 1 convolution."
                )
        return inputs[0]
