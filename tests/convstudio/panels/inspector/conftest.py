"""An inspector of LeNet-5."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.panels.inspector.panel import InspectorPanel
from engine.templates import template


@pytest.fixture
def panel(qtbot: QtBot) -> InspectorPanel:
    made = InspectorPanel(Document(Project(template("lenet5"))))
    qtbot.addWidget(made)
    made.resize(320, 800)
    made.show()
    return made
