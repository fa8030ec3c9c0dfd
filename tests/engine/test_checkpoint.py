"""Checkpoints: the same bits after a break, files that survive accidents, and files that nobody should trust."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import attrs
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from engine import Graph, atomic, chain, checkpoint, make
from engine.atomic import SaveError, write_atomically
from engine.batches import ArrayData
from engine.checkpoint import CheckpointError, capture, load, put_arrays, resume, save
from engine.optimizers import OPTIMIZERS, Adam
from engine.schedules import OneCycle
from engine.settings import TrainingSettings
from engine.trainer import Trainer

SETTINGS = TrainingSettings(
    learning_rate=0.02, batch=20, epochs=2, validation_fraction=0.2, seed=5, clip_norm=1.0, schedule=OneCycle()
)
STEPS = 2 * (4 + 1 + 2)  # training, validation, test


def end_of(trainer: Trainer, steps: list[object] | None = None) -> tuple[object, ...]:
    """Everything that could differ."""
    while not trainer.finished:
        trainer.step()
    state = trainer.state()
    return {name: array.tobytes() for name, array in state.arrays.items()}, json.dumps(state.facts)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_resumed_run_gives_the_same_bits(tiny_graph: Graph, tiny_data: ArrayData, tmp_path: Path, name: str) -> None:
    settings = attrs.evolve(SETTINGS, optimizer=OPTIMIZERS[name]())
    wanted = end_of(Trainer(tiny_graph, tiny_data, settings))
    rng = np.random.default_rng(list(name.encode()))
    for position in rng.choice(STEPS, 2, replace=False):
        trainer = Trainer(tiny_graph, tiny_data, settings)
        for _ in range(position):
            trainer.step()
        save(capture(trainer), tmp_path / "run.safetensors")
        assert end_of(resume(load(tmp_path / "run.safetensors"), tiny_data)) == wanted, (
            f"resumed after {position} steps"
        )


def test_a_checkpoint_at_every_position_resumes_alike(tiny_graph: Graph, tiny_data: ArrayData, tmp_path: Path) -> None:
    trainer, path = Trainer(tiny_graph, tiny_data, attrs.evolve(SETTINGS, patience=1)), tmp_path / "run.safetensors"
    wanted = end_of(Trainer(tiny_graph, tiny_data, trainer.settings))
    while not trainer.finished:
        save(capture(trainer), path)
        trainer = resume(load(path), tiny_data)
        trainer.step()
        while trainer.phase not in ("training", "finished"):  # measuring begins anew after a break
            trainer.step()
    assert end_of(trainer) == wanted


def test_hot_changes_survive(tiny_graph: Graph, tiny_data: ArrayData, tmp_path: Path) -> None:
    trainer = Trainer(tiny_graph, tiny_data, SETTINGS)
    trainer.step()
    trainer.set_learning_rate(0.007)
    trainer.set_batch(30)
    trainer.step()
    save(capture(trainer, {"data": "made up"}), tmp_path / "run.safetensors")
    loaded = load(tmp_path / "run.safetensors")
    assert (loaded.settings.learning_rate, loaded.settings.batch, loaded.about) == (0.007, 30, {"data": "made up"})
    assert end_of(resume(loaded, tiny_data)) == end_of(trainer)


def test_weights_are_found_by_name_in_a_changed_network(tiny_graph: Graph, tiny_data: ArrayData) -> None:
    trainer = Trainer(tiny_graph, tiny_data, SETTINGS)
    other = Trainer(
        tiny_graph.replace(attrs.evolve(tiny_graph["dense1"], layer=make("dense", out_features=4))),
        tiny_data,
        attrs.evolve(SETTINGS, seed=9),
    )
    missing = put_arrays(other.network.store.arrays, capture(trainer).arrays)
    assert missing == ["dense1.weight", "dense1.bias"]
    assert (other.network.parameters["conv1.weight"] == trainer.network.parameters["conv1.weight"]).all()


# --- accidents -------------------------------------------------------------------------------------------------------


def test_a_full_disk_leaves_the_file_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "run.safetensors"
    write_atomically(path, [b"before"])

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(SaveError) as caught:
        write_atomically(path, [b"after"])
    assert str(caught.value) == (
        f"{path} could not be saved: No space left on device. What was saved before is unharmed."
    )
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


DIES_WHILE_WRITING = """
import sys
from pathlib import Path
from engine.atomic import write_atomically

def pieces():
    yield b"half of"
    print("writing", flush=True)
    sys.stdin.read()

