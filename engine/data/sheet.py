"""Many samples in one picture, one class a row."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.batches import Data
from engine.data.catalogue import Dataset

Array = np.ndarray[Any, Any]
GAP = 2  # pixels between samples
PLOT_HEIGHT = 32  # pixels of a signal's curve
PAPER = 48


def sheet(data: Dataset, part: str, per_class: int) -> Array:
    """The first samples of each class: bytes [H, W], or [H, W, 3] in colour."""
    per_class = min(per_class, int(data.histogram(part).max()))
    rows = []
    for label in range(len(data.classes)):
        numbers = data.of_class(part, label)[:per_class]
        rows.append([picture(data, data.sample(part, int(number)).image) for number in numbers])
    height, width, *colours = picture(data, data.sample(part, 0).image).shape
    canvas = np.full((len(rows) * (height + GAP) + GAP, per_class * (width + GAP) + GAP, *colours), PAPER, np.uint8)
    for r, row in enumerate(rows):
        for c, image in enumerate(row):
            top, left = GAP + r * (height + GAP), GAP + c * (width + GAP)
            canvas[top : top + height, left : left + width] = image
    return canvas


def picture(data: Data, sample: Array) -> Array:
    """A sample as a person looks at it: grey [H, W], colour [H, W, 3], or the curve of a signal."""
    if sample.ndim == 2:
        return _curve(sample[0], data)
    if sample.dtype != np.uint8:
        low, high = float(sample.min()), float(sample.max())
        sample = ((sample - low) / ((high - low) or 1.0) * 255).astype(np.uint8)
    image = sample if sample.ndim == 3 else sample[:, sample.shape[1] // 2]  # the middle slice of a volume
    return np.ascontiguousarray(image.transpose(1, 2, 0)) if len(image) == 3 else image[0]


def _curve(values: Array, data: Data) -> Array:
    reach = 3 * data.std[0] or 1.0
    heights = np.clip((data.mean[0] + reach - values) / (2 * reach), 0, 1) * (PLOT_HEIGHT - 1)
    canvas = np.zeros((PLOT_HEIGHT, 2 * len(values) - 1), np.uint8)
    between = np.interp(np.arange(canvas.shape[1]) / 2, np.arange(len(values)), heights)
    for x, y in enumerate(np.round(between).astype(int)):
        canvas[y, x] = 255
    return canvas
