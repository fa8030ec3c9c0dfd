"""Files as people have them: several at once, with capital endings, of one name in two folders, with odd signs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QSettings, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from convstudio.app import Windows
from convstudio.document import edits, files
from convstudio.document.autosave import Recovery
from convstudio.document.project import Project
from convstudio.document.recent import RecentFiles
from convstudio.filing import dropped
from convstudio.main_window import MainWindow
from convstudio.training.pipe import Pipe
from convstudio.welcome import RecentFile
from convstudio.wording import apart
from engine import graph as graphs
from engine.templates import find, template


@pytest.fixture(autouse=True)
def nothing_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    """No process is needed here; what panels ask stays unanswered."""
    monkeypatch.setattr(Pipe, "send", lambda pipe, message: None)


@pytest.fixture
def windows(qtbot: QtBot) -> Iterator[Windows]:
    QSettings().clear()
    RecentFiles().clear()
    made = Windows()
    made.open()
    yield made
    for window in list(made.open_ones):
        window.document.replace(Project())
        window.close()
    RecentFiles().clear()
    QSettings().clear()


@pytest.fixture
def window(windows: Windows) -> MainWindow:
    return windows.open_ones[0]


def write(path: Path, name: str = "mlp") -> Path:
    path.parent.mkdir(exist_ok=True)
    files.write(path, files.Stored(Project(template(name))))
    return path


def urls(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def recent_menu(window: MainWindow) -> QMenu:
    menu = next(menu for menu in window.findChildren(QMenu) if menu.title() == "Open recent")
    menu.aboutToShow.emit()
    return menu


def test_each_of_several_dropped_files_opens(windows: Windows, window: MainWindow, tmp_path: Path) -> None:
    data = urls(write(tmp_path / "one.convstudio"), write(tmp_path / "two.convstudio", "lenet5"))
    carried = Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(window, QDragEnterEvent(QPoint(5, 5), *carried))
    QApplication.sendEvent(window, QDropEvent(QPointF(5, 5), *carried))
    assert [other.document.title for other in windows.open_ones] == ["one", "two"]


@pytest.mark.parametrize(
    "place", ["Description of the network", "Name of the network", "Search layers", "Text of the comment", "a number"]
)
def test_a_file_dropped_on_a_field_is_no_text(window: MainWindow, tmp_path: Path, place: str) -> None:
    path = write(tmp_path / "lenet.convstudio", "lenet5")
    window.show_network(template("mlp"))
    document = window.document
    if place == "a number":
        document.select(["dense1"])
    elif place == "Text of the comment":
        document.perform(edits.add_comment(document.project, (0.0, 0.0)))
    fields = [field for kind in (QLineEdit, QPlainTextEdit) for field in window.findChildren(kind)]
    if place == "a number":
        spin = window.panels["inspector"].editors["out_features"].spin  # type: ignore[attr-defined]
        field: QWidget = spin.lineEdit()
    else:
        field = next(f for f in fields if place in (f.accessibleName(), f.property("placeholderText")))
    below = field.viewport() if isinstance(field, QPlainTextEdit) else field
    data = urls(path)
    data.setText(str(path))  # as file managers add it
    carried = Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(below, QDragEnterEvent(QPoint(5, 5), *carried))
    QApplication.sendEvent(below, QDropEvent(QPointF(5, 5), *carried))
    titles = [other.document.title for other in QApplication.topLevelWidgets() if isinstance(other, MainWindow)]
    assert "lenet" in titles


def test_endings_in_capitals_are_the_same(window: MainWindow, tmp_path: Path) -> None:
    path = write(tmp_path / "MINE.CONVSTUDIO")
    assert dropped(urls(path)) == [path]
    window.open_path(path)
    assert window.document.path == path  # it is saved there again, and not asked for a name
    path = tmp_path / "NET.JSON"
    path.write_text(graphs.dumps(template("lenet5")), encoding="utf-8")
    assert files.read(path).project.graph == files.read_project(path).graph == template("lenet5")
    assert files.read_project(path) == Project(template("lenet5"))


def test_a_network_file_in_capitals_is_found_by_the_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("NET.JSON").write_text(graphs.dumps(template("mlp")), encoding="utf-8")
    assert find("NET.JSON") == template("mlp")


def test_weights_come_back_from_a_file_whose_ending_is_in_capitals(tmp_path: Path) -> None:
    path = write(tmp_path / "MINE.CONVSTUDIO")
    project = Project(template("mlp"))
    files.write(path, files.Stored(project, {"dense1.bias": np.ones(3, np.float32)}))
    folder = tmp_path / "session"
    folder.mkdir()
    files.write(folder / "recovery.convstudio", files.Stored(project))
    assert list(Recovery(folder, "MINE", path, 0.0).load().weights) == ["dense1.bias"]


def test_an_ampersand_is_one(window: MainWindow, tmp_path: Path) -> None:
    window.open_path(write(tmp_path / "R&D.convstudio"))
    assert recent_menu(window).actions()[0].text() == "R&&D.convstudio"
    assert RecentFile(tmp_path / "R&D.convstudio").text().startswith(apart("R&&D.convstudio"))
    document = window.document
    document.perform(edits.rename(document.project, "dense1", "a&b"))
    assert window.actions_["undo"].text() == "Undo Rename dense1 to a&&b"
    wire = next(wire for wire in window.canvas.scene_.wires.values() if wire.edge.source == "a&b")
    menu = window.canvas.menus._of_wire(wire, QPointF())
    assert menu.actions()[0].text().startswith("a&&b → ")
    window.workspace.show("compare")
    compare = window.panels["compare"]
    compare.compare_file(tmp_path / "R&D.convstudio")  # type: ignore[attr-defined]
    assert compare.choice.text() == "R&&D.convstudio"  # type: ignore[attr-defined]
    menu = QMenu()
    compare._fill(menu)  # type: ignore[attr-defined]
    earlier = menu.findChildren(QMenu)[0]
    assert earlier.actions()[0].text() == "Rename dense1 to a&&b"
    window.actions_["find_command"].trigger()
    QTest.keyClicks(window.commands.field, "rename dense1")
    assert window.commands.list.item(0).text() == "Edit › Undo Rename dense1 to a&b"


def test_the_title_is_the_whole_name(window: MainWindow, tmp_path: Path) -> None:
    window.open_path(write(tmp_path / "a[*]b.convstudio"))
    handle = window.windowHandle()
    assert handle.title().startswith("a[*]b – ConvStudio")
    document = window.document
    document.perform(edits.rename(document.project, "dense1", "first"))
    assert handle.title().startswith("a[*]b* – ConvStudio")


def test_recent_files_of_one_name_are_told_apart(window: MainWindow, tmp_path: Path) -> None:
    for folder in ("first", "second"):
        window.open_path(write(tmp_path / folder / "net.convstudio"))
    window.open_path(write(tmp_path / "other.convstudio"))
    menu = recent_menu(window)
    assert [action.text() for action in menu.actions()] == [
        "other.convstudio",
        f"net.convstudio – {tmp_path / 'second'}",
        f"net.convstudio – {tmp_path / 'first'}",
    ]
    assert menu.toolTipsVisible()


def test_recent_files_are_found_among_the_commands(windows: Windows, window: MainWindow, tmp_path: Path) -> None:
    window.open_path(write(tmp_path / "net.convstudio", "lenet5"))
    other = windows.open()
    other.actions_["find_command"].trigger()
    QTest.keyClicks(other.commands.field, "net.convstudio")
    assert other.commands.list.item(0).text() == "File › Open recent › net.convstudio"
    QTest.keyClick(other.commands.field, Qt.Key.Key_Return)
    assert other.document.graph == template("lenet5")
