"""Pictures that are dropped, pasted or opened: read in a thread, made small, and refused with a sentence."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QImage, QPixmap

from engine.data.pictures import open_picture
from engine.errors import DataError

Array = np.ndarray[Any, Any]
LARGEST_SIDE = 560  # pixels of the longer side that are kept
MIDDLE = 128  # of 255
NO_PICTURE = "There is no picture on the clipboard. Copy one in another program first, or drop a file here."
NOT_HERE = "Only pictures on this computer can be read. Save it first, then drop the file here."
# What decoders raise for files that lie, besides what `open_picture` knows.
LIES = (ArithmeticError, AttributeError, BufferError, EOFError, LookupError, MemoryError, RuntimeError, TypeError)
BROKEN = (*LIES, Warning, struct.error, zlib.error)


def offered(mime: QMimeData) -> Callable[[], Array]:
    """How to read what is dropped or pasted: a function for a thread. A DataError where there is nothing to read."""
    if mime.hasImage():
        image = mime.imageData()
        if isinstance(image, QPixmap):
            image = image.toImage()
        if isinstance(image, QImage) and not image.isNull():
            return partial(from_image, image)
    if mime.hasUrls() and mime.urls():
        local = next((url.toLocalFile() for url in mime.urls() if url.isLocalFile()), "")
        if not local:
            raise DataError(NOT_HERE)
        return partial(from_file, local)
    raise DataError(NO_PICTURE)


def acceptable(mime: QMimeData) -> bool:
    """Whether it may hold a picture."""
    return mime.hasImage() or mime.hasUrls()


def from_file(path: str) -> Array:
    """uint8 [H, W] or [H, W, 3]; who drops a file knows where it lies, so that sentences tell its name alone."""
    name = Path(path).name
    if not Path(path).is_file():
        raise DataError(f"{name} is not a file. Drop a picture file, one at a time.")
    try:
        image = open_picture(path, "RGBA")
        image.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Image.Resampling.BILINEAR)
        return _flat(np.asarray(image))
    except DataError as problem:
        raise DataError(str(problem).replace(path, name)) from problem
    except BROKEN as problem:
        raise DataError(f"{name} cannot be read as a picture: {problem}.") from problem


def from_image(image: QImage) -> Array:
    """The same for a picture that another program has copied."""
    if max(image.width(), image.height()) > LARGEST_SIDE:
        size = LARGEST_SIDE, LARGEST_SIDE
        image = image.scaled(*size, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return _flat(rows[:, : 4 * image.width()].reshape(image.height(), image.width(), 4))


def _flat(pixels: Array) -> Array:
    """On paper where it is transparent: white under dark ink, black under light ink; grey where nothing is coloured."""
    colors: Array = pixels[..., :3].astype(np.float32)
    opacity: Array = pixels[..., 3:].astype(np.float32) / 255
    if opacity.min() < 1:
        ink = float((colors * opacity).sum() / max(1.0, 3 * float(opacity.sum())))
        colors = colors * opacity + np.float32(0 if ink >= MIDDLE else 255) * (1 - opacity)
    flat = np.rint(colors).astype(np.uint8)
    grey = (flat[..., :1] == flat).all()
    return np.ascontiguousarray(flat[..., 0] if grey else flat)
