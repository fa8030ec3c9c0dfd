"""What a network is trained on."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QFormLayout, QWidget
from pytestqt.qtbot import QtBot

from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.panels.data_choice import DataChoice
from convstudio.training.fitting import larger, suiting
from engine.augmentation import PRESETS
from engine.data.source import DataSource
from engine.templates import template
from tests.convstudio.halves import write_halves


@pytest.fixture
def document() -> Document:
    return Document(Project(template("lenet5")))


@pytest.mark.parametrize(
    ("name", "data"), [("lenet5", "digits"), ("mnist1d_cnn", "mnist1d"), ("resnet20", "cifar10"), ("vgg16", "digits")]
)
def test_a_template_comes_with_data_that_it_takes(
    name: str, data: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONVSTUDIO_DATA", str(tmp_path))
    assert suiting(template(name)) == DataSource(data)


@pytest.fixture
def choice(document: Document, qtbot: QtBot) -> DataChoice:
    page = QWidget()
    qtbot.addWidget(page)
    form = QFormLayout(page)
    made = DataChoice(document, form, page)
    made.show_choice()
    page.show()
    return made


def test_a_data_set_and_its_folder_are_chosen(
    document: Document, choice: DataChoice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert choice.sets.currentText() == "Digits"
    assert not choice.folder.isEnabled()
    choice.sets.activated.emit(choice.sets.findData("mnist"))
    assert document.project.data == DataSource("mnist")
    choice.show_choice()
    assert choice.folder.isEnabled()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    choice.folder.click()
    assert document.project.data == DataSource("mnist", str(tmp_path))
    assert choice.folder.text() == tmp_path.name
    choice.sets.activated.emit(choice.sets.count() - 1)
    assert document.project.data == DataSource(str(tmp_path))
    document.undo_stack.undo()
    assert document.project.data.name == "mnist"


def test_augmentation_is_typed_and_what_is_wrong_is_said(document: Document, choice: DataChoice) -> None:
    QTest.keyClicks(choice.augmentation, "digits")
    QTest.keyClick(choice.augmentation, Qt.Key.Key_Return)
    assert document.project.settings.augmentation == PRESETS["digits"]
    choice.augmentation.setText("blur")
    QTest.keyClick(choice.augmentation, Qt.Key.Key_Return)
    assert choice.says.text().startswith("There is no augmentation 'blur'; there are none, digits, ")
    assert document.project.settings.augmentation == PRESETS["digits"]
    document.undo_stack.undo()
    choice.show_choice()
    assert choice.augmentation.text() == ""


def test_mnist_is_offered_where_it_is_not_there_and_taken_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONVSTUDIO_DATA", str(tmp_path))
    project = Project(template("lenet5"), data=suiting(template("lenet5")))
    offer = larger(project)
    assert offer is not None
    assert offer[0] == "Take MNIST instead (fetches 12 MB once)"
    assert offer[1].project.data == DataSource("mnist")
    assert larger(offer[1].project) is None
    assert larger(Project(template("resnet20"))) is None
    write_halves(tmp_path / "mnist")
    assert suiting(template("lenet5")) == DataSource("mnist")
    offer = larger(project)
    assert offer is not None
    assert offer[0] == "Take MNIST instead"
