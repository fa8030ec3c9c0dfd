"""Where files are written: endings, names that are taken, names that cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from convstudio.document.project import Project
from convstudio.main_window import MainWindow
from engine.graph import chain
from engine.spec import make


@pytest.mark.parametrize(
    ("typed", "kind", "written"),
    [
        ("net", "PNG picture (*.png)", "net.png"),
        ("net", "", "net.svg"),
        ("net v1.2", "Table as text (*.txt)", "net v1.2.txt"),
        ("net.pdf", "PNG picture (*.png)", "net.pdf"),
    ],
)
def test_an_export_ends_in_what_was_chosen_unless_its_name_says_more(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str, kind: str, written: str
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / typed), kind))
    window.actions_["export"].trigger()
    assert [path.name for path in tmp_path.iterdir()] == [written]


@pytest.mark.parametrize("answer", ["Replace", "Cancel"])
def test_no_file_is_replaced_unasked_by_an_ending_that_nobody_typed(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    taken, asked = tmp_path / "lenet 1.0.convstudio", []
    taken.write_text("mine", encoding="utf-8")

    def say(question: QMessageBox) -> None:
        asked.append(question.text())
        next(button for button in question.buttons() if answer in button.text()).click()

    monkeypatch.setattr(QMessageBox, "exec", say)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "lenet 1.0"), ""))
    window.actions_["save_as"].trigger()
    assert asked == ["There is already a file lenet 1.0.convstudio."]
    qtbot.waitUntil(lambda: not window.filing.saving)
    assert (taken.read_bytes() == b"mine") == (answer == "Cancel")


def test_a_name_that_no_file_can_have_is_told(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / ("a" * 300)), ""))
    window.actions_["export"].trigger()
    box = window.findChild(QMessageBox)
    assert box is not None
    assert "aaa" in box.text()
    box.reject()


def test_the_suggested_name_is_one_that_a_file_can_have(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    suggested: list[str] = []
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *given: (suggested.append(given[2]) or "", ""))
    window.document.replace(Project(chain(make("input"), name="a/b: (CONV)*2?")))
    window.actions_["save_as"].trigger()
    assert suggested == ["a-b- (CONV)-2-.convstudio"]
