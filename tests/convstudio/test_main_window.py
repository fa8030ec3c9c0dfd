"""The window: files, undo, the totals, and what it says when something cannot be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QMessageBox
from pytestqt.qtbot import QtBot

from convstudio import __version__, cli
from convstudio.app import Windows, open_window
from convstudio.command_palette import rank
from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.main_window import MainWindow
from convstudio.panels.draw.panel import DrawPanel
from engine.data.source import DataSource
from engine.errors import EngineError
from engine.graph import chain, save
from engine.link import InlineLink
from engine.settings import TrainingSettings
from engine.spec import make
from engine.templates import template
from tests.patience import PATIENCE_MS


def saved(qtbot: QtBot, window: MainWindow, path: Path) -> bool:
    """Writes a file, and waits until that has ended."""
    with qtbot.waitSignal(window.filing.settled) as settled:
        window.filing.save_to(path)
    return bool(settled.args and settled.args[0])


def test_the_line_at_the_bottom_says_what_keeps_a_good_network_from_training(window: MainWindow) -> None:
    window.document.perform(edits.set_field(window.document.project, {"dense3"}, "out_features", 7))
    assert window.health.text() == "The network ends in 7, but Digits has 10 classes."
    assert window.health.property("role") == "error"
    window.document.undo_stack.undo()
    assert window.health.text() == "This network can be trained."
    window.document.perform(edits.set_data(window.document.project, DataSource("cifar10")))
    assert window.health.text().startswith("The network takes 1 × 28 × 28, but the samples of CIFAR-10 are ")


def test_the_title_says_whether_there_are_changes(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    assert window.windowTitle() == "LeNet-5[*] – ConvStudio"
    assert not window.isWindowModified()
    window.document.perform(edits.append(window.document.project, make("softmax")))
    assert window.isWindowModified()
    assert saved(qtbot, window, tmp_path / "mine.convstudio")
    assert not window.isWindowModified()
    assert window.windowTitle() == "mine[*] – ConvStudio"
    window.actions_["undo"].trigger()
    assert window.isWindowModified()
    window.actions_["redo"].trigger()
    assert not window.isWindowModified()


def test_the_window_fits_a_small_screen(window: MainWindow) -> None:
    window.resize(1280, 800)
    assert (window.width(), window.height()) == (1280, 800)
    assert window.minimumSizeHint().width() <= 1280
    assert window.minimumSizeHint().height() <= 800


def test_undo_says_what_it_takes_back(window: MainWindow) -> None:
    window.document.perform(edits.set_field(window.document.project, {"conv2"}, "kernel_size", 3))
    assert window.actions_["undo"].text() == "Undo Set kernel size of conv2 to 3×3"


def test_what_was_saved_opens_again(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    window.document.perform(edits.append(window.document.project, make("softmax")))
    before = window.document.project
    assert saved(qtbot, window, tmp_path / "mine.convstudio")
    window.document.replace(Project(template("mlp")))
    window.open_path(tmp_path / "mine.convstudio")
    assert window.document.project == before
    assert window.document.path == tmp_path / "mine.convstudio"


def test_a_network_file_opens(window: MainWindow, tmp_path: Path) -> None:
    save(template("mlp"), tmp_path / "net.json")
    window.open_path(tmp_path / "net.json")
    assert window.document.graph == template("mlp")
    assert window.document.path is None


def test_a_file_that_cannot_be_opened_leaves_everything(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = []
    monkeypatch.setattr("convstudio.filing.warn", lambda *arguments: said.append(arguments[2]))
    (tmp_path / "broken.convstudio").write_text("no zip", encoding="utf-8")
    window.open_path(tmp_path / "broken.convstudio")
    assert said[0].startswith(f"{tmp_path / 'broken.convstudio'} is no ConvStudio project")
    assert window.document.graph == template("lenet5")


def test_changes_are_not_lost_when_another_network_is_wanted(window: MainWindow, qtbot: QtBot) -> None:
    window.document.perform(edits.append(window.document.project, make("softmax")))
    with qtbot.waitSignal(window.another_wanted) as wanted:
        window.show_network(template("mlp"))
    assert wanted.args[0].graph == template("mlp")
    assert window.document.graph.outputs[0].id == "softmax1"


@pytest.mark.parametrize("place", ["canvas", "palette"])
def test_a_file_dropped_anywhere_opens(
    window: MainWindow, qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    save(template("mlp"), tmp_path / "net.json")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "net.json"))])
    everything = Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    below = window.canvas.viewport() if place == "canvas" else window.panels["palette"]
    enter = QDragEnterEvent(QPoint(5, 5), *everything)
    taken: list[QDragEnterEvent] = []
    monkeypatch.setattr(window, "dragEnterEvent", lambda event: (taken.append(event), event.acceptProposedAction()))
    qapp.sendEvent(below, enter)  # Qt asks one after the other, from the innermost on, who takes it
    assert taken
    assert enter.isAccepted()
    qapp.sendEvent(window, QDropEvent(QPointF(5, 5), *everything))
    assert window.document.graph == template("mlp")


def test_what_cannot_be_opened_is_not_taken(window: MainWindow, qapp: QApplication, tmp_path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "cat.png")), QUrl("https://example.org/net.json")])
    everything = Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(5, 5), *everything)
    enter.ignore()
    qapp.sendEvent(window, enter)
    assert not enter.isAccepted()


def test_copies_travel_as_text_between_windows(window: MainWindow, qtbot: QtBot) -> None:
    window.document.select(["conv1", "relu1"])
    window.actions_["copy"].trigger()
    assert json.loads(QGuiApplication.clipboard().text())
    other = MainWindow(Document(Project(template("mlp"))))
    qtbot.addWidget(other, before_close_func=lambda w: w.document.replace(w.document.project))
    other.actions_["paste"].trigger()
    kinds = [node.layer.kind for node in other.document.graph]
    assert kinds.count("conv2d") == 1
    assert kinds.count("relu") == 2
    QGuiApplication.clipboard().setText("just words")
    before = other.document.project
    other.actions_["paste"].trigger()
    assert other.document.project == before
    assert other.toasts.message.text


@pytest.mark.parametrize("answer", ["Discard", "Cancel"])
def test_closing_asks_before_changes_are_lost(window: MainWindow, monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    window.document.perform(edits.append(window.document.project, make("softmax")))
    button = getattr(QMessageBox.StandardButton, answer)
    monkeypatch.setattr(QMessageBox, "exec", lambda self: button)
    assert window.close() == (answer == "Discard")


def test_saving_a_new_project_asks_for_its_name(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "named"), ""))
    with qtbot.waitSignal(window.filing.settled):
        window.actions_["save"].trigger()
    assert (tmp_path / "named.convstudio").exists()


def test_a_block_is_folded_and_opened_by_key(window: MainWindow) -> None:
    document, said = window.document, []
    window.editing.said.connect(said.append)
    window.actions_["fold"].trigger()
    window.actions_["ungroup"].trigger()
    assert said == [
        "Select a block, or a layer in one, to fold it away or to open it.",
        "Select a block, or a layer in one, to take the block apart.",
    ]
    document.perform(edits.group(document.project, {"conv1", "relu1"}))
    for chosen, folded in (("conv1", True), ("block1", False)):
        document.select([chosen])
        window.actions_["fold"].trigger()
        assert document.project.blocks[0].collapsed == folded
        assert document.selection == {"block1"}


@pytest.mark.parametrize("ending", ["svg", "png", "pdf", "txt", "json"])
def test_the_network_is_exported_as(
    window: MainWindow, tmp_path: Path, capsys: pytest.CaptureFixture[str], ending: str
) -> None:
    path = tmp_path / f"lenet.{ending}"
    window.filing.export_to(path)
    content = path.read_bytes()
    start = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF", "txt": b"LeNet-5", "json": b"{"}[ending]
    assert content.startswith(start)
    if ending == "txt":
        assert cli.main(["summary", "lenet5"]) == 0
        assert content.decode() == capsys.readouterr().out


def test_the_arrangement_of_panels_is_remembered(window: MainWindow, qtbot: QtBot) -> None:
    window.docks["problems"].hide()
    window.resize(1300, 850)
    window.close()
    again = MainWindow(Document(Project(template("mlp"))))
    qtbot.addWidget(again)
    again.show()
    assert again.docks["problems"].isHidden()
    assert again.docks["palette"].isVisible()


def test_new_networks_get_windows_of_their_own(qtbot: QtBot) -> None:
    windows = Windows()
    first = windows.open()
    first.actions_["new_network"].trigger()
    assert len(windows.open_ones) == 2
    second = windows.open_ones[1]
    assert not second.document.graph.nodes
    for window in (first, second):
        window.close()
    assert windows.open_ones == []


def test_windows_that_come_where_the_last_one_was_closed_do_not_cover_each_other(qtbot: QtBot) -> None:
    windows = Windows()
    first = windows.open()
    first.move(20, 30)
    first.resize(700, 640)
    first.close()
    shown = [windows.open() for _ in range(3)]
    there = shown[0].pos()
    for steps, window in enumerate(shown):  # but for the frames that the system thinks of
        assert (window.pos() - QPoint(20, 30) - QPoint(32, 32) * steps).manhattanLength() < 10
    assert shown[0].size() == first.size()
    room = first.screen().availableGeometry()
    assert all(room.contains(window.geometry()) for window in shown)
    shown[0].move(300, 20)
    assert windows.open().pos() == there
    for window in windows.open_ones.copy():
        window.close()


@pytest.mark.parametrize("answer", ["Discard", "Cancel"])
def test_quitting_closes_every_window_unless_one_should_stay(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    windows = Windows()
    first, second, _ = (windows.open() for _ in range(3))
    second.document.perform(edits.append(second.document.project, make("softmax")))
    monkeypatch.setattr(QMessageBox, "exec", lambda self: getattr(QMessageBox.StandardButton, answer))
    first.actions_["quit"].trigger()
    assert bool(windows.open_ones) == (answer == "Cancel")
    assert (second in windows.open_ones) == (answer == "Cancel")
    for window in windows.open_ones.copy():
        window.document.replace(window.document.project)
        window.close()


def test_recent_files_are_in_the_menu(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    window.filing.recent.clear()
    assert saved(qtbot, window, tmp_path / "mine.convstudio")
    menu = QMenu()
    window.filing.fill_recent(menu)
    assert menu.actions()[0].text() == "mine.convstudio"
    window.document.replace(Project(template("mlp")))
    menu.actions()[0].trigger()
    assert window.document.graph == template("lenet5")


def test_commands_are_found_by_a_part_of_their_name(window: MainWindow, qtbot: QtBot) -> None:
    window.actions_["find_command"].trigger()
    QTest.keyClicks(window.commands.field, "arrange")
    assert window.commands.list.item(0).text().startswith("Arrange › Arrange the network")
    QTest.keyClicks(window.commands.field, "zzz")
    assert window.commands.list.count() == 0
    window.commands.field.setText("resnet-20")
    QTest.keyClick(window.commands.field, Qt.Key.Key_Return)
    assert window.document.graph == template("resnet20")
    assert not window.commands.isVisible()


@pytest.mark.parametrize(
    ("text", "wanted", "fits"), [("File › Save", "sav", True), ("File › Save", "fsv", True), ("Edit", "x", False)]
)
def test_letters_may_be_left_out(text: str, wanted: str, fits: bool) -> None:
    assert (rank(text, wanted) is not None) == fits


def test_a_window_that_trains_saves_the_run_before_it_closes(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layers = make("input", shape=(1, 28, 28)), make("flatten"), make("dense", out_features=10)
    window.document.replace(Project(chain(*layers, name="Tiny"), settings=TrainingSettings(epochs=100_000)))
    monkeypatch.setattr(window.session._pipe, "_make_link", InlineLink)
    monkeypatch.setattr(window.session.kept, "folder", tmp_path)
    asked: list[str] = []  # once more, in a dialog that waits
    monkeypatch.setattr(QMessageBox, "exec", lambda box: asked.append(box.text()) or QMessageBox.StandardButton.Cancel)
    window.steering.train()
    assert window.docks["train"].isVisible()
    qtbot.waitUntil(lambda: window.session.phase == "training" and window.session.report.step > 2, timeout=PATIENCE_MS)
    for answer in ("Cancel", "Save and close"):
        assert not window.close()
        question = window.findChild(QMessageBox)
        assert question is not None
        assert question.text() == "The network is being trained."
        QTest.mouseClick(next(b for b in question.buttons() if answer in b.text()), Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: window.findChild(QMessageBox) is None)
        assert window.isVisible() or answer != "Cancel"
    qtbot.waitUntil(lambda: not window.isVisible() or bool(asked), timeout=PATIENCE_MS)
    assert asked == []  # the run holds everything
    assert window.document.weights
    assert (Path(window.session.folder) / "last.safetensors").exists()
    assert not window.session.running


def test_a_stroke_that_ends_as_the_window_closes_begins_no_process(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window.session._pipe, "_make_link", InlineLink)
    panel = window.workspace.show("draw")
    assert isinstance(panel, DrawPanel)
    qtbot.waitUntil(panel.pad.isVisible)
    middle = panel.pad.rect().center()
    QTest.mousePress(panel.pad, Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(panel.pad, middle + QPoint(20, 20))
    assert window.session._pipe.is_open
    window.close()
    assert not window.isVisible()
    assert not window.session._pipe.is_open


def test_without_a_display_one_learns_what_works(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(EngineError, match=r"^There is no display here to open a window on; `convstudio train` trains"):
        open_window()


@pytest.mark.parametrize("chosen", [["conv1"], ["conv1", "conv2"]])
def test_enter_on_a_card_leads_the_keyboard_to_its_first_setting(
    window: MainWindow, qtbot: QtBot, chosen: list[str]
) -> None:
    window.activateWindow()
    window.canvas.setFocus()
    qtbot.waitUntil(window.canvas.hasFocus)
    window.document.select(chosen)
    QTest.keyClick(window.canvas, Qt.Key.Key_Return)
    focus = QApplication.focusWidget()
    assert focus is not None
    assert focus.accessibleName() == "output channels"


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_Return])
def test_commands_give_the_keyboard_back(window: MainWindow, qtbot: QtBot, key: Qt.Key) -> None:
    window.activateWindow()
    window.find_layer()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is not None)
    before = QApplication.focusWidget()
    window.find_command()
    window.find_command()  # a second time is no other place
    QTest.keyClicks(window.commands.field, "zoom in")
    QTest.keyClick(window.commands.field, key)
    assert not window.commands.isVisible()
    assert QApplication.focusWidget() is before


def test_commands_say_where_nothing_matches(window: MainWindow) -> None:
    window.find_command()
    assert not window.commands.nothing.isVisible()
    QTest.keyClicks(window.commands.field, "zzz")
    assert window.commands.nothing.isVisible()
    assert not window.commands.list.isVisible()


def test_one_learns_which_program_it_is(window: MainWindow) -> None:
    window.actions_["about"].trigger()
    box = window.findChild(QMessageBox)
    assert box is not None
    assert box.text() == f"ConvStudio {__version__}"
    box.reject()


def test_keys_that_mean_the_same_elsewhere_do_here(window: MainWindow) -> None:
    for name, key in (("redo", "Ctrl+Y"), ("zoom_in", "Ctrl+=")):
        assert key in [keys.toString() for keys in window.actions_[name].shortcuts()]


def test_menus_and_actions_are_never_taken_for_gone(window: MainWindow) -> None:
    """PySide forgets what Qt has made itself when something beside it ends; what Python has made stays known."""
    made = [window.menuBar(), *window.menus.values(), *window.actions_.values()]
    assert [thing for thing in made if not shiboken6.createdByPython(thing)] == []


def test_undo_and_redo_say_what_they_would_do(window: MainWindow) -> None:
    document, undo, redo = window.document, window.actions_["undo"], window.actions_["redo"]
    assert (undo.text(), undo.isEnabled(), redo.text(), redo.isEnabled()) == ("Undo", False, "Redo", False)
    document.perform(edits.delete(document.project, {"relu1"}))
    assert (undo.text(), undo.isEnabled(), redo.isEnabled()) == (f"Undo {document.undo_stack.undoText()}", True, False)
    undo.trigger()
    assert (undo.text(), redo.text()) == ("Undo", f"Redo {document.undo_stack.redoText()}")
    assert "relu1" in document.graph
    redo.trigger()
    assert "relu1" not in document.graph
