"""Filters and maps while a network trains, and what it is trained on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QFormLayout, QWidget
from pytestqt.qtbot import QtBot

from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.panels.data_choice import DataChoice
from convstudio.panels.maps import MapsPanel
from convstudio.training.fitting import suiting
from convstudio.training.session import Session
from engine.augmentation import PRESETS
from engine.data.source import DataSource
from engine.link import InlineLink
from engine.protocol import Picture, Report
from engine.templates import template


@pytest.fixture
def document() -> Document:
    return Document(Project(template("lenet5")))


def test_the_selected_layer_is_watched_and_its_pictures_are_shown(document: Document, qtbot: QtBot) -> None:
    session = Session(document, InlineLink)
    panel = MapsPanel(document, session)
    qtbot.addWidget(panel)
    panel.resize(400, 300)
    panel.show()
    assert panel.says.text() == "Select a layer to see what it has learned."
    document.select(["conv1"])
    assert session._watching == ("conv1",)
    tiles = np.random.default_rng(0).integers(0, 255, (6, 5, 5), np.uint8)
    session.reported.emit(Report("training", pictures=(Picture("conv1", "filters", tiles),)))
    assert panel.filters.isVisible()
    assert panel.filters.accessibleDescription() == "6 tiles"
    image = panel.filters.grab().toImage()
    zoom, _ = panel.filters._grid()
    assert zoom >= 2
    for y, x in ((0, 0), (2, 3), (4, 4)):  # whole pixels: each is its own colour all over
        for offset in (0, zoom - 1):
            assert image.pixelColor(x * zoom + offset, y * zoom + offset).red() == tiles[0, y, x]
    session.reported.emit(Report("training", pictures=(Picture("conv2", "filters", tiles[:2]),)))
    assert panel.filters.accessibleDescription() == "6 tiles"  # of another layer: not this one's
    document.select(["relu1"])
    assert not panel.filters.isVisible()


@pytest.mark.parametrize(
    ("name", "data"), [("lenet5", "digits"), ("mnist1d_cnn", "mnist1d"), ("resnet20", "cifar10"), ("vgg16", "digits")]
)
def test_a_template_comes_with_data_that_it_takes(name: str, data: str) -> None:
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
