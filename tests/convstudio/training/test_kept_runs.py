"""The runs that are kept: read again, renamed, given away, thrown away."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from convstudio.training.curves import Curves
from convstudio.training.kept_runs import KeptRuns, differences
from engine import graph as graphs
from engine.graph import chain
from engine.progress import EpochResult
from engine.protocol import Report
from engine.run_files import COLUMNS, HISTORY, MARKS, NETWORK, Mark, read_marks, write_config
from engine.settings import TrainingSettings
from engine.spec import make
from tests.patience import PATIENCE_MS

LINES = f"""{",".join(COLUMNS)}
1,10,0.01,0.9,0.5,0.8,0.75,,,2.5,1000
2,20,0.01,0.7,0.6,0.9,0.7,,,1.5,2000
"""


def make_run(base: Path, name: str, **settings: Any) -> Path:
    place = base / name
    place.mkdir(parents=True)
    graph = chain(make("input", shape=(1, 8, 8)), make("flatten"), make("dense", out_features=2), name="tiny")
    (place / NETWORK).write_text(graphs.dumps(graph), encoding="utf-8")
    (place / HISTORY).write_text(LINES, encoding="utf-8")
    config = {"format": "convstudio-run", "version": 1, "network_name": "tiny", "data": {"name": "bars"}}
    write_config(place, {**config, "training": TrainingSettings(**settings).to_json()})
    return place


@pytest.fixture
def kept(tmp_path: Path, qtbot: QtBot) -> Iterator[KeptRuns]:
    make_run(tmp_path, "one", epochs=2)
    make_run(tmp_path, "two", epochs=5, learning_rate=0.5)
    runs = KeptRuns(tmp_path)
    with qtbot.waitSignal(runs.changed, timeout=PATIENCE_MS):
        runs.refresh()
    yield runs
    runs.close()


def titles(kept: KeptRuns) -> set[str]:
    return {one.title for one in kept.summaries}


def test_runs_are_told_in_a_line(kept: KeptRuns) -> None:
    one = kept.summary(kept.folder / "one")
    assert one is not None
    assert (one.network_name, one.seconds, one.samples_per_second, one.can_go_on) == ("tiny", 4.0, 1500.0, False)
    assert one.best is not None
    assert (one.best.epoch, one.best.validation_accuracy) == (1, 0.75)
    assert [node.id for node in one.graph()] == ["input1", "flatten1", "dense1"]


def test_what_is_no_run_is_left_out(kept: KeptRuns, qtbot: QtBot) -> None:
    (kept.folder / "notes").mkdir()
    (kept.folder / "two" / "config.json").write_text('{"format": "convstudio-run"}')
    with qtbot.waitSignal(kept.changed, timeout=PATIENCE_MS):
        kept.refresh()
    assert titles(kept) == {"one"}


def test_a_run_is_renamed_in_its_folder(kept: KeptRuns, qtbot: QtBot) -> None:
    with qtbot.waitSignal(kept.changed, timeout=PATIENCE_MS):
        kept.rename(kept.summaries[0], "  The good one ")
    assert "The good one" in titles(kept)
    place = next(one.folder for one in kept.summaries if one.title == "The good one")
    assert json.loads((place / "config.json").read_text(encoding="utf-8"))["training"]["epochs"] in (2, 5)


def test_a_run_is_deleted(kept: KeptRuns, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()  # the bin is in it
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    with qtbot.waitSignal(kept.changed, timeout=PATIENCE_MS):
        kept.delete(kept.summary(kept.folder / "one"))  # type: ignore[arg-type]
    assert titles(kept) == {"two"}
    assert not (kept.folder / "one").exists()


def test_a_run_is_exported_whole(kept: KeptRuns, qtbot: QtBot, tmp_path: Path) -> None:
    target = tmp_path / "run.zip"
    with qtbot.waitSignal(kept.said, timeout=PATIENCE_MS) as said:
        kept.export(kept.summaries[0], target)
    name = kept.summaries[0].folder.name
    assert set(zipfile.ZipFile(target).namelist()) == {f"{name}/{file}" for file in (HISTORY, NETWORK, "config.json")}
    assert said.args[0] == f"The run was exported to {target}."
    with qtbot.waitSignal(kept.said, timeout=PATIENCE_MS) as said:
        kept.export(kept.summaries[0], tmp_path / "nowhere" / "run.zip")
    assert said.args[0].endswith("No such file or directory. Choose another place.")


def test_the_loss_of_every_step_is_kept_and_drawn_again(kept: KeptRuns, qtbot: QtBot) -> None:
    one, curves = kept.summaries[0], Curves()
    steps = np.arange(1, 21)
    curves.add(Report("training", steps=steps, losses=1 / steps, accuracies=steps / 20, total_steps=20, epochs=2))
    curves.marks = [Mark(3, "learning rate 0.5"), Mark(7, 'batch 8, "bold"')]
    with qtbot.waitSignal(kept.changed, timeout=PATIENCE_MS):
        kept.keep_curve(one.folder, curves)
    with qtbot.waitSignal(kept.chosen_changed, timeout=PATIENCE_MS):
        kept.choose(one, True)
    found = kept.chosen[one.folder]
    assert found.steps.tolist() == steps.tolist()
    assert found.marks == curves.marks
    assert found.losses == pytest.approx(1 / steps)
    assert (found.steps_per_epoch, len(found.history)) == (10, 2)
    with qtbot.waitSignal(kept.chosen_changed, timeout=PATIENCE_MS):
        kept.choose(one, False)
    assert not kept.chosen


def test_marks_are_read_whatever_is_in_their_file(kept: KeptRuns, qtbot: QtBot) -> None:
    place = kept.folder / "one"
    assert read_marks(place) == []  # runs of before have no such file
    kept.keep_marks(place, Curves())
    kept.close()
    assert not (place / MARKS).exists()
    (place / MARKS).write_text("step,change\nx,lost\n9,batch 8\n\n-1,\n4,rate,and more\n7\n", encoding="utf-8")
    assert read_marks(place) == [Mark(4, "rate"), Mark(9, "batch 8")]
    (place / MARKS).write_bytes(b"\xff\xfe\x00")
    assert read_marks(place) == []


def test_marks_wait_for_a_run_in_the_folder(kept: KeptRuns) -> None:
    place, curves = kept.folder / "taken", Curves()
    place.mkdir()
    curves.marks = [Mark(3, "batch 8")]
    kept.keep_marks(place, curves)
    kept.close()
    assert list(place.iterdir()) == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"nonsense",
        b"\x93NUMPY\x01\x00\x76\x00{'descr': '<f4', 'fortran_order': False, 'shape': (4, 99999999999), }" + b" " * 40,
    ],
)
def test_a_curve_that_is_none_of_ours_is_empty(kept: KeptRuns, data: bytes) -> None:
    folder = kept.summaries[0].folder
    (folder / "curve.npy").write_bytes(data)
    assert len(Curves.load(folder)) == 0


def test_runs_are_compared_by_their_settings(kept: KeptRuns) -> None:
    one, two = (kept.summary(kept.folder / name) for name in ("one", "two"))
    assert one is not None
    assert two is not None
    assert differences(one, two) == [("learning rate", "0.001", "0.5"), ("epochs", "2", "5")]


def test_networks_of_one_name_with_other_layers_differ(kept: KeptRuns, qtbot: QtBot) -> None:
    network = kept.folder / "one" / NETWORK
    moved = network.read_text(encoding="utf-8").replace('"position": [0.0, 0.0]', '"position": [70.0, 0.0]')
    edited = moved.replace('"out_features": 2', '"out_features": 3')
    for text, told in ((moved, []), (edited, [("network", "tiny", "one with other layers")])):
        network.write_text(text, encoding="utf-8")
        with qtbot.waitSignal(kept.changed, timeout=PATIENCE_MS):
            kept.refresh()
        one, two = (kept.summary(kept.folder / name) for name in ("one", "two"))
        assert one is not None
        assert two is not None
        assert differences(one, two) == [*told, ("learning rate", "0.001", "0.5"), ("epochs", "2", "5")]


def test_a_run_that_is_renamed_is_no_newer(kept: KeptRuns, qtbot: QtBot) -> None:
    for name, seconds in (("one", 1_000_000), ("two", 2_000_000)):
        os.utime(kept.folder / name / HISTORY, (seconds, seconds))
    with qtbot.waitSignal(kept.changed, timeout=PATIENCE_MS):
        kept.refresh()
    with qtbot.waitSignal(kept.changed, timeout=PATIENCE_MS):
        kept.rename(kept.summaries[1], "The first")
    assert [(one.title, one.written) for one in kept.summaries] == [("two", 2_000_000), ("The first", 1_000_000)]


def test_a_history_that_counts_from_nought_is_no_crash(kept: KeptRuns) -> None:
    folder = kept.summaries[0].folder
    forged = [EpochResult(epoch=0, steps=10, learning_rate=0.1, train_loss=1.0)]
    assert Curves.load(folder, forged).steps_per_epoch == 10
