"""After a crash the next start shows what was unsaved beside what is saved, and loses neither."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox
from pytestqt.qtbot import QtBot

from convstudio import recovery
from convstudio.app import Windows
from convstudio.document import edits, files
from convstudio.document.autosave import ABOUT, PROJECT, recovery_folder
from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.filing import unsaved_work
from convstudio.look.theme import DARK, LIGHT, SYSTEM, appearance
from convstudio.recovery import BOTH, LATER, RECOVERED, SAVED, RecoveryDialog
from convstudio.training.pipe import Pipe
from convstudio.wording import moment
from engine.templates import template
from tests.patience import PATIENCE_S

LEFT = Qt.MouseButton.LeftButton
EDIT_AND_WAIT = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from convstudio.app import Windows
from convstudio.document import autosave, edits
from engine.spec import make

autosave.AFTER_BURST_MS = 20
application = QApplication(["convstudio"])
windows = Windows()
window = windows.open()
window.open_path(Path(sys.argv[1]))
for kind in ("softmax", "relu"):
    window.document.perform(edits.append(window.document.project, make(kind)))
watch = QTimer(interval=5)
watch.timeout.connect(lambda: (window.filing.autosave.session / "about.json").exists() and print("written", flush=True))
watch.start()
application.exec()
"""


@pytest.fixture(autouse=True)
def nothing_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    """No process is needed here; what panels ask stays unanswered."""
    monkeypatch.setattr(Pipe, "send", lambda pipe, message: None)


