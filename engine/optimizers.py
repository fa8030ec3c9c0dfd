"""How parameters follow their gradients; names and meaning of the settings are PyTorch's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import attrs
import numpy as np

from engine.errors import EngineError
from engine.explained import number
from engine.numerals import superscript
from engine.spec import Declared, flag, real
from engine.store import ALIGNED, Store, aligned_zeros
from engine.workings import Working, factor

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

    def workings(self, w: float, g: float, state: Mapping[str, float], rate: float, step: int) -> tuple[Working, ...]:
        """What becomes of one weight in the given step, written out; settings are rounded as the kernel has them."""
        raise NotImplementedError

    def _decayed(self, w: float, g: float) -> tuple[float, tuple[Working, ...]]:
        """The slope with the pull towards zero in it."""
        decay = rounded(self.weight_decay)
        if not decay:
            return g, ()
        pulled = g + decay * w
        numbers = f"{factor(g)} + {number(decay)}·{factor(w)}"
        return pulled, (Working("g with decay", "g + λ·w", numbers, pulled),)


@attrs.frozen(kw_only=True)
class Sgd(Optimizer):
    """Goes straight down the slope, with momentum where wanted."""

    title = "SGD"
    kernel = "sgd"
    state_names = ("momentum",)
    rate = 1e-2

    momentum: float = real(0.0, low=0.0, high=1.0, help="The share of the last step that is taken again.")
    nesterov: bool = flag(
        False, title="Look ahead (Nesterov)", help="Whether the slope is taken where the momentum leads."
    )

    def arguments(self, step: int) -> tuple[float | bool, ...]:
        return self.momentum, self.nesterov, self.weight_decay

    def workings(self, w: float, g: float, state: Mapping[str, float], rate: float, step: int) -> tuple[Working, ...]:
        (g, lines), before, mu = self._decayed(w, g), state["momentum"], rounded(self.momentum)
        move, letter = g, "g"
        if mu:
            move, letter = mu * before + g, "v"
            lines += (Working("v", "μ·v + g", f"{number(mu)}·{factor(before)} + {factor(g)}", move),)
        if mu and self.nesterov:
            ahead = g + mu * move
            lines += (Working("u", "g + μ·v", f"{factor(g)} + {number(mu)}·{factor(move)}", ahead),)
            move, letter = ahead, "u"
        return *lines, _moved(w, rate, move, letter)


@attrs.frozen(kw_only=True)
class Momentum(Sgd):
    """SGD that keeps nine tenths of its speed."""

    title = "Momentum"
    momentum: float = real(0.9, low=0.0, high=1.0, help="The share of the last step that is taken again.")


@attrs.frozen(kw_only=True)
class Nesterov(Momentum):
    """Momentum that looks at the slope ahead."""

    title = "Nesterov"
    nesterov: bool = flag(
        True, title="Look ahead (Nesterov)", help="Whether the slope is taken where the momentum leads."
    )


@attrs.frozen(kw_only=True)
class Adam(Optimizer):
    """Gives each weight a step of its own, from running means of its slope and the slope's square."""

    title = "Adam"
    kernel = "adam"
    state_names = ("mean", "square")
    decoupled: ClassVar[bool] = False

    beta1: float = real(0.9, low=0.0, high=0.9999, title="Beta β₁", help="How slowly the mean of the slope changes.")
    beta2: float = real(
        0.999, low=0.0, high=0.99999, title="Beta β₂", help="How slowly the mean of its square changes."
    )
    eps: float = real(
        1e-8, low=1e-12, high=1.0, title="Epsilon ε", help="Keeps steps small where the slope is close to zero."
    )

    def arguments(self, step: int) -> tuple[float | bool, ...]:
        corrections = 1 / (1 - self.beta1**step), 1 / (1 - self.beta2**step)
        return self.beta1, self.beta2, self.eps, *corrections, self.weight_decay, self.decoupled

    def workings(self, w: float, g: float, state: Mapping[str, float], rate: float, step: int) -> tuple[Working, ...]:
        decay, shrunk = rounded(self.weight_decay), w
        lines: tuple[Working, ...] = ()
        if not self.decoupled:
            g, lines = self._decayed(w, g)
        elif decay:
            shrunk = w - rate * decay * w
            lines = (Working("w with decay", "w − η·λ·w", f"{factor(w)}·(1 − {number(rate * decay)})", shrunk),)
        b1, b2, eps = rounded(self.beta1), rounded(self.beta2), rounded(self.eps)
        mean, square = _mean("m", "β₁", b1, state["mean"], g, "g"), _mean("v", "β₂", b2, state["square"], g, "g²")
        m = _corrected("m̂", "m", "β₁", self.beta1, step, mean.value)
        v = _corrected("v̂", "v", "β₂", self.beta2, step, square.value)
        move = rate * m.value / (v.value**0.5 + eps)
        numbers = f"{factor(shrunk)} − {number(rate)}·{factor(m.value)} / (√{factor(v.value)} + {number(eps)})"
        return *lines, mean, square, m, v, Working("w", "w − η·m̂ / (√v̂ + ε)", numbers, shrunk - move)


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

    alpha: float = real(0.99, low=0.0, high=0.9999, title="Alpha α", help="How slowly the mean of the square changes.")
    eps: float = real(
        1e-8, low=1e-12, high=1.0, title="Epsilon ε", help="Keeps steps small where the slope is close to zero."
    )
    momentum: float = real(0.0, low=0.0, high=1.0, help="The share of the last step that is taken again.")

    def arguments(self, step: int) -> tuple[float | bool, ...]:
        return self.alpha, self.eps, self.momentum, self.weight_decay

    def workings(self, w: float, g: float, state: Mapping[str, float], rate: float, step: int) -> tuple[Working, ...]:
        g, lines = self._decayed(w, g)
        alpha, eps, mu = rounded(self.alpha), rounded(self.eps), rounded(self.momentum)
        square = _mean("v", "α", alpha, state["square"], g, "g²")
        share = _share("s", g, "v", square.value, eps)
        lines += (square, share)
        if not mu:
            return *lines, _moved(w, rate, share.value, "s")
        before, move = state["momentum"], mu * state["momentum"] + share.value
        lines += (Working("u", "μ·u + s", f"{number(mu)}·{factor(before)} + {factor(share.value)}", move),)
        return *lines, _moved(w, rate, move, "u")


