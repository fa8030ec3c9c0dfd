"""Tries learning rates on a copy of the network, a step at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.questions.rates import FindRate, RatesTried
from engine.rate_finder import HIGH, LOW, find_learning_rate, smoothed, suggested
from engine.trainer import Trainer

STEPS, STEPS_AN_ANSWER = 120, 8


def find_rate(trainer: Trainer, question: FindRate) -> Iterator[RatesTried | None]:
    """The losses as they come, and at last the rate to take."""
    rates, losses = list[float](), list[float]()
    for rate, loss in find_learning_rate(trainer, low=LOW, high=HIGH, steps=STEPS):
        rates.append(rate)
        losses.append(loss)
        yield None if len(rates) % STEPS_AN_ANSWER else _tried(question, rates, losses)
    yield _tried(question, rates, losses, done=True)


def _tried(question: FindRate, rates: list[float], losses: list[float], *, done: bool = False) -> RatesTried:
    x, y = np.array(rates), np.array(losses)
    return RatesTried(question.number, x, y, smoothed(y), suggested(x, y) if done else None, done)
