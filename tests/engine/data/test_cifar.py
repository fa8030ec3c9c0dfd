"""CIFAR-10's binary files: the archive, its content or a part of it, and what no such file is."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
from pathlib import Path

import numpy as np
import pytest

from engine.data import cifar
from engine.data.catalogue import load
from engine.errors import DataError

REAL = Path(os.environ.get("CONVSTUDIO_DATA", Path(__file__).parents[4] / "shared" / "data"))


def records(count: int, seed: int) -> tuple[np.ndarray, bytes]:
    """Pictures whose channels differ, and the same as a file."""
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (count, 3, 32, 32), np.uint8)
    labels = (np.arange(count) % 10).astype(np.uint8)
    return images, np.concatenate([labels[:, None], images.reshape(count, -1)], axis=1).tobytes()


def archive(path: Path, files: dict[str, bytes]) -> None:
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


@pytest.mark.parametrize("form", ["archive", "unpacked", "packed"])
def test_every_form_gives_the_same_images(tmp_path: Path, form: str) -> None:
    (first, a), (second, b), (test, c) = (records(n, seed) for seed, n in enumerate((20, 10, 10)))
    files = {"data_batch_1.bin": a, "data_batch_2.bin": b, "test_batch.bin": c, "readme.html": b"<p>"}
    if form == "archive":
        archive(tmp_path / cifar.ARCHIVE, files)
    else:
        for name, content in files.items():
            if form == "packed":
                (tmp_path / f"{name}.gz").write_bytes(gzip.compress(content))
            else:
                (tmp_path / name).write_bytes(content)
    data = load("cifar10", tmp_path)
    assert np.array_equal(data.train.images, np.concatenate([first, second]))
    assert np.array_equal(data.test.images, test)
    assert data.train.labels.tolist() == [*range(10), *range(10), *range(10)]
    np.testing.assert_allclose(data.mean, (data.train.images / 255).mean((0, 2, 3)))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\x01" * 100, r"should hold records of 3073 bytes, and has 100 bytes\. Fetch it again\.$"),
        (b"", r"should hold records of 3073 bytes, and has 0 bytes\. Fetch it again\.$"),
        (b"\x0b" + b"\x00" * 3072, r"holds the label 11; CIFAR-10 has 10 classes\. Fetch it again\.$"),
    ],
)
def test_what_holds_no_records_is_refused(tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / "data_batch_1.bin").write_bytes(content)
    (tmp_path / "test_batch.bin").write_bytes(records(3, 0)[1])
    with pytest.raises(DataError, match=sentence):
        load("cifar10", tmp_path)


def test_hostile_archives_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / cifar.ARCHIVE
    archive(path, {"readme.html": b"nothing else"})
    with pytest.raises(DataError, match=r"holds no training records of CIFAR-10\. Fetch it again\.$"):
        load("cifar10", tmp_path)
    archive(path, {"data_batch_1.bin": records(30, 0)[1], "test_batch.bin": records(3, 0)[1]})
    monkeypatch.setattr(cifar, "MOST_BYTES", 50_000)
    with pytest.raises(
        DataError, match=r"\(data_batch_1\.bin\) holds more than 50000 bytes, which no file of CIFAR-10"
    ):
        load("cifar10", tmp_path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(DataError, match=r"cannot be read \(.*\)\. It may be cut off; fetch it again\.$"):
        load("cifar10", tmp_path)


def test_the_real_subset_has_the_published_statistics() -> None:
    if not (REAL / "cifar10-subset").is_dir():
        pytest.skip(f"no cifar10-subset in {REAL}: name the folder in CONVSTUDIO_DATA")
    data = load("cifar10", REAL)
    assert (len(data.train.labels), len(data.test.labels)) == (4000, 1000)
    np.testing.assert_allclose(data.mean, (0.4916, 0.4818, 0.4447), atol=5e-5)
    np.testing.assert_allclose(data.std, (0.2471, 0.2440, 0.2625), atol=5e-5)
    assert data.histogram("test").tolist() == [103, 89, 100, 103, 90, 86, 112, 102, 106, 109]
