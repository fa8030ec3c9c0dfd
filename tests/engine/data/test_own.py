"""Images of one's own: folders, tables and arrays, with a report of what could not be read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.data import own
from engine.data.catalogue import load, load_own
from engine.data.own import Look
from engine.data.source import DataSource
from engine.errors import DataError


def paint(path: Path, colour: tuple[int, int, int], size: tuple[int, int] = (12, 10)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twenty red and ten blue pictures in three formats."""
    for number in range(20):
        paint(tmp_path / "photos" / "red" / f"{number}.{('png', 'bmp', 'gif')[number % 3]}", (200, 0, 10 * number))
    for number in range(10):
        paint(tmp_path / "photos" / "blue" / "deeper" / f"{number}.PNG", (0, 10 * number, 200))
    return tmp_path / "photos"


def test_a_folder_for_each_class(folder: Path) -> None:
    data = load(str(folder))
    assert data.title == "photos"
    assert data.classes == ("blue", "red")
    assert data.train.images.shape == (24, 3, 10, 12)
    assert data.train.images.dtype == np.uint8
    assert isinstance(data.train.images, np.memmap)
    assert data.histogram("train").tolist() == [8, 16]  # a fifth of each class is for testing
    assert data.histogram("test").tolist() == [2, 4]
    sample = data.sample("test", 7)  # beyond the end it begins again
    assert sample.title == data.classes[sample.label]
    assert (sample.image[0].mean() > sample.image[2].mean()) == (sample.title == "red")
    assert set(np.asarray(data.train.labels)[data.of_class("train", 1)]) == {1}
    assert data.report == ()


def test_size_and_colour_can_be_chosen(folder: Path) -> None:
    assert load_own(folder, Look(height=6, width=5)).shape == (3, 6, 5)
    assert load_own(folder, Look(colour=False)).shape == (1, 10, 12)


def test_pictures_are_brought_to_what_the_network_takes(folder: Path) -> None:
    assert load(str(folder), shape=(1, 28, 28)).shape == (1, 28, 28)
    assert DataSource(str(folder), shape=(3, 9, 7)).load().shape == (3, 9, 7)
    assert load(str(folder), shape=(40,)).shape == (3, 10, 12)
    assert Path(load(str(folder)).name).is_absolute()  # a run is resumed wherever one is


def test_large_pictures_are_made_smaller_in_proportion(tmp_path: Path) -> None:
    for name in ("a", "b"):
        for number in range(5):
            paint(tmp_path / name / f"{number}.png", (number, 0, 0), (256, 128))
    assert load_own(tmp_path).shape == (3, 32, 64)


def test_what_cannot_be_read_is_reported_and_the_rest_is_used(folder: Path) -> None:
    (folder / "red" / "note.png").write_text("not a picture")
    half = folder / "blue" / "half.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (40, 40, 3), np.uint8)).save(half)
    half.write_bytes(half.read_bytes()[:2500])
    data = load_own(folder)
    assert len(data.train.labels) + len(data.test.labels) == 30
    assert len(data.report) == 2
    assert any("note.png cannot be read as a picture" in sentence for sentence in data.report)
    assert any("half.png cannot be read as a picture" in sentence for sentence in data.report)
    assert load_own(folder).report == data.report  # also when it comes from what was kept


def test_a_changed_folder_is_read_again(folder: Path) -> None:
    before = load_own(folder)
    paint(folder / "green" / "0.png", (0, 200, 0))
    for number in range(4):
        paint(folder / "green" / f"{number}.png", (0, 200, number))
    after = load_own(folder)
    assert after.classes == ("blue", "green", "red")
    assert len(after.train.labels) > len(before.train.labels)


def test_parts_may_be_folders(tmp_path: Path) -> None:
    for part, count in (("train", 6), ("test", 3)):
        for name in ("10", "9"):
            for number in range(count):
                paint(tmp_path / part / name / f"{number}.jpg", (number, 0, 0))
    data = load_own(tmp_path)
    assert data.classes == ("9", "10")
    assert (len(data.train.labels), len(data.test.labels)) == (12, 6)


def test_a_table_names_paths_and_labels(folder: Path) -> None:
    table = folder.parent / "list.csv"
    red, blue = ([f"photos/{p.relative_to(folder)}" for p in sorted(folder.glob(g))] for g in ("red/*", "blue/*/*"))
    lines = [f"{p},warm" for p in red] + [f"{p}, cold" for p in blue]
    table.write_text("\n".join(["file,label", *lines, "photos/gone.png,warm"]))
    data = load_own(table)
    assert data.classes == ("cold", "warm")
    assert len(data.train.labels) + len(data.test.labels) == 30
    assert data.report == (f"{folder / 'gone.png'} is not there.",)


