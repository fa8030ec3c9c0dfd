"""Any picture of a digit, made like those of MNIST: light on black, 20 pixels large, its mass in the middle of 28."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
from PIL import Image

from engine.errors import DataError

Array = np.ndarray[Any, Any]
SIDE, BOX = 28, 20
FAINTEST = 0.1  # of the strongest ink: what is weaker is paper


@attrs.frozen(eq=False)
class Centred:
    """The result, and what was made of the picture on the way."""

    ink: Array  # bytes: light on dark, paper removed
    cut: Array  # the ink's own rectangle
    boxed: Array  # its longer side 20 pixels
    image: Array  # [28, 28], the centre of mass in the middle


def centred(grey: Array, middle: float = SIDE / 2) -> Centred:
    """Prepares a grey picture, [H, W] bytes, dark on light or light on dark; its mass comes to the `middle`."""
    ink = _without_paper(grey)
    rows, columns = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        raise DataError("The picture is empty: all of its pixels are alike.")
    cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = cut.shape
    scale = BOX / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    boxed = np.asarray(Image.fromarray(cut).resize(size, Image.Resampling.BILINEAR))
    return Centred(ink, cut, boxed, _placed(boxed, middle))


def _without_paper(grey: Array) -> Array:
    """The border is paper, whatever its colour; ink is what differs from it."""
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    difference = np.abs(grey.astype(np.int16) - int(np.median(border)))
    strongest = int(difference.max())
    if not strongest:
        return np.zeros_like(grey)
    difference[difference < FAINTEST * strongest] = 0
    return np.asarray(difference * (255 / strongest), np.uint8)


def _placed(boxed: Array, middle: float) -> Array:
    """In 28 × 28 pixels, with the centre of mass as near to the middle as whole pixels and the edges allow."""
    height, width = boxed.shape
    mass = boxed.sum(dtype=np.float64) or 1.0
    middle_y = (boxed.sum(axis=1) @ (np.arange(height) + 0.5)) / mass
    middle_x = (boxed.sum(axis=0) @ (np.arange(width) + 0.5)) / mass
    top = min(max(round(middle - middle_y), 0), SIDE - height)
    left = min(max(round(middle - middle_x), 0), SIDE - width)
    image = np.zeros((SIDE, SIDE), np.uint8)
    image[top : top + height, left : left + width] = boxed
    return image
