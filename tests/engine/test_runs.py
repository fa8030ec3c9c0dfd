"""The folder of a run, as other tools find it."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest
from safetensors.numpy import load_file

from engine import Graph, load, runs
from engine.batches import ArrayData
from engine.checkpoint import resume
from engine.run_files import RunSummary, listing
from engine.runs import Run, RunError
from engine.settings import TrainingSettings, settings_from_json
from engine.trainer import Trainer

SETTINGS = TrainingSettings(learning_rate=0.02, batch=30, epochs=3, validation_fraction=0.2)


def drive(trainer: Trainer, run: Run, epochs: int) -> None:
    while trainer.progress.epoch < epochs:
        if trainer.step().finished_epoch:
            run.end_epoch(trainer, seconds=2.5, samples_per_second=1000.0)


def test_a_run_leaves_files_that_other_tools_read(tiny_graph: Graph, tiny_data: ArrayData, tmp_path: Path) -> None:
    run = Run.create(tmp_path / "runs" / "one", tiny_graph, SETTINGS, {"name": "bars"})
    trainer = Trainer(tiny_graph, tiny_data, SETTINGS)
    drive(trainer, run, 3)
    names = {path.name for path in run.folder.iterdir()}
    assert names == {
        "config.json",
        "network.json",
        "history.csv",
        "metrics.json",
        "last.safetensors",
        "best.safetensors",
    }
    config = json.loads((run.folder / "config.json").read_text())
    assert config["data"] == {"name": "bars"}
    assert settings_from_json(config["training"]) == SETTINGS
    assert load(run.folder / "network.json") == tiny_graph
    with open(run.folder / "history.csv", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [float(line["train_loss"]) for line in lines] == [line.train_loss for line in trainer.history]
    assert [line["seconds"] for line in lines] == ["2.5"] * 3
    best = trainer.progress.best_epoch
    metrics = json.loads((run.folder / "metrics.json").read_text())
    assert metrics["epoch"] == best
    assert metrics["test"]["accuracy"] == trainer.history[best - 1].test_accuracy
    assert np.sum(metrics["test"]["confusion"]) == 40
    for name, array in load_file(run.folder / "best.safetensors").items():
        assert array.tobytes() == trainer.best_arrays[name].tobytes()


def test_a_run_goes_on_with_the_history_it_had(tiny_graph: Graph, tiny_data: ArrayData, tmp_path: Path) -> None:
    first = Run.create(tmp_path / "a", tiny_graph, SETTINGS, {})
    drive(Trainer(tiny_graph, tiny_data, SETTINGS), first, 3)
    second = Run.create(tmp_path / "b", tiny_graph, SETTINGS, {})
    drive(Trainer(tiny_graph, tiny_data, SETTINGS), second, 1)
    again = Run.open(tmp_path / "b")
    drive(resume(again.checkpoint(), tiny_data), again, 3)
    for name in ("history.csv", "metrics.json", "best.safetensors", "last.safetensors"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


def test_without_validation_the_newest_epoch_is_the_best(
    tiny_graph: Graph, tiny_data: ArrayData, tmp_path: Path
) -> None:
    settings = attrs.evolve(SETTINGS, validation_fraction=0.0, keep_best=False, epochs=1)
    run = Run.create(tmp_path, tiny_graph, settings, {})
    drive(Trainer(tiny_graph, tiny_data, settings), run, 1)
    assert not (tmp_path / "best.safetensors").exists()
    assert json.loads((tmp_path / "metrics.json").read_text())["epoch"] == 1


def test_a_run_that_begins_is_never_taken_for_a_broken_one(
    tiny_graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[type] = []

    def looked(write: Callable[..., None]) -> Callable[..., None]:
        def write_and_look(*what: Any) -> None:
            write(*what)
            seen.extend(type(one) for one in listing(tmp_path))

        return write_and_look

    for name in ("write_text", "write_config"):
        monkeypatch.setattr(runs, name, looked(getattr(runs, name)))
    Run.create(tmp_path / "new", tiny_graph, SETTINGS, {"name": "bars"})
    assert seen == [RunSummary, RunSummary]


def test_folders_that_are_no_runs(tiny_graph: Graph, tmp_path: Path) -> None:
    with pytest.raises(RunError) as caught:
        Run.open(tmp_path)
    assert str(caught.value) == f"{tmp_path} is no folder of a run: its config.json cannot be read."
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(RunError) as caught:
        Run.open(tmp_path)
    assert str(caught.value) == f"{tmp_path} is no folder of a run: its config.json describes something else."
    with pytest.raises(RunError) as caught:
        Run.create(tmp_path, tiny_graph, SETTINGS, {})
    assert str(caught.value) == f"{tmp_path} holds a run already. Resume it, or choose another folder."
    run = Run.create(tmp_path / "new", tiny_graph, SETTINGS, {})
    with pytest.raises(RunError) as caught:
        run.checkpoint()
    assert str(caught.value) == (
        f"{tmp_path / 'new'} has no checkpoint yet, so there is nothing to go on from. Start it anew."
    )