@pytest.mark.parametrize("shape", [(50, 8, 8), (50, 1, 8, 8), (50, 8, 8, 3), (50, 40)])
def test_arrays(tmp_path: Path, shape: tuple[int, ...]) -> None:
    images = np.random.default_rng(0).integers(0, 255, shape, np.uint8)
    labels = np.arange(50) % 5
    np.savez(tmp_path / "data.npz", images=images, labels=labels)
    np.save(tmp_path / "plain.npy", images)
    np.save(tmp_path / "plain-labels.npy", labels)
    expected = {4: (3, 8, 8) if shape[-1] == 3 else (1, 8, 8), 3: (1, 8, 8), 2: (1, 40)}[len(shape)]
    for name in ("data.npz", "plain.npy"):
        data = load_own(tmp_path / name)
        assert data.shape == expected
        assert data.histogram("test").tolist() == [2] * 5
    np.savez(tmp_path / "parts.npz", x_train=images, y_train=labels, x_test=images[:7] / 2, y_test=labels[:7])
    parted = load_own(tmp_path / "parts.npz")
    assert len(parted.test.labels) == 7
    assert parted.test.images.dtype == np.float32


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"a": np.zeros(3)}, r"should hold images under the name x and labels under y; it has a\.$"),
        ({"x": np.zeros((3, 4, 4)), "y": [0, 1]}, r"holds \(3, 4, 4\) images and \(2,\) labels, which do not belong"),
        ({"x": np.zeros((2, 4, 4)), "y": [0.5, 1]}, r"are float64; they should be whole numbers, counted from 0\.$"),
        ({"x": np.zeros((0, 4, 4)), "y": np.zeros(0, int)}, r"data\.npz holds no samples to train with\.$"),
        ({"x": np.zeros(()), "y": [0, 1]}, r"holds \(\) images and \(2,\) labels, which do not belong together\.$"),
        ({"x": np.zeros((9, 4, 4)), "y": [3] * 9}, r"class 3 only; there is nothing to tell apart\. Add another\.$"),
        (
            {"x": np.zeros((2, 4, 4)), "y": [0, 1]},
            r"too few samples to train and to test with; a class should",
        ),
        ({"x": np.full((2, 4, 4), 1e300), "y": [0, 1]}, r"hold numbers that are not finite\. Remove those samples\.$"),
        ({"x": np.zeros((2, 4, 4)), "y": [0, -1]}, r"A label in .* is -1; classes are counted from 0\.$"),
        ({"x": np.full((2, 4, 4), np.nan), "y": [0, 1]}, r"hold numbers that are not finite\. Remove those samples\.$"),
        ({"x": np.zeros((2, 1, 1, 1, 1)), "y": [0, 1]}, r"have the shape \(2, 1, 1, 1, 1\); it should be \[N, H, W\]"),
    ],
)
def test_arrays_that_are_no_images_are_refused(tmp_path: Path, arrays: dict[str, np.ndarray], sentence: str) -> None:
    np.savez(tmp_path / "data.npz", **arrays)
    with pytest.raises(DataError, match=sentence):
        load_own(tmp_path / "data.npz")


def test_arrays_of_objects_are_never_unpickled(tmp_path: Path) -> None:
    np.save(tmp_path / "data.npy", np.array([{}], dtype=object))
    with pytest.raises(DataError, match="Object arrays cannot be loaded"):
        load_own(tmp_path / "data.npy")


def test_what_holds_no_images_is_told(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(
        DataError, match=r"empty holds no images\. It should have a sub-folder for each class with files"
    ):
        load_own(tmp_path / "empty")
    paint(tmp_path / "one" / "only" / "0.png", (0, 0, 0))
    with pytest.raises(
        DataError, match=r"one has one class only, 'only'; there is nothing to tell apart\. Add another"
    ):
        load_own(tmp_path / "one")
    (tmp_path / "note.txt").write_text("hello")
    with pytest.raises(DataError, match=r"note\.txt is no folder of images, \.csv, \.npz or \.npy file\. Name one"):
        load_own(tmp_path / "note.txt")
    (tmp_path / "list.csv").write_text("just words")
    with pytest.raises(DataError, match=r"list\.csv should have a path and a label in each line, separated by a comma"):
        load_own(tmp_path / "list.csv")


def test_too_many_pixels_are_refused_before_memory_is_asked_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "MOST_BYTES", 1000)
    with pytest.raises(DataError, match=r"^30 images of 10 × 12 pixels are too many\. Make them smaller\.$"):
        load_own(folder)
