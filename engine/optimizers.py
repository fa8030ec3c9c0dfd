"""How parameters follow their gradients; names and meaning of the settings are PyTorch's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import attrs
import numpy as np

from engine.errors import EngineError
from engine.spec import Declared, flag, real
from engine.store import Store, aligned_zeros

Array = np.ndarray[Any, Any]


@attrs.frozen(kw_only=True)
class Optimizer(Declared):
    """What every optimiser shares."""

    title: ClassVar[str] = ""
    kernel: ClassVar[str] = ""  # in engine.kernels.update: declarations do not load what computes
    state_names: ClassVar[tuple[str, ...]] = ()
    rate: ClassVar[float] = 1e-3  # a learning rate to start with

    weight_decay: float = real(0.0, low=0.0, high=1.0, help="How strongly weights are pulled towards zero.")

    def arguments(self, step: int) -> tuple[float | bool, ...]:
        """What the kernel takes after the learning rate, in the given step (the first is 1)."""
        raise NotImplementedError


@attrs.frozen(kw_only=True)
class Sgd(Optimizer):
    """Goes straight down the slope, with momentum where wanted."""

    title = "SGD"
    kernel = "sgd"
    state_names = ("momentum",)
    rate = 1e-2

    momentum: float = real(0.0, low=0.0, high=1.0, help="The share of the last step that is taken again.")
    nesterov: bool = flag(False, help="Whether the slope is taken where the momentum leads.")

    def arguments(self, step: int) -> tuple[float | bool, ...]:
        return self.momentum, self.nesterov, self.weight_decay


@attrs.frozen(kw_only=True)
class Momentum(Sgd):
    """SGD that keeps nine tenths of its speed."""

    title = "Momentum"
    momentum: float = real(0.9, low=0.0, high=1.0, help="The share of the last step that is taken again.")


@attrs.frozen(kw_only=True)
class Nesterov(Momentum):
    """Momentum that looks at the slope ahead."""

    title = "Nesterov"
    nesterov: bool = flag(True, help="Whether the slope is taken where the momentum leads.")


@attrs.frozen(kw_only=True)
class Adam(Optimizer):
    """Gives each weight a step of its own, from running means of its slope and the slope's square."""

    title = "Adam"
    kernel = "adam"
    state_names = ("mean", "square")
    decoupled: ClassVar[bool] = False

    beta1: float = real(0.9, low=0.0, high=0.9999, help="How slowly the mean of the slope changes.")
    beta2: float = real(0.999, low=0.0, high=0.99999, help="How slowly the mean of its square changes.")
    eps: float = real(1e-8, low=1e-12, high=1.0, help="Keeps steps small where the slope is close to zero.")

    def arguments(self, step: int) -> tuple[float | bool, ...]:
        corrections = 1 / (1 - self.beta1**step), 1 / (1 - self.beta2**step)
        return self.beta1, self.beta2, self.eps, *corrections, self.weight_decay, self.decoupled


@attrs.frozen(kw_only=True)
class AdamW(Adam):
    """Adam whose weight decay does not pass through the running means."""

    title = "AdamW"
    decoupled = True

    weight_decay: float = real(1e-2, low=0.0, high=1.0, help="How strongly weights are pulled towards zero.")


@attrs.frozen(kw_only=True)
class RmsProp(Optimizer):
    """Divides each slope by the root of its mean square."""

    title = "RMSProp"
    kernel = "rmsprop"
    state_names = ("square", "momentum")
    rate = 1e-2

    alpha: float = real(0.99, low=0.0, high=0.9999, help="How slowly the mean of the square changes.")
    eps: float = real(1e-8, low=1e-12, high=1.0, help="Keeps steps small where the slope is close to zero.")
    momentum: float = real(0.0, low=0.0, high=1.0, help="The share of the last step that is taken again.")

    def arguments(self, step: int) -> tuple[float | bool, ...]:
        return self.alpha, self.eps, self.momentum, self.weight_decay


@attrs.frozen(kw_only=True)
class Adagrad(Optimizer):
    """Divides each slope by the root of the sum of its squares so far."""

    title = "Adagrad"
    kernel = "adagrad"
    state_names = ("square",)
    rate = 1e-2

    eps: float = real(1e-10, low=1e-12, high=1.0, help="Keeps steps small where the slope is close to zero.")

    def arguments(self, step: int) -> tuple[float | bool, ...]:
        return self.eps, self.weight_decay


@attrs.frozen(kw_only=True)
class Adadelta(Optimizer):
    """Finds the length of its steps from the steps before."""

    title = "Adadelta"
    kernel = "adadelta"
    state_names = ("square", "steps")
    rate = 1.0

    rho: float = real(0.9, low=0.0, high=0.9999, help="How slowly the means change.")
    eps: float = real(1e-6, low=1e-12, high=1.0, help="Keeps steps small where the slope is close to zero.")

    def arguments(self, step: int) -> tuple[float | bool, ...]:
        return self.rho, self.eps, self.weight_decay


OPTIMIZERS: Mapping[str, type[Optimizer]] = {
    "sgd": Sgd,
    "momentum": Momentum,
    "nesterov": Nesterov,
    "rmsprop": RmsProp,
    "adam": Adam,
    "adamw": AdamW,
    "adagrad": Adagrad,
    "adadelta": Adadelta,
}


class Updater:
    """An optimiser at work on a network's parameters: its running means, and how many steps it has made."""

    def __init__(self, optimizer: Optimizer, store: Store, *, clip_norm: float | None = None) -> None:
        from engine.kernels import update as kernels

        if clip_norm is not None and not clip_norm > 0:
            raise EngineError(f"Gradients can be clipped to a norm above 0; {clip_norm} was given.")
        self.optimizer, self.store, self.clip_norm, self.steps = optimizer, store, clip_norm, 0
        self.state = {name: aligned_zeros(store.values.size) for name in optimizer.state_names}
        self._scale = np.ones(1, np.float32)
        self._parts = np.zeros(-(-store.values.size // kernels.CHUNK), np.float32)
        self._sum_squares = kernels.sum_squares
        self._run = getattr(kernels, optimizer.kernel).compiled(*self._arguments(0.1))

    def step(self, learning_rate: float) -> None:
        """Moves every parameter once, by the gradients in the store."""
        self.steps += 1
        if self.clip_norm is not None:
            self._scale[0] = min(1.0, self.clip_norm / max(self.gradient_norm(), 1e-12))
        self._run(*self._arguments(learning_rate))

    def take_memory(self, other: Updater) -> None:
        """The running means of another one of the same kind, for every parameter that both have."""
        if type(self.optimizer) is not type(other.optimizer):
            return
        self.steps = other.steps
        for name, flat in self.state.items():
            theirs = other.store.named(other.state[name])
            for parameter, array in self.store.named(flat).items():
                if parameter in theirs and theirs[parameter].shape == array.shape:
                    array[...] = theirs[parameter]

    def gradient_norm(self) -> float:
        """The length of all gradients as one vector."""
        self._sum_squares(self.store.gradients, self._parts)
        return float(np.sqrt(self._parts.sum(dtype=np.float64)))

    def _arguments(self, learning_rate: float) -> tuple[Any, ...]:
        arrays = self.store.values, self.store.gradients, self._scale, *self.state.values()
        return *arrays, learning_rate, *self.optimizer.arguments(max(1, self.steps))
