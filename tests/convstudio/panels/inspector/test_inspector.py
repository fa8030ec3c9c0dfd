"""The inspector: a form from the declaration, its effect, its arithmetic, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QScrollArea
from pytestqt.qtbot import QtBot

from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.look.sheet import style_sheet
from convstudio.look.theme import DARK, LIGHT, appearance, tokens
from convstudio.panels.inspector.fields import AxesEditor, ChoiceEditor, FlagEditor, TextEditor, WholeEditor
from convstudio.panels.inspector.panel import InspectorPanel
from convstudio.wording import thousands
from engine.graph import chain
from engine.protocol import Report
from engine.questions import Look, Looked
from engine.resources import resource_path
from engine.spec import layers, make
from engine.templates import template
from tests.convstudio.panels.inspector.shown import facts

DOCK_PX = 340  # of the inspector, before anybody has made it wider


def test_nothing_selected_shows_the_network(panel: InspectorPanel) -> None:
    assert facts(panel)["Parameters"] == "61\u202f706"
    assert panel.name is not None
    panel.name.setText("My LeNet")
    QTest.keyClick(panel.name, Qt.Key.Key_Return)
    assert panel.document.graph.name == "My LeNet"
    panel.document.undo_stack.undo()
    assert panel.name.text() == "LeNet-5"


def test_the_arithmetic_has_the_real_numbers(panel: InspectorPanel) -> None:
    panel.document.select(["conv2"])
    text = panel._arithmetic.text()
    assert "(14 + 2·0 − 5) / 1 + 1 = 10" in text
    assert "16·(6·5·5 + 1) = 2 416" in text
    assert facts(panel) == {
        "Output": "16 × 10 × 10",
        "Parameters": "2\u202f416",
        "Multiply-adds": "240\u202f000",
        "Memory": "13 kB",
        "Sees": "14 × 14 px",
    }
    assert panel._field_view.accessibleDescription() == "One output pixel sees 14 × 14 input pixels"


def test_turning_a_number_changes_the_network_at_once_in_one_step_of_undo(panel: InspectorPanel) -> None:
    panel.document.select(["conv1"])
    editor = panel.editors["out_channels"]
    assert isinstance(editor, WholeEditor)
    for _ in range(3):
        QTest.keyClick(editor.spin, Qt.Key.Key_Up)
    assert panel.document.graph["conv1"].layer.settings()["out_channels"] == 9
    assert facts(panel)["Output"] == "9 × 28 × 28"
    assert "max_pool1: 8 × 14 × 14 → 9 × 14 × 14" in panel._effect.text()
    assert "parameters" in panel._effect.text()
    assert panel.document.undo_stack.undoText() == "Set output channels of conv1 to 9"
    panel.document.undo_stack.undo()
    assert editor.spin.value() == 6
    assert not panel.document.undo_stack.canUndo()


def test_each_axis_has_its_number_and_words_stand_for_numbers(panel: InspectorPanel) -> None:
    panel.document.select(["conv1"])
    kernel, padding = panel.editors["kernel_size"], panel.editors["padding"]
    assert isinstance(kernel, AxesEditor)
    assert isinstance(padding, AxesEditor)
    kernel.spins[0].setValue(3)
    assert panel.document.graph["conv1"].layer.settings()["kernel_size"] == (3, 5)
    assert padding.words is not None
    padding.words.setCurrentText("Same")
    assert panel.document.graph["conv1"].layer.settings()["padding"] == "same"
    assert not padding.spins[0].isVisible()
    assert facts(panel)["Output"] == "6 × 28 × 28"


def test_flags_choices_and_texts(panel: InspectorPanel) -> None:
    document = panel.document
    document.select(["conv1"])
    bias, initial = panel.editors["bias"], panel.editors["initial"]
    assert isinstance(bias, FlagEditor)
    assert isinstance(initial, ChoiceEditor)
    bias.box.click()
    assert document.graph["conv1"].layer.settings()["bias"] is False
    initial.box.setCurrentText("Orthogonal")
    initial.box.activated.emit(initial.box.currentIndex())
    assert document.graph["conv1"].layer.settings()["initial"] == "orthogonal"
    document.select(["input"])
    shape = panel.editors["shape"]
    assert isinstance(shape, TextEditor)
    shape.line.setText("3 x 32 x 32")
    QTest.keyClick(shape.line, Qt.Key.Key_Return)
    assert document.graph["input"].layer.settings()["shape"] == (3, 32, 32)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("many", "Dropped share p must be a number from 0 to 1; 'many' was given."),
        ("2", "Dropped share p must be a number from 0 to 1; 2.0 was given."),
    ],
)
def test_what_does_not_fit_is_said_under_the_field(panel: InspectorPanel, typed: str, sentence: str) -> None:
    document = panel.document
    document.perform(edits.append(document.project, make("dropout"), "relu4"))
    before, editor = document.project, panel.editors["p"]
    assert isinstance(editor, TextEditor)
    editor.line.setText(typed)
    QTest.keyClick(editor.line, Qt.Key.Key_Return)
    assert editor.error.isVisible()
    assert editor.error.text() == sentence
    assert document.project == before


def test_several_layers_are_set_together(panel: InspectorPanel) -> None:
    document = panel.document
    document.select(["conv1", "conv2"])
    channels = panel.editors["out_channels"]
    assert isinstance(channels, WholeEditor)
    assert channels.spin.text() == "several"
    channels.spin.setValue(8)
    assert [document.graph[n].layer.settings()["out_channels"] for n in ("conv1", "conv2")] == [8, 8]
    assert channels.spin.text() == "8"
    assert document.undo_stack.undoText() == "Set output channels of conv1 and conv2 to 8"
    document.select(["conv1", "dense1"])
    assert set(panel.editors) <= {"bias", "initial"}


def test_a_number_of_one_axis_leaves_the_others_to_each_layer(panel: InspectorPanel) -> None:
    document = panel.document
    for name, size in (("conv1", (3, 5)), ("conv2", (1, 7))):
        document.perform(edits.set_field(document.project, {name}, "kernel_size", size))
    document.select(["conv1", "conv2"])
    size = panel.editors["kernel_size"]
    assert isinstance(size, AxesEditor)
    assert [spin.text() for spin in size.spins] == ["several", "several"]
    steps = document.undo_stack.count()
    for _ in range(2):
        QTest.keyClick(size.spins[0], Qt.Key.Key_Up)
    made = [document.graph[name].layer.settings()["kernel_size"] for name in ("conv1", "conv2")]
    assert made == [(2, 5), (2, 7)]
    assert [spin.text() for spin in size.spins] == ["2 px", "several"]
    assert document.undo_stack.undoText() == "Set kernel size of conv1 and conv2 to 2×…"
    assert document.undo_stack.count() == steps + 1


def test_labels_and_fields_stand_on_one_line(panel: InspectorPanel) -> None:
    sign = resource_path("icons", "symbols", "check.svg").as_posix()
    panel.setStyleSheet(style_sheet(LIGHT, tokens(), {"arrow": sign, "tick": sign}))
    off = []
    for name in ("conv1", "max_pool1", "dense1"):
        panel.document.select([name])
        QApplication.processEvents()
        for label in panel.findChildren(QLabel):
            editor = panel.editors.get(label.text().lower().replace(" ", "_"))
            field = editor.focusProxy() if editor else panel.name if label.text() == "Name" else None
            if field is not None:
                middles = [w.mapTo(panel, w.rect().center()).y() for w in (label, field)]
                off.append(abs(middles[0] - middles[1]))
    assert len(off) >= 15
    assert max(off) <= 1


def test_what_does_not_fit_is_said_in_full(panel: InspectorPanel) -> None:
    panel.document.select(["conv1"])
    editor = panel.editors["kernel_size"]
    assert isinstance(editor, AxesEditor)
    for width in (320, 260):
        panel.resize(width, 800)
        editor.spins[0].went_too_far.emit(99999)
        QApplication.processEvents()
        error = editor.error
        assert error.text() == "Kernel size must be a whole number from 1 to 255 px or 2 of them; 99999 was given."
        assert error.height() >= error.heightForWidth(error.width())
    editor.refuse("")
    assert not editor.error.isVisible()


def test_layers_that_share_nothing_are_counted_together(panel: InspectorPanel) -> None:
    document = panel.document
    document.select(["conv1", "max_pool1", "dense3"])
    assert panel.editors == {}
    words = [label.text() for label in panel.findChildren(QLabel)]
    assert "These layers share no settings. Select layers of one kind to set them together." in words
    shapes = [document.inference.nodes[name] for name in ("conv1", "max_pool1", "dense3")]
    assert facts(panel)["Parameters"] == "1\u202f006"
    assert facts(panel)["Multiply-adds"] == thousands(sum(shape.multiply_adds for shape in shapes))
    document.perform(edits.set_field(document.project, {"conv1"}, "bias", False))
    assert facts(panel)["Parameters"] == "1\u202f000"


def test_a_layer_is_renamed_and_names_that_are_taken_are_refused(panel: InspectorPanel) -> None:
    document = panel.document
    document.select(["conv1"])
    assert panel.name is not None
    panel.name.setText("edges")
    QTest.keyClick(panel.name, Qt.Key.Key_Return)
    assert "edges" in document.graph
    assert document.selection == {"edges"}
    panel.name.setText("conv2")
    QTest.keyClick(panel.name, Qt.Key.Key_Return)
    assert "edges" in document.graph
    assert "conv2" in panel._effect.text()


@pytest.mark.parametrize("kind", list(layers()))
def test_every_layer_has_a_form_that_shows_its_values(panel: InspectorPanel, kind: str) -> None:
    document = panel.document
    document.perform(edits.add(document.project, make(kind), (0.0, 0.0)))
    assert set(panel.editors) == set(layers()[kind].fields())
    assert all(not editor.error.isVisible() for editor in panel.editors.values())


@pytest.mark.parametrize("kind", list(layers()))
def test_a_form_is_no_wider_than_the_inspector_is_at_first(panel: InspectorPanel, kind: str) -> None:
    sign = resource_path("icons", "symbols", "close.svg").as_posix()
    panel.setStyleSheet(style_sheet(LIGHT, tokens(), {"arrow": sign, "tick": sign}))
    panel.resize(DOCK_PX, 900)
    panel.document.perform(edits.add(panel.document.project, make(kind), (0.0, 0.0)))
    area = panel.findChild(QScrollArea)
    assert area.widget().minimumSizeHint().width() <= area.viewport().width()


def test_words_that_differ_are_several_too(panel: InspectorPanel) -> None:
    document = panel.document
    for name, padding in (("conv1", "same"), ("conv2", "valid")):
        document.perform(edits.set_field(document.project, {name}, "padding", padding))
    document.select(["conv1", "conv2"])
    padding = panel.editors["padding"]
    assert isinstance(padding, AxesEditor)
    assert padding.words is not None
    assert padding.words.currentIndex() == -1
    assert padding.words.placeholderText() == "several"
    padding.words.setCurrentIndex(padding.words.findData("same"))
    assert [document.graph[name].layer.settings()["padding"] for name in ("conv1", "conv2")] == ["same", "same"]
    document.undo_stack.undo()
    padding.spins[0].setValue(2)
    assert [document.graph[name].layer.settings()["padding"] for name in ("conv1", "conv2")] == [(2, 2), (2, 2)]
    assert padding.words.currentText() == "px"


def test_words_stand_above_the_numbers_of_three_axes(panel: InspectorPanel) -> None:
    panel.document.perform(edits.add(panel.document.project, make("conv3d"), (0.0, 0.0)))
    padding = panel.editors["padding"]
    assert isinstance(padding, AxesEditor)
    assert padding.words is not None
    assert [spin.y() > padding.words.geometry().bottom() for spin in padding.spins] == [True] * 3
    padding.words.setCurrentIndex(padding.words.findData("same"))
    assert panel.document.graph["conv3"].layer.settings()["padding"] == "same"
    assert not any(spin.isVisible() for spin in padding.spins)
    padding.words.setCurrentIndex(0)
    assert all(spin.isVisible() for spin in padding.spins)


def test_a_panel_that_is_gone_does_not_hear_of_themes(qtbot: QtBot) -> None:
    gone = InspectorPanel(Document(Project(template("mlp"))))
    gone.deleteLater()
    QApplication.sendPostedEvents(None, 52)
    for look in (DARK, LIGHT):
        appearance().choose(look)


class Asked(QObject):
    """A session that only remembers what it is asked."""

    answered, reported, shown, network_changed, ended = (
        Signal(object),
        Signal(object),
        Signal(object),
        Signal(),
        Signal(),
    )

    def __init__(self, document: Document) -> None:
        super().__init__()
        self.document, self.source, self.showing = document, document.project.data, 3
        self.questions: list[Look] = []

    def new_number(self) -> int:
        return len(self.questions) + 1

    def ask_about(self, question: Look) -> None:
        self.questions.append(question)

    def forget(self, number: int) -> None:
        pass


def test_the_receptive_field_is_drawn_on_a_picture_of_the_programs_own(panel: InspectorPanel) -> None:
    document = panel.document
    document.select(["conv2"])
    view = panel._field_view
    assert view._text == "One output pixel sees 14 × 14 px of a picture"
    assert (view.image.width(), view.image.height()) == (28, 28)
    assert view._box == ((8, 22), (8, 22))  # around the middle pixel, (5, 5) of 10 × 10
    document.perform(edits.set_field(document.project, {"input"}, "shape", (3, 64, 64)))
    assert (view.image.width(), view.image.height()) == (224, 224)
    assert not view.image.isGrayscale()
    drawn, given = view.grab().toImage(), view.image.scaled(128, 128)  # 64 px, two of the screen for each
    middle, corner = QPoint(60, 60), QPoint(4, 4)
    assert drawn.pixelColor(corner).lightness() < 0.6 * given.pixelColor(corner).lightness()
    assert drawn.pixelColor(middle).lightness() > 0.8 * given.pixelColor(middle).lightness()
    document.select(["dense1"])
    assert not panel._field_view.isVisible()


def test_the_receptive_field_is_drawn_on_a_sample_where_there_is_one(qtbot: QtBot) -> None:
    document = Document(Project(template("lenet5")))
    session = Asked(document)
    panel = InspectorPanel(document, session)  # type: ignore[arg-type]
    qtbot.addWidget(panel)
    panel.show()
    document.select(["conv1"])
    QApplication.processEvents()
    assert session.questions == []  # a picture alone is not worth a process
    session.reported.emit(Report("paused"))
    qtbot.waitUntil(lambda: bool(session.questions))
    (question,) = session.questions
    assert (question.node, question.sample) == ("input", 3)
    values = np.zeros((1, 28, 28), np.float32)
    values[0, :, 14:] = 5.0
    session.answered.emit(Looked(1, "input", "activations", values, 1))
    view = panel._field_view
    assert view._text == "One output pixel sees 5 × 5 px of a sample"
    assert (view.image.pixelColor(3, 3).lightness(), view.image.pixelColor(20, 3).lightness()) == (0, 255)
    session.showing = 4
    session.shown.emit(4)
    qtbot.waitUntil(lambda: len(session.questions) == 2)
    assert session.questions[1].sample == 4


def test_settings_of_a_layer_without_a_shape_leave_its_numbers_open(panel: InspectorPanel) -> None:
    document = panel.document
    document.select(["conv2"])
    document.perform(edits.set_field(document.project, {"conv2"}, "kernel_size", 15))
    assert set(facts(panel).values()) == {"–"}


def test_what_a_narrow_inspector_has_no_room_for_can_be_scrolled_to(panel: InspectorPanel, qtbot: QtBot) -> None:
    bar = panel.findChild(QScrollArea).horizontalScrollBar()
    panel.document.select(["conv1"])
    assert not bar.isVisible()
    panel.resize(panel.minimumSizeHint().width(), panel.height())
    qtbot.waitUntil(bar.isVisible)


def test_what_a_layer_of_features_sees_has_no_size(panel: InspectorPanel) -> None:
    panel.document.replace(Project(chain(make("input", shape=(10,)), make("dense"))))
    panel.document.select(["dense1"])
    assert facts(panel)["Sees"] == "–"


def test_the_sentence_about_what_is_seen_counts_no_more_pixels_than_there_are(panel: InspectorPanel) -> None:
    up = make("upsample_nearest", scale=2)
    across = make("conv2d", kernel_size=(1, 15))
    graph = chain(make("input", shape=(1, 20, 60)), make("conv2d", kernel_size=3), up, make("crop", low=7), across)
    panel.document.replace(Project(graph))
    panel.document.select(["conv2"])
    assert panel._field_view._text == "One output pixel sees 3 × 10 px of a picture"