@pytest.fixture(autouse=True)
def nothing_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A folder of states for this test alone."""
    QSettings().clear()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    yield
    QSettings().clear()


@pytest.fixture
def windows(qtbot: QtBot) -> Iterator[Windows]:
    made = Windows()
    made.open()
    yield made
    for window in list(made.open_ones):
        qtbot.waitUntil(lambda window=window: not window.filing.saving)
        window.document.replace(Project())
        window.close()


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "mine.convstudio"
    files.write(path, files.Stored(Project(template("lenet5"))))
    return path


def leave(path: Path | None, name: str = "one", saved_at: float | None = None) -> Project:
    """What a crash leaves behind, of this moment or another one."""
    document = Document(Project(template("lenet5")))
    document.perform(edits.set_field(document.project, {"conv2"}, "kernel_size", 3))
    folder = recovery_folder() / name
    folder.mkdir(parents=True)
    files.write(folder / PROJECT, files.Stored(document.project))
    told, when = f'"{path}"' if path else "null", saved_at or time.time()
    about = f'{{"format": "convstudio-recovery", "version": 1, "title": "mine", "path": {told}, "saved_at": {when}}}'
    (folder / ABOUT).write_text(about, encoding="utf-8")
    return document.project


def dialog() -> RecoveryDialog:
    (found,) = (w for w in QApplication.topLevelWidgets() if isinstance(w, RecoveryDialog) and w.isVisible())
    return found


def pictures(asked: RecoveryDialog) -> list[bytes]:
    """What the pictures of the networks look like now."""
    labels = [label for label in asked.findChildren(QLabel) if not label.pixmap().isNull()]
    return [bytes(label.pixmap().toImage().constBits()) for label in labels]


def test_a_killed_process_loses_nothing(windows: Windows, qtbot: QtBot, saved: Path, project: Path) -> None:
    command = [sys.executable, "-c", EDIT_AND_WAIT, str(saved)]
    with subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        assert unsaved_work() == ()  # its window is still open
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait(PATIENCE_S) == -signal.SIGKILL
    windows.offer_recovery()
    asked = dialog()
    assert asked.view.rowCount() == 2
    QTest.mouseClick(asked.buttons[RECOVERED], LEFT)
    window = windows.open_ones[0]
    qtbot.waitUntil(lambda: bool(window.document.graph.nodes))
    assert [node.layer.kind for node in window.document.graph.order][-2:] == ["softmax", "relu"]
    assert (window.document.path, window.document.modified) == (saved, True)
    assert files.read(saved).project.graph == template("lenet5")  # as it was, until it is saved
    assert len(unsaved_work()) == 1
    with qtbot.waitSignal(window.filing.settled):
        window.save()
    assert unsaved_work() == ()
    assert files.read(saved).project == window.document.project


def test_a_newer_copy_takes_the_place_of_the_one_that_was_recovered(
    windows: Windows, qtbot: QtBot, saved: Path
) -> None:
    found = leave(saved)
    windows.offer_recovery()
    QTest.mouseClick(dialog().buttons[RECOVERED], LEFT)
    window = windows.open_ones[0]
    qtbot.waitUntil(lambda: window.document.project == found)
    assert (recovery_folder() / "one").exists()  # there is no other yet
    with qtbot.waitSignal(window.filing.autosave.written):
        window.filing.autosave.write()
    assert [place.name for place in recovery_folder().iterdir()] == [window.filing.autosave.session.name]
    window.document.perform(edits.set_field(window.document.project, {"conv2"}, "kernel_size", 1))
    assert window.document.modified


@pytest.mark.parametrize("choice", [SAVED, RECOVERED, BOTH])
def test_a_file_that_is_open_already_is_not_opened_again(
    windows: Windows, qtbot: QtBot, saved: Path, choice: str
) -> None:
    found = leave(saved)
    windows.open_ones[0].open_path(saved)
    windows.offer_recovery()
    QTest.mouseClick(dialog().buttons[choice], LEFT)
    shown = {SAVED: 1, RECOVERED: 1, BOTH: 2}[choice]
    assert len(windows.open_ones) == shown
    first, last = windows.open_ones[0].document, windows.open_ones[-1].document
    if choice != SAVED:
        qtbot.waitUntil(lambda: last.project == found)
    assert first.path == saved
    assert first.modified == (choice == RECOVERED)


def test_what_others_write_after_a_recovery_is_not_written_over_unasked(
    windows: Windows, qtbot: QtBot, saved: Path
) -> None:
    leave(saved)
    windows.offer_recovery()
    QTest.mouseClick(dialog().buttons[RECOVERED], LEFT)
    (window,) = windows.open_ones
    qtbot.waitUntil(lambda: window.document.modified)
    files.write(saved, files.Stored(Project(template("mlp"))))  # another window, or program
    window.save()
    box = window.findChild(QMessageBox)
    assert box is not None
    assert "was changed since it was opened here" in box.text()
    box.reject()
    assert files.read_project(saved).graph == template("mlp")


def test_pictures_are_in_the_theme_that_is_shown(windows: Windows, saved: Path) -> None:
    leave(saved)
    windows.offer_recovery()
    shown = dialog()
    before = pictures(shown)
    appearance().choose(DARK)
    try:
        assert pictures(shown) != before
        appearance().choose(LIGHT)
        assert pictures(shown) == before
        assert len(before) == 2
    finally:
        appearance().choose(SYSTEM)


def test_a_file_with_changes_that_is_open_keeps_them(windows: Windows, qtbot: QtBot, saved: Path) -> None:
    found = leave(saved)
    first = windows.open_ones[0]
    first.open_path(saved)
    first.document.perform(edits.set_field(first.document.project, {"conv1"}, "bias", False))
    changed = first.document.project
    windows.offer_recovery()
    QTest.mouseClick(dialog().buttons[RECOVERED], LEFT)
    qtbot.waitUntil(lambda: len(windows.open_ones) == 2 and windows.open_ones[1].document.project == found)
    assert first.document.project == changed


def test_both_are_shown_with_their_times_and_differences(
    windows: Windows, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Noon(datetime):  # a day does not end while a test runs
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Noon:
            return cls(2026, 5, 3, 12)

    monkeypatch.setattr(recovery, "datetime", Noon)
    os.utime(saved, (Noon.now().timestamp(),) * 2)
    leave(saved, saved_at=Noon.now().timestamp())
    windows.offer_recovery()
    asked = dialog()
    assert asked.saved.since.startswith("Today at ")
    assert asked.saved.since.endswith(" as mine.convstudio")
    assert asked.found.since.startswith("Today at ")
    assert asked.view.rowCount() == 5
    assert asked.buttons[RECOVERED].isDefault()
    for label in asked.findChildren(type(asked.buttons[RECOVERED])):
        assert label.text()
    asked.reject()


def test_the_saved_one_can_be_chosen(windows: Windows, qtbot: QtBot, saved: Path) -> None:
    leave(saved)
    windows.offer_recovery()
    QTest.mouseClick(dialog().buttons[SAVED], LEFT)
    (window,) = windows.open_ones
    assert window.document.graph == template("lenet5")
    assert (window.document.path, window.document.modified) == (saved, False)
    assert unsaved_work() == ()


def test_both_can_be_kept(windows: Windows, qtbot: QtBot, saved: Path, tmp_path: Path) -> None:
    found = leave(saved)
    windows.offer_recovery()
    QTest.mouseClick(dialog().buttons[BOTH], LEFT)
    qtbot.waitUntil(lambda: len(windows.open_ones) == 2 and bool(windows.open_ones[1].document.graph.nodes))
    first, second = windows.open_ones
    assert (first.document.path, first.document.modified) == (saved, False)
    assert second.document.project == found
    assert (second.document.path, second.document.modified) == (None, True)
    assert len(unsaved_work()) == 1
    with qtbot.waitSignal(second.filing.settled):
        second.filing.save_to(tmp_path / "other.convstudio")
    assert unsaved_work() == ()


def test_deciding_later_keeps_everything(windows: Windows, saved: Path) -> None:
    leave(saved)
    windows.offer_recovery()
    QTest.keyClick(dialog(), Qt.Key.Key_Escape)
    assert len(unsaved_work()) == 1
    assert not windows.open_ones[0].document.graph.nodes


def test_several_are_asked_about_one_after_the_other(windows: Windows, qtbot: QtBot, saved: Path) -> None:
    leave(saved, "one")
    leave(None, "two")
    windows.offer_recovery()
    first = dialog()
    QTest.mouseClick(first.buttons[LATER], LEFT)
    second = dialog()
    assert second.recovery != first.recovery
    QTest.mouseClick(second.buttons[RECOVERED], LEFT)
    qtbot.waitUntil(lambda: bool(windows.open_ones[0].document.graph.nodes))


def test_work_without_a_file_can_be_thrown_away(windows: Windows) -> None:
    leave(None)
    windows.offer_recovery()
    asked = dialog()
    assert BOTH not in asked.buttons
    assert asked.saved.since == "Never"
    assert asked.buttons[SAVED].text() == "Throw it away"
    QTest.mouseClick(asked.buttons[SAVED], LEFT)
    assert unsaved_work() == ()


def test_both_sides_begin_at_the_same_height(windows: Windows) -> None:
    leave(None)
    windows.offer_recovery()
    asked = dialog()
    headings = [label for label in asked.findChildren(QLabel) if label.text() in ("Saved", "Recovered")]
    assert len({heading.mapTo(asked, heading.rect().center()).y() for heading in headings}) == 1
    assert len(headings) == 2
    asked.reject()


def test_a_file_that_is_gone_is_said_to_be(windows: Windows, saved: Path) -> None:
    leave(saved)
    saved.unlink()
    windows.offer_recovery()
    assert dialog().saved.since == f"There is no file {saved}."
    dialog().reject()


def test_a_damaged_copy_is_told_and_cleared_away(windows: Windows, saved: Path) -> None:
    leave(saved)
    whole = (recovery_folder() / "one" / PROJECT).read_bytes()
    (recovery_folder() / "one" / PROJECT).write_bytes(whole[: len(whole) // 2])
    windows.offer_recovery()
    box = windows.open_ones[0].findChild(QMessageBox)
    assert box is not None
    assert box.text().startswith("Unsaved changes to mine could not be read.")
    assert unsaved_work() == ()
    box.close()


def test_a_damaged_copy_is_told_after_the_others_were_asked_about(windows: Windows, qtbot: QtBot, saved: Path) -> None:
    found = leave(saved)
    leave(None, "torn")
    (recovery_folder() / "torn" / PROJECT).write_bytes(b"no archive")
    windows.offer_recovery()
    (window,) = windows.open_ones
    assert not [box for box in window.findChildren(QMessageBox) if box.isVisible()]
    QTest.mouseClick(dialog().buttons[RECOVERED], LEFT)
    qtbot.waitUntil(lambda: window.document.project == found)
    (box,) = window.findChildren(QMessageBox)
    assert box.isVisible()
    assert box.text().startswith("Unsaved changes to mine could not be read.")
    box.close()


def test_a_crash_before_the_first_copy_was_whole_leaves_nothing_to_ask(windows: Windows) -> None:
    folder = recovery_folder() / "half"
    folder.mkdir(parents=True)
    (folder / f"{PROJECT}.part").write_bytes(b"PK")
    windows.offer_recovery()
    assert not [w for w in QApplication.topLevelWidgets() if isinstance(w, RecoveryDialog)]
    assert not folder.exists()


@pytest.mark.parametrize(
    ("ago", "text"),
    [(timedelta(minutes=5), "today at 11:55"), (timedelta(days=1), "yesterday at 12:00")],
)
def test_times_are_told_as_one_says_them(ago: timedelta, text: str) -> None:
    noon = datetime(2026, 5, 3, 12)
    assert moment((noon - ago).timestamp(), noon) == text
    assert moment((noon - timedelta(days=40)).timestamp(), noon) == "24 March 2026 at 12:00"
