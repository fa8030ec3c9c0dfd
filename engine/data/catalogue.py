"""Data sets by name, from a folder that holds their files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from engine.data.idx import read_idx
from engine.errors import DataError

Array = np.ndarray[Any, Any]
BLOCK = 4096  # images at a time, so that the mean of a data set needs no copy of it


@attrs.frozen(eq=False)
class LabelledImages:
    """[N, C, H, W] bytes with a class for each."""

    images: Array
    labels: Array


@attrs.frozen(eq=False)
class Dataset:
    """Images to train and to test with, and the mean and spread of each channel of the training images."""

    name: str
    title: str
    classes: tuple[str, ...]
    train: LabelledImages
    test: LabelledImages
    mean: tuple[float, ...]
    std: tuple[float, ...]

    @property
    def validation(self) -> LabelledImages | None:
        """None: training keeps a share of its own images for it."""
        return None


@attrs.frozen
class Source:
    """Where a data set's four IDX files are called what."""

    title: str
    folder: str
    classes: tuple[str, ...]


IDX_SETS: Mapping[str, Source] = {
    "mnist": Source("MNIST", "mnist", tuple("0123456789")),
    "fashion-mnist": Source(
        "Fashion-MNIST",
        "fashion-mnist",
        (
            "T-shirt/top",
            "Trouser",
            "Pullover",
            "Dress",
            "Coat",
            "Sandal",
            "Shirt",
            "Sneaker",
            "Bag",
            "Ankle boot",
        ),
    ),
}


def load(name: str, data_dir: Path | str) -> Dataset:
    """The data set of this name from its files in `data_dir` or the sub-folder that bears its name."""
    if name not in IDX_SETS:
        raise DataError(f"There is no data set {name!r}; there are {', '.join(IDX_SETS)}.")
    source, folder = IDX_SETS[name], Path(data_dir)
    place = folder / source.folder if (folder / source.folder).is_dir() else folder
    train, test = _part(place, "train", source), _part(place, "t10k", source)
    mean, std = statistics(train.images)
    return Dataset(name, source.title, source.classes, train, test, mean, std)


@attrs.frozen
class DataSource:
    """Which data set, and the folder that holds its files: a plain value that any process can load."""

    name: str
    folder: str = ""

    def load(self) -> Dataset:
        return load(self.name, self.folder or ".")


def _part(place: Path, prefix: str, source: Source) -> LabelledImages:
    images = read_idx(_find(place, f"{prefix}-images-idx3-ubyte", source))
    labels = read_idx(_find(place, f"{prefix}-labels-idx1-ubyte", source))
    if images.ndim != 3 or labels.ndim != 1 or len(images) != len(labels):
        raise DataError(f"{place} holds {images.shape} images and {labels.shape} labels, which do not belong together.")
    if labels.size and int(labels.max()) >= len(source.classes):
        raise DataError(f"A label in {place} is {int(labels.max())}; {source.title} has {len(source.classes)} classes.")
    return LabelledImages(images[:, None], labels)


def _find(place: Path, stem: str, source: Source) -> Path:
    for name in (stem, f"{stem}.gz"):
        if (place / name).is_file():
            return place / name
    raise DataError(f"{source.title} was not found: {place} holds no {stem}.gz. Name the folder that does.")


def statistics(images: Array) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of each channel, of shares from 0 to 1."""
    count, channels = images.size // images.shape[1] * 255.0, images.shape[1]
    total, squares = np.zeros(channels), np.zeros(channels)
    for start in range(0, len(images), BLOCK):
        block = images[start : start + BLOCK].astype(np.float64)
        total += block.sum((0, 2, 3))
        squares += (block**2).sum((0, 2, 3))
    mean = total / count
    return tuple(map(float, mean)), tuple(map(float, np.sqrt(squares / (count * 255.0) - mean**2)))
