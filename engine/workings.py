"""Arithmetic written out: a name, the rule, the rule with its numbers, and what comes out."""

from __future__ import annotations

import attrs

from engine.explained import number


@attrs.frozen
class Working:
    """One line of a worked example: m = β₁·m + (1 − β₁)·g = 0.9·0.2 + 0.1·(−1) = 0.08."""

    name: str
    rule: str  # in letters
    numbers: str  # the same with numbers in it
    value: float

    def __str__(self) -> str:
        sides = dict.fromkeys(side for side in (self.name, self.rule, self.numbers, number(self.value)) if side)
        return " = ".join(sides)


def factor(value: float) -> str:
    """A number within a product or a difference: those that would be misread in brackets."""
    text = number(value)
    return f"({text})" if value < 0 or "×" in text else text
