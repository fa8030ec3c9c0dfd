"""Data sets by name: the files belong together, their statistics are right, what is missing is named."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np
import pytest

from engine.data.catalogue import load, statistics
from engine.errors import DataError

REAL = Path(os.environ.get("CONVSTUDIO_DATA", Path(__file__).parents[4] / "shared" / "data"))


def write(folder: Path, stem: str, values: np.ndarray) -> None:
    header = struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape)
    (folder / stem).write_bytes(header + values.tobytes())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "mnist"
    place.mkdir()
    random = np.random.default_rng(5)
    for prefix, count in (("train", 20), ("t10k", 10)):
        write(place, f"{prefix}-images-idx3-ubyte", random.integers(0, 256, (count, 28, 28), np.uint8))
        write(place, f"{prefix}-labels-idx1-ubyte", np.arange(count, dtype=np.uint8) % 10)
    return tmp_path


def refusal(name: str, folder: Path) -> str:
    with pytest.raises(DataError) as caught:
        load(name, folder)
    return str(caught.value)


def test_a_data_set_has_channels_labels_and_the_statistics_of_its_training_images(folder: Path) -> None:
    data = load("mnist", folder)
    assert data.train.images.shape == (20, 1, 28, 28)
    assert data.test.labels.tolist() == list(range(10))
    shares = data.train.images / 255
    np.testing.assert_allclose((*data.mean, *data.std), (shares.mean(), shares.std()), rtol=1e-12)


def test_statistics_are_of_each_channel_and_of_every_block() -> None:
    images = np.random.default_rng(1).integers(0, 256, (5000, 3, 2, 2), np.uint8)
    images[4096:, 1] = 255
    mean, std = statistics(images)
    np.testing.assert_allclose(mean, (images / 255).mean((0, 2, 3)), rtol=1e-12)
    np.testing.assert_allclose(std, (images / 255).std((0, 2, 3)), rtol=1e-12)


def test_an_unknown_name_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    assert refusal("mnits", tmp_path).startswith(
        "There is no data set 'mnits'; there are digits, mnist, fashion-mnist, cifar10, mnist1d, "
    )


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "mnist" / "t10k-labels-idx1-ubyte").unlink()
    assert refusal("mnist", folder) == (
        f"MNIST was not found: {folder / 'mnist'} holds no t10k-labels-idx1-ubyte.gz. Name the folder that does."
    )


def test_labels_of_another_set_are_refused(folder: Path) -> None:
    write(folder / "mnist", "train-labels-idx1-ubyte", np.zeros(19, np.uint8))
    assert refusal("mnist", folder) == (
        f"{folder / 'mnist'} holds (20, 1, 28, 28) images and (19,) labels, which do not belong together."
    )


def test_a_label_beyond_the_classes_is_refused(folder: Path) -> None:
    write(folder / "mnist", "train-labels-idx1-ubyte", np.full(20, 10, np.uint8))
    assert refusal("mnist", folder) == f"A label in {folder / 'mnist'} is 10; MNIST has 10 classes."


@pytest.mark.parametrize(("name", "mean", "std"), [("mnist", 0.1307, 0.3081), ("fashion-mnist", 0.2860, 0.3530)])
def test_the_real_files_have_the_published_statistics(name: str, mean: float, std: float) -> None:
    if not (REAL / name).is_dir():
        pytest.skip(f"no {name} in {REAL}: name the folder in CONVSTUDIO_DATA")
    data = load(name, REAL)
    assert (len(data.train.labels), len(data.test.labels)) == (60000, 10000)
    np.testing.assert_allclose((*data.mean, *data.std), (mean, std), atol=5e-5)
