"""The window shows networks, and says in a sentence when it cannot."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from convstudio.app import open_window
from convstudio.main_window import MainWindow
from engine.errors import EngineError
from engine.graph import save
from engine.templates import template


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    made = MainWindow()
    qtbot.addWidget(made)
    made.show()
    return made


def cell(window: MainWindow, row: int, column: int) -> str:
    return str(window.layers.index(row, column).data(Qt.ItemDataRole.DisplayRole))


def test_window_starts_with_lenet(window: MainWindow) -> None:
    assert window.windowTitle() == "LeNet-5 – ConvStudio"
    assert window.totals.text().startswith("61\u202f706 parameters · ")
    settings = template("lenet5")["conv1"].layer.brief()
    assert [cell(window, 1, column) for column in (0, 2, 3, 4)] == ["conv1", settings, "6 × 28 × 28", "156"]


def test_arrow_key_goes_to_the_next_template(window: MainWindow, qtbot: QtBot) -> None:
    before = window.templates.currentRow()
    qtbot.keyClick(window.templates, Qt.Key.Key_Down)
    assert window.templates.currentRow() == before + 1
    assert window.title.text() == window.templates.currentItem().text()


def test_a_file_is_shown_and_no_template_stays_selected(window: MainWindow, tmp_path: Path) -> None:
    save(template("mlp"), tmp_path / "mine.json")
    window.open_file(tmp_path / "mine.json")
    assert window.title.text() == "MLP"
    assert window.templates.currentItem() is None
    assert not window.problems.isVisible()


def test_a_file_that_is_no_network_is_answered_with_a_sentence(window: MainWindow, tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    window.open_file(tmp_path / "broken.json")
    assert window.problems.isVisible()
    assert "broken.json" in window.problems.text()
    assert window.title.text() == "LeNet-5"


def test_an_impossible_network_is_shown_with_its_problem(window: MainWindow, tmp_path: Path) -> None:
    save(template("lenet5"), tmp_path / "net.json")
    content = json.loads((tmp_path / "net.json").read_text(encoding="utf-8"))
    content["nodes"][0]["fields"]["shape"] = [1, 4, 4]
    (tmp_path / "net.json").write_text(json.dumps(content), encoding="utf-8")
    window.open_file(tmp_path / "net.json")
    assert window.problems.text().startswith("conv2 ")
    assert cell(window, 0, 3) == "1 × 4 × 4"
    assert cell(window, window.layers.rowCount() - 1, 3) == ""


def test_without_a_display_no_window_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    sentence = "There is no display here to open a window on; `convstudio train` trains without one."
    with pytest.raises(EngineError) as refusal:
        open_window()
    assert str(refusal.value) == sentence
