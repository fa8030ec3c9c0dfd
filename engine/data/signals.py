"""MNIST-1D: ten shapes of twelve points, each hidden in forty; by the recipe that Greydanus and Kobak published."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from engine.data.npz import read_arrays
from engine.errors import DataError

Array = np.ndarray[Any, Any]

# What the digits 0 to 9 look like where a pen draws them along a line: heights above and below it.
SHAPES = np.array(
    [
        [0, 1, 1.5, 1.75, 2, 2, 2, 2, 1.75, 1.5, 1, 0],
        [0, -2, -2, -1.6, -1.2, -0.8, -0.4, 0, 0.4, 0.8, 0, 0],
        [0, 1, 1.5, 1.5, 1, 0.25, -0.25, -1, -1.5, -1.5, -1, 0],
        [0, 1, 1.5, 1.5, 1, 0, 0, 1, 1.5, 1.5, 1, 0],
        [0, -1, -2, -3, -4, -4, 0, 0, 0, 0, 0, 0],
        [0, -2, -2, -2, -2, 0, 1, 1.5, 1.5, 1, -0.5, 0],
        [0, -1, -1.5, -1.75, -2, -2, -2, -2, -1.75, -1.5, -1, 0],
        [0, 2, 2, 1.6, 1.2, 0.8, 0.4, 0, -0.4, -0.8, 0, 0],
        [0, -1, -1.5, -1.5, -1, 0, 0, -1, -1.5, -1.5, -1, 0],
        [0, -1, -1.5, -1.5, -1, 0, 0, 0, 0, -0.3, -0.7, 0],
    ]
)
SPREAD = 1 / 6  # of each shape
PADDING = 36, 60  # points without a shape, fewest and most
LENGTH, LAST = SHAPES.shape[1] + PADDING[1], 40  # points while it is made, and in the end
SCALE, SHEAR, MOVE = 0.4, 0.75, 48
SLOW_NOISE, FAST_NOISE, SMOOTHING = 0.25, 0.02, 2.0


def signals(count: int, seed: int) -> tuple[Array, Array]:
    """Signals [N, 1, 40] of mean 0 and spread 1, and their classes; as many of each as can be."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(count) % len(SHAPES))
    shapes = SHAPES * (SPREAD / SHAPES.std(axis=1, keepdims=True))
    x, inside = _stretched(shapes[labels], rng)
    x = x * (1 + SCALE * (rng.random((count, 1)) - 0.5))
    x, inside = _rolled(rng.integers(0, MOVE, count), x, inside)
    x = np.where(inside, x, _smooth(np.multiply(SLOW_NOISE, rng.standard_normal(x.shape))))
    x = x + FAST_NOISE * rng.standard_normal(x.shape)
    x = x - SHEAR * (rng.random((count, 1)) - 0.5) * np.linspace(-0.5, 0.5, LENGTH)
    x = _between(x, np.broadcast_to(np.linspace(0, LENGTH - 1, LAST), (count, LAST)))
    return np.asarray((x - x.mean()) / x.std(), np.float32)[:, None], labels.astype(np.int64)


def _stretched(shapes: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Each shape with nothing after it, brought to one length; and where the shape is."""
    padding = rng.integers(PADDING[0], PADDING[1] + 1, len(shapes))
    lengths = shapes.shape[1] + padding
    places = np.linspace(0, 1, LENGTH) * (lengths[:, None] - 1)
    padded = np.pad(shapes, ((0, 0), (0, PADDING[1])))
    return _between(padded, places), places < shapes.shape[1]


def _between(x: Array, places: Array) -> Array:
    """Straight lines between the points of each row."""
    left = np.minimum(places.astype(np.int64), x.shape[1] - 2)
    share = places - left
    return np.asarray(np.take_along_axis(x, left, 1) * (1 - share) + np.take_along_axis(x, left + 1, 1) * share)


def _rolled(steps: Array, *arrays: Array) -> list[Array]:
    places = (np.arange(LENGTH) - steps[:, None]) % LENGTH
    return [np.take_along_axis(array, places, 1) for array in arrays]


def _smooth(x: Array) -> Array:
    """A Gaussian blur along the rows, mirrored at their ends."""
    reach = round(4 * SMOOTHING)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / SMOOTHING) ** 2)
    wide = np.pad(x, ((0, 0), (reach, reach)), mode="symmetric")
    windows = np.lib.stride_tricks.sliding_window_view(wide, 2 * reach + 1, axis=1)
    return np.asarray(windows @ (weights / weights.sum()))


def read_signals(path: Path) -> dict[str, Array]:
    """The frozen signals of the paper, from an .npz file: [N, 1, 40]."""
    names = {"train_images": "x", "train_labels": "y", "test_images": "x_test", "test_labels": "y_test"}
    try:
        arrays = read_arrays(path)
        found = {ours: arrays[theirs] for ours, theirs in names.items()}
    except (DataError, KeyError) as problem:
        raise DataError(f"{path} cannot be read as MNIST-1D ({problem}). Fetch it again.") from problem
    for name, array in found.items():
        kind = np.floating if name.endswith("images") else np.integer
        if not np.issubdtype(array.dtype, kind) or array.ndim != (2 if kind is np.floating else 1):
            raise DataError(f"{path} is no file of MNIST-1D: {names[name]} holds {array.dtype} of shape {array.shape}.")
        found[name] = array.astype(np.float32)[:, None] if kind is np.floating else array.astype(np.int64)
    return found
