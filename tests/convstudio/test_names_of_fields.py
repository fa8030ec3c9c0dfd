"""What stands before every field, and in every choice, can be read by people who know no source code."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.panels.inspector.fields import NUMBERS, AxesEditor, ChoiceEditor
from convstudio.panels.inspector.panel import InspectorPanel
from engine.augmentation import Augmentation
from engine.naming import begun, choice_words
from engine.optimizers import OPTIMIZERS
from engine.pattern import Pattern
from engine.schedules import SCHEDULES
from engine.settings import TrainingSettings
from engine.spec import Declared, Field, layers, make
from engine.templates import template

SHORT = {"tile", "bias", "seed", "loss", "flip"}  # words of few letters that are words all the same


def declared() -> Iterator[tuple[str, type[Declared]]]:
    yield from layers().items()
    yield from OPTIMIZERS.items()
    yield from SCHEDULES.items()
    yield from (("settings", TrainingSettings), ("augmentation", Augmentation))


FIELDS = [(f"{kind}.{field.name}", field) for kind, cls in declared() for field in cls.fields().values()]


@pytest.mark.parametrize("field", [field for _, field in FIELDS], ids=[name for name, _ in FIELDS])
def test_every_field_has_a_name_that_can_be_read(field: Field) -> None:
    label = field.label
    assert label[0].isupper()
    assert "_" not in label
    words = label.split()
    assert len(words[0]) >= 5 or len(words) > 1 or label.lower() in SHORT, label
    assert "mode" not in words or len(words) > 1
    assert field.help.endswith(".")
    assert field.spoken[0].islower()


@pytest.mark.parametrize("field", [f for _, f in FIELDS if f.options], ids=[n for n, f in FIELDS if f.options])
def test_every_choice_can_be_read_and_none_is_like_another(field: Field) -> None:
    shown = [begun(choice_words(option)) for option in field.options]
    assert len(set(shown)) == len(shown)
    assert all("_" not in text and text[0].isupper() for text in shown)


def test_the_names_that_would_not_be_understood() -> None:
    names = {name: field.label for name, field in FIELDS}
    assert names["max_pool2d.ceil_mode"] == "Round up (ceil)"
    assert names["avg_pool2d.count_include_pad"] == "Count padding"
    assert names["batch_norm.eps"] == names["adam.eps"] == "Epsilon ε"
    assert names["dropout.p"] == "Dropped share p"
    assert names["conv2d.initial"] == "First weights"
    assert [choice_words(w) for w in ("he_normal", "lecun_uniform", "binary_cross_entropy", "none")] == [
        "He normal", "LeCun uniform", "binary cross-entropy", "none",
    ]  # fmt: skip


def shown(box: QComboBox) -> list[str]:
    return [box.itemText(place) for place in range(box.count())]


def test_forms_show_words_and_documents_keep_values(qtbot: QtBot) -> None:
    document = Document(Project(template("lenet5")))
    panel = InspectorPanel(document)
    qtbot.addWidget(panel)
    panel.show()
    document.select(["conv1"])
    padding, initial = panel.editors["padding"], panel.editors["initial"]
    assert isinstance(padding, AxesEditor)
    assert isinstance(initial, ChoiceEditor)
    assert padding.words is not None
    assert shown(padding.words) == [NUMBERS, "Valid", "Same", "Full"]
    assert shown(initial.box)[:2] == ["He normal", "He uniform"]
    assert initial.box.currentText() == "He normal"
    initial.box.setFocus()
    QTest.keyClicks(initial.box, "Orth")
    assert document.graph["conv1"].layer.settings()["initial"] == "orthogonal"
    assert document.undo_stack.undoText() == "Set first weights of conv1 to orthogonal"
    document.perform(edits.set_field(document.project, {"conv1"}, "initial", "glorot_normal"))
    assert initial.box.currentText() == "Glorot normal"
    assert document.undo_stack.undoText() == "Set first weights of conv1 to Glorot normal"


def test_what_is_refused_is_told_by_that_name(qtbot: QtBot) -> None:
    document = Document(Project(template("lenet5")))
    document.perform(edits.append(document.project, make("dropout"), "relu4"))
    panel = InspectorPanel(document)
    qtbot.addWidget(panel)
    panel.editors["p"]._offer(3.0)
    assert panel.editors["p"].error.text() == "Dropped share p must be a number from 0 to 1; 3.0 was given."


def test_the_pattern_asks_in_sentences() -> None:
    assert all(field.help for field in Pattern.fields().values())
