"""Activations: what each makes of a number, and its slope; one loop computes all of them.

Every function takes a tile and the layer's setting, which most of them do not use.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from numba import prange
from numba.extending import overload

from engine.jit import LANES, Kernel, device, kernel
from engine.kernels.simd import load, maximum, put, splat, steps, store, where

Function = Callable[..., Any]
FUNCTIONS: dict[str, tuple[Function, Function]] = {}  # by name: value and slope


def activation(value: Function) -> Callable[[Function], Function]:
    """Registers a slope together with its value, under the value's name."""

    def register(slope: Function) -> Function:
        FUNCTIONS[value.__name__] = (device(value), device(slope))
        return slope

    return register


def relu(x, setting):  # type: ignore[no-untyped-def]
    return maximum(x, 0.0)


@activation(relu)
def relu_slope(x, setting):  # type: ignore[no-untyped-def]
    return where(x > 0.0, splat(1.0, 1, 1), 0.0)


def value_of(name: str, x: Any, setting: float) -> Any:
    """The activation of this name; Numba picks its function while compiling."""


def slope_of(name: str, x: Any, setting: float) -> Any:
    """Its derivative."""


@overload(value_of, prefer_literal=True)
def _pick_value(name: Any, x: Any, setting: Any) -> Function:
    function = FUNCTIONS[name.literal_value][0]
    return lambda name, x, setting: function(x, setting)


@overload(slope_of, prefer_literal=True)
def _pick_slope(name: Any, x: Any, setting: Any) -> Function:
    function = FUNCTIONS[name.literal_value][1]
    return lambda name, x, setting: function(x, setting)


@cache
def forward(name: str) -> Kernel:
    """y = f(x) for every pixel."""
    NAME = name  # noqa: N806  (a constant of the compiled kernel)

    @kernel
    def activation_forward(x, setting, y):  # type: ignore[no-untyped-def]
        blocks, C, D, H, W, _ = y.shape
        xn, xc, xd, xh = steps(x)
        yn, yc, yd, yh = steps(y)
        for task in prange(blocks * C):
            for d in range(D):
                for h in range(H):
                    at = (task // C) * xn + (task % C) * xc + d * xd + h * xh
                    to = (task // C) * yn + (task % C) * yc + d * yd + h * yh
                    for w in range(0, W * LANES, LANES):
                        store(value_of(NAME, load(x, at + w, 0, 0, 1, 1), setting), y, to + w, 0, 0)

    return activation_forward


@cache
def backward(name: str) -> Kernel:
    """dx = dy * f'(x) for every pixel."""
    NAME = name  # noqa: N806

    @kernel
    def activation_backward(x, dy, setting, dx, gate, mode):  # type: ignore[no-untyped-def]
        blocks, C, D, H, W, _ = dx.shape
        xn, xc, xd, xh = steps(x)
        yn, yc, yd, yh = steps(dy)
        dn, dc, dd, dh = steps(dx)
        gn, gc, gd, gh = steps(gate)
        for task in prange(blocks * C):
            n, c = task // C, task % C
            for d in range(D):
                for h in range(H):
                    at, by = n * xn + c * xc + d * xd + h * xh, n * yn + c * yc + d * yd + h * yh
                    to, through = n * dn + c * dc + d * dd + h * dh, n * gn + c * gc + d * gd + h * gh
                    for w in range(0, W * LANES, LANES):
                        slope = slope_of(NAME, load(x, at + w, 0, 0, 1, 1), setting)
                        result = load(dy, by + w, 0, 0, 1, 1) * slope
                        put(result, dx, to + w, 0, 0, gate, through + w, 0, 0, mode, 0)

    return activation_backward
