"""Data sets by name or path, ready to train with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from engine.data.arrays import data_folder, kept, state_of
from engine.data.cifar import find_files, read_records
from engine.data.download import Progress, fetch, has_hash, set_aside
from engine.data.idx import read_idx
from engine.data.own import Look, read_own
from engine.data.places import idx_file, place_of
from engine.data.sets import CIFAR, DATA_SETS, IDX, DataSet
from engine.data.signals import read_signals, signals
from engine.errors import DataError
from engine.spec import Shape

Array = np.ndarray[Any, Any]
BLOCK = 4096  # images at a time, so that the mean of a data set needs no copy of it
SEED = 0  # of the data sets that are made here
TRAIN, VALIDATION, TEST = "train", "validation", "test"
IDX_FILES = {TRAIN: "train", TEST: "t10k"}


@attrs.frozen(eq=False)
class LabelledImages:
    """[N, C, H, W] bytes (or numbers, [N, C, L], of signals) with a class for each."""

    images: Array
    labels: Array


@attrs.frozen(eq=False)
class Sample:
    """One sample to look at."""

    image: Array
    label: int
    title: str  # its class


@attrs.frozen(eq=False)
class Dataset:
    """Samples to train and to test with, and the mean and spread of each channel of the training samples."""

    name: str
    title: str
    classes: tuple[str, ...]
    train: LabelledImages
    test: LabelledImages
    mean: tuple[float, ...]
    std: tuple[float, ...]
    report: tuple[str, ...] = ()  # what could not be read

    @property
    def validation(self) -> LabelledImages | None:
        """None: training keeps a share of its own images for it."""
        return None

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.train.images.shape[1:])

    def part(self, name: str) -> LabelledImages:
        return self.test if name == TEST else self.train

    def histogram(self, part: str) -> Array:
        """How many samples each class has."""
        return np.bincount(np.asarray(self.part(part).labels, np.int64), minlength=len(self.classes))

    def sample(self, part: str, index: int) -> Sample:
        """Any sample by its number; beyond the end they begin again."""
        samples = self.part(part)
        place = index % len(samples.labels)
        label = int(samples.labels[place])
        return Sample(np.asarray(samples.images[place]), label, self.classes[label])

    def of_class(self, part: str, label: int) -> Array:
        """The numbers of all samples of a class."""
        return np.flatnonzero(np.asarray(self.part(part).labels) == label)


def load(
    name: str,
    data_dir: Path | str = "",
    *,
    shape: Shape = (),
    fetch: bool = True,
    progress: Progress = lambda there, total: None,
    wanted: Callable[[], bool] = lambda: True,
) -> Dataset:
    """The data set of this name: from its files in `data_dir`, or fetched once and kept; or images at a path.

    Images of one's own are brought to `shape`, which is what the network takes; the others have a shape of their own.
    """
    if name not in DATA_SETS:
        if name and Path(name).exists():
            return load_own(Path(name), Look.of(shape))
        if Path(name).is_absolute():
            raise DataError(f"{name} is not there. Plug in or mount the disk that it is on, or choose other data.")
        known = ", ".join(DATA_SETS)
        raise DataError(f"There is no data set {name!r}; there are {known}, and images of your own by their path.")
    declared = DATA_SETS[name]
    place = place_of(declared, data_dir)
    if place is None and declared.generated:
        return _generated(declared)
    if place is None:
        if data_dir:
            raise DataError(_not_found(declared, Path(data_dir)))
        if not fetch:
            raise DataError(f"{declared.title} is not on this computer yet. Training or the data panel fetches it.")
        place = download(declared, progress=progress, wanted=wanted)
    return _READERS[declared.format](declared, place)


def _not_found(declared: DataSet, folder: Path) -> str:
    place = next((folder / name for name in declared.folders if (folder / name).is_dir()), folder)
    missing = next((f.name for f in declared.files if not idx_file(place, f.name)), declared.files[0].name)
    return f"{declared.title} was not found: {place} holds no {missing}. Name the folder that does."


def download(
    declared: DataSet,
    *,
    progress: Progress = lambda there, total: None,
    wanted: Callable[[], bool] = lambda: True,
) -> Path:
    """Fetches what is missing of a data set, and returns its folder."""
    if not declared.files:
        raise DataError(f"{declared.title} is made on your computer; there is nothing to download.")
    folder, before = data_folder() / declared.folders[0], 0
    for file in declared.files:
        done = before

        def told(there: int, total: int, done: int = done) -> None:
            progress(done + there, declared.download_bytes)

        fetch(file, declared.mirrors, folder, progress=told, wanted=wanted)
        before += file.size
    return folder


def verify(declared: DataSet, data_dir: Path | str = "") -> list[str]:
    """What is wrong with the files of a data set, in sentences; broken ones among the downloads are set aside."""
    place = place_of(declared, data_dir)
    if place is None:
        return [_not_found(declared, Path(data_dir) if data_dir else data_folder() / declared.folders[0])]
    problems = []
    for file in declared.files:
        path = place / file.name
        if not path.is_file():
            problems.append(f"{path} is not there, so what was unpacked from it cannot be checked.")
        elif not has_hash(path, file.sha256):
            aside = f" It was set aside as {set_aside(path).name}; it will be fetched anew." if not data_dir else ""
            problems.append(f"{path} is not the file that was published.{aside}")
    return problems


# --- reading ---------------------------------------------------------------------------------------------------------


def _read_idx_set(declared: DataSet, place: Path) -> Dataset:
    paths = {file.name: idx_file(place, file.name) or place / file.name for file in declared.files}

    def read() -> dict[str, Array]:
        arrays: dict[str, Array] = {}
        for part, prefix in IDX_FILES.items():
            images, labels = (
                read_idx(paths[f"{prefix}-{what}-idx{axes}-ubyte.gz"]) for what, axes in (("images", 3), ("labels", 1))
            )
            if images.ndim != 3:
                raise DataError(f"{place} holds {images.shape} images, which should be [N, H, W].")
            arrays |= {f"{part}_images": images[:, None], f"{part}_labels": labels}
        return arrays

    return _checked(declared, str(place), kept(declared.name, state_of(*paths.values()), read))


def _read_cifar(declared: DataSet, place: Path) -> Dataset:
    train, test = find_files(place) or ([], [])

    def read() -> dict[str, Array]:
        (x, y), (test_x, test_y) = read_records(train, test=False), read_records(test, test=True)
        return {"train_images": x, "train_labels": y, "test_images": test_x, "test_labels": test_y}

    return _checked(declared, str(place), kept(declared.name, state_of(*train, *test), read))


def _read_signal_set(declared: DataSet, place: Path) -> Dataset:
    return _checked(declared, str(place), read_signals(place / "mnist1d.npz"))


def _generated(declared: DataSet) -> Dataset:
    train, test = declared.samples

    def make() -> dict[str, Array]:
        from engine.data.digits import digits

        images, labels = (digits if declared.name == "digits" else signals)(train + test, SEED)
        return {
            "train_images": images[:train],
            "train_labels": labels[:train],
            "test_images": images[train:],
            "test_labels": labels[train:],
        }

    source = Path(__file__).parent
    state = repr((train, test, SEED, [hash_of(path) for path in sorted(source.glob("*.py"))]))
    return _checked(declared, declared.title, kept(declared.name, state, make))


def hash_of(path: Path) -> str:
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()


_READERS: dict[str, Callable[[DataSet, Path], Dataset]] = {
    IDX: _read_idx_set,
    CIFAR: _read_cifar,
    "signals": _read_signal_set,
}


def load_own(path: Path, look: Look | None = None) -> Dataset:
    """Images of one's own; files that could not be read are told in `report`."""
    own = read_own(path, look)
    arrays = {"train_images": own.train[0], "train_labels": own.train[1]}
    arrays |= {"test_images": own.test[0], "test_labels": own.test[1]}
    declared = DataSet(str(path.resolve()), path.name, "", own.classes, (), (0, 0), "own")
    return attrs.evolve(_checked(declared, str(path), arrays), report=own.report)


