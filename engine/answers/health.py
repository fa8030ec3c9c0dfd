"""How the network in training is."""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakKeyDictionary

from engine.questions.health import CheckHealth, HealthChecked
from engine.trainer import Trainer
from engine.vitals import Monitor

_monitors: WeakKeyDictionary[Trainer, Monitor] = WeakKeyDictionary()  # they remember the looks before


def check(trainer: Trainer, question: CheckHealth) -> Iterator[HealthChecked | None]:
    """One look, in pieces; it waits for a step where steps are made."""
    monitor = _monitors.setdefault(trainer, Monitor(trainer.network))
    health = yield from monitor.check(trainer)
    yield HealthChecked(question.number, health)
