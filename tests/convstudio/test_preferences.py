"""What is preferred is effective at once, remembered, and never believed blindly."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from convstudio.cli import main
from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.look.theme import DARK, LIGHT, appearance, duration_ms, tokens
from convstudio.main_window import MainWindow
from convstudio.preferences import Preferences, Preferred, preferred, read
from convstudio.preferences_dialog import USUAL_FOLDER, PreferencesDialog
from convstudio.training.pipe import Pipe
from engine.data.arrays import DATA_VARIABLE, data_folder
from engine.templates import template

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(autouse=True)
def as_before(qapp: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(Pipe, "send", lambda pipe, message: None)
    monkeypatch.delenv(DATA_VARIABLE, raising=False)
    QSettings().clear()
    theme = appearance().theme.name
    yield
    QSettings().clear()
    preferred().read_again()
    appearance().choose(theme)


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    made = MainWindow(Document(Project(template("lenet5"))))
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


@pytest.fixture
def dialog(window: MainWindow) -> PreferencesDialog:
    QTest.keyClick(window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    found = window.findChild(PreferencesDialog)
    assert isinstance(found, PreferencesDialog)
    assert found.isVisible()
    return found


def test_colours_change_while_one_looks(dialog: PreferencesDialog, window: MainWindow) -> None:
    for name in (DARK, LIGHT):
        dialog.theme.setFocus()
        place = dialog.theme.findData(name)
        dialog.theme.setCurrentIndex(place)
        dialog.theme.activated.emit(place)
        assert appearance().theme.name == name
        assert read().theme == name
    ticked = [
        a.text()
        for m in window.menus["View"].actions()
        if m.text() == "Theme"
        for a in m.menu().actions()
        if a.isChecked()
    ]  # type: ignore[attr-defined]
    assert ticked == ["Light"]


def test_movement_can_be_reduced(dialog: PreferencesDialog) -> None:
    assert duration_ms("layout") == tokens()["duration_ms"]["layout"]
    QTest.mouseClick(dialog.still, LEFT, pos=dialog.still.rect().center() - dialog.still.rect().center() / 1.2)
    assert duration_ms("layout") == 1
    assert read().still


def test_data_are_looked_for_where_it_is_said(
    dialog: PreferencesDialog, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[bool] = []
    monkeypatch.setattr(window.session, "begin_anew", lambda: begun.append(True))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    own = data_folder()
    assert dialog.folder.text() == USUAL_FOLDER
    QTest.mouseClick(dialog.folder, LEFT)
    assert data_folder() == tmp_path
    assert dialog.folder.toolTip() == str(tmp_path)
    QTest.mouseClick(dialog.own_folder, LEFT)
    assert data_folder() == own
    assert begun == [True, True]  # so that the processes that read data know it


def test_threads_and_copies(dialog: PreferencesDialog, window: MainWindow) -> None:
    before = os.environ.get("NUMBA_NUM_THREADS")
    dialog.threads.setValue(3)
    assert os.environ["NUMBA_NUM_THREADS"] == "3"
    dialog.threads.setValue(0)
    assert os.environ.get("NUMBA_NUM_THREADS") == before
    dialog.copies.setValue(15)
    assert window.filing.autosave._minute.interval() == 15_000
    assert read().copy_seconds == 15


def test_a_second_window_shows_what_was_chosen_elsewhere(dialog: PreferencesDialog) -> None:
    preferred().set(theme=DARK, threads=2)
    assert dialog.theme.currentData() == DARK
    assert dialog.threads.value() == 2


def test_everything_is_remembered(tmp_path: Path) -> None:
    wanted = Preferences(DARK, still=True, data_folder=str(tmp_path), threads=2, copy_seconds=30)
    Preferred().set(theme=DARK, still=True, data_folder=str(tmp_path), threads=2, copy_seconds=30)
    QSettings().sync()
    assert read() == wanted


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("theme", "pink"),
        ("threads", "-3"),
        ("threads", "many"),
        ("copy_seconds", "0"),
        ("data_folder", "/gone/for/good"),
        ("data_folder", 7),
    ],
)
def test_what_cannot_be_is_not_believed(name: str, value: object) -> None:
    QSettings().setValue(f"preferences/{name}", value)
    assert read() == Preferences()


def test_a_folder_from_the_command_line_holds_where_nothing_is_preferred(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    mine = Preferred()
    mine.apply()
    assert data_folder() == tmp_path
    mine.set(data_folder=str(tmp_path / ".."))
    assert data_folder() == tmp_path / ".."
    mine.set(data_folder="")
    assert data_folder() == tmp_path


@pytest.mark.parametrize("given", [["--data-dir", "{}"], ["--data-dir={}"], ["--data-dir", "{}", "mine.convstudio"]])
def test_the_window_takes_a_data_folder(given: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[list[str]] = []
    monkeypatch.setenv(DATA_VARIABLE, "")
    monkeypatch.setattr("convstudio.app.open_window", lambda files: opened.append(list(files)) or 0)
    assert main([part.format(tmp_path) for part in given]) == 0
    assert opened == [[part for part in given if part.endswith(".convstudio")]]
    assert data_folder() == tmp_path


def test_a_data_folder_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data-dir", str(tmp_path / "gone")]) == 1
    assert capsys.readouterr().err == f"convstudio: There is no folder {tmp_path / 'gone'} to find data sets in.\n"
