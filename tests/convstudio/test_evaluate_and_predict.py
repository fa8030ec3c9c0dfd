"""`convstudio evaluate` and `convstudio predict` on a network that was trained on bright halves."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from convstudio.cli import main
from engine import chain, make, save
from tests.convstudio.halves import halves, write_halves


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data, and a run whose network ends in a softmax and one whose does not."""
    place = tmp_path_factory.mktemp("trained")
    write_halves(place / "mnist")
    for name, last in (("plain", ()), ("softmax", (make("softmax"),))):
        layers = make("input", shape=(1, 12, 12)), make("flatten"), make("dense", out_features=2), *last
        save(chain(*layers, name="Halves"), place / f"{name}.json")
        where = ["--data-dir", str(place), "--out", str(place / name)]
        assert main(["train", str(place / f"{name}.json"), *where, "--epochs", "3", "--batch", "16"]) == 0
    return place


@pytest.mark.parametrize("name", ["plain", "softmax"])
def test_evaluating_again_gives_what_training_measured(
    folder: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(folder / name), "--data-dir", str(folder), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    measured = json.loads((folder / name / "metrics.json").read_text())["test"]
    assert found["loss"] == pytest.approx(measured["loss"], rel=1e-5)
    assert found["confusion"] == measured["confusion"]
    assert found["data"] == "mnist"
    assert main(["evaluate", str(folder / name), "--data-dir", str(folder), "--json", "--part", "train"]) == 0
    assert json.loads(capsys.readouterr().out)["samples"] == 160


def test_tables_name_classes_and_their_shares(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(folder / "plain"), "--data-dir", str(folder)]) == 0
    out = capsys.readouterr().out
    assert "on the test part of MNIST: loss" in " ".join(out.split())
    assert "Recall" in out
    assert "100.0 %" in out


def test_a_folder_without_a_run_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(tmp_path)]) == 1
    assert capsys.readouterr().err == (
        f"convstudio: {tmp_path} is no folder of a run: its config.json cannot be read.\n"
    )


@pytest.mark.parametrize("name", ["plain", "softmax"])
def test_predicting_names_the_class_of_every_picture(
    folder: Path, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    images, labels = halves(6, seed=5)
    paths = [tmp_path / f"{number}.png" for number in range(6)]
    for path, image in zip(paths, images, strict=True):
        Image.fromarray(image.astype(np.uint8)).save(path)
    assert main(["predict", str(folder / name), *map(str, paths), "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["class"] for line in lines] == [str(label) for label in labels]
    assert all(sum(line["probabilities"].values()) == pytest.approx(1, abs=1e-5) for line in lines)


def test_pictures_that_cannot_be_read_do_not_keep_the_others_from_an_answer(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.png").write_text("x")
    Image.fromarray(halves(1, seed=1)[0][0].astype(np.uint8)).save(tmp_path / "good.png")
    pictures = [str(tmp_path / name) for name in ("bad.png", "good.png")]
    assert main(["predict", str(folder / "plain"), *pictures]) == 1
    out, err = capsys.readouterr()
    assert out.startswith(f"{pictures[1]}: ")
    assert f"{pictures[0]} cannot be read as a picture" in err
    assert err.endswith("convstudio: 1 of 2 pictures could not be read.\n")