def _checked(declared: DataSet, where: str, arrays: dict[str, Array]) -> Dataset:
    train, test = (LabelledImages(arrays[f"{part}_images"], arrays[f"{part}_labels"]) for part in (TRAIN, TEST))
    for part in (train, test):
        if len(part.images) != len(part.labels):
            shapes = f"{part.images.shape} images and {part.labels.shape} labels"
            raise DataError(f"{where} holds {shapes}, which do not belong together.")
        if not len(part.labels):
            raise DataError(f"{where} holds a part without samples. Fetch it again.")
        if int(part.labels.max()) >= len(declared.classes):
            label, classes = int(part.labels.max()), len(declared.classes)
            raise DataError(f"A label in {where} is {label}; {declared.title} has {classes} classes.")
    if train.images.shape[1:] != test.images.shape[1:]:
        shapes = " and ".join(str(part.images.shape[1:]) for part in (train, test))
        raise DataError(f"The samples to train and to test with in {where} have different shapes: {shapes}.")
    mean, std = statistics(train.images)
    return Dataset(declared.name, declared.title, declared.classes, train, test, mean, std)


def statistics(images: Array) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of each channel: of shares from 0 to 1 where images are bytes."""
    unit = 255.0 if images.dtype == np.uint8 else 1.0
    channels, axes = images.shape[1], (0, *range(2, images.ndim))
    count = images.size / channels
    total, squares = np.zeros(channels), np.zeros(channels)
    for start in range(0, len(images), BLOCK):
        block = images[start : start + BLOCK].astype(np.float64) / unit
        total += block.sum(axes)
        squares += (block**2).sum(axes)
    mean = total / count
    return tuple(map(float, mean)), tuple(map(float, np.sqrt(np.maximum(squares / count - mean**2, 0))))
