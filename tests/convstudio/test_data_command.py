"""`convstudio data`: what is there, sheets, reports and checks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from convstudio.cli import main
from engine.data import download
from tests.convstudio.halves import write_halves


def test_the_list_says_where_every_data_set_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_halves(tmp_path / "mnist")
    assert main(["data", "--data-dir", str(tmp_path)]) == 0
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert str(tmp_path / "mnist") in lines["mnist"].replace("\n", "")
    assert "made by the program" in lines["digits"]
    assert "not here yet: 170 MB to download" in lines["cifar10"]


@pytest.mark.parametrize(("name", "size"), [("mnist", (5 * 14 + 2, 10 * 14 + 2)), ("mnist1d", (5 * 81 + 2, 342))])
def test_a_sheet_shows_every_class(
    tmp_path: Path, name: str, size: tuple[int, int], capsys: pytest.CaptureFixture[str]
) -> None:
    write_halves(tmp_path / "mnist")
    out = tmp_path / "sheet.png"
    assert main(["data", "sheet", name, str(out), "--per-class", "5", "--data-dir", str(tmp_path)]) == 0
    assert "shows 10 classes of" in capsys.readouterr().out
    with Image.open(out) as sheet:
        assert sheet.size == size
        assert len(np.unique(np.asarray(sheet))) > 2


def test_a_report_counts_classes_and_names_what_cannot_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("cats", "dogs"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for number in range(10):
            Image.new("L", (8, 8), number).save(tmp_path / "pets" / name / f"{number}.png")
    (tmp_path / "pets" / "cats" / "bad.png").write_text("x")
    assert main(["data", "report", str(tmp_path / "pets")]) == 0
    out = capsys.readouterr().out
    assert "bad.png cannot be read as a picture" in out
    assert "pets: 16 samples to train and 4 to test with, 1 × 8 × 8 each." in out


def test_files_that_are_not_the_published_ones_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_halves(tmp_path / "mnist")
    assert main(["data", "verify", "mnist", "--data-dir", str(tmp_path)]) == 1
    err = capsys.readouterr().err
    assert err.count("is not the file that was published.") == 4
    assert (tmp_path / "mnist" / "train-images-idx3-ubyte.gz").exists()  # it is the user's own file
    assert main(["data", "verify", "digits"]) == 1
    assert "Digits is made on your computer" in capsys.readouterr().err


def test_a_download_that_fails_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def no_network(*_: object) -> None:
        raise download._Failed("the connection broke")

    monkeypatch.setattr(download, "_one_try", no_network)
    assert main(["data", "download", "fashion-mnist"]) == 1
    assert capsys.readouterr().err == (
        "convstudio: train-images-idx3-ubyte.gz could not be fetched (raw.githubusercontent.com: the connection broke; "
        f"storage.googleapis.com: the connection broke). {download.ADVICE}\n"
    )
    assert main(["data", "download", "imagenet"]) == 1
    assert "There is no data set 'imagenet'" in capsys.readouterr().err


def test_own_images_are_trained_by_their_path(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from engine import chain, make, save

    for value, name in ((30, "dark"), (220, "light")):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for number in range(20):
            Image.new("L", (6, 6), value + number).save(tmp_path / "pets" / name / f"{number}.png")
    save(chain(make("input", shape=(1, 6, 6)), make("flatten"), make("dense", out_features=2)), tmp_path / "net.json")
    where = ["--data", str(tmp_path / "pets"), "--out", str(tmp_path / "run"), "--epochs", "5", "--batch", "8"]
    assert main(["train", str(tmp_path / "net.json"), *where]) == 0
    assert main(["predict", str(tmp_path / "run"), str(tmp_path / "pets" / "light" / "3.png")]) == 0
    assert ": light (" in capsys.readouterr().out


def test_the_folder_may_be_named_before_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_halves(tmp_path / "mnist")
    assert main(["data", "--data-dir", str(tmp_path), "verify", "mnist"]) == 1
    assert str(tmp_path / "mnist") in capsys.readouterr().err
