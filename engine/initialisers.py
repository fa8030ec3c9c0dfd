"""First values of parameters."""

from __future__ import annotations

from collections.abc import Callable
from math import prod, sqrt
from typing import Any

import numpy as np

from engine.errors import EngineError
from engine.spec import Parameter

Array = np.ndarray[Any, Any]
Draw = Callable[[Parameter, np.random.Generator, int], Array]  # so many numbers more
PIECE = 1 << 18  # numbers that are drawn at a time: all of a large layer in 64 bits would fill the memory


def _normal(variance: Callable[[Parameter], float]) -> Draw:
    return lambda p, rng, count: rng.standard_normal(count) * sqrt(variance(p))


def _uniform(variance: Callable[[Parameter], float]) -> Draw:
    return lambda p, rng, count: rng.uniform(-1, 1, count) * sqrt(3 * variance(p))


def _orthogonal(p: Parameter, rng: np.random.Generator, count: int) -> Array:
    """Rows (or columns, where they are fewer) of length one at right angles to each other."""
    rows, columns = p.shape[0], prod(p.shape[1:])
    tall = rng.standard_normal((max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(tall)
    q = q * np.sign(np.diag(r))  # makes the draw uniform among all rotations
    return (q if rows >= columns else q.T).reshape(-1)


def _constant(value: float) -> Draw:
    return lambda p, rng, count: np.full(count, value)


def _he(p: Parameter) -> float:
    return 2 / p.fan_in


def _glorot(p: Parameter) -> float:
    return 2 / (p.fan_in + p.fan_out)


def _lecun(p: Parameter) -> float:
    return 1 / p.fan_in


INITIALISERS: dict[str, Draw] = {
    "he_normal": _normal(_he),
    "he_uniform": _uniform(_he),
    "glorot_normal": _normal(_glorot),
    "glorot_uniform": _uniform(_glorot),
    "lecun_normal": _normal(_lecun),
    "lecun_uniform": _uniform(_lecun),
    "orthogonal": _orthogonal,
    "zeros": _constant(0.0),
    "ones": _constant(1.0),
    "quarter": _constant(0.25),
}


WHOLE = "orthogonal"  # cannot be drawn in pieces


def initialise(parameter: Parameter, rng: np.random.Generator, into: Array) -> None:
    """Writes the first values of a parameter; they are the same however they are cut into pieces."""
    if parameter.initial not in INITIALISERS:
        raise EngineError(f"There is no initialiser {parameter.initial!r}; there are {', '.join(INITIALISERS)}.")
    draw, flat = INITIALISERS[parameter.initial], into.reshape(-1)
    piece = max(1, len(flat)) if parameter.initial == WHOLE else PIECE
    for begin in range(0, len(flat), piece):
        part = flat[begin : begin + piece]
        part[...] = draw(parameter, rng, len(part))
