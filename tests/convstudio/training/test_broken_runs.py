"""Folders of runs that are broken, forged or out of reach: told, deletable, and in nobody's way."""

from __future__ import annotations

import json
import os
import random
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from safetensors.numpy import save_file

from convstudio.training import curves, folders, kept_runs
from convstudio.training.curves import Curves
from convstudio.training.folders import found_weights
from convstudio.training.kept_runs import KeptRuns
from engine.atomic import SaveError
from engine.run_files import BEST, CONFIG, CURVE, HISTORY, LAST, NETWORK, listing
from tests.convstudio.training.test_kept_runs import make_run
from tests.patience import PATIENCE_MS


@pytest.fixture
def kept(tmp_path: Path, qtbot: QtBot) -> Iterator[KeptRuns]:
    make_run(tmp_path, "good", epochs=2)
    runs = KeptRuns(tmp_path)
    yield runs
    runs.close()


def read(kept: KeptRuns, qtbot: QtBot) -> dict[str, str]:
    """What cannot be read, and why."""
    with qtbot.waitSignal(kept.changed, timeout=PATIENCE_MS):
        kept.refresh()
    assert "good" in {one.title for one in kept.summaries}
    return {one.title: one.why for one in kept.broken}


def _no_config(place: Path) -> None:
    (place / CONFIG).unlink()


def _garbled_config(place: Path) -> None:
    (place / CONFIG).write_bytes(b"\xff\xfe{")


def _deep_config(place: Path) -> None:
    (place / CONFIG).write_text("[" * 100_000)


def _other_config(place: Path) -> None:
    (place / CONFIG).write_text('{"format": "recipe"}')


def _pipe(place: Path) -> None:
    (place / CONFIG).unlink()
    os.mkfifo(place / CONFIG)


def _endless_config(place: Path) -> None:
    os.truncate(place / CONFIG, 10 << 30)  # a sparse file: nothing of it is on the disk


@pytest.mark.parametrize(
    ("harm", "why"),
    [
        (_no_config, "is no folder of a run: its config.json cannot be read."),
        (_garbled_config, "is no folder of a run: its config.json cannot be read."),
        (_deep_config, "is no folder of a run: its config.json cannot be read."),
        (_endless_config, "is no folder of a run: its config.json cannot be read."),
        (_pipe, "is no folder of a run: its config.json cannot be read."),
        (_other_config, "is no folder of a run: its config.json describes something else."),
    ],
)
def test_a_broken_run_is_told_beside_the_others(
    kept: KeptRuns, qtbot: QtBot, harm: Callable[[Path], None], why: str
) -> None:
    place = make_run(kept.folder, "broken")
    harm(place)
    assert read(kept, qtbot) == {"broken": f"{place} {why}"}


def test_settings_that_nobody_could_train_with_are_told(kept: KeptRuns, qtbot: QtBot) -> None:
    place = make_run(kept.folder, "broken")
    config = json.loads((place / CONFIG).read_text(encoding="utf-8"))
    config["training"]["batch"] = -5
    (place / CONFIG).write_text(json.dumps(config), encoding="utf-8")
    assert "batch" in read(kept, qtbot)["broken"].lower()


def test_what_was_never_a_run_is_left_out(kept: KeptRuns, qtbot: QtBot) -> None:
    (kept.folder / "notes").mkdir()
    (kept.folder / "a file").write_text("")
    os.symlink(kept.folder / "gone", kept.folder / "a link to nothing")
    os.symlink(kept.folder / "itself", kept.folder / "itself")
    assert read(kept, qtbot) == {}


