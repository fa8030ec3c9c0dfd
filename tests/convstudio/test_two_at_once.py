"""Two windows, or two programs, with the same file or the same name: nobody's work is lost."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import attrs
import numpy as np
import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from convstudio.document import edits, files
from convstudio.document.project import Project
from convstudio.document.watched_file import stamp_of
from convstudio.filing import CHANGED, GONE
from convstudio.main_window import MainWindow
from convstudio.training.folders import free_folder, give_back
from convstudio.training.pipe import Pipe
from engine.templates import template


@pytest.fixture(autouse=True)
def nothing_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pipe, "send", lambda pipe, message: None)


@pytest.fixture
def windows(qtbot: QtBot, tmp_path: Path) -> Iterator[tuple[MainWindow, MainWindow]]:
    """Both show the same file."""
    QSettings().clear()
    files.write(tmp_path / "net.convstudio", files.Stored(Project(template("lenet5"))))
    made = MainWindow(), MainWindow()
    for window in made:
        qtbot.addWidget(window, before_close_func=lambda w: w.document.replace(w.document.project))
        window.show()
        window.open_path(tmp_path / "net.convstudio")
    yield made
    QSettings().clear()


def rename(window: MainWindow, name: str, old: str = "conv1") -> None:
    window.document.perform(edits.rename(window.document.project, old, name))


def save(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.filing.settled):
        window.save()


def question(window: MainWindow) -> QMessageBox:
    box = window.findChild(QMessageBox)
    assert box is not None
    return box


def answer(window: MainWindow, words: str) -> None:
    button = next(b for b in question(window).buttons() if words in b.text())
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def names(path: Path) -> set[str]:
    return {node.id for node in files.read_project(path).graph}


def test_what_another_window_has_saved_is_not_written_over_unasked(
    windows: tuple[MainWindow, MainWindow], qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, theirs = windows
    rename(mine, "mine")
    rename(theirs, "theirs")
    save(theirs, qtbot)
    rename(theirs, "theirs2", "theirs")
    save(theirs, qtbot)  # what one has written oneself is no surprise
    mine.save()
    assert question(mine).text() == "net.convstudio was changed since it was opened here, by another window or program."
    answer(mine, "Cancel")
    assert "theirs2" in names(tmp_path / "net.convstudio")
    assert mine.document.modified
    qtbot.waitUntil(lambda: mine.findChild(QMessageBox) is None)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "other"), ""))
    mine.save()
    with qtbot.waitSignal(mine.filing.settled):
        answer(mine, "Save as")
    assert "mine" in names(tmp_path / "other.convstudio")
    assert "theirs2" in names(tmp_path / "net.convstudio")
    save(mine, qtbot)


def test_it_can_be_written_over(windows: tuple[MainWindow, MainWindow], qtbot: QtBot, tmp_path: Path) -> None:
    mine, theirs = windows
    rename(mine, "mine")
    rename(theirs, "theirs")
    save(theirs, qtbot)
    mine.save()
    with qtbot.waitSignal(mine.filing.settled):
        answer(mine, "Save over")
    assert "mine" in names(tmp_path / "net.convstudio")
    assert not mine.document.modified


def test_a_file_that_is_gone_is_written_anew(
    windows: tuple[MainWindow, MainWindow], qtbot: QtBot, tmp_path: Path
) -> None:
    rename(windows[0], "mine")
    (tmp_path / "net.convstudio").unlink()
    save(windows[0], qtbot)
    assert "mine" in names(tmp_path / "net.convstudio")


def test_what_is_in_no_file_any_more_is_modified(
    windows: tuple[MainWindow, MainWindow], qtbot: QtBot, tmp_path: Path
) -> None:
    mine, theirs = windows
    said: list[str] = []
    mine.filing.said.connect(said.append)
    rename(theirs, "theirs")
    save(theirs, qtbot)
    qtbot.waitUntil(lambda: mine.isWindowModified())
    assert said == [CHANGED.format("net.convstudio")]
    assert not theirs.isWindowModified()
    mine.save()
    with qtbot.waitSignal(mine.filing.settled):
        answer(mine, "Save over")
    assert not mine.isWindowModified()
    qtbot.waitUntil(lambda: theirs.isWindowModified())
    rename(theirs, "theirs2", "theirs")
    theirs.document.undo_stack.undo()
    assert theirs.isWindowModified()  # back at what it saved, which is no longer there


def test_a_file_that_is_gone_is_told_until_it_is_back(
    windows: tuple[MainWindow, MainWindow], qtbot: QtBot, tmp_path: Path
) -> None:
    said: list[str] = []
    windows[0].filing.said.connect(said.append)
    path = tmp_path / "net.convstudio"
    content = path.read_bytes()
    path.unlink()
    qtbot.waitUntil(lambda: all(window.isWindowModified() for window in windows))
    assert said == [GONE.format("net.convstudio")]
    path.write_bytes(content)
    qtbot.waitUntil(lambda: not any(window.isWindowModified() for window in windows))
    rename(windows[0], "mine")
    save(windows[0], qtbot)  # nothing is asked


def test_the_same_written_once_more_changes_nothing(
    windows: tuple[MainWindow, MainWindow], qtbot: QtBot, tmp_path: Path
) -> None:
    mine, path = windows[0], tmp_path / "net.convstudio"
    mine.document.set_weights({"conv1.weight": np.full((6, 1, 5, 5), 0.5, np.float32)})
    mine.document.perform(edits.move(mine.document.project, {"conv1": (1 / 3, 2 / 7)}))
    save(mine, qtbot)
    known = stamp_of(path)
    with qtbot.waitSignal(mine.filing._file.changed):
        path.write_bytes(path.read_bytes())  # as programs do that keep folders of two computers the same
        os.utime(path, ns=(0, 0))
    assert stamp_of(path) != known
    qtbot.waitUntil(lambda: not mine.filing._file.is_another(path))
    assert not mine.isWindowModified()
    stored = files.read(path)
    other = attrs.evolve(stored, weights={"conv1.weight": np.zeros((6, 1, 5, 5), np.float32)})
    files.write(path, other)
    qtbot.waitUntil(lambda: mine.isWindowModified())


def test_two_runs_of_one_name_have_a_folder_each(tmp_path: Path) -> None:
    first, second = (free_folder("LeNet 5", tmp_path / "runs") for _ in range(2))
    assert (first.name, second.name) == ("lenet-5", "lenet-5-2")
    give_back(str(first))
    assert not first.exists()
    (second / "config.json").write_text("{}")
    give_back(str(second))
    assert second.exists()


def test_a_folder_that_cannot_be_made_is_left_to_whoever_writes(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert free_folder("net", tmp_path / "file") == tmp_path / "file" / "net"
    assert len(free_folder("n" * 5000, tmp_path).name) == 100


def test_one_window_goes_while_the_other_asks(windows: tuple[MainWindow, MainWindow], qtbot: QtBot) -> None:
    mine, theirs = windows
    rename(mine, "mine")
    rename(theirs, "theirs")
    save(theirs, qtbot)
    mine.save()
    with qtbot.waitSignal(theirs.closed):
        theirs.close()
    answer(mine, "Cancel")
    assert "mine" in mine.document.graph
