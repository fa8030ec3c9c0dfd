"""First values of parameters."""

from __future__ import annotations

from collections.abc import Callable
from math import prod, sqrt
from typing import Any

import numpy as np

from engine.errors import EngineError
from engine.spec import Parameter

Array = np.ndarray[Any, Any]
Draw = Callable[[Parameter, np.random.Generator], Array]


def _normal(variance: Callable[[Parameter], float]) -> Draw:
    return lambda p, rng: rng.standard_normal(p.shape) * sqrt(variance(p))


def _uniform(variance: Callable[[Parameter], float]) -> Draw:
    return lambda p, rng: rng.uniform(-1, 1, p.shape) * sqrt(3 * variance(p))


def _orthogonal(p: Parameter, rng: np.random.Generator) -> Array:
    """Rows (or columns, where they are fewer) of length one at right angles to each other."""
    rows, columns = p.shape[0], prod(p.shape[1:])
    tall = rng.standard_normal((max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(tall)
    q = q * np.sign(np.diag(r))  # makes the draw uniform among all rotations
    return (q if rows >= columns else q.T).reshape(p.shape)


def _constant(value: float) -> Draw:
    return lambda p, rng: np.full(p.shape, value)


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


def initialise(parameter: Parameter, rng: np.random.Generator) -> Array:
    """The first values of a parameter."""
    if parameter.initial not in INITIALISERS:
        raise EngineError(f"There is no initialiser {parameter.initial!r}; there are {', '.join(INITIALISERS)}.")
    return INITIALISERS[parameter.initial](parameter, rng).astype(np.float32)
