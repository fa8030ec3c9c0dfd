"""The window that most tests of the application look at."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.main_window import MainWindow
from engine.templates import template


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    """With LeNet-5 in it, and with nothing remembered; it closes without a question."""
    QSettings().clear()
    made = MainWindow(Document(Project(template("lenet5"))))
    qtbot.addWidget(made, before_close_func=lambda w: w.document.replace(w.document.project))
    made.show()
    yield made
    QSettings().clear()
