"""Two networks side by side: what differs is said and marked, and every row leads to its layer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, QSettings, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from convstudio.document import edits
from convstudio.document.comparison import compare
from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.look.letters import font
from convstudio.look.theme import space
from convstudio.main_window import MainWindow
from convstudio.panels.compare import ComparePanel, Other
from convstudio.panels.comparison_view import changes, lines, sentence
from engine.graph import save
from engine.spec import make
from engine.templates import template

LEFT = Qt.MouseButton.LeftButton
KEY = Qt.Key


def edited() -> Document:
    document = Document(Project(template("lenet5")))
    document.perform(edits.set_field(document.project, {"conv2"}, "kernel_size", 3))
    document.perform(edits.delete(document.project, {"relu4"}))
    document.perform(edits.append(document.project, make("softmax"), "dense3"))
    return document


@pytest.fixture
def panel(qtbot: QtBot) -> ComparePanel:
    made = ComparePanel(edited())
    made.document.setParent(made)
    qtbot.addWidget(made)
    made.resize(640, 680)
    made.show()
    return made


def rows(panel: ComparePanel) -> list[str]:
    role = Qt.ItemDataRole.AccessibleTextRole
    return [panel.view.model().index(n, 0).data(role) for n in range(panel.view.rowCount())]


def test_what_differs_is_said_in_words(panel: ComparePanel) -> None:
    assert panel.says.text() == "8 layers differ."
    said = rows(panel)
    assert len(said) == 14
    assert said[0] == "input same"
    assert said[4] == (
        "conv2 changed: kernel size 5×5 → 3×3; shape 16 × 10 × 10 → 16 × 12 × 12; "
        "parameters 2\u202f416 → 880; multiply-adds 240\u202f000 → 124\u202f416"
    )
    assert "relu4 removed" in said
    assert said[-1] == "softmax1 added"
    panel.all.setChecked(False)
    assert len(rows(panel)) == 8


def test_what_differs_is_marked_on_both_sides() -> None:
    document = edited()
    found = compare(template("lenet5"), document.project.unfolded).rows
    conv2 = next(row for row in found if row.after and row.after.id == "conv2")
    for side, kernel in ((0, "5×5 · 16"), (1, "3×3 · 16")):
        first, second = lines(conv2, side)
        assert [(piece.text, piece.differs) for piece in first] == [("conv2", False), (kernel, True)]
        assert all(piece.differs for piece in second)
    removed = next(row for row in found if row.after is None)
    assert lines(removed, 1) == ([], [])
    assert changes(removed) == []


def test_other_names_kinds_and_inputs_are_told() -> None:
    before = Project(template("lenet5"))
    after = edits.rename(before, "conv1", "first").project
    (row,) = compare(before.graph, after.graph).differences
    assert sentence(row) == "conv1 → first changed: name conv1 → first"


def test_totals_stand_at_the_foot(panel: ComparePanel) -> None:
    texts = [[panel.foot.cells[row, column].text() for column in range(4)] for row in range(1, 5)]
    assert texts[0] == ["Layers", "13", "13", "="]
    assert texts[1] == ["Parameters", "61\u202f706", "81\u202f290", "+19\u202f584 (+31.7 %)"]
    assert texts[2][3] == "−94\u202f464 (−22.7 %)"
    assert texts[3] == ["Memory of a sample", "126 kB", "140 kB", "+10.7 %"]


def test_keys_lead_from_difference_to_difference(panel: ComparePanel, qtbot: QtBot) -> None:
    visited: list[str] = []
    panel.visited.connect(visited.append)
    for _ in range(3):
        QTest.mouseClick(panel.steps[1], LEFT)
    assert visited == ["conv2", "relu2", "max_pool2"]
    QTest.mouseClick(panel.steps[-1], LEFT)
    assert visited[-1] == "relu2"
    panel.view.setFocus()
    QTest.keyClick(panel.view, KEY.Key_Up)
    QTest.keyClick(panel.view, KEY.Key_Up)
    assert visited[-1] == "max_pool1"
    panel.view.go(-1)
    assert visited[-1] == "softmax1"  # round at the end


def test_rows_follow_every_edit_and_keep_their_mark(panel: ComparePanel, qtbot: QtBot) -> None:
    panel.view.go(1)
    panel.document.perform(edits.set_field(panel.document.project, {"conv2"}, "kernel_size", 5))
    qtbot.waitUntil(lambda: panel.says.text() == "3 layers differ.")
    assert panel.view.marked is not None
    assert panel.view.marked.after is not None
    assert panel.view.marked.after.id == "conv2"
    panel.document.undo_stack.setIndex(0)
    qtbot.waitUntil(lambda: panel.says.text() == "Both networks are the same.")
    assert not panel.view.go(1)


def items(menu: QMenu) -> dict[str, object]:
    return {action.text(): action for action in menu.actions()}


def choose(panel: ComparePanel, *path: str) -> None:
    menu = panel.choice.menu()
    menu.aboutToShow.emit()
    for step in path[:-1]:
        menu = next(action.menu() for action in menu.actions() if action.text() == step)  # type: ignore[assignment]
    next(action for action in menu.actions() if action.text() == path[-1]).trigger()


@pytest.mark.parametrize(
    ("path", "title", "says"),
    [
        (("The beginning of this session",), "The beginning", "8 layers differ."),
        (("Before a step", "Add softmax1 after dense3"), "Before “Add softmax1 after dense3”", "One layer differs."),
        (("A template", "LeNet-5"), "LeNet-5", "8 layers differ."),
        (("Another window", "mine"), "mine", "7 layers differ."),
    ],
)
def test_the_other_network_is_chosen_from_a_menu(
    panel: ComparePanel, path: tuple[str, ...], title: str, says: str
) -> None:
    panel.windows = lambda: [
        ("mine", edits.append(Project(template("lenet5")), make("softmax"), "dense3").project.graph)
    ]
    choose(panel, *path)
    assert (panel.choice.text(), panel.says.text()) == (title, says)


def test_a_file_is_compared_or_says_what_is_wrong(panel: ComparePanel, tmp_path: Path) -> None:
    save(template("lenet5"), tmp_path / "net.json")
    panel.compare_file(tmp_path / "net.json")
    assert (panel.choice.text(), panel.says.text()) == ("net.json", "8 layers differ.")
    panel.compare_file(tmp_path / "gone.convstudio")
    assert panel.says.text() == f"There is no file {tmp_path / 'gone.convstudio'}."
    assert panel.choice.text() == "net.json"


def test_the_saved_state_follows_the_file(panel: ComparePanel, qtbot: QtBot, tmp_path: Path) -> None:
    panel.document.save(tmp_path / "mine.convstudio")
    qtbot.waitUntil(lambda: panel.says.text() == "Both networks are the same.")
    panel.document.restore(panel.document.state().stored, None)
    panel.show_rows()
    assert panel.says.text() == "This work was never saved, so there is no saved state to compare with."
    assert not panel.view.isVisible()


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    QSettings().clear()
    made = MainWindow(edited())
    qtbot.addWidget(made, before_close_func=lambda w: w.document.replace(w.document.project))
    made.resize(1280, 800)
    made.show()
    yield made
    QSettings().clear()


def test_a_click_leads_to_the_layer_on_the_canvas(window: MainWindow, qtbot: QtBot) -> None:
    window.canvas.show_start()
    window.actions_["compare_saved"].trigger()
    panel = window.panels["compare"]
    assert isinstance(panel, ComparePanel)
    assert panel.isVisible()
    place = panel.view.visualRect(panel.view.model().index(10, 2)).center()
    panel.view.scrollToBottom()
    place = panel.view.visualRect(panel.view.model().index(13, 2)).center()
    QTest.mouseClick(panel.view.viewport(), LEFT, pos=place)
    assert window.document.selection == {"softmax1"}
    card = window.canvas.scene_.cards["softmax1"]
    shown = window.canvas.mapToScene(window.canvas.viewport().rect()).boundingRect()
    assert shown.contains(card.sceneBoundingRect())


def test_f8_shows_the_first_difference(window: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(window, KEY.Key_F8)
    assert window.panels["compare"].isVisible()
    assert window.document.selection == {"conv2"}
    QTest.keyClick(window, KEY.Key_F8, Qt.KeyboardModifier.ShiftModifier)
    assert window.document.selection == {"softmax1"}


def test_a_long_title_takes_no_more_room_than_there_is(panel: ComparePanel, tmp_path: Path) -> None:
    width = panel.minimumSizeHint().width()
    save(template("mlp"), tmp_path / f"{'long' * 50}.json")
    panel.compare_file(tmp_path / f"{'long' * 50}.json")
    assert panel.minimumSizeHint().width() == width
    assert panel.choice.toolTip() == f"{'long' * 50}.json"


def test_a_row_has_room_for_all_words_in_its_middle(panel: ComparePanel) -> None:
    other = template("lenet5")
    project = edits.set_field(Project(other), {"conv2"}, "kernel_size", 3).project
    project = edits.rename(project, "conv2", "other").project
    project = edits.delete(project, {"relu1"}).project
    panel.document.replace(project)
    panel.compare_with(Other("LeNet-5", lambda: other))
    view = panel.view
    heights = {row.before.id: view.rowHeight(n) for n, row in enumerate(view._rows) if row.before}
    row = next(row for row in view._rows if row.before and row.before.id == "conv2")
    assert row.words == ("name", "settings", "shape", "parameters", "multiply-adds")
    words = QRect(0, 0, view.columnWidth(1) - 2 * space(2), 10_000)
    flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignCenter
    text = "≠ name, settings, shape, parameters, multiply-adds"
    needed = QFontMetrics(font("caption")).boundingRect(words, flags, text).height()
    assert heights["conv2"] >= needed
    assert heights["input"] < heights["conv2"]
