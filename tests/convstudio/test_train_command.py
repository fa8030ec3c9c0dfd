"""`convstudio train` on a generated data set in MNIST's own format."""

from __future__ import annotations

import gzip
import json
import signal
import struct
from pathlib import Path

import numpy as np
import pytest

from convstudio.cli import main
from engine import chain, make, save
from engine.data.catalogue import load
from engine.data.idx import read_idx
from engine.errors import DataError
from tests.convstudio.halves import write_halves, write_idx


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    write_halves(tmp_path / "mnist")
    return tmp_path


@pytest.fixture
def network(tmp_path: Path) -> Path:
    path = tmp_path / "halves.json"
    layers = make("input", shape=(1, 12, 12)), make("flatten"), make("dense", out_features=2)
    save(chain(*layers, name="Halves"), path)
    return path


def test_training_leaves_a_folder_and_prints_an_object_a_line(
    data_dir: Path, network: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    arguments = ["--data-dir", str(data_dir), "--epochs", "2", "--batch", "16", "--out", str(out), "--json", "-"]
    assert main(["train", str(network), *arguments]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line.get("epoch") for line in lines] == [1, 2, None]
    assert lines[1]["test_accuracy"] > 0.9
    assert lines[2] == {"final": True, "folder": str(out)}
    assert {"config.json", "history.csv", "metrics.json", "network.json", "last.safetensors"} <= {
        path.name for path in out.iterdir()
    }


def test_stopped_training_goes_on_where_it_was(
    data_dir: Path, network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from engine.trainer import Trainer

    common = ["--data-dir", str(data_dir)]
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    start = ["train", str(network), *common, "--epochs", "3", "--batch", "16"]
    assert main([*start, "--out", str(whole)]) == 0
    step, calls = Trainer.step, []

    def interrupted(trainer: Trainer):
        calls.append(1)
        if len(calls) == 15:
            signal.raise_signal(signal.SIGINT)  # in the middle of a step, which is finished all the same
        return step(trainer)

    monkeypatch.setattr(Trainer, "step", interrupted)
    assert main([*start, "--out", str(broken)]) == 1
    assert capsys.readouterr().err == (
        f"convstudio: Stopped and saved. Go on with: convstudio train --resume {broken}\n"
    )
    monkeypatch.setattr(Trainer, "step", step)
    assert main(["train", "--resume", str(broken), *common]) == 0
    for name in ("metrics.json", "best.safetensors", "last.safetensors"):
        assert (broken / name).read_bytes() == (whole / name).read_bytes(), name


def test_missing_files_are_named(tmp_path: Path, network: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", str(network), "--data-dir", str(tmp_path)]) == 1
    assert capsys.readouterr().err == (
        f"convstudio: MNIST was not found: {tmp_path} holds no train-images-idx3-ubyte.gz. Name the folder that does.\n"
    )


def test_unknown_names_are_answered_with_the_known_ones(network: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", str(network), "--optimizer", "magic"]) == 1
    assert capsys.readouterr().err.startswith("convstudio: There is no optimiser 'magic'; there are sgd, ")
    with pytest.raises(DataError, match=r"^There is no data set 'imagenet'; there are digits, mnist, "):
        load("imagenet", ".")


def test_statistics_are_those_of_the_training_images(data_dir: Path) -> None:
    data = load("mnist", data_dir)
    shares = data.train.images / 255.0
    assert data.mean == pytest.approx((shares.mean(),))
    assert data.std == pytest.approx((shares.std(),))
    assert data.train.images.shape == (160, 1, 12, 12)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "cannot be read"),
        (b"\x00\x00\x08\x03\x00\x00", "cannot be read"),
        (b"PK\x03\x04 and more", "is no IDX file of bytes: its first four bytes say something else."),
        (struct.pack(">HBBI", 0, 8, 1, 5) + b"1234", "should hold 5 bytes after its header, and does not."),
        (struct.pack(">HBBI", 0, 8, 1, 3) + b"1234", "should hold 3 bytes after its header, and does not."),
        (struct.pack(">HBBII", 0, 8, 2, 1 << 31, 1 << 31), "claims to hold 4611686018427387904 bytes"),
    ],
)
def test_broken_files_give_a_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "broken-idx"
    for stored in (content, gzip.compress(content)):
        path.write_bytes(stored)
        with pytest.raises(DataError) as refused:
            read_idx(path)
        assert sentence in str(refused.value)


def test_half_a_gzip_file_gives_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "half.gz"
    write_idx(path, np.random.default_rng(0).integers(0, 255, (50, 28, 28)))
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(DataError, match="It may be cut off; fetch it again"):
        read_idx(path)
