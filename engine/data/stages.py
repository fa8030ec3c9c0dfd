"""A picture on its way into a network, stage by stage as the data set's own pictures were made."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
from PIL import Image, ImageOps

from engine.data.centring import SIDE, centred
from engine.errors import DataError

Array = np.ndarray[Any, Any]
# Data sets whose pictures are centred in a box, and where their centres of mass lie: those of MNIST in pixel 14, which
# reaches from 14 to 15; those that are drawn here around the corner that it shares with pixel 13.
HANDWRITTEN = {"mnist": 14.5, "digits": 14.0}
LIGHT_ON_DARK = (*HANDWRITTEN, "fashion-mnist")
CHANNELS = (1, 3)
LIGHT = 128  # of 255: a border from here on is light paper


@attrs.frozen(eq=False)
class Stage:
    """What became of the picture, and how."""

    title: str
    how: str
    pixels: Array  # uint8 [H, W] or [H, W, 3]


@attrs.frozen(eq=False)
class Staged:
    """A sample in the data's own units, and how it was made."""

    stages: tuple[Stage, ...]
    sample: Array  # uint8 [C, H, W]


def staged(pixels: Array, shape: tuple[int, ...], data: str = "") -> Staged:
    """Bytes [H, W] or [H, W, 3] as a sample of this shape, prepared as the pictures of that data set are."""
    check_takes_pictures(shape)
    channels, height, width = shape
    stages = list[Stage]()
    if channels == 1 and pixels.ndim == 3:
        pixels = np.asarray(Image.fromarray(pixels).convert("L"))
        stages.append(Stage("Grey", "Colours become grey: the network takes one channel.", pixels))
    if data in HANDWRITTEN and shape == (1, SIDE, SIDE):
        stages += _as_handwriting(pixels, HANDWRITTEN[data])
    else:
        stages += _fitted(pixels, (height, width), data in LIGHT_ON_DARK)
    last = stages[-1].pixels
    if channels == 1:
        return Staged(tuple(stages), last[None])
    coloured = last if last.ndim == 3 else np.repeat(last[..., None], channels, axis=2)
    return Staged(tuple(stages), np.ascontiguousarray(coloured.transpose(2, 0, 1)))


def check_takes_pictures(shape: tuple[int, ...]) -> None:
    """Refuses networks whose samples are signals or volumes, or have other channels than pictures."""
    if len(shape) != 3 or shape[0] not in CHANNELS:
        sizes = " × ".join(map(str, shape))
        raise DataError(f"The network takes {sizes}, which no picture is: it should take 1 or 3 channels of pixels.")


def _as_handwriting(grey: Array, middle: float) -> list[Stage]:
    if grey.shape == (SIDE, SIDE) and not np.median(border(grey)):
        return [Stage(f"{SIDE} × {SIDE}", "It looks like the data set's own pictures and stays as it is.", grey)]
    made = centred(grey, middle)
    return [
        Stage("Light on dark", "What differs from the border is ink; the paper becomes black.", made.ink),
        Stage("Cut out", "The smallest box that holds all ink.", made.cut),
        Stage("20 × 20", "Its longer side becomes 20 pixels.", made.boxed),
        Stage("Centred", "Laid into 28 × 28 pixels with its centre of mass in the middle.", made.image),
    ]


def _fitted(pixels: Array, size: tuple[int, int], light_on_dark: bool) -> list[Stage]:
    stages, (height, width) = list[Stage](), size
    if light_on_dark and np.median(border(pixels)) >= LIGHT:
        pixels = 255 - pixels
        stages.append(Stage("Light on dark", "The border is light, so light and dark change places.", pixels))
    if pixels.shape[:2] != size:
        image = Image.fromarray(pixels)
        box = _middle(image.size, (width, height))
        if box != (0, 0, *image.size):
            stages.append(Stage("Cut out", "The middle, in the proportions that the network takes.", _cut(pixels, box)))
        pixels = np.asarray(ImageOps.fit(image, (width, height), Image.Resampling.BILINEAR))
    return [*stages, Stage(f"{height} × {width}", "Brought to the size that the network takes.", pixels)]


def _middle(have: tuple[int, int], want: tuple[int, int]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the largest box of these proportions."""
    scale = min(have[0] / want[0], have[1] / want[1])
    width, height = (max(1, round(side * scale)) for side in want)
    left, top = (have[0] - width) // 2, (have[1] - height) // 2
    return left, top, left + width, top + height


def _cut(pixels: Array, box: tuple[int, int, int, int]) -> Array:
    left, top, right, bottom = box
    return np.ascontiguousarray(pixels[top:bottom, left:right])


def border(pixels: Array) -> Array:
    """The outermost pixels, in a row."""
    return np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
