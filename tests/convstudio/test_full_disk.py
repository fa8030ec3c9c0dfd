"""A disk that takes nothing any more: told once, with what to do; nothing is lost, and nothing waits forever."""

from __future__ import annotations

import errno
import sys
from pathlib import Path
from typing import Any

import pytest
import shiboken6
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from convstudio.app import Windows
from convstudio.document import edits
from convstudio.document.autosave import Autosave
from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.main_window import MainWindow
from convstudio.training.pipe import Pipe
from engine import atomic
from engine.errors import EngineError
from engine.mishaps import log_file
from engine.spec import make
from engine.templates import template


@pytest.fixture(autouse=True)
def nothing_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pipe, "send", lambda pipe, message: None)


@pytest.fixture
def warned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What boxes have said."""
    said: list[str] = []
    monkeypatch.setattr("convstudio.filing.warn", lambda parent, title, text: said.append(text))
    return said


def fill_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(atomic.os, "fsync", full)


def test_a_name_that_no_disk_takes_keeps_no_window_open(
    window: MainWindow, qtbot: QtBot, warned: list[str], tmp_path: Path
) -> None:
    with qtbot.waitSignal(window.filing.settled) as settled:
        window.filing.save_to(tmp_path / ("a" * 300 + ".convstudio"))
    assert settled.args == [False]
    assert warned[0].endswith("could not be saved: File name too long. What was saved before is unharmed.")
    assert not window.filing.saving
    with qtbot.waitSignal(window.closed):
        window.close()


def test_a_window_that_closes_takes_its_warning_along(qtbot: QtBot, tmp_path: Path) -> None:
    windows = Windows()
    window = windows.open(Project(template("lenet5")))
    with qtbot.waitSignal(window.filing.settled):
        window.filing.save_to(tmp_path / "missing" / "a.convstudio")
    box = window.findChild(QMessageBox)
    assert box is not None
    assert box.isVisible()
    assert box.text().endswith("No such file or directory. What was saved before is unharmed.")
    window.close()
    qtbot.waitUntil(lambda: not shiboken6.isValid(box))
    assert windows.open_ones == []


def test_a_mistake_while_saving_is_told(
    window: MainWindow, qtbot: QtBot, warned: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> None:
        raise KeyError("conv1")

    monkeypatch.setattr("convstudio.document.files.write", fails)
    with qtbot.waitSignal(window.filing.settled):
        window.filing.save_to(tmp_path / "a.convstudio")
    why = "failed for a reason that nobody foresaw (KeyError: 'conv1')."
    assert warned == [f"Saving a.convstudio {why} The details are in {log_file()}."]
    assert not window.filing.saving


@pytest.mark.parametrize("ending", ["svg", "png", "pdf", "txt", "json"])
def test_an_export_on_to_a_full_disk_leaves_nothing(
    window: MainWindow, tmp_path: Path, ending: str, warned: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / f"net.{ending}").write_text("before")
    fill_the_disk(monkeypatch)
    window.filing.export_to(tmp_path / f"net.{ending}")
    place = tmp_path / f"net.{ending}"
    assert warned == [f"{place} could not be saved: No space left on device. What was saved before is unharmed."]
    assert place.read_text() == "before"
    assert list(tmp_path.iterdir()) == [place]


@pytest.mark.parametrize("ending", ["png", "svg", "csv"])
def test_charts_on_to_a_full_disk_are_told(
    window: MainWindow, tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_the_disk(monkeypatch)
    charts: Any = window.panels["charts"]
    with pytest.raises(EngineError, match=r"No space left on device\. What was saved before is unharmed"):
        charts.export(tmp_path / f"charts.{ending}")
    assert list(tmp_path.iterdir()) == []


def test_charts_need_an_ending(window: MainWindow, tmp_path: Path) -> None:
    charts: Any = window.panels["charts"]
    with pytest.raises(EngineError, match=r"^charts should end in one of .csv, .svg, .png. The charts were not expo"):
        charts.export(tmp_path / "charts")


def test_copies_that_cannot_be_written_are_told_once_and_tried_again(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = Document(Project(template("lenet5")))
    autosave, said = Autosave(document, tmp_path), list[str]()
    autosave.failed.connect(said.append)
    document.perform(edits.add(document.project, make("relu"), (0, 0)))
    with monkeypatch.context() as full:
        fill_the_disk(full)
        for _ in range(2):
            with qtbot.waitSignal(autosave._ended):
                autosave.write()
    assert said[0].startswith("Your unsaved work has no copy for the case of a crash. ")
    assert said[0].endswith(
        "No space left on device. What was saved before is unharmed. "
        "Save it yourself, or free some room on the disk; it is tried again every minute."
    )
    assert len(said) == 1
    with qtbot.waitSignal(autosave._ended) as ended:
        autosave.write()
    assert ended.args == [""]
    assert (autosave.session / "recovery.convstudio").is_file()
    autosave.close()


def test_a_folder_for_copies_that_cannot_be_made_is_told(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    document = Document(Project(template("lenet5")))
    autosave, said = Autosave(document, tmp_path / "file"), list[str]()
    autosave.failed.connect(said.append)
    document.perform(edits.add(document.project, make("relu"), (0, 0)))
    autosave.write()
    assert "cannot be written to." in said[0]
    autosave.close()


def test_a_mistake_of_the_program_is_a_sentence_in_the_window(
    window: MainWindow, capsys: pytest.CaptureFixture[str]
) -> None:
    windows = Windows()
    windows.open_ones.append(window)
    windows.tell_mistake(ZeroDivisionError, ZeroDivisionError("by nought"), None)
    text = window.toasts.message.text
    assert text.startswith("What you just did failed for a reason that nobody foresaw (ZeroDivisionError: by nought).")
    assert capsys.readouterr().err == f"convstudio: {text}\n"
    assert "Traceback" not in text
    assert sys.excepthook is not windows.tell_mistake
