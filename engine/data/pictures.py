"""Picture files as a network takes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from engine.data.stages import check_takes_pictures, staged
from engine.errors import DataError

Array = np.ndarray[Any, Any]
MOST_PIXELS = 64_000_000
MODES = {1: "L", 3: "RGB"}
UNREADABLE = (OSError, SyntaxError, ValueError, Image.DecompressionBombError)
UNKNOWN = "it is none of a known format. PNG, JPEG, WebP, GIF, BMP and TIFF files can be read"


def open_picture(path: Path | str, mode: str) -> Image.Image:
    """The picture in a file, upright; anything else is a sentence."""
    try:
        with Image.open(path) as file:
            if file.width * file.height > MOST_PIXELS:
                size = f"{file.width} × {file.height}"
                most = f"{MOST_PIXELS:,}".replace(",", " ")
                raise DataError(f"{path} has {size} pixels; at most {most} are read. Make it smaller first.")
            return _of_bytes(ImageOps.exif_transpose(file)).convert(mode)
    except UNREADABLE as problem:
        raise _refusal(path, problem) from problem


def _refusal(path: Path | str, problem: Exception) -> DataError:
    """Why a file shows nothing; Pillow's words for an unknown format only name the file once more."""
    why = UNKNOWN if isinstance(problem, UnidentifiedImageError) else problem
    return DataError(f"{path} cannot be read as a picture: {why}.")


def _of_bytes(image: Image.Image) -> Image.Image:
    """Sixteen bits a pixel as eight: Pillow itself would make everything above 255 white."""
    if not image.mode.startswith("I"):
        return image
    pixels = np.asarray(image)
    return Image.fromarray((np.clip(pixels, 0, 65535) // 257).astype(np.uint8)) if pixels.max() > 255 else image


def size_of(path: Path | str) -> tuple[int, int, bool]:
    """Height, width and whether there are colours, from the head of the file."""
    try:
        with Image.open(path) as file:
            turned = file.getexif().get(0x0112, 1) >= 5  # the camera was held sideways
            width, height = (file.height, file.width) if turned else (file.width, file.height)
            return height, width, file.mode not in ("1", "L", "LA", "I", "I;16", "F")
    except UNREADABLE as problem:
        raise _refusal(path, problem) from problem


def picture_like(path: Path | str, shape: tuple[int, ...], data: str = "") -> Array:
    """A file as a sample: bytes in this shape, prepared as the data set's own pictures were."""
    check_takes_pictures(shape)
    return staged(np.asarray(open_picture(path, MODES[shape[0]])), shape, data).sample
