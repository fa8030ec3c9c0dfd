"""A newcomer's first minutes: train LeNet-5, look at its filters, draw a 7, read what it says, and ask why."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QPushButton
from pytestqt.qtbot import QtBot

from convstudio.document import edits
from convstudio.look.theme import DARK, appearance
from convstudio.main_window import MainWindow
from engine.data.source import DataSource
from engine.link import Link
from engine.progress import TRAINING
from engine.protocol import FAILED
from tests.patience import PATIENCE_MS

REAL = Path(os.environ.get("CONVSTUDIO_DATA", Path(__file__).parents[3] / "shared" / "data"))
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
ENDLESS = 100_000  # epochs: no machine comes to their end while a test looks
SEVEN = (((0.25, 0.22), (0.78, 0.2)), ((0.78, 0.2), (0.66, 0.45), (0.5, 0.62), (0.42, 0.85)))


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setenv("CONVSTUDIO_DATA", str(tmp_path))  # a machine on which nothing was fetched yet
    QSettings().clear()
    made = MainWindow()
    made.session.kept.folder = tmp_path / "runs"
    qtbot.addWidget(made, before_close_func=leave)
    made.resize(1440, 900)
    made.show()
    yield made
    QSettings().clear()


def leave(window: MainWindow) -> None:
    window.session.close()
    window.document.replace(window.document.project)


def click(widget: Any) -> None:
    QTest.mouseClick(widget, LEFT)


def press_tool(window: MainWindow, name: str) -> None:
    click(window.toolbar.widgetForAction(window.actions_[name]))


def choose(box: QComboBox, text: str) -> None:
    """Opens a list with the mouse and types what is wanted: clicks count only once the list is there for a while."""
    click(box)
    view = box.view()
    QTest.keyClicks(view, text)
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert box.currentText() == text


def draw(pad: Any, strokes: tuple[tuple[tuple[float, float], ...], ...]) -> None:
    """With the left button, in shares of the page."""

    def place(at: tuple[float, float]) -> QPoint:
        return pad.rect().topLeft() + QPoint(round(at[0] * pad.width()), round(at[1] * pad.height()))

    for stroke in strokes:
        QTest.mousePress(pad, LEFT, NONE, place(stroke[0]))
        for begin, end in pairwise(stroke):
            for step in range(1, 9):
                share = step / 8
                QTest.mouseMove(
                    pad, place((begin[0] + (end[0] - begin[0]) * share, begin[1] + (end[1] - begin[1]) * share))
                )
                QApplication.processEvents()
        QTest.mouseRelease(pad, LEFT, NONE, place(stroke[-1]))


def choose_epochs(window: MainWindow, epochs: int) -> None:
    project = window.document.project
    window.document.perform(edits.set_settings(project, attrs.evolve(project.settings, epochs=epochs)))


def trained(window: MainWindow, qtbot: QtBot) -> None:
    """Until the run has ended, and its last weights are there to be asked."""
    qtbot.waitUntil(lambda: bool(window.document.weights) and not window.session.running, timeout=PATIENCE_MS)


def test_four_clicks_lead_to_a_network_in_training(window: MainWindow, qtbot: QtBot) -> None:
    click(window.welcome.cards["lenet5"])
    choose_epochs(window, ENDLESS)
    press_tool(window, "train")  # two clicks, with digits that need no network
    assert window.document.project.data == DataSource("digits")
    qtbot.waitUntil(lambda: window.session.phase == TRAINING, timeout=PATIENCE_MS)
    assert not window.docks["train"].visibleRegion().isEmpty()
    assert not window.docks["charts"].visibleRegion().isEmpty()


def test_four_clicks_lead_to_mnist(window: MainWindow, qtbot: QtBot) -> None:
    click(window.welcome.cards["lenet5"])
    press_tool(window, "stand_at train")
    panel: Any = window.panels["train"]
    click(panel.form.larger)
    assert window.document.project.data == DataSource("mnist")
    assert panel.controls.buttons["Train"].isEnabled()  # the fourth; it would fetch what is not here


@pytest.mark.parametrize("data", ["digits", "mnist"])
def test_train_look_draw_and_ask_why(
    window: MainWindow, qtbot: QtBot, data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if data == "mnist":
        if not (REAL / "mnist").is_dir():
            pytest.skip(f"no mnist in {REAL}: name the folder in CONVSTUDIO_DATA")
        monkeypatch.setenv("CONVSTUDIO_DATA", str(REAL))
    click(window.welcome.cards["lenet5"])
    assert window.document.project.data == DataSource(data)
    choose_epochs(window, 1 if data == "mnist" else 3)
    press_tool(window, "train")
    trained(window, qtbot)
    train: Any = window.panels["train"]
    assert train.controls.status.text() == "Finished."
    assert window.session.curves.history[-1].validation_accuracy > 0.8

    press_tool(window, "stand_at see")
    filters: Any = window.workspace.show("filters")
    choose(filters.layer, "conv1")
    qtbot.waitUntil(lambda: len(filters.grid._tiles) == 6, timeout=PATIENCE_MS)

    drawing: Any = window.workspace.show("draw")
    draw(drawing.pad, SEVEN)
    qtbot.waitUntil(lambda: drawing.bars.winner == 7, timeout=PATIENCE_MS)
    assert drawing.verdict.text() == "7"

    maps: Any = window.workspace.show("maps")
    choose(maps.layer, "conv1")
    qtbot.waitUntil(lambda: maps.large.map.isVisible() and maps.large.map.pixel_rect(14, 14).width() > 4)
    QTest.mouseClick(maps.large.map, LEFT, NONE, maps.large.map.pixel_rect(14, 14).center().toPoint())
    ledger: Any = window.panels["ledger"]
    qtbot.waitUntil(lambda: ledger.number.says.text().startswith("conv1"), timeout=PATIENCE_MS)
    assert ledger.isVisible()
    assert ledger.number.table.terms.rowCount() == 25
    assert ledger.drawn.isVisible()  # it is the drawing that is explained


def test_a_theme_another_data_set_and_a_lost_folder_in_the_middle_of_a_run(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    click(window.welcome.cards["lenet5"])
    choose_epochs(window, ENDLESS)
    press_tool(window, "train")
    session = window.session
    qtbot.waitUntil(lambda: session.phase == TRAINING and session.report.step > 5, timeout=PATIENCE_MS)
    appearance().choose(DARK)
    document = window.document
    document.perform(edits.set_data(document.project, DataSource("mnist", str(tmp_path / "gone"))))
    reached = session.report.step
    qtbot.waitUntil(lambda: session.report.step > reached + 5, timeout=PATIENCE_MS)  # nothing of it stops the run
    press_tool(window, "stop_training")
    trained(window, qtbot)
    weights = window.document.weights
    said: list[str] = []
    session.failed.connect(said.append)
    train: Any = window.panels["train"]
    click(train.controls.anew)
    qtbot.waitUntil(lambda: session.phase == FAILED and bool(said), timeout=PATIENCE_MS)
    assert "was not found" in said[0]
    assert train.controls.status.text() == said[0]
    assert window.document.weights is weights
    appearance().choose("system")


def test_an_edit_while_it_trains_is_taken_in_and_marked(window: MainWindow, qtbot: QtBot) -> None:
    click(window.welcome.cards["lenet5"])
    choose_epochs(window, ENDLESS)
    press_tool(window, "train")
    session = window.session
    qtbot.waitUntil(lambda: session.phase == TRAINING and session.report.step > 300, timeout=PATIENCE_MS)
    before = float(session.curves.losses[-50:].mean())
    window.document.select(["relu1"])
    press_tool(window, "stand_at compose")
    palette: Any = window.panels["palette"]
    palette.field.setFocus()
    QTest.keyClicks(palette.field, "conv2d")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    added = next(iter(window.document.selection))
    for field, value in (("kernel_size", (3, 3)), ("padding", (1, 1)), ("out_channels", 6)):
        project = window.document.project
        window.document.perform(edits.set_field(project, {added}, field, value))
    press_tool(window, "stand_at train")
    train: Any = window.panels["train"]
    assert train.controls.edit_bar.isVisible()
    with qtbot.waitSignal(session.carried, timeout=PATIENCE_MS) as said:
        click(train.controls.take)
    assert said.args[0].identities == (added,)
    step = session.curves.marks[-1].step  # the last one of the network as it was
    qtbot.waitUntil(lambda: session.phase == TRAINING and session.report.step > step + 60, timeout=PATIENCE_MS)
    steps, losses = session.curves.steps, session.curves.losses
    assert (steps == 1 + np.arange(len(steps))).all()  # none was lost
    after = losses[steps > step][:30].mean()
    assert after < before + 0.5  # it goes on from where it was: anew it would be above 2
    assert [mark.label.format for mark in window.panels["charts"].loss.marks] == ["network edited"]  # type: ignore[attr-defined]
    buttons = [b for b in train.findChildren(QPushButton) if b.text() == "Go on with the edited network"]
    assert not buttons[0].isVisible()


def test_a_killed_trainer_is_told_and_gone_on_with(window: MainWindow, qtbot: QtBot) -> None:
    click(window.welcome.cards["lenet5"])
    choose_epochs(window, ENDLESS)
    press_tool(window, "train")
    session, train = window.session, window.panels["train"]
    controls: Any = train.controls  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: bool(session.curves.history), timeout=PATIENCE_MS)
    link = session._pipe.link
    assert isinstance(link, Link)
    with qtbot.waitSignal(session.failed, timeout=PATIENCE_MS):
        link.process.kill()
    assert controls.status.text().endswith("Your network is safe; go on from the last checkpoint.")
    assert controls.buttons["Train"].text() == "Resume"
    assert window.isVisible()
    reached = session.curves.history[-1].epoch
    click(controls.buttons["Train"])
    qtbot.waitUntil(lambda: session.curves.history[-1].epoch > reached, timeout=PATIENCE_MS)
    steps = session.curves.steps
    assert (steps[1:] > steps[:-1]).all()  # the curve goes on where the checkpoint was