write_atomically(Path(sys.argv[1]), pieces())
"""


def test_a_process_killed_while_writing_leaves_the_file_before(tmp_path: Path, project: Path) -> None:
    path = tmp_path / "run.safetensors"
    write_atomically(path, [b"before"])
    command = [sys.executable, "-c", DIES_WHILE_WRITING, str(path)]
    with subprocess.Popen(command, cwd=project, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline().strip() == b"writing"
        child.kill()
    assert path.read_bytes() == b"before"
    write_atomically(path, [b"after"])
    assert path.read_bytes() == b"after"
    assert list(tmp_path.iterdir()) == [path]


# --- files that nobody should trust ----------------------------------------------------------------------------------


@pytest.fixture
def saved(tiny_graph: Graph, tiny_data: ArrayData, tmp_path: Path) -> Path:
    path = tmp_path / "run.safetensors"
    save(capture(Trainer(tiny_graph, tiny_data, SETTINGS)), path)
    return path


def refusal(path: Path, data: ArrayData) -> str:
    with pytest.raises(CheckpointError) as caught:
        resume(load(path), data)
    return str(caught.value)


def content_of(path: Path) -> dict:
    with checkpoint.safe_open(str(path), framework="numpy") as file:
        return json.loads(file.metadata()["convstudio"])


def rewrite(path: Path, content: object, **arrays: np.ndarray) -> None:
    text = content if isinstance(content, str) else json.dumps(content)
    save_file({**load_file(path), **arrays}, path, metadata={"convstudio": text})


def test_a_missing_file(tmp_path: Path, tiny_data: ArrayData) -> None:
    assert refusal(tmp_path / "no", tiny_data) == f"There is no checkpoint {tmp_path / 'no'}."


@pytest.mark.parametrize("cut", [0, 5, 200, -1])
def test_truncated_files(saved: Path, tiny_data: ArrayData, cut: int) -> None:
    saved.write_bytes(saved.read_bytes()[:cut])
    assert refusal(saved, tiny_data).startswith(f"{saved} is no checkpoint, or a damaged one: ")


def test_random_bytes(saved: Path, tiny_data: ArrayData) -> None:
    saved.write_bytes(np.random.default_rng(0).bytes(5000))
    assert refusal(saved, tiny_data).startswith(f"{saved} is no checkpoint, or a damaged one: ")


def test_arrays_alone(saved: Path, tiny_data: ArrayData) -> None:
    save_file(load_file(saved), saved)
    assert (
        refusal(saved, tiny_data) == f"{saved} holds arrays, but is no checkpoint: it lacks the description of a run."
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is damaged: its description is not JSON."),
        ("[" * 200_000, "is damaged: its description is not JSON."),
        ([1], "is damaged: its description is of another kind."),
        ({"format": "convstudio-checkpoint", "version": 2}, "has version 2; this program reads versions 1 to 1."),
    ],
)
def test_strange_descriptions(saved: Path, tiny_data: ArrayData, content: object, message: str) -> None:
    rewrite(saved, content)
    assert refusal(saved, tiny_data) == f"{saved} {message}"


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        (
            "network",
            {},
            "{path} is damaged: This is not a network file: it should be a JSON object with "
            '"format": "convstudio-network".',
        ),
        (
            "settings",
            {"batch": -1},
            "{path} is damaged: batch must be a whole number from 1 to 65536 samples; -1 was given.",
        ),
        ("facts", 3, "{path} is damaged: its facts are missing."),
        ("facts", {}, "The checkpoint is damaged: it lacks 'progress'."),
        (
            "facts",
            {"progress": {"epoch": 1}},
            "The checkpoint is damaged: Progress should have the fields epoch, seen, steps, "
            "loss_sum, hit_sum, last_rate, best_epoch, best_accuracy, best_loss, stopped_early.",
        ),
    ],
)
def test_strange_contents(saved: Path, tiny_data: ArrayData, key: str, value: object, message: str) -> None:
    rewrite(saved, {**content_of(saved), key: value})
    assert refusal(saved, tiny_data) == message.format(path=saved)


def test_strange_facts(saved: Path, tiny_data: ArrayData) -> None:
    content = content_of(saved)
    content["facts"]["progress"]["seen"] = "many"
    rewrite(saved, content)
    assert refusal(saved, tiny_data) == "The checkpoint is damaged: seen should be of the type int; 'many' was found."
    content["facts"]["progress"]["seen"] = 1000
    rewrite(saved, content)
    assert refusal(saved, tiny_data) == (
        "The checkpoint stands at sample 1000 of an epoch, and this data has 72. Go on with the "
        "data that the run began with."
    )


def test_strange_arrays(saved: Path, tiny_data: ArrayData) -> None:
    content, weight = content_of(saved), load_file(saved)["network/dense1.weight"]
    rewrite(saved, content, **{"network/dense1.weight": weight[:, :2].copy()})
    assert refusal(saved, tiny_data) == (
        "network/dense1.weight of the checkpoint has the shape (3, 2), but the network needs (3, 64)."
    )
    rewrite(saved, content, **{"network/dense1.weight": np.full_like(weight, np.nan)})
    assert refusal(saved, tiny_data) == (
        f"{saved} is damaged: network/dense1.weight holds something else than finite float32 numbers."
    )
    arrays = load_file(saved)
    del arrays["network/dense1.weight"]
    save_file(arrays, saved, metadata={"convstudio": json.dumps(content)})
    assert refusal(saved, tiny_data) == "The checkpoint lacks network/dense1.weight, which the network has."


def test_best_weights_of_another_shape(saved: Path, tiny_data: ArrayData) -> None:
    rewrite(saved, content_of(saved), **{"best/dense1.weight": np.zeros((2, 2), np.float32)})
    assert refusal(saved, tiny_data) == "best/dense1.weight of the checkpoint does not fit the network."


def test_optimiser_without_state(tiny_data: ArrayData, tmp_path: Path) -> None:
    graph = chain(make("input", shape=(1, 8, 8)), make("flatten"), make("dense", out_features=3))
    save(capture(Trainer(graph, tiny_data, SETTINGS)), tmp_path / "run.safetensors")
    content = content_of(tmp_path / "run.safetensors")
    content["settings"]["optimizer"] = {"kind": "sgd"}
    rewrite(tmp_path / "run.safetensors", content)
    message = refusal(tmp_path / "run.safetensors", tiny_data)
    assert message == "The checkpoint lacks optimizer/momentum/dense1.weight, which the network has."
    assert Adam().state_names == ("mean", "square")
