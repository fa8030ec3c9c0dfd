"""Functions on tiles against NumPy's float64, at random places and at the edges of float32."""

from collections.abc import Callable
from functools import cache
from math import erfc, sqrt
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from engine.jit import LANES, Kernel, serial_kernel
from engine.kernels import mathematics
from engine.kernels.simd import load, store

Array = np.ndarray[Any, Any]
SMALLEST = np.finfo(np.float32).tiny  # smaller numbers may become zero

# By name: the function in float64, and the numbers it is made for.
FUNCTIONS: dict[str, tuple[Callable[[Array], Array], tuple[float, float]]] = {
    "exp": (np.exp, (-87.3365, 88.7228)),
    "expm1": (np.expm1, (-100.0, 0.0)),
    "log": (np.log, (float(SMALLEST), 3e38)),
    "log1p": (np.log1p, (0.0, 1.0)),
    "sigmoid": (lambda x: 1 / (1 + np.exp(-x)), (-87.0, 200.0)),
    "tanh": (np.tanh, (-100.0, 100.0)),
    "softplus": (lambda x: np.logaddexp(0, x), (-87.0, 1e6)),
}


@cache
def applied(name: str) -> Kernel:
    function = getattr(mathematics, name)

    @serial_kernel
    def apply(x, y):  # type: ignore[no-untyped-def]
        for i in range(0, x.size, LANES):
            store(function(load(x, i, 0, 0, 1, 1)), y, i, 0, 0)

    return apply


def compute(name: str, numbers: Any) -> Array:
    x = np.asarray(numbers, np.float32)
    padded = np.concatenate([x, np.zeros(-x.size % LANES, np.float32)])
    y = np.empty_like(padded)
    applied(name)(padded, y)
    return y[: x.size]


def error(name: str, numbers: Any) -> float:
    """The largest distance from float64, relative to the result."""
    x = np.asarray(numbers, np.float32)
    wanted = FUNCTIONS[name][0](x.astype(np.float64))
    distance = np.abs(compute(name, x) - wanted)
    return float((distance / np.maximum(np.abs(wanted), SMALLEST)).max())


@pytest.mark.parametrize("name", FUNCTIONS)
def test_relative_accuracy_over_the_whole_range(name: str) -> None:
    low, high = FUNCTIONS[name][1]
    even = np.linspace(low, high, 50_000)
    small = 10.0 ** np.linspace(-37, 0, 5_000)
    around_zero = np.concatenate([small, -small, np.linspace(-1.5, 1.5, 20_000)])
    numbers = np.concatenate([even, around_zero[(around_zero >= low) & (around_zero <= high)]])
    assert error(name, numbers) < 1e-6


@pytest.mark.parametrize("name", FUNCTIONS)
def test_relative_accuracy_at_random_numbers(name: str) -> None:
    low, high = (float(np.float32(limit)) for limit in FUNCTIONS[name][1])
    low, high = (np.nextafter(np.float32(v), np.float32(0)) if v else v for v in (low, high))

    @settings(max_examples=60)
    @given(st.lists(st.floats(float(low), float(high), width=32, allow_subnormal=False), min_size=1, max_size=20))
    def check(numbers: list[float]) -> None:
        assert error(name, numbers) < 1e-6

    check()


INF, NAN = float("inf"), float("nan")
EDGES = {
    "exp": {INF: INF, 88.73: INF, 1e38: INF, -INF: 0.0, -200.0: 0.0, 0.0: 1.0},
    "expm1": {-INF: -1.0, -200.0: -1.0, 0.0: 0.0},
    "log": {0.0: -INF, INF: INF, -1.0: NAN, 1.0: 0.0},
    "log1p": {0.0: 0.0},
    "sigmoid": {INF: 1.0, -INF: 0.0, 0.0: 0.5},
    "tanh": {INF: 1.0, -INF: -1.0, 0.0: 0.0},
    "softplus": {INF: INF, -INF: 0.0, 1e38: float(np.float32(1e38))},
    "normal_below": {INF: 1.0, -INF: 0.0, 0.0: 0.5},
}


@pytest.mark.parametrize("name", EDGES)
def test_edges(name: str) -> None:
    found = compute(name, list(EDGES[name]))
    np.testing.assert_array_equal(found, np.array(list(EDGES[name].values()), np.float32))


@pytest.mark.parametrize("name", EDGES)
def test_what_is_not_a_number_stays_none(name: str) -> None:
    found = compute(name, [NAN, 0.5])
    assert np.isnan(found[0])
    assert np.isfinite(found[1])


def test_normal_distribution() -> None:
    """The probability keeps float32's absolute accuracy, and its tail stays within 3e-6 where GELU shows it."""
    x = np.linspace(-5, 12, 40_000).astype(np.float32)
    wanted = np.array([erfc(-v / sqrt(2)) / 2 for v in x.astype(np.float64)])
    found = compute("normal_below", x)
    assert np.abs(found - wanted).max() < 3e-7
    assert (np.abs(found - wanted) / wanted).max() < 3e-6
