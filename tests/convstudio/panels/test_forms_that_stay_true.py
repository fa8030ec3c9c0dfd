"""Forms live through what they cause, follow undo, and say what they refuse."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QPlainTextEdit, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.panels.inspector.fields import AxesEditor, TextEditor, WholeEditor
from convstudio.panels.inspector.panel import InspectorPanel
from convstudio.panels.palette import PalettePanel
from convstudio.panels.pattern_builder import PatternBuilder
from convstudio.panels.problems import FINE, ProblemsPanel
from convstudio.panels.train.settings_form import SettingsForm
from engine.graph import Edge
from engine.spec import make
from engine.templates import template
from tests.convstudio.tiny import tiny_document, write_samples


@pytest.fixture
def document() -> Document:
    return Document(Project(template("lenet5")))


@pytest.fixture
def panel(document: Document, qtbot: QtBot) -> InspectorPanel:
    made = InspectorPanel(document)
    qtbot.addWidget(made)
    made.resize(320, 800)
    made.show()
    return made


def turn_wheel(widget: QWidget) -> None:
    place = QPointF(widget.rect().center())
    none, still = Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    at, by = widget.mapToGlobal(place), QPoint(0, 120)
    QApplication.sendEvent(
        widget, QWheelEvent(place, at, QPoint(0, 0), by, Qt.MouseButton.NoButton, none, still, False)
    )


def repeats(panel: InspectorPanel) -> QSpinBox:
    document = panel.document
    document.perform(edits.group(document.project, {"relu1"}, "Gate"))
    document.select([document.project.blocks[0].id])
    found = panel.findChild(QSpinBox)
    assert found is not None
    return found


def test_the_repeats_of_a_block_are_turned_key_by_key_and_follow_undo(panel: InspectorPanel) -> None:
    spin = repeats(panel)
    for _ in range(3):
        QTest.keyClick(spin, Qt.Key.Key_Up)
    assert panel.document.project.blocks[0].repeat == 4
    panel.document.undo_stack.undo()
    assert spin.value() == panel.document.project.blocks[0].repeat == 1


def test_a_page_that_is_left_outlives_the_field_that_is_at_work(panel: InspectorPanel) -> None:
    panel.document.select(["conv1"])
    editor = panel.editors["out_channels"]
    assert isinstance(editor, WholeEditor)
    editor.edited.connect(lambda value: panel.document.select(["conv2"]))
    QTest.keyClick(editor.spin, Qt.Key.Key_Up)
    assert panel.name is not None
    assert panel.name.text() == "conv2"


def test_texts_follow_undo(panel: InspectorPanel) -> None:
    document = panel.document
    about = panel.findChild(QPlainTextEdit)
    assert about is not None
    before = about.toPlainText()
    QTest.keyClicks(about, "new")
    document.undo_stack.undo()
    assert about.toPlainText() == before
    document.perform(edits.add_comment(document.project, (0, 0), "first"))
    text = panel.findChildren(QPlainTextEdit)[-1]
    QTest.keyClicks(text, "x")
    document.undo_stack.undo()
    assert text.toPlainText() == "first"


def test_the_wheel_turns_only_what_has_the_keyboard(panel: InspectorPanel, qtbot: QtBot) -> None:
    panel.document.select(["conv1"])
    before, editor = panel.document.project, panel.editors["out_channels"]
    assert isinstance(editor, WholeEditor)
    turn_wheel(editor.spin)
    assert panel.document.project == before
    panel.activateWindow()
    editor.spin.setFocus()
    qtbot.waitUntil(editor.spin.hasFocus)
    turn_wheel(editor.spin)
    assert panel.document.graph["conv1"].layer.settings()["out_channels"] == 7


def test_a_number_beyond_the_limits_is_refused_with_them(panel: InspectorPanel) -> None:
    panel.document.select(["conv1"])
    before, editor = panel.document.project, panel.editors["kernel_size"]
    assert isinstance(editor, AxesEditor)
    editor.spins[0].selectAll()
    QTest.keyClicks(editor.spins[0], "900")
    QTest.keyClick(editor.spins[0], Qt.Key.Key_Return)
    sentence = "Kernel size must be a whole number from 1 to 255 px or 2 of them; 900 was given."
    assert editor.error.text() == sentence
    assert editor.spins[0].value() == 5
    assert panel.document.project == before


def test_what_was_refused_is_forgotten_when_the_value_changes_elsewhere(panel: InspectorPanel) -> None:
    document = panel.document
    document.perform(edits.append(document.project, make("dropout"), "relu4"))
    editor = panel.editors["p"]
    assert isinstance(editor, TextEditor)
    editor.line.setText("2")
    QTest.keyClick(editor.line, Qt.Key.Key_Return)
    assert editor.error.isVisible()
    document.perform(edits.set_field(document.project, {"dropout1"}, "p", 0.3))
    assert not editor.error.isVisible()


def test_one_axis_of_several_layers_is_set_and_the_other_stays(panel: InspectorPanel) -> None:
    document = panel.document
    document.perform(edits.set_field(document.project, {"conv1"}, "kernel_size", (3, 5)))
    document.select(["conv1", "conv2"])
    editor = panel.editors["kernel_size"]
    assert isinstance(editor, AxesEditor)
    assert [spin.text() for spin in editor.spins] == ["several", "5 px"]
    editor.spins[0].setValue(4)
    assert [document.graph[n].layer.settings()["kernel_size"] for n in ("conv1", "conv2")] == [(4, 5), (4, 5)]


def test_the_effect_is_told_of_the_change_alone_and_a_second_visit_is_a_second_step(panel: InspectorPanel) -> None:
    document = panel.document
    for channels in (9, 12):
        document.select(["conv2"])
        document.select(["conv1"])
        editor = panel.editors["out_channels"]
        assert isinstance(editor, WholeEditor)
        editor.spin.setValue(channels)
    assert document.undo_stack.count() == 2
    assert "9 × 28 × 28 → 12 × 28 × 28" in panel._effect.text()
    document.undo_stack.undo()
    assert panel._effect.text() == ""


def test_an_input_larger_than_memory_has_a_picture_all_the_same(panel: InspectorPanel) -> None:
    panel.document.select(["input"])
    editor = panel.editors["shape"]
    assert isinstance(editor, TextEditor)
    editor.line.setText("1 × 1048576 × 1048576")
    QTest.keyClick(editor.line, Qt.Key.Key_Return)
    assert panel.document.graph["input"].layer.settings()["shape"] == (1, 1048576, 1048576)
    assert 0 < panel._field_view.image.width() <= 224


def test_the_palette_appends_after_the_last_of_what_is_selected(document: Document, qtbot: QtBot) -> None:
    palette = PalettePanel(document)
    qtbot.addWidget(palette)
    document.select([node.id for node in document.graph.order[:-1]])
    palette.field.setText("spatial dropout")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert Edge("relu4", "spatial_dropout1") in document.graph.edges


def test_problems_are_walked_with_the_keyboard(document: Document, qtbot: QtBot) -> None:
    problems = ProblemsPanel(document)
    qtbot.addWidget(problems)
    problems.show()
    document.perform(edits.delete(document.project, {"flatten1"}))
    (row,) = problems.rows
    assert row.accessibleName() == row.sentence.text()
    assert row.focusPolicy() == Qt.FocusPolicy.StrongFocus
    QTest.keyClick(row, Qt.Key.Key_Return)
    assert document.selection == {"dense1"}


def test_what_training_would_refuse_is_a_problem_too(document: Document, qtbot: QtBot) -> None:
    problems = ProblemsPanel(document)
    qtbot.addWidget(problems)
    problems.show()
    document.perform(edits.set_field(document.project, {"dense3"}, "out_features", 5))
    (row,) = problems.rows
    assert row.sentence.text() == "The network ends in 5, but Digits has 10 classes."
    QTest.mouseClick(row.buttons[0], Qt.MouseButton.LeftButton)
    assert document.graph["dense3"].layer.settings()["out_features"] == 10
    assert problems.rows == []
    assert FINE in [label.text() for label in problems.findChildren(type(row.sentence))]


def test_the_pattern_builder_does_not_build_what_it_no_longer_says(qtbot: QtBot) -> None:
    builder = PatternBuilder()
    qtbot.addWidget(builder)
    builder.show()
    line = builder.editors["shape"]
    assert isinstance(line, TextEditor)
    line.line.setText("100")
    QTest.keyClick(line.line, Qt.Key.Key_Return)
    assert builder.says.text().startswith("Convolutions need an image or a signal")
    assert not builder.buttons.button(QDialogButtonBox.StandardButton.Ok).isEnabled()


def test_labels_stand_on_one_line_with_their_fields(qtbot: QtBot, tmp_path: Path) -> None:
    document = tiny_document(write_samples(tmp_path), epochs=1)
    form = SettingsForm(document)
    qtbot.addWidget(form)
    form.resize(320, 700)
    form.show()
    field = form.main.editors["batch"]
    words = form.main.form.labelForField(field)
    assert words.geometry().center().y() == field.geometry().center().y()
    assert words.minimumHeight() == field.sizeHint().height()  # whatever the font