@attrs.frozen(kw_only=True)
class Adagrad(Optimizer):
    """Divides each slope by the root of the sum of its squares so far."""

    title = "Adagrad"
    kernel = "adagrad"
    state_names = ("square",)
    rate = 1e-2

    eps: float = real(
        1e-10, low=1e-12, high=1.0, title="Epsilon ε", help="Keeps steps small where the slope is close to zero."
    )

    def arguments(self, step: int) -> tuple[float | bool, ...]:
        return self.eps, self.weight_decay

    def workings(self, w: float, g: float, state: Mapping[str, float], rate: float, step: int) -> tuple[Working, ...]:
        (g, lines), before = self._decayed(w, g), state["square"]
        square = Working("v", "v + g²", f"{number(before)} + {factor(g)}²", before + g * g)
        share = _share("s", g, "v", square.value, rounded(self.eps))
        return *lines, square, share, _moved(w, rate, share.value, "s")


@attrs.frozen(kw_only=True)
class Adadelta(Optimizer):
    """Finds the length of its steps from the steps before."""

    title = "Adadelta"
    kernel = "adadelta"
    state_names = ("square", "steps")
    rate = 1.0

    rho: float = real(0.9, low=0.0, high=0.9999, title="Rho ρ", help="How slowly the means change.")
    eps: float = real(
        1e-6, low=1e-12, high=1.0, title="Epsilon ε", help="Keeps steps small where the slope is close to zero."
    )

    def arguments(self, step: int) -> tuple[float | bool, ...]:
        return self.rho, self.eps, self.weight_decay

    def workings(self, w: float, g: float, state: Mapping[str, float], rate: float, step: int) -> tuple[Working, ...]:
        (g, lines), before = self._decayed(w, g), state["steps"]
        rho, eps = rounded(self.rho), rounded(self.eps)
        square = _mean("v", "ρ", rho, state["square"], g, "g²")
        length = g * (before + eps) ** 0.5 / (square.value + eps) ** 0.5
        small = number(eps)
        numbers = f"{factor(g)}·√({number(before)} + {small}) / √({number(square.value)} + {small})"
        share = Working("s", "g·√(u + ε) / √(v + ε)", numbers, length)
        after = _mean("u", "ρ", rho, before, length, "s²")
        return *lines, square, share, after, _moved(w, rate, length, "s")


