"""MNIST-1D: made by the published recipe, and read from the authors' frozen file."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from engine.data.catalogue import load
from engine.data.signals import SHAPES, read_signals, signals
from engine.errors import DataError

REAL = Path(os.environ.get("CONVSTUDIO_DATA", Path(__file__).parents[4] / "shared" / "data"))


def test_signals_are_repeatable_and_normalised() -> None:
    first, again, other = (signals(500, seed) for seed in (3, 3, 4))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0])
    x, labels = first
    assert x.shape == (500, 1, 40)
    assert x.dtype == np.float32
    assert abs(x.mean()) < 1e-5
    assert x.std() == pytest.approx(1, abs=1e-5)
    assert np.bincount(labels).tolist() == [50] * 10


def test_the_shape_is_in_the_signal_somewhere() -> None:
    """The best match of a class's own shape, over all places, beats that of most others."""
    x, labels = signals(400, 0)
    shapes = np.stack([np.interp(np.linspace(0, 11, 7), np.arange(12), s - s.mean()) for s in SHAPES])
    shapes /= np.linalg.norm(shapes, axis=1, keepdims=True)
    windows = np.lib.stride_tricks.sliding_window_view(x[:, 0], 7, axis=1)
    windows = windows - windows.mean(axis=2, keepdims=True)
    matches = (windows @ shapes.T).max(axis=1)
    ranks = (matches > matches[np.arange(400), labels, None]).sum(axis=1)
    assert np.mean(ranks == 0) > 0.2  # chance: 0.1
    assert np.mean(ranks <= 2) > 0.45  # chance: 0.3


def test_signals_are_like_those_of_the_authors() -> None:
    path = REAL / "mnist-1d" / "mnist1d.npz"
    if not path.is_file():
        pytest.skip(f"no mnist-1d in {REAL}: name the folder in CONVSTUDIO_DATA")
    ours, labels = signals(4000, 0)
    theirs = read_signals(path)
    for label in range(10):
        mine, published = ours[labels == label], theirs["train_images"][theirs["train_labels"] == label]
        assert np.abs(mine.mean(axis=0) - published.mean(axis=0)).max() < 0.35  # of noise alone, with 400 of each
        assert mine.std() == pytest.approx(published.std(), rel=0.1)
    data = load("mnist1d", REAL)
    assert data.train.images.shape == (4000, 1, 40)
    assert (data.mean[0], data.std[0]) == pytest.approx((-0.0003, 0.9976), abs=1e-4)


def test_without_a_file_they_are_made_here() -> None:
    data = load("mnist1d")
    assert (data.train.images.shape, data.test.images.shape) == ((4000, 1, 40), (1000, 1, 40))
    assert data.std[0] == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({"x": np.zeros((2, 40))}, "MNIST-1D \\('y'\\)"),
        ({"x": np.zeros((2, 40), np.int64), "y": [1, 2], "x_test": np.zeros((1, 40)), "y_test": [1]}, "x holds int64"),
        ({"x": np.zeros((2, 4, 4)), "y": [1, 2], "x_test": np.zeros((1, 40)), "y_test": [1]}, "of shape \\(2, 4, 4\\)"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, arrays: dict[str, np.ndarray], reason: str) -> None:
    np.savez(tmp_path / "mnist1d.npz", **arrays)
    with pytest.raises(DataError, match=reason):
        load("mnist1d", tmp_path)


def test_a_file_cut_off_or_with_objects_in_it_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mnist1d.npz"
    np.savez(path, x=np.array([{}], dtype=object))
    with pytest.raises(DataError, match=r"cannot be read as MNIST-1D \(.*Object arrays cannot be loaded"):
        read_signals(path)
    path.write_bytes(b"PK\x03\x04 cut off")
    with pytest.raises(DataError, match=r"cannot be read as MNIST-1D"):
        read_signals(path)
