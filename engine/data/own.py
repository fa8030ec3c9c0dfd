"""Images of one's own: a folder with a sub-folder for each class, a table of paths and labels, or NumPy arrays."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import attrs
import numpy as np
from PIL import ImageOps

from engine.data.arrays import kept, state_of
from engine.data.npz import read_arrays
from engine.data.pictures import MODES, open_picture, size_of
from engine.errors import DataError
from engine.splitting import split

Array = np.ndarray[Any, Any]
SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm"}
TEST_SHARE = 0.2  # where nothing says which images are for testing
LARGEST_SIDE = 64  # images are scaled to the most common size, and to no more than this unless one asks
MOST_BYTES = 8 << 30
MOST_CLASSES = 1 << 16  # each gets a name; a single label could ask for billions
IMAGES, LABELS = ("x", "images", "data", "X"), ("y", "labels", "targets", "Y")
PARTS = {"train": ("train", "training"), "test": ("test", "testing", "val", "validation")}


@attrs.frozen
class Look:
    """How pictures are read: None leaves it to the pictures themselves."""

    height: int | None = None
    width: int | None = None
    colour: bool | None = None

    @classmethod
    def of(cls, shape: tuple[int, ...]) -> Look:
        """What a network takes, where that is a picture."""
        if len(shape) != 3 or shape[0] not in MODES:
            return cls()
        return cls(shape[1], shape[2], shape[0] == 3)


@attrs.frozen(eq=False)
class OwnImages:
    """What was found, and a sentence for each file that could not be used."""

    classes: tuple[str, ...]
    train: tuple[Array, Array]
    test: tuple[Array, Array]
    report: tuple[str, ...]


@attrs.frozen
class Listed:
    """A picture, its class, and whether it is for testing (None: nothing says so)."""

    path: Path
    label: str
    test: bool | None = None


def read_own(path: Path, look: Look | None = None) -> OwnImages:
    """The images of a folder, a CSV file, or an .npz or .npy file."""
    if path.suffix in (".npz", ".npy"):
        return _from_arrays(path)
    if path.is_dir():
        listed = _listed_in_folder(path)
    elif path.suffix == ".csv":
        listed = _listed_in_table(path)
    else:
        raise DataError(f"{path} is no folder of images, .csv, .npz or .npy file. Name one of these.")
    if not listed:
        endings = ", ".join(sorted(SUFFIXES))
        raise DataError(f"{path} holds no images. It should have a sub-folder for each class with files in {endings}.")
    return _read(path, listed, look or Look())


def _listed_in_folder(folder: Path) -> list[Listed]:
    subfolders = {child.name.lower(): child for child in folder.iterdir() if child.is_dir()}
    parts = {part: [subfolders[n] for n in names if n in subfolders] for part, names in PARTS.items()}
    if parts["train"] and parts["test"]:
        train, test = (list(_in_classes(parts[part][0], part == "test")) for part in ("train", "test"))
        return train + test
    return list(_in_classes(folder, None))


def _in_classes(folder: Path, test: bool | None) -> Iterable[Listed]:
    for child in sorted(folder.iterdir()):
        if child.is_dir() and not child.name.startswith("."):
            for path in sorted(child.rglob("*")):
                if path.suffix.lower() in SUFFIXES and path.is_file():
                    yield Listed(path, child.name, test)


def _listed_in_table(table: Path) -> list[Listed]:
    try:
        rows = list(csv.reader(table.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise DataError(f"{table} cannot be read as a table: {problem}.") from problem
    rows = [row for row in rows if row]
    if not rows or len(rows[0]) < 2:
        raise DataError(f"{table} should have a path and a label in each line, separated by a comma.")
    named = table.parent / rows[0][0].strip()
    headed = named.suffix.lower() not in SUFFIXES and not named.is_file()
    return [Listed(table.parent / row[0].strip(), row[1].strip()) for row in rows[headed:] if row[1:]]


def _read(source: Path, listed: list[Listed], look: Look) -> OwnImages:
    there = [item for item in listed if item.path.is_file()]
    report = [f"{item.path} is not there." for item in listed if not item.path.is_file()]
    classes = tuple(sorted({item.label for item in listed}, key=_as_numbers_first))
    if len(classes) < 2:
        raise DataError(f"{source} has one class only, {classes[0]!r}; there is nothing to tell apart. Add another.")
    if not there:
        raise DataError(f"None of the {len(listed)} images of {source} is there; the first should be {listed[0].path}.")
    state = repr((look, state_of(*(item.path for item in there)), [(item.label, item.test) for item in listed]))
    place = source.resolve()  # two folders of one name do not push each other out
    label = f"own-{place.name}-{hashlib.sha256(str(place).encode()).hexdigest()[:8]}"
    arrays = kept(label, state, lambda: _decoded(there, classes, look))
    report += bytes(arrays["report"]).decode("utf-8").splitlines()
    if not len(arrays["train_labels"]) or not len(arrays["test_labels"]):
        unread = f" Of those that are there: {' '.join(report[:3])}" if report else ""
        raise DataError(f"{source} holds too few images to train and to test with; a class should have 3.{unread}")
    train, test = ((arrays[f"{part}_images"], arrays[f"{part}_labels"]) for part in ("train", "test"))
    return OwnImages(classes, train, test, tuple(report))


def _as_numbers_first(label: str) -> tuple[bool, float, str]:
    """2 comes before 10."""
    return (False, float(label), label) if label.isascii() and label.isdigit() else (True, 0.0, label)


def _decoded(there: list[Listed], classes: tuple[str, ...], look: Look) -> dict[str, Array]:
    report: list[str] = []
    sized = []
    for item in there:
        try:
            sized.append((item, *size_of(item.path)))
        except DataError as problem:
            report.append(str(problem))
    height, width, colour = _common_look([(h, w, c) for _, h, w, c in sized], look)
    channels = 3 if colour else 1
    if len(sized) * height * width * channels > MOST_BYTES:
        raise DataError(f"{len(sized)} images of {height} × {width} pixels are too many. Make them smaller.")
    images = np.empty((len(sized), channels, height, width), np.uint8)
    labels: list[int] = []
    tests: list[bool | None] = []
    for item, *_ in sized:
        try:
            picture = open_picture(item.path, "RGB" if colour else "L")
        except DataError as problem:
            report.append(str(problem))
            continue
        pixels = np.asarray(ImageOps.fit(picture, (width, height)))
        images[len(labels)] = pixels.transpose(2, 0, 1) if colour else pixels[None]
        labels.append(classes.index(item.label))
        tests.append(item.test)
    return _parted(images[: len(labels)], np.array(labels, np.int64), tests, report)


def _common_look(sizes: list[tuple[int, int, bool]], look: Look) -> tuple[int, int, bool]:
    if not sizes:
        return 1, 1, False
    heights, widths = (sorted(size[axis] for size in sizes)[len(sizes) // 2] for axis in (0, 1))
    shrink = min(1.0, LARGEST_SIDE / max(heights, widths))
    height, width = look.height or max(1, round(heights * shrink)), look.width or max(1, round(widths * shrink))
    return height, width, any(size[2] for size in sizes) if look.colour is None else look.colour


def _parted(images: Array, labels: Array, tests: list[bool | None], report: list[str]) -> dict[str, Array]:
    if any(test is not None for test in tests):
        flags = np.array([bool(test) for test in tests])
        train, test = np.flatnonzero(~flags), np.flatnonzero(flags)
    else:
        train, test = split(labels, TEST_SHARE, seed=0)
    return {
        "train_images": images[train],
        "train_labels": labels[train],
        "test_images": images[test],
        "test_labels": labels[test],
        "report": np.frombuffer("\n".join(report).encode("utf-8", "replace"), np.uint8),
    }


# --- arrays ----------------------------------------------------------------------------------------------------------


def _from_arrays(path: Path) -> OwnImages:
    arrays = read_arrays(path)
    if path.suffix == ".npy":
        arrays["y"] = read_arrays(path.with_name(f"{path.stem}-labels.npy"))["x"]
    train = _pair(path, arrays, "") or _pair(path, arrays, "train")
    if train is None:
        raise DataError(f"{path} should hold images under the name x and labels under y; it has {', '.join(arrays)}.")
    classes = int(train[1].max()) + 1
    if len(np.unique(train[1])) < 2:
        only = int(train[1][0])
        raise DataError(f"{path} has samples of class {only} only; there is nothing to tell apart. Add another.")
    test = _pair(path, arrays, "test")
    if test is None:
        rows, held = split(train[1], TEST_SHARE, seed=0)
        train, test = (train[0][rows], train[1][rows]), (train[0][held], train[1][held])
        if not len(rows) or not len(held):
            raise DataError(f"{path} holds too few samples to train and to test with; a class should have 3.")
    return OwnImages(tuple(map(str, range(max(classes, int(test[1].max(initial=0)) + 1)))), train, test, ())


def _pair(path: Path, arrays: dict[str, Array], part: str) -> tuple[Array, Array] | None:
    def find(names: tuple[str, ...]) -> Array | None:
        wanted = [n for name in names for n in ((f"{name}_{part}", f"{part}_{name}") if part else (name,))]
        return next((arrays[name] for name in wanted if name in arrays), None)

    images, labels = find(IMAGES), find(LABELS)
    if images is None or labels is None:
        return None
    if labels.ndim == 1 and not np.issubdtype(labels.dtype, np.integer):
        raise DataError(f"The labels of {path} are {labels.dtype}; they should be whole numbers, counted from 0.")
    if labels.ndim == 1 and not len(labels):
        raise DataError(f"{path} holds no samples to {part or 'train'} with.")
    if labels.ndim != 1 or images.ndim < 1 or len(labels) != len(images):
        raise DataError(f"{path} holds {images.shape} images and {labels.shape} labels, which do not belong together.")
    if int(labels.min()) < 0:
        raise DataError(f"A label in {path} is {int(labels.min())}; classes are counted from 0.")
    if int(labels.max()) >= MOST_CLASSES:
        raise DataError(f"A label in {path} is {int(labels.max())}; classes are counted from 0 to {MOST_CLASSES - 1}.")
    return _channels_first(path, images), labels.astype(np.int64)


def _channels_first(path: Path, images: Array) -> Array:
    """[N, H, W] and [N, H, W, 3] as [N, C, H, W], signals [N, L] as [N, 1, L]; bytes, or float32."""
    if images.ndim not in (2, 3, 4):
        raise DataError(f"The images of {path} have the shape {images.shape}; it should be [N, H, W] or [N, C, H, W].")
    if images.ndim == 4 and images.shape[-1] in (1, 3) and images.shape[1] not in (1, 3):
        images = images.transpose(0, 3, 1, 2)
    elif images.ndim < 4:
        images = images[:, None]
    if images.dtype == np.uint8:
        return np.ascontiguousarray(images)
    with np.errstate(over="ignore", invalid="ignore"):  # what does not fit becomes infinite, which is told
        numbers = np.ascontiguousarray(images, np.float32)
    if not np.isfinite(numbers).all():
        raise DataError(f"The images of {path} hold numbers that are not finite. Remove those samples.")
    return numbers
