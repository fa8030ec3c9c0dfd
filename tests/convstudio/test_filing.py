"""Saving and opening in the background: in order, never lost, and never in the way."""

from __future__ import annotations

import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from convstudio.app import Windows
from convstudio.document import edits, files
from convstudio.document.project import Project
from convstudio.filing import LARGE_BYTES
from convstudio.main_window import MainWindow
from convstudio.training.pipe import Pipe
from engine.spec import make
from engine.templates import template
from tests.patience import PATIENCE_S

BUTTON = QMessageBox.StandardButton


@pytest.fixture(autouse=True)
def nothing_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    """No process is needed here; what panels ask stays unanswered."""
    monkeypatch.setattr(Pipe, "send", lambda pipe, message: None)


class Gate:
    """Holds the background until it is opened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, function: str) -> None:
        self.threads: list[int] = []
        self._open, self._work = threading.Event(), getattr(files, function)
        monkeypatch.setattr(files, function, self)

    def __call__(self, *arguments: Any) -> Any:
        self.threads.append(threading.get_ident())
        assert self._open.wait(PATIENCE_S)
        return self._work(*arguments)

    def open(self) -> None:
        self._open.set()


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Gate]]:
    gates: list[Gate] = []

    def hold(function: str) -> Gate:
        gates.append(Gate(monkeypatch, function))
        return gates[-1]

    yield hold
    for gate in gates:
        gate.open()


def edit(window: MainWindow, kind: str = "softmax") -> None:
    window.document.perform(edits.append(window.document.project, make(kind)))


def test_editing_goes_on_while_a_file_is_written(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, held: Callable[[str], Gate]
) -> None:
    gate, path = held("write"), tmp_path / "mine.convstudio"
    edit(window)
    with qtbot.waitSignal(window.filing.settled) as settled:
        window.filing.save_to(path)
        edit(window, "relu")
        assert window.document.modified
        assert window.filing.saving
        gate.open()
    assert settled.args == [True]
    assert gate.threads != [threading.get_ident()]
    assert window.document.modified  # the second edit is in no file
    assert window.isWindowModified()
    assert files.read(path).project.graph.outputs[0].id == "softmax1"
    window.actions_["undo"].trigger()
    assert not window.document.modified


def test_of_two_saves_in_a_row_the_second_is_in_the_file(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, held: Callable[[str], Gate]
) -> None:
    gate, path = held("write"), tmp_path / "mine.convstudio"
    ends = []
    window.filing.settled.connect(ends.append)
    window.filing.save_to(path)
    edit(window)
    window.filing.save_to(path)
    gate.open()
    qtbot.waitUntil(lambda: bool(ends))
    assert ends == [True]
    assert not window.document.modified
    assert files.read(path).project == window.document.project


def test_closing_waits_for_the_file(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, held: Callable[[str], Gate], monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, path = held("write"), tmp_path / "mine.convstudio"
    edit(window)
    window.document.path = path
    monkeypatch.setattr(QMessageBox, "exec", lambda self: BUTTON.Save)
    assert not window.close()
    assert window.isVisible()
    assert not window.close()  # nobody is asked twice
    assert window.toasts.message.text == "Saving …"
    gate.open()
    qtbot.waitUntil(lambda: not window.isVisible())
    assert files.read(path).project == window.document.project


def test_what_was_only_learned_is_told_from_what_was_changed(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[tuple[str, str]] = []

    def answer(box: QMessageBox) -> QMessageBox.StandardButton:
        said.append((box.text(), box.informativeText()))
        return BUTTON.Cancel

    monkeypatch.setattr(QMessageBox, "exec", answer)
    window.document.set_weights({"dense1.bias": np.zeros(1, np.float32)})
    assert not window.close()
    edit(window)
    assert not window.close()
    title = window.document.title
    kept = "The table of runs can restore it, too, as long as its run is kept there."
    assert said == [
        (f"Save what {title} has learned?", kept),
        (f"Save the changes to {title}?", "They are lost otherwise."),
    ]


def test_a_file_that_cannot_be_written_keeps_the_window_open(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(QMessageBox, "exec", lambda self: BUTTON.Save)
    monkeypatch.setattr("convstudio.filing.warn", lambda *arguments: said.append(arguments[2]))
    edit(window)
    window.document.path = tmp_path / "gone" / "mine.convstudio"
    with qtbot.waitSignal(window.filing.settled) as settled:
        assert not window.close()
    assert settled.args == [False]
    assert said == [
        f"{window.document.path} could not be saved: No such file or directory. What was saved before is unharmed."
    ]
    assert window.isVisible()
    assert window.document.modified


def test_a_save_that_ends_late_says_nothing_about_another_project(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, held: Callable[[str], Gate]
) -> None:
    gate, path = held("write"), tmp_path / "mine.convstudio"
    window.filing.save_to(path)
    window.document.replace(Project(template("mlp")))
    edit(window)
    with qtbot.waitSignal(window.filing.settled):
        gate.open()
    assert window.document.path is None
    assert window.document.modified
    assert files.read(path).project.graph == template("lenet5")


def test_weights_found_while_saving_are_unsaved(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, held: Callable[[str], Gate]
) -> None:
    gate = held("write")
    window.document.set_weights({"conv1.bias": np.zeros(6, np.float32)})
    window.filing.save_to(tmp_path / "mine.convstudio")
    window.document.set_weights({"conv1.bias": np.ones(6, np.float32)})
    with qtbot.waitSignal(window.filing.settled):
        gate.open()
    assert window.document.modified
    with qtbot.waitSignal(window.filing.settled):
        window.filing.save_to(tmp_path / "mine.convstudio")
    assert not window.document.modified


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large.convstudio"
    weights = {"dense1.weight": np.ones(LARGE_BYTES // 4, np.float32)}
    files.write(path, files.Stored(Project(template("mlp")), weights))
    return path


def test_a_large_file_opens_in_the_background(
    window: MainWindow, qtbot: QtBot, large: Path, held: Callable[[str], Gate]
) -> None:
    gate = held("read")
    window.open_path(large)
    assert window.toasts.message.text == "Opening large.convstudio …"
    assert window.document.graph == template("lenet5")
    with qtbot.waitSignal(window.filing.opened):
        gate.open()
    assert gate.threads != [threading.get_ident()]
    assert window.document.graph == template("mlp")
    assert window.document.weights["dense1.weight"].sum() == LARGE_BYTES // 4
    assert (window.document.path, window.document.modified) == (large, False)


def test_a_small_file_that_unpacks_to_much_opens_in_the_background(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, held: Callable[[str], Gate]
) -> None:
    path = tmp_path / "full.convstudio"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(files.DESCRIPTION, f"[{'[],' * (LARGE_BYTES // 3)}[]]")
    assert path.stat().st_size < LARGE_BYTES / 100
    gate = held("read")
    window.open_path(path)
    assert window.document.graph == template("lenet5")  # goes on meanwhile
    gate.open()
    qtbot.waitUntil(lambda: window.findChild(QMessageBox) is not None)
    assert gate.threads != [threading.get_ident()]
    box = window.findChild(QMessageBox)
    assert box is not None
    assert "This is no ConvStudio project" in box.text()


@pytest.mark.parametrize("what", ["a file", "a template"])
def test_what_is_opened_during_a_run_leaves_the_run_its_network(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    path = tmp_path / "mine.convstudio"
    files.write(path, files.Stored(Project(template("mlp"))))
    monkeypatch.setattr(type(window.session), "running", property(lambda session: True))
    wanted = window.another_wanted
    with qtbot.waitSignal(wanted):
        if what == "a file":
            window.open_path(path)
        else:
            window.show_network(template("mlp"))
    monkeypatch.undo()
    assert window.document.graph == template("lenet5")


def test_a_file_for_a_window_of_its_own_comes_with_weights_and_name(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "mine.convstudio"
    files.write(path, files.Stored(Project(template("mlp")), {"dense1.bias": np.ones(3, np.float32)}))
    windows = Windows()
    first = windows.open(Project(template("lenet5")))
    edit(first)
    first.open_path(path)
    second = windows.open_ones[1]
    assert (second.document.path, second.document.modified) == (path, False)
    assert list(second.document.weights) == ["dense1.bias"]
    assert second.pages.currentWidget() is second.canvas
    assert first.document.graph.outputs[0].id == "softmax1"
    first.document.replace(Project())
    for window in (first, second):
        window.close()
    assert windows.open_ones == []
