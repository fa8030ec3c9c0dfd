"""How the learning rate changes while training: a factor for each step, from 0 to 1."""

from __future__ import annotations

from collections.abc import Mapping
from math import cos, pi
from typing import ClassVar

import attrs

from engine.spec import Declared, real, whole


@attrs.frozen(kw_only=True)
class Schedule(Declared):
    """What every schedule shares: a warm-up that rises in a straight line."""

    title: ClassVar[str] = ""

    warm_up: int = whole(
        0, low=0, high=1_000_000, unit="steps", title="Warm-up", help="Steps in which the rate rises from nearly zero."
    )

    def factor(self, step: int, total: int) -> float:
        """What the learning rate is multiplied by in this step (the first is 0) of so many."""
        if step < self.warm_up:
            return (step + 1) / (self.warm_up + 1)
        return self.after_warm_up(step - self.warm_up, max(1, total - self.warm_up))

    def after_warm_up(self, step: int, total: int) -> float:
        return 1.0


@attrs.frozen(kw_only=True)
class Constant(Schedule):
    """The same rate all the time."""

    title = "Constant"


@attrs.frozen(kw_only=True)
class Steps(Schedule):
    """The rate falls by a factor a few times, at even distances."""

    title = "Step"

    falls: int = whole(2, low=1, high=100, help="How many times the rate falls.")
    gamma: float = real(0.1, low=0.0, high=1.0, title="Factor γ", help="What the rate is multiplied by at each fall.")

    def after_warm_up(self, step: int, total: int) -> float:
        return float(self.gamma ** (min(step, total - 1) * (self.falls + 1) // total))


@attrs.frozen(kw_only=True)
class Exponential(Schedule):
    """The rate falls by the same factor over and over, down to a share of the first rate."""

    title = "Exponential"

    end: float = real(
        0.01, low=1e-6, high=1.0, title="Share at the end", help="The share of the rate that is left at the end."
    )

    def after_warm_up(self, step: int, total: int) -> float:
        return float(self.end ** (min(step, total) / total))


@attrs.frozen(kw_only=True)
class Cosine(Schedule):
    """The rate falls along half a cosine: slowly, fast, slowly."""

    title = "Cosine"

    end: float = real(
        0.0, low=0.0, high=1.0, title="Share at the end", help="The share of the rate that is left at the end."
    )

    def after_warm_up(self, step: int, total: int) -> float:
        return self.end + (1 - self.end) * (1 + cos(pi * min(step, total) / total)) / 2


@attrs.frozen(kw_only=True)
class OneCycle(Schedule):
    """The rate rises to its height and falls to almost nothing, both along half a cosine."""

    title = "One cycle"

    rise: float = real(
        0.3, low=0.01, high=0.99, title="Share of the rise", help="The share of the steps in which the rate rises."
    )
    start: float = real(
        0.04, low=0.0, high=1.0, title="Share at the start", help="The share of the rate at the beginning."
    )
    end: float = real(1e-4, low=0.0, high=1.0, title="Share at the end", help="The share of the rate at the end.")

    def after_warm_up(self, step: int, total: int) -> float:
        peak = self.rise * total
        if step < peak:
            return 1 + (self.start - 1) * (1 + cos(pi * step / peak)) / 2
        fallen = min(1.0, (step - peak) / (total - peak))
        return self.end + (1 - self.end) * (1 + cos(pi * fallen)) / 2


SCHEDULES: Mapping[str, type[Schedule]] = {
    "constant": Constant,
    "step": Steps,
    "exponential": Exponential,
    "cosine": Cosine,
    "one_cycle": OneCycle,
}
