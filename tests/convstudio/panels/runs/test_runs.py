"""The table of runs in use: sorted, ticked, renamed, restored, deleted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QMessageBox
from pytestqt.qtbot import QtBot

from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.panels.charts import ChartsPanel
from convstudio.panels.runs.panel import EMPTY, HINT, RunsPanel
from convstudio.training import kept_runs
from convstudio.training.session import Session
from engine.link import InlineLink
from engine.protocol import PAUSED
from tests.convstudio.tiny import tiny_document, write_samples
from tests.patience import PATIENCE_MS

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def document(tmp_path: Path) -> Document:
    return tiny_document(write_samples(tmp_path), epochs=2)


@pytest.fixture
def session(document: Document, tmp_path: Path, qtbot: QtBot) -> Iterator[Session]:
    made = Session(document, InlineLink, tmp_path / "runs")
    yield made
    made.close()


@pytest.fixture
def panel(document: Document, session: Session, qtbot: QtBot) -> RunsPanel:
    made = RunsPanel(document, session)
    qtbot.addWidget(made)
    made.resize(900, 300)
    made.show()
    return made


def settle(panel: RunsPanel, runs: int) -> None:
    """The table shows what is on the disk now, and stays as it is: nothing is being read any more."""
    panel.kept.close()
    QApplication.processEvents()
    assert len(panel.model.rows) == runs


def train(panel: RunsPanel, qtbot: QtBot, runs: int) -> None:
    with qtbot.waitSignal(panel.session.finished, timeout=PATIENCE_MS):
        panel.session.start()
    settle(panel, runs)


def two_runs(panel: RunsPanel, qtbot: QtBot) -> None:
    train(panel, qtbot, 1)
    document = panel.document
    document.perform(edits.set_settings(document.project, attrs.evolve(document.project.settings, learning_rate=0.5)))
    document.perform(edits.set_field(document.project, {"dense1"}, "bias", False))
    train(panel, qtbot, 2)


def pick(panel: RunsPanel, title: str, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> QPoint:
    """Clicks the line of a run, and says where its name is."""
    row = next(r for r in range(panel.order.rowCount()) if panel.order.index(r, 0).data() == title)
    QTest.mouseClick(panel.table.viewport(), LEFT, modifier, panel.table.visualRect(panel.order.index(row, 1)).center())
    return panel.table.visualRect(panel.order.index(row, 0)).center()


def test_a_run_is_listed_when_it_ends_and_two_are_compared(panel: RunsPanel, qtbot: QtBot) -> None:
    assert panel.empty.isVisible()
    assert panel.empty.text() == EMPTY
    two_runs(panel, qtbot)
    assert panel.table.isVisible()
    assert panel.says.text() == HINT
    pick(panel, "tiny")
    pick(panel, "tiny-2", Qt.KeyboardModifier.ControlModifier)
    assert panel.says.text() in (
        "tiny → tiny-2: network tiny → one with other layers · learning rate 0.01 → 0.5.",
        "tiny-2 → tiny: network tiny → one with other layers · learning rate 0.5 → 0.01.",
    )
    assert not panel.buttons["Restore"].isEnabled()


def test_a_tick_draws_a_run_into_the_charts(panel: RunsPanel, session: Session, qtbot: QtBot) -> None:
    charts = ChartsPanel(session)
    qtbot.addWidget(charts)
    charts.resize(900, 240)
    charts.show()
    two_runs(panel, qtbot)
    live = Path(session.folder).name
    assert [lines.shown.title for lines in charts.loss.lines] == [live]
    for number, row in ((1, 0), (2, 1)):
        panel.table.setCurrentIndex(panel.order.index(row, 0))
        QTest.keyClick(panel.table, Qt.Key.Key_Space)
        qtbot.waitUntil(lambda n=number: len(session.kept.chosen) == n, timeout=PATIENCE_MS)
    assert [lines.shown.title for lines in charts.loss.lines] == ["tiny", "tiny-2"]  # the one of just now once
    assert live == "tiny-2"
    assert all(lines.name.isVisible() for lines in charts.loss.lines)
    assert len(charts.loss.lines[0].line.getData()[0]) == session.report.total_steps
    QTest.keyClick(panel.table, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: len(session.kept.chosen) == 1, timeout=PATIENCE_MS)


def test_a_run_is_renamed_in_place(panel: RunsPanel, qtbot: QtBot) -> None:
    train(panel, qtbot, 1)
    pick(panel, "tiny")
    QTest.mouseClick(panel.buttons["Rename"], LEFT)
    editor = panel.table.findChild(QLineEdit)
    assert editor is not None
    editor.selectAll()
    QTest.keyClicks(editor, "With bias")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: panel.model.rows[0].title == "With bias", timeout=PATIENCE_MS)


def test_a_run_is_restored_with_its_weights_and_undone(panel: RunsPanel, qtbot: QtBot) -> None:
    two_runs(panel, qtbot)
    document = panel.document
    edited = document.graph
    pick(panel, "tiny")
    with qtbot.waitSignals([document.told, document.weights_changed], timeout=PATIENCE_MS):
        QTest.mouseClick(panel.buttons["Restore"], LEFT)
    assert document.graph["dense1"].layer.bias
    assert "dense1.bias" in document.weights
    assert document.project.settings.learning_rate == 0.01
    assert document.undo_stack.undoText() == "Restore run tiny"
    document.undo_stack.undo()
    assert document.graph == edited


def test_a_stopped_run_is_gone_on_with(panel: RunsPanel, session: Session, qtbot: QtBot) -> None:
    session.step()
    qtbot.waitUntil(lambda: session.phase == PAUSED and session.report.step == 1, timeout=PATIENCE_MS)
    folder = session.folder
    panel.kept.refresh()
    settle(panel, 1)
    pick(panel, "tiny")
    assert not panel.buttons["Go on"].isEnabled()  # it is under way
    assert not panel.buttons["Delete"].isEnabled()
    session.stop()
    qtbot.waitUntil(lambda: panel.buttons["Restore"].isEnabled() or not panel.selected, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: session.phase == "stopped", timeout=PATIENCE_MS)
    settle(panel, 1)
    pick(panel, "tiny")
    with qtbot.waitSignal(session.finished, timeout=PATIENCE_MS):
        QTest.mouseClick(panel.buttons["Go on"], LEFT)
    assert session.folder == folder
    assert len(session.curves) == session.report.total_steps


def test_a_run_goes_on_with_what_was_turned_in_its_middle(panel: RunsPanel, session: Session, qtbot: QtBot) -> None:
    document = panel.document
    begun = document.project.settings
    document.perform(edits.set_settings(document.project, attrs.evolve(begun, epochs=100_000)))
    session.start()
    qtbot.waitUntil(lambda: session.report.step > 0, timeout=PATIENCE_MS)
    turned = attrs.evolve(document.project.settings, learning_rate=begun.learning_rate / 4)
    document.perform(edits.set_settings(document.project, turned))
    session.stop()
    qtbot.waitUntil(lambda: session.phase == "stopped", timeout=PATIENCE_MS)
    settle(panel, 1)
    document.perform(edits.set_settings(document.project, begun))
    pick(panel, "tiny")
    QTest.mouseClick(panel.buttons["Go on"], LEFT)
    qtbot.waitUntil(lambda: session.running, timeout=PATIENCE_MS)
    assert document.project.settings == turned
    session.stop()
    qtbot.waitUntil(lambda: session.phase == "stopped", timeout=PATIENCE_MS)


def answer(panel: RunsPanel, qtbot: QtBot, word: str) -> str:
    """Presses a button of the question that comes up, and says what was asked."""
    qtbot.waitUntil(lambda: panel.findChild(QMessageBox) is not None, timeout=PATIENCE_MS)
    question = panel.findChild(QMessageBox)
    text = question.text()
    QTest.mouseClick(next(b for b in question.buttons() if word in b.text()), LEFT)
    qtbot.waitUntil(lambda: panel.findChild(QMessageBox) is None, timeout=PATIENCE_MS)
    return text


def test_deleted_runs_can_be_brought_back(
    panel: RunsPanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "home").mkdir()  # the bin is in it
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    two_runs(panel, qtbot)
    pick(panel, "tiny")
    with qtbot.waitSignal(panel.kept.removed, timeout=PATIENCE_MS) as removed:
        QTest.mouseClick(panel.buttons["Delete"], LEFT)
    assert panel.findChild(QMessageBox) is None
    assert removed.args[0] == "Deleted the run tiny."
    qtbot.waitUntil(lambda: [row.title for row in panel.model.rows] == ["tiny-2"], timeout=PATIENCE_MS)
    removed.args[1]()
    qtbot.waitUntil(lambda: {row.title for row in panel.model.rows} == {"tiny", "tiny-2"}, timeout=PATIENCE_MS)
    assert not list((tmp_path / "home" / "Trash").rglob("*.*"))  # nor is there a note of it
    pick(panel, "tiny")
    pick(panel, "tiny-2", Qt.KeyboardModifier.ControlModifier)
    with qtbot.waitSignal(panel.kept.removed, timeout=PATIENCE_MS) as removed:
        QTest.mouseClick(panel.buttons["Delete"], LEFT)
    assert removed.args[0] == "Deleted 2 runs."
    qtbot.waitUntil(lambda: not panel.model.rows, timeout=PATIENCE_MS)
    removed.args[1]()
    qtbot.waitUntil(lambda: len(panel.model.rows) == 2, timeout=PATIENCE_MS)


def test_runs_are_deleted_after_a_question_where_there_is_no_bin(
    panel: RunsPanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_runs, "move_to_trash", lambda folder: None)
    two_runs(panel, qtbot)
    pick(panel, "tiny")
    for word, left in (("Cancel", 2), ("Delete", 1)):
        QTest.mouseClick(panel.buttons["Delete"], LEFT)
        assert answer(panel, qtbot, word) == "Delete the run tiny, with weights and history?"
        qtbot.waitUntil(lambda n=left: len(panel.model.rows) == n, timeout=PATIENCE_MS)
    assert panel.model.rows[0].title == "tiny-2"


def test_a_run_is_exported(panel: RunsPanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    train(panel, qtbot, 1)
    pick(panel, "tiny")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "run.zip"), ""))
    with qtbot.waitSignal(panel.session.said, timeout=PATIENCE_MS):
        QTest.mouseClick(panel.buttons["Export …"], LEFT)
    assert (tmp_path / "run.zip").stat().st_size > 1000


def test_lines_are_sorted_by_numbers(panel: RunsPanel, qtbot: QtBot) -> None:
    two_runs(panel, qtbot)
    panel.table.sortByColumn(8, Qt.SortOrder.DescendingOrder)
    assert [panel.order.index(row, 8).data() for row in range(2)] == ["0.5", "0.01"]


def test_a_run_whose_source_is_forged_keeps_the_data_that_are_there(panel: RunsPanel, qtbot: QtBot) -> None:
    train(panel, qtbot, 1)
    config = panel.model.rows[0].folder / "config.json"
    content = json.loads(config.read_text(encoding="utf-8"))
    content["data"]["source"] = {"name": 7, "folder": []}
    config.write_text(json.dumps(content), encoding="utf-8")
    data = panel.document.project.data
    with qtbot.waitSignal(panel.kept.changed, timeout=PATIENCE_MS):
        panel.kept.refresh()
    pick(panel, "tiny")
    panel.document.perform(edits.set_field(panel.document.project, {"dense1"}, "bias", False))
    with qtbot.waitSignal(panel.document.weights_changed, timeout=PATIENCE_MS):
        QTest.mouseClick(panel.buttons["Restore"], LEFT)
    assert panel.document.project.data == data


def test_a_run_that_cannot_be_read_has_a_line_and_can_be_deleted(
    panel: RunsPanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_runs, "move_to_trash", lambda folder: None)
    two_runs(panel, qtbot)
    broken = panel.kept.folder / "tiny"
    (broken / "config.json").write_text("{")
    with qtbot.waitSignal(panel.kept.changed, timeout=PATIENCE_MS):
        panel.kept.refresh()
    for column in range(panel.model.columnCount()):  # they can be sorted together
        panel.table.sortByColumn(column, Qt.SortOrder.AscendingOrder)
    texts = [panel.order.index(row, 1).data() for row in range(2)]
    assert sorted(texts) == ["cannot be read", "tiny"]
    pick(panel, "tiny")
    enabled = {name for name, button in panel.buttons.items() if button.isEnabled()}
    assert enabled == {"Delete"}
    why = f"{broken} is no folder of a run: its config.json cannot be read."
    assert panel.says.text() == f"tiny cannot be read. {why} It can be deleted here."
    QTest.mouseClick(panel.buttons["Delete"], LEFT)
    answer(panel, qtbot, "Delete")
    qtbot.waitUntil(lambda: len(panel.model.rows) == 1, timeout=PATIENCE_MS)
    assert panel.model.rows[0].title == "tiny-2"
    assert not broken.exists()
