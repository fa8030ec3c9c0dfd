"""What training makes small."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import TYPE_CHECKING, Any, ClassVar

import attrs
import numpy as np

from engine.errors import InputError
from engine.spec import Shape

if TYPE_CHECKING:
    from engine.memory import Tensor
    from engine.plan import Recorder

Array = np.ndarray[Any, Any]
Blend = tuple[Array, Array]  # a second target for each, and for each sample how much its first one counts
Record = Callable[["Recorder", "Tensor", "Tensor"], None]


@attrs.frozen(kw_only=True)
class Loss:
    """A number for each batch, and the gradient that starts backpropagation."""

    includes_softmax: ClassVar[bool] = False  # a softmax at the network's end is left out in training
    counts_hits: ClassVar[bool] = False  # the highest output names a class, which may be the right one

    def targets(self, output: Shape, samples: int) -> Array:
        """A buffer for the targets of so many samples."""
        return np.zeros(samples * prod(output), np.float32)

    def checked(self, target: Any, output: Shape, samples: int) -> Array:
        """Targets in the buffer's form, or a sentence that says what is wrong with them."""
        array = np.asarray(target, np.float32)
        if array.shape != (samples, *output):
            raise InputError(f"The targets have the shape {array.shape}; the network needs {(samples, *output)}.")
        if not np.isfinite(array).all():
            raise InputError("The targets hold numbers that are not finite. Remove those samples.")
        return array.reshape(-1)

    def recorder(self, targets: Array, losses: Array, blend: Blend | None = None) -> Record:
        """What records the loss at the end of a plan's forward steps."""
        raise NotImplementedError


@attrs.frozen(kw_only=True)
class CrossEntropy(Loss):
    """How surprised the network is by the right class: softmax and logarithm in one, also for every pixel."""

    includes_softmax = True
    counts_hits = True

    label_smoothing: float = attrs.field(
        default=0.0, validator=attrs.validators.and_(attrs.validators.ge(0), attrs.validators.le(1))
    )
    class_weights: Sequence[float] | None = None

    def targets(self, output: Shape, samples: int) -> Array:
        return np.zeros(samples * prod(output[1:]), np.int64)

    def checked(self, target: Any, output: Shape, samples: int) -> Array:
        array = np.asarray(target)
        if array.shape != (samples, *output[1:]):
            raise InputError(f"The labels have the shape {array.shape}; the network needs {(samples, *output[1:])}.")
        if not np.issubdtype(array.dtype, np.integer):
            raise InputError(f"Labels must be whole numbers; they are {array.dtype}.")
        low, high = int(array.min()), int(array.max())
        if low < 0 or high >= output[0]:
            wrong = low if low < 0 else high
            raise InputError(
                f"A label is {wrong}, but the network tells {output[0]} classes apart: "
                f"labels go from 0 to {output[0] - 1}."
            )
        return array.reshape(-1).astype(np.int64)

    def weights(self, classes: int) -> Array:
        if self.class_weights is None:
            return np.ones(classes, np.float32)
        if len(self.class_weights) != classes:
            raise InputError(f"There are {len(self.class_weights)} class weights for {classes} classes.")
        return np.asarray(self.class_weights, np.float32)

    def recorder(self, targets: Array, losses: Array, blend: Blend | None = None) -> Record:
        from engine.kernels import loss as kernels

        others, shares = blend or (targets, np.ones(len(losses), np.float32))

        def record(step: Recorder, z: Tensor, dz: Tensor) -> None:
            wanted = targets, others, shares, self.weights(z.shape[1]), float(self.label_smoothing)
            step.run(kernels.cross_entropy, z, *wanted, step.samples, dz, losses)

        return record


@attrs.frozen(kw_only=True)
class BinaryCrossEntropy(Loss):
    """The same for outputs that are each true or false on their own; the network's outputs are logits."""

    def recorder(self, targets: Array, losses: Array, blend: Blend | None = None) -> Record:
        from engine.kernels import loss as kernels

        return lambda step, z, dz: step.run(kernels.binary_cross_entropy, z, targets, step.samples, dz, losses)


@attrs.frozen(kw_only=True)
class MeanSquaredError(Loss):
    """The mean of squared differences, for outputs that are quantities."""

    def recorder(self, targets: Array, losses: Array, blend: Blend | None = None) -> Record:
        from engine.kernels import loss as kernels

        return lambda step, z, dz: step.run(kernels.mean_squared_error, z, targets, step.samples, dz, losses)


LOSSES: dict[str, type[Loss]] = {
    "cross_entropy": CrossEntropy,
    "binary_cross_entropy": BinaryCrossEntropy,
    "mean_squared_error": MeanSquaredError,
}
