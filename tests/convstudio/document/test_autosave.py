"""Unsaved work: written in the background, found after a crash, gone after a clean close."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from convstudio.document import autosave as autosaves
from convstudio.document import edits, files
from convstudio.document.autosave import Autosave, recoveries
from convstudio.document.document import Document
from convstudio.document.project import Project
from engine.spec import make
from engine.templates import template
from tests.patience import PATIENCE_S

CRASH = """
import os, sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from convstudio.document import edits, files
from convstudio.document.autosave import Autosave
from convstudio.document.document import Document
from engine.spec import make

application = QCoreApplication([])
document = Document()
document.perform(edits.append(document.project, make("input"), None))
keeper = Autosave(document, Path(sys.argv[1]))
keeper.write()
keeper.wait()
os._exit(1)
"""


@pytest.fixture
def document(qapp: Any, tmp_path: Path) -> Document:
    document = Document(Project(template("lenet5")))
    document.save(tmp_path / "lenet.convstudio")
    return document


@pytest.fixture
def keeper(document: Document, tmp_path: Path) -> Iterator[Autosave]:
    keeper = Autosave(document, tmp_path / "recovery")
    yield keeper
    keeper.close()


def edit(document: Document) -> None:
    document.perform(edits.append(document.project, make("softmax"), None))


def crashed(keeper: Autosave) -> None:
    """As if the process were gone: its lock is free, its files are there."""
    keeper.wait()
    assert keeper._lock is not None
    keeper._lock.unlock()


def left_behind(folder: Path) -> list[Path]:
    return list((folder / "recovery").glob("*")) if (folder / "recovery").is_dir() else []


def test_a_burst_of_edits_is_written_when_it_rests(
    document: Document, tmp_path: Path, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(autosaves, "AFTER_BURST_MS", 20)
    keeper = Autosave(document, tmp_path / "recovery")
    for _ in range(3):
        edit(document)
    qtbot.waitUntil(lambda: (keeper.session / "about.json").is_file())
    crashed(keeper)
    (recovery,) = recoveries(tmp_path / "recovery")
    assert recovery.load().project == document.project
    assert (recovery.title, recovery.path) == ("lenet", document.path)
    keeper.close()
    assert left_behind(tmp_path) == []


def test_it_is_written_once_a_minute_too(
    document: Document, tmp_path: Path, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(autosaves, "EVERY_MS", 20)
    keeper = Autosave(document, tmp_path / "recovery")
    edit(document)
    qtbot.waitUntil(lambda: (keeper.session / "about.json").is_file())
    keeper.close()


def test_what_is_saved_needs_no_copy(document: Document, keeper: Autosave, tmp_path: Path) -> None:
    keeper.write()
    assert left_behind(tmp_path) == []
    edit(document)
    keeper.write()
    keeper.wait()
    assert len(left_behind(tmp_path)) == 1
    document.save()
    keeper.wait()
    assert left_behind(tmp_path) == []
    edit(document)
    keeper.write()
    keeper.wait()
    document.undo_stack.undo()
    keeper.wait()
    assert left_behind(tmp_path) == []


def test_an_open_document_is_no_crash(document: Document, keeper: Autosave, tmp_path: Path) -> None:
    edit(document)
    keeper.write()
    keeper.wait()
    assert recoveries(tmp_path / "recovery") == ()
    assert len(left_behind(tmp_path)) == 1


def test_unsaved_weights_are_recovered(document: Document, keeper: Autosave, tmp_path: Path) -> None:
    document.set_weights({"conv1.weight": np.ones(3, np.float32)})
    keeper.write()
    crashed(keeper)
    (recovery,) = recoveries(tmp_path / "recovery")
    np.testing.assert_array_equal(recovery.load().weights["conv1.weight"], [1, 1, 1])


def test_saved_weights_are_taken_from_the_file(document: Document, keeper: Autosave, tmp_path: Path) -> None:
    document.set_weights({"conv1.weight": np.ones(3, np.float32)})
    document.save()
    edit(document)
    keeper.write()
    crashed(keeper)
    assert not (keeper.session / "weights.convstudio").exists()
    (recovery,) = recoveries(tmp_path / "recovery")
    np.testing.assert_array_equal(recovery.load().weights["conv1.weight"], [1, 1, 1])


@pytest.mark.parametrize("and_back", [False, True])
def test_saved_weights_of_a_layer_that_was_renamed_are_recovered(
    document: Document, keeper: Autosave, tmp_path: Path, and_back: bool
) -> None:
    document.set_weights({"conv1.weight": np.ones(3, np.float32)})
    document.save()
    document.perform(edits.rename(document.project, "conv1", "first"))
    keeper.write()
    if and_back:
        edit(document)
        document.perform(edits.rename(document.project, "first", "conv1"))
        keeper.write()
    crashed(keeper)
    (recovery,) = recoveries(tmp_path / "recovery")
    assert list(recovery.load().weights) == ["conv1.weight" if and_back else "first.weight"]


def test_restored_work_is_unsaved_until_it_is_saved(document: Document, keeper: Autosave, tmp_path: Path) -> None:
    edit(document)
    keeper.write()
    crashed(keeper)
    (recovery,) = recoveries(tmp_path / "recovery")
    other = Document()
    other.restore(recovery.load(), recovery.path)
    assert other.project == document.project
    assert (other.path, other.modified, other.title) == (document.path, True, "lenet")
    recovery.discard()
    assert recoveries(tmp_path / "recovery") == ()
    other.save()
    assert not other.modified


def test_a_process_that_dies_leaves_a_recovery(project: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CRASH, str(tmp_path)], cwd=project, capture_output=True, timeout=PATIENCE_S
    )
    assert done.returncode == 1, done.stderr
    (recovery,) = recoveries(tmp_path)
    assert [node.id for node in recovery.load().project.graph] == ["input1"]
    assert recovery.path is None


@pytest.mark.parametrize("about", [b"", b"[" * 200_000, b"[]", b'{"format": "convstudio-recovery", "title": 3}'])
def test_what_cannot_be_read_is_cleared_away(tmp_path: Path, about: bytes) -> None:
    session = tmp_path / "broken"
    session.mkdir()
    (session / "recovery.convstudio").write_bytes(b"")
    (session / "about.json").write_bytes(about)
    assert recoveries(tmp_path) == ()
    assert not session.exists()


def test_a_full_disk_disturbs_nobody(document: Document, keeper: Autosave, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("engine.atomic.os.fsync", full_disk)
    edit(document)
    keeper.write()
    keeper.wait()
    assert not (keeper.session / "recovery.convstudio").exists()


def test_a_copy_that_is_not_wanted_any_more_is_not_written_to_its_end(
    document: Document, keeper: Autosave, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, on, ended = threading.Event(), threading.Event(), threading.Event()

    def slow_pieces(stored: object) -> Iterator[bytes]:
        begun.set()
        assert on.wait(PATIENCE_S)
        yield b"the first piece"
        ended.set()

    monkeypatch.setattr(files, "pieces", slow_pieces)
    edit(document)
    keeper.write()
    assert begun.wait(PATIENCE_S)
    document.undo_stack.undo()  # nothing is unsaved now
    on.set()
    keeper.wait()
    assert not ended.is_set()
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize("about", [b"", b"[]", b'{"format": "convstudio-recovery", "title": 3}'])
def test_work_is_found_even_if_nothing_tells_what_it_is(tmp_path: Path, about: bytes) -> None:
    session = tmp_path / "garbled"
    session.mkdir()
    files.write(session / "recovery.convstudio", files.Stored(Project(template("lenet5"))))
    (session / "about.json").write_bytes(about)
    (recovery,) = recoveries(tmp_path)
    assert (recovery.title, recovery.path) == ("a network", None)
    assert "conv1" in recovery.load().project.graph
