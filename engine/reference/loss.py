"""Losses: one number for a batch; the pullback takes the gradient of that number, usually 1."""

from __future__ import annotations

import numpy as np

from engine.reference.activation import logistic
from engine.reference.windows import Array, Result, per_channel


def cross_entropy(
    logits: Array, target: Array, *, label_smoothing: float = 0.0, class_weights: Array | None = None
) -> Result:
    """The mean of -log(probability of the right class), each weighted by its class, for `[N, K]` or `[N, K, *space]`.

    With label smoothing a part of every target is spread evenly over all classes.
    """
    classes = logits.shape[1]
    weights = np.ones(classes) if class_weights is None else np.asarray(class_weights, float)
    right = np.moveaxis(np.eye(classes)[target], -1, 1)  # 1 at the right class, else 0
    wanted = ((1 - label_smoothing) * right + label_smoothing / classes) * per_channel(weights, logits)
    highest = logits.max(1, keepdims=True)  # taken out first: e**logits could be too large
    log_probability = logits - highest - np.log(np.exp(logits - highest).sum(1, keepdims=True))
    total = weights[target].sum()

    def pullback(dy: Array) -> dict[str, Array]:
        probability = np.exp(log_probability)
        return {"logits": dy * (probability * wanted.sum(1, keepdims=True) - wanted) / total}

    return -(wanted * log_probability).sum() / total, pullback


def binary_cross_entropy(logits: Array, target: Array) -> Result:
    """The mean of -log(probability of the truth), each output true or false on its own.

    -target * log(s) - (1 - target) * log(1 - s) with s = sigmoid(logits) is log(1 + e**logits) - target * logits.
    """
    loss = np.logaddexp(0, logits) - target * logits
    return loss.mean(), lambda dy: {"logits": dy * (logistic(logits) - target) / logits.size}


def mean_squared_error(prediction: Array, target: Array) -> Result:
    """The mean of (prediction - target)**2"""
    error = prediction - target
    return (error**2).mean(), lambda dy: {"prediction": dy * 2 * error / error.size}