def rounded(value: float) -> float:
    """A setting as the kernels have it: in 32 bits."""
    return float(np.float32(value))


def _mean(name: str, letter: str, share: float, before: float, new: float, what: str) -> Working:
    """A running mean of the slope, or of its square."""
    squared = what.endswith("²")
    added = new * new if squared else new
    rest = float(np.float32(1) - np.float32(share))
    numbers = f"{number(share)}·{factor(before)} + {number(rest)}·{factor(new)}{'²' if squared else ''}"
    return Working(name, f"{letter}·{name} + (1 − {letter})·{what}", numbers, share * before + rest * added)


def _corrected(name: str, mean: str, letter: str, share: float, step: int, value: float) -> Working:
    """A running mean without what it lacks because it began at zero."""
    return Working(
        name,
        f"{mean} / (1 − {letter}ᵗ)",
        f"{factor(value)} / (1 − {number(share)}{superscript(step)})",
        value * rounded(1 / (1 - share**step)),
    )


def _share(name: str, g: float, letter: str, square: float, eps: float) -> Working:
    numbers = f"{factor(g)} / (√{factor(square)} + {number(eps)})"
    return Working(name, f"g / (√{letter} + ε)", numbers, g / (square**0.5 + eps))


def _moved(w: float, rate: float, move: float, letter: str) -> Working:
    """The last line: the weight, and the learning rate's share of the move."""
    return Working("w", f"w − η·{letter}", f"{factor(w)} − {number(rate)}·{factor(move)}", w - rate * move)


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


@attrs.frozen
class Rehearsed:
    """What a step would make of one weight."""

    weight: float
    gradient: float
    scale: float  # what clipping multiplies every gradient by
    state: Mapping[str, float]  # what the optimiser remembers of it
    step: int  # the first is 1
    after: float  # the weight's next value, to the last bit
    state_after: Mapping[str, float]


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

    def rehearse(self, name: str, index: tuple[int, ...], learning_rate: float) -> Rehearsed:
        """What the next step would make of a weight of "node.parameter": the kernel itself on a copy of its numbers."""
        scale = np.ones(1, np.float32)
        if self.clip_norm is not None:
            scale[0] = min(1.0, self.clip_norm / max(self.gradient_norm(), 1e-12))
        before = {what: float(self.store.named(flat)[name][index]) for what, flat in self.state.items()}
        flats = self.store.values, self.store.gradients
        weight, gradient = (float(self.store.named(flat)[name][index]) for flat in flats)
        lanes = [aligned_zeros(ALIGNED) for _ in (weight, gradient, *before)]
        for lane, value in zip(lanes, (weight, gradient, *before.values()), strict=True):
            lane[0] = value
        step = self.steps + 1
        self._run(*lanes[:2], scale, *lanes[2:], learning_rate, *self.optimizer.arguments(step))
        after = {what: float(lane[0]) for what, lane in zip(before, lanes[2:], strict=True)}
        return Rehearsed(weight, gradient, float(scale[0]), before, step, float(lanes[0][0]), after)

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
