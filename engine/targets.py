"""What a network should answer, for each loss: classes, one of several, numbers, or its own input."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from engine.batches import BYTE, Batches
from engine.errors import InputError
from engine.losses import BinaryCrossEntropy, Loss
from engine.spec import Shape

Array = np.ndarray[Any, Any]


def targets_of(batches: Batches, loss: Loss, output: Shape, sample: Shape) -> Callable[[Array], Array]:
    """A function from picked samples to their targets, flat; what does not fit is refused now, not in a later step."""
    labels = batches.part.labels
    if loss.counts_hits:
        checked = loss.checked(labels, output, len(labels)).reshape(len(labels), -1)
        return lambda picks: checked[picks].reshape(-1)
    if labels.shape[1:] == output and np.issubdtype(labels.dtype, np.floating):
        numbers = loss.checked(labels, output, len(labels)).reshape(len(labels), -1)
        return lambda picks: numbers[picks].reshape(-1)
    if labels.ndim == 1 and len(output) == 1 and np.issubdtype(labels.dtype, np.integer):
        return _one_of(labels, output[0])
    if output == sample:
        return _itself(batches, shares=isinstance(loss, BinaryCrossEntropy))
    raise InputError(
        f"The network's output is {' × '.join(map(str, output))}, for which the data has no targets. "
        f"It should have one output a class, or the shape of its input."
    )


def _one_of(labels: Array, classes: int) -> Callable[[Array], Array]:
    if labels.min() < 0 or labels.max() >= classes:
        raise InputError(f"A label is {labels.max()}, but the network tells {classes} classes apart.")

    def pick(picks: Array) -> Array:
        chosen: Array = labels[picks, None] == np.arange(classes)
        return chosen.astype(np.float32).reshape(-1)

    return pick


def _itself(batches: Batches, shares: bool) -> Callable[[Array], Array]:
    if not shares:
        return lambda picks: batches.normalised(picks).reshape(-1)
    if batches.images.dtype != np.uint8:
        raise InputError("Binary cross-entropy needs targets from 0 to 1. Use mean_squared_error for these samples.")
    return lambda picks: (batches.images[picks] / np.float32(BYTE)).reshape(-1)


def loss_sum(loss: Loss, z: Array, targets: Array) -> float:
    """The sum of the samples' losses in double precision, without smoothing and weights: a measure to compare by."""
    scores = z.astype(np.float64)
    if loss.counts_hits:
        rows = np.moveaxis(scores, 1, -1).reshape(-1, z.shape[1])
        with np.errstate(invalid="ignore", over="ignore"):
            shifted = rows - rows.max(axis=1, keepdims=True)
            surprise = np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(rows)), targets]
        return float(surprise.sum())
    wanted = targets.reshape(z.shape)
    share = prod(z.shape[1:])
    if isinstance(loss, BinaryCrossEntropy):
        each = np.maximum(scores, 0) - scores * wanted + np.log1p(np.exp(-np.abs(scores)))
    else:
        each = (scores - wanted) ** 2
    return float(each.sum() / share)