def test_a_folder_that_lets_nobody_look_is_told(kept: KeptRuns, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    place, look = make_run(kept.folder, "locked"), Path.stat

    def refuse(path: Path, **how: bool) -> os.stat_result:
        if path.parent == place:
            raise PermissionError(13, "Permission denied", str(path))
        return look(path, **how)

    monkeypatch.setattr(Path, "stat", refuse)
    assert read(kept, qtbot) == {"locked": f"{place} is no folder of a run: its config.json cannot be read."}


def test_a_broken_run_is_deleted(kept: KeptRuns, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_runs, "move_to_trash", lambda folder: None)
    _no_config(make_run(kept.folder, "broken"))
    read(kept, qtbot)
    broken = kept.broken[0]
    with qtbot.waitSignal(kept.bin_missing, timeout=PATIENCE_MS):
        kept.delete(broken)
    assert broken.folder.exists()  # nobody has said that it may go for good
    with qtbot.waitSignal(kept.changed, timeout=PATIENCE_MS):
        kept.delete_for_good(broken)
    assert not kept.broken
    assert not (kept.folder / "broken").exists()


def test_deleting_a_link_leaves_what_it_leads_to(kept: KeptRuns, qtbot: QtBot, tmp_path: Path) -> None:
    elsewhere = make_run(tmp_path.parent / f"{tmp_path.name}-elsewhere", "mine")
    os.symlink(elsewhere, kept.folder / "link")
    read(kept, qtbot)
    told: list[Callable[[], None]] = []
    kept.removed.connect(lambda sentence, bring_back: told.append(bring_back))
    with qtbot.waitSignal(kept.changed, timeout=PATIENCE_MS):
        kept.delete(next(one for one in kept.summaries if one.title == "link"))
    assert not (kept.folder / "link").is_symlink()
    assert (elsewhere / CONFIG).is_file()
    with qtbot.waitSignal(kept.changed, timeout=PATIENCE_MS):
        told[0]()
    assert (kept.folder / "link").readlink() == elsewhere


def test_an_export_that_fails_leaves_what_was_there(
    kept: KeptRuns, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(kept, qtbot)
    (tmp_path / "run.zip").write_text("before")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("zipfile.ZipFile.write", full)
    with qtbot.waitSignal(kept.said, timeout=PATIENCE_MS) as said:
        kept.export(kept.summaries[0], tmp_path / "run.zip")
    assert said.args[0].endswith("run.zip: No space left on device. Choose another place.")
    assert (tmp_path / "run.zip").read_text() == "before"
    assert not (tmp_path / "run.zip.part").exists()


def test_a_name_that_cannot_be_written_is_told(kept: KeptRuns, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    read(kept, qtbot)

    def full(*_: object) -> None:
        raise SaveError("The disk is full.")

    monkeypatch.setattr("engine.run_files.write_text", full)
    with qtbot.waitSignal(kept.said, timeout=PATIENCE_MS) as said:
        kept.rename(kept.summaries[0], "Another")
    assert said.args == ["The disk is full."]


def test_any_byte_may_be_wrong(tmp_path: Path) -> None:
    draw = random.Random(0)
    place = make_run(tmp_path, "run")
    whole = {name: (place / name).read_bytes() for name in (CONFIG, HISTORY, NETWORK)}
    for _ in range(300):
        name = draw.choice(sorted(whole))
        content = bytearray(whole[name])
        for _ in range(draw.randint(1, 5)):
            content[draw.randrange(len(content))] = draw.choice(b'\x00\xff"{}[],:-9e.n')
        (place / name).write_bytes(content[: draw.randint(0, len(content))] if draw.random() < 0.2 else content)
        assert len(listing(tmp_path)) == 1
        (place / name).write_bytes(whole[name])


# --- weights and curves ----------------------------------------------------------------------------------------------

FORGED = {
    "a header of a terabyte": struct.pack("<Q", 1 << 40) + b"{}",
    "cut off": struct.pack("<Q", 60) + b'{"a.weight":{"dtype":"F32","shape":[9],"data_offsets":[0,36]}}'[:60],
    "nothing": b"",
    "text": b"hello" * 9,
}


@pytest.mark.parametrize("content", FORGED.values(), ids=FORGED)
def test_weights_that_are_none_of_ours_are_left_alone(tmp_path: Path, content: bytes) -> None:
    (tmp_path / BEST).write_bytes(content)
    assert found_weights(str(tmp_path)) == {}
    save_file({"network/a.weight": np.ones(3, np.float32)}, tmp_path / LAST)
    assert list(found_weights(str(tmp_path))) == ["a.weight"]  # the checkpoint is there still


@pytest.mark.parametrize("array", [np.array([np.nan], np.float32), np.ones(3), np.ones(3, np.int64)])
def test_weights_that_no_training_makes_are_left_alone(tmp_path: Path, array: np.ndarray) -> None:
    save_file({"a.weight": array}, tmp_path / BEST)
    assert found_weights(str(tmp_path)) == {}


def test_weights_larger_than_any_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_file({"a.weight": np.ones(3, np.float32)}, tmp_path / BEST)
    assert list(found_weights(str(tmp_path))) == ["a.weight"]
    monkeypatch.setattr(folders, "MOST_BYTES", 20)
    assert found_weights(str(tmp_path)) == {}


def test_a_curve_that_would_fill_the_memory_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.save(tmp_path / CURVE, np.ones((4, 100), np.float32))
    assert len(Curves.load(tmp_path)) == 100
    monkeypatch.setattr(curves, "MOST_KEPT", 99)
    assert len(Curves.load(tmp_path)) == 0
