"""A window is there before its panels are: each is made before it is seen, and all before anything happens."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from convstudio.app import Windows
from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.main_window import MainWindow
from convstudio.panels.data.panel import DataPanel
from convstudio.training.pipe import Pipe
from convstudio.workplaces import COMPOSE, SEE, TRAIN, WORK_PLACES
from convstudio.workspace import PLACES
from engine.templates import template
from tests.patience import PATIENCE_MS, PATIENCE_S

AT_FIRST = {"palette", "inspector", "problems", "layers"}
STARTED = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from convstudio import app
from engine.templates import template, template_names

def look():
    window.grab()
    read = template.cache_info().currsize
    print("pyqtgraph" in sys.modules, "convstudio.panels.charts" in sys.modules, 0 < read < len(template_names()))
    window.workspace.show("charts")
    print("pyqtgraph" in sys.modules)
    window.close()

application = QApplication(["convstudio"])
app.dress(application)
window = app.Windows(application).open()
QTimer.singleShot(0, look)
application.exec()
"""


@pytest.fixture(autouse=True)
def nothing_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    """No process is needed here; what panels ask stays unanswered."""
    monkeypatch.setattr(Pipe, "send", lambda pipe, message: None)


@pytest.fixture(autouse=True)
def first_start() -> Iterator[None]:
    QSettings().clear()
    yield
    QSettings().clear()


def window_of(qtbot: QtBot, document: Document | None = None) -> MainWindow:
    made = MainWindow(document)
    qtbot.addWidget(made, before_close_func=lambda w: w.document.replace(w.document.project))
    made.resize(1280, 800)
    made.show()
    qtbot.waitExposed(made)
    return made


@pytest.fixture
def window(qtbot: QtBot) -> MainWindow:
    return window_of(qtbot)


def made(window: MainWindow) -> set[str]:
    return set(window.panels) - set(window.workspace.panels.waiting)


def test_the_first_window_loads_no_plots_and_reads_no_templates_that_nobody_sees(project: Path, tmp_path: Path) -> None:
    first = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path)}  # nothing is remembered
    command = [sys.executable, "-c", STARTED]
    done = subprocess.run(command, cwd=project, env=first, capture_output=True, text=True, timeout=PATIENCE_S)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["False False True", "True"]


def test_panels_are_made_before_they_are_seen(window: MainWindow, qtbot: QtBot) -> None:
    assert made(window) == AT_FIRST
    window.docks["charts"].toggleViewAction().trigger()
    assert made(window) == {*AT_FIRST, "charts"}
    window.docks["charts"].raise_()
    qtbot.waitUntil(window.panels["charts"].isVisible)
    window.stand_at(TRAIN)
    assert made(window) == {*AT_FIRST, "charts", "train", "data", "profile", "runs"}
    assert isinstance(window.workspace.show("data"), DataPanel)


def test_a_remembered_arrangement_has_its_panels(window: MainWindow, qtbot: QtBot) -> None:
    window.stand_at(SEE)
    window.close()
    again = window_of(qtbot)
    assert again.workspace.places.current == SEE
    assert {"draw", "filters", "ledger"} <= made(again)
    assert "charts" not in made(again)
    qtbot.waitUntil(again.panels["filters"].isVisible)
    assert not again.panels["ledger"].isVisible()  # behind its tab


def test_all_panels_follow_the_document_from_its_first_edit_on(window: MainWindow) -> None:
    window.show_network(template("mlp"))
    assert made(window) == {place.name for place in PLACES}


def test_all_panels_are_there_where_a_window_opens_with_a_network(qtbot: QtBot) -> None:
    opened = window_of(qtbot, Document(Project(template("mlp"))))
    assert made(opened) == {place.name for place in PLACES}


def test_the_program_makes_its_panels_while_there_is_nothing_to_do(qtbot: QtBot) -> None:
    opened = Windows(warms=True).open()
    qtbot.addWidget(opened)
    assert made(opened) == AT_FIRST
    with qtbot.waitSignal(opened.workspace.completed, timeout=PATIENCE_MS):
        pass
    assert made(opened) == {place.name for place in PLACES}
    assert not opened.docks["charts"].isVisible()


@pytest.mark.parametrize("place", [TRAIN, SEE])
def test_when_a_panel_is_made_cannot_be_seen(qtbot: QtBot, place: str) -> None:
    late, early = window_of(qtbot), window_of(qtbot)
    early.workspace.make_all()
    for window in (late, early):
        for stop in (place, COMPOSE, place):
            window.stand_at(stop)
    shown = [name for names in WORK_PLACES[place].panels.values() for name in names]
    for name in shown:
        for window in (late, early):
            window.docks[name].raise_()
        qtbot.waitUntil(lambda name=name: late.docks[name].geometry() == early.docks[name].geometry())
    assert late.size() == early.size()
    assert [late.docks[name].widget().minimumSizeHint() for name in shown] == [
        early.docks[name].widget().minimumSizeHint() for name in shown
    ]


def test_networks_of_other_windows_can_be_compared_with_whenever_the_panel_is_made(
    window: MainWindow, qtbot: QtBot
) -> None:
    other = window_of(qtbot, Document(Project(template("lenet5"))))
    compare = window.workspace.show("compare")
    assert [title for title, _ in compare.windows()] == [other.document.title]  # type: ignore[attr-defined]


def test_a_panel_made_late_has_its_title_and_its_explanation(window: MainWindow) -> None:
    dock = window.docks["mistakes"]
    assert dock.windowTitle() == "Mistakes"
    window.workspace.show("mistakes")
    bar = dock.titleBarWidget()
    QTest.mouseClick(bar.help, Qt.MouseButton.LeftButton)  # type: ignore[attr-defined]
    assert bar.bubble.text.text() == type(window.panels["mistakes"]).explanation  # type: ignore[attr-defined]
    bar.bubble.close()  # type: ignore[attr-defined]
