"""Activations: what each makes of a number, and its slope; one loop computes all of them.

Every function takes a tile and the layer's setting, which most of them do not use.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from numba import prange, types
from numba.extending import overload

from engine.jit import LANES, Kernel, device, kernel
from engine.kernels import mathematics
from engine.kernels.mathematics import exp, expm1
from engine.kernels.simd import load, load_rows, maximum, minimum, put, splat, steps, store, sum_lanes, where, zeros

INVERSE_ROOT_TWO_PI, SIXTH = 0.3989422804014327, 1 / 6

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


def leaky_relu(x, setting):  # type: ignore[no-untyped-def]
    return where(x > 0.0, x, x * setting)


@activation(leaky_relu)
def leaky_relu_slope(x, setting):  # type: ignore[no-untyped-def]
    return where(x > 0.0, splat(1.0, 1, 1), setting)


def elu(x, setting):  # type: ignore[no-untyped-def]
    return where(x > 0.0, x, expm1(minimum(x, 0.0)) * setting)


@activation(elu)
def elu_slope(x, setting):  # type: ignore[no-untyped-def]
    return where(x > 0.0, splat(1.0, 1, 1), exp(minimum(x, 0.0)) * setting)


def sigmoid(x, setting):  # type: ignore[no-untyped-def]
    return mathematics.sigmoid(x)


@activation(sigmoid)
def sigmoid_slope(x, setting):  # type: ignore[no-untyped-def]
    y = mathematics.sigmoid(x)
    return y * (1.0 - y)


def tanh(x, setting):  # type: ignore[no-untyped-def]
    return mathematics.tanh(x)


@activation(tanh)
def tanh_slope(x, setting):  # type: ignore[no-untyped-def]
    y = mathematics.tanh(x)
    return 1.0 - y * y


def softplus(x, setting):  # type: ignore[no-untyped-def]
    return mathematics.softplus(x)


@activation(softplus)
def softplus_slope(x, setting):  # type: ignore[no-untyped-def]
    return mathematics.sigmoid(x)


def silu(x, setting):  # type: ignore[no-untyped-def]
    return x * mathematics.sigmoid(x)


@activation(silu)
def silu_slope(x, setting):  # type: ignore[no-untyped-def]
    y = mathematics.sigmoid(x)
    return y * (x * (1.0 - y) + 1.0)


def gelu(x, setting):  # type: ignore[no-untyped-def]
    return x * mathematics.normal_below(x)


@activation(gelu)
def gelu_slope(x, setting):  # type: ignore[no-untyped-def]
    return mathematics.normal_below(x) + x * exp(x * x * -0.5) * INVERSE_ROOT_TWO_PI


def hard_swish(x, setting):  # type: ignore[no-untyped-def]
    return x * minimum(maximum(x + 3.0, 0.0), 6.0) * SIXTH


@activation(hard_swish)
def hard_swish_slope(x, setting):  # type: ignore[no-untyped-def]
    middle = (x * 2.0 + 3.0) * SIXTH
    return where(x > -3.0, where(x < 3.0, middle, 1.0), 0.0)


def value_of(name: str, x: Any, setting: float) -> Any:
    """The activation of this name; Numba picks its function while compiling."""


def slope_of(name: str, x: Any, setting: float) -> Any:
    """Its derivative."""


def _pick(name: Any, part: int) -> Function | None:
    if not isinstance(name, types.StringLiteral):
        return None  # Numba also asks about words that it does not know while compiling
    function = FUNCTIONS[name.literal_value][part]
    return lambda name, x, setting: function(x, setting)


overload(value_of, prefer_literal=True)(lambda name, x, setting: _pick(name, 0))
overload(slope_of, prefer_literal=True)(lambda name, x, setting: _pick(name, 1))


@cache
def forward(name: str) -> Kernel:
    """y = f(x) for every pixel."""
    NAME = name

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
    NAME = name

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


@kernel
def prelu_forward(x, w, y):  # type: ignore[no-untyped-def]
    # w: [C]
    blocks, C, D, H, W, _ = y.shape
    xn, xc, xd, xh = steps(x)
    yn, yc, yd, yh = steps(y)
    for task in prange(blocks * C):
        n, c = task // C, task % C
        slope = load_rows(w, c, 0, 1, 1)
        for d in range(D):
            for h in range(H):
                at, to = n * xn + c * xc + d * xd + h * xh, n * yn + c * yc + d * yd + h * yh
                for i in range(0, W * LANES, LANES):
                    pixel = load(x, at + i, 0, 0, 1, 1)
                    store(where(pixel > 0.0, pixel, pixel * slope), y, to + i, 0, 0)


@kernel
def prelu_weight_gradient(x, dy, dw):  # type: ignore[no-untyped-def]
    # dw: [C]
    blocks, C, D, H, W, _ = x.shape
    xn, xc, xd, xh = steps(x)
    yn, yc, yd, yh = steps(dy)
    for c in prange(C):
        total = zeros(1, 1)
        for n in range(blocks):
            for d in range(D):
                for h in range(H):
                    at, by = n * xn + c * xc + d * xd + h * xh, n * yn + c * yc + d * yd + h * yh
                    for i in range(0, W * LANES, LANES):
                        total = total + minimum(load(x, at + i, 0, 0, 1, 1), 0.0) * load(dy, by + i, 0, 0, 1, 1)
        dw[c] = sum_lanes(total)


@kernel
def prelu_input_gradient(x, dy, w, dx, gate, mode):  # type: ignore[no-untyped-def]
    blocks, C, D, H, W, _ = dx.shape
    xn, xc, xd, xh = steps(x)
    yn, yc, yd, yh = steps(dy)
    dn, dc, dd, dh = steps(dx)
    gn, gc, gd, gh = steps(gate)
    for task in prange(blocks * C):
        n, c = task // C, task % C
        slope = load_rows(w, c, 0, 1, 1)
        for d in range(D):
            for h in range(H):
                at, by = n * xn + c * xc + d * xd + h * xh, n * yn + c * yc + d * yd + h * yh
                to, through = n * dn + c * dc + d * dd + h * dh, n * gn + c * gc + d * gd + h * gh
                for i in range(0, W * LANES, LANES):
                    error = load(dy, by + i, 0, 0, 1, 1)
                    result = where(load(x, at + i, 0, 0, 1, 1) > 0.0, error, error * slope)
                    put(result, dx, to + i, 0, 0, gate, through + i, 0, 0, mode, 0)


@kernel
def softmax_forward(x, y):  # type: ignore[no-untyped-def]
    blocks, C, D, H, W, _ = y.shape
    xn, xc, xd, xh = steps(x)
    yn, yc, yd, yh = steps(y)
    for task in prange(blocks * D * H):
        n, d, h = task // (D * H), task // H % D, task % H
        for w in range(W):
            at, to = n * xn + d * xd + h * xh + w * LANES, n * yn + d * yd + h * yh + w * LANES
            highest, total = load(x, at, 0, 0, 1, 1), zeros(1, 1)
            for c in range(1, C):
                highest = maximum(highest, load(x, at + c * xc, 0, 0, 1, 1))
            for c in range(C):
                e = exp(load(x, at + c * xc, 0, 0, 1, 1) - highest)
                store(e, y, to + c * yc, 0, 0)
                total = total + e
            for c in range(C):
                store(load(y, to + c * yc, 0, 0, 1, 1) / total, y, to + c * yc, 0, 0)


@kernel
def softmax_backward(y, dy, dx, gate, mode):  # type: ignore[no-untyped-def]
    blocks, C, D, H, W, _ = dx.shape
    yn, yc, yd, yh = steps(y)
    en, ec, ed, eh = steps(dy)
    xn, xc, xd, xh = steps(dx)
    gn, gc, gd, gh = steps(gate)
    for task in prange(blocks * D * H):
        n, d, h = task // (D * H), task // H % D, task % H
        for w in range(0, W * LANES, LANES):
            at, by = n * yn + d * yd + h * yh + w, n * en + d * ed + h * eh + w
            to, through = n * xn + d * xd + h * xh + w, n * gn + d * gd + h * gh + w
            mean = zeros(1, 1)
            for c in range(C):
                mean = mean + load(y, at + c * yc, 0, 0, 1, 1) * load(dy, by + c * ec, 0, 0, 1, 1)
            for c in range(C):
                result = load(y, at + c * yc, 0, 0, 1, 1) * (load(dy, by + c * ec, 0, 0, 1, 1) - mean)
                put(result, dx, to + c * xc, 0, 0, gate, through + c * gc, 0, 0, mode, 0)
