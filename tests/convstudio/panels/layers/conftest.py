"""The layer table of LeNet-5, on the screen."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.panels.layers.panel import LayersPanel
from engine.templates import template


@pytest.fixture
def document() -> Document:
    return Document(Project(template("lenet5")))


@pytest.fixture
def panel(document: Document, qtbot: QtBot) -> LayersPanel:
    made = LayersPanel(document)
    qtbot.addWidget(made)
    made.resize(1100, 480)
    made.show()
    made.activateWindow()
    made.table.setFocus()
    qtbot.waitUntil(made.table.hasFocus)
    return made
