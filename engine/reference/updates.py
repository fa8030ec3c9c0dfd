"""Optimisers: how one step moves a parameter against its gradient.

Each takes the state that its last step returned, at first an empty one, and changes nothing in place:
`parameter, state = adam(parameter, gradient, state, lr=0.001)`.  Defaults are PyTorch's.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.reference.windows import Array

State = dict[str, Any]


def sgd(
    parameter: Array,
    gradient: Array,
    state: State,
    *,
    lr: float,
    momentum: float = 0.0,
    nesterov: bool = False,
    weight_decay: float = 0.0,
) -> tuple[Array, State]:
    """v = momentum * v + g, w = w - lr * v; Nesterov goes on by g + momentum * v, one step ahead"""
    gradient = gradient + weight_decay * parameter
    velocity = momentum * state.get("velocity", 0.0) + gradient
    direction = gradient + momentum * velocity if nesterov else velocity
    return parameter - lr * direction, {"velocity": velocity}


def rmsprop(
    parameter: Array,
    gradient: Array,
    state: State,
    *,
    lr: float,
    alpha: float = 0.99,
    eps: float = 1e-8,
    momentum: float = 0.0,
    weight_decay: float = 0.0,
) -> tuple[Array, State]:
    """s = alpha * s + (1 - alpha) * g**2, v = momentum * v + g / (sqrt(s) + eps), w = w - lr * v"""
    gradient = gradient + weight_decay * parameter
    square = alpha * state.get("square", 0.0) + (1 - alpha) * gradient**2
    velocity = momentum * state.get("velocity", 0.0) + gradient / (np.sqrt(square) + eps)
    return parameter - lr * velocity, {"square": square, "velocity": velocity}


def adam(
    parameter: Array,
    gradient: Array,
    state: State,
    *,
    lr: float,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0.0,
) -> tuple[Array, State]:
    """m and s are running means of g and g**2 that start at 0; w = w - lr * m' / (sqrt(s') + eps)

    m' = m / (1 - beta1**step) and s' = s / (1 - beta2**step) take out that they started at 0.
    """
    gradient = gradient + weight_decay * parameter
    step = state.get("step", 0) + 1
    mean = betas[0] * state.get("mean", 0.0) + (1 - betas[0]) * gradient
    square = betas[1] * state.get("square", 0.0) + (1 - betas[1]) * gradient**2
    change = mean / (1 - betas[0] ** step) / (np.sqrt(square / (1 - betas[1] ** step)) + eps)
    return parameter - lr * change, {"step": step, "mean": mean, "square": square}


def adamw(
    parameter: Array,
    gradient: Array,
    state: State,
    *,
    lr: float,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0.01,
) -> tuple[Array, State]:
    """w = w - lr * weight_decay * w, then Adam without weight decay: m and s never see the decay"""
    return adam(parameter * (1 - lr * weight_decay), gradient, state, lr=lr, betas=betas, eps=eps)


def adagrad(
    parameter: Array,
    gradient: Array,
    state: State,
    *,
    lr: float,
    lr_decay: float = 0.0,
    eps: float = 1e-10,
    weight_decay: float = 0.0,
) -> tuple[Array, State]:
    """s = s + g**2, w = w - lr / (1 + (step - 1) * lr_decay) * g / (sqrt(s) + eps)"""
    gradient = gradient + weight_decay * parameter
    step = state.get("step", 0) + 1
    square = state.get("square", 0.0) + gradient**2
    rate = lr / (1 + (step - 1) * lr_decay)
    return parameter - rate * gradient / (np.sqrt(square) + eps), {"step": step, "square": square}


def adadelta(
    parameter: Array,
    gradient: Array,
    state: State,
    *,
    lr: float = 1.0,
    rho: float = 0.9,
    eps: float = 1e-6,
    weight_decay: float = 0.0,
) -> tuple[Array, State]:
    """d = g * sqrt(u + eps) / sqrt(s + eps), w = w - lr * d; s and u are running means of g**2 and d**2"""
    gradient = gradient + weight_decay * parameter
    square = rho * state.get("square", 0.0) + (1 - rho) * gradient**2
    change = gradient * np.sqrt(state.get("change", 0.0) + eps) / np.sqrt(square + eps)
    change_square = rho * state.get("change", 0.0) + (1 - rho) * change**2
    return parameter - lr * change, {"square": square, "change": change_square}


def clip_norm(gradients: list[Array], *, max_norm: float) -> list[Array]:
    """All gradients times min(1, max_norm / their common length); 1e-6 is there so that nothing is divided by 0."""
    length = np.sqrt(sum((gradient**2).sum() for gradient in gradients))
    return [gradient * min(1.0, max_norm / (length + 1e-6)) for gradient in gradients]
