"""What the network says to a drawing, and what the rest of the window sees of it."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.panels.draw.panel import DrawPanel
from convstudio.panels.draw.showing import UNTRAINED
from convstudio.training.session import Session
from engine.data.source import DataSource
from engine.protocol import Prediction, Report
from engine.questions.inside import Look, Looked
from tests.convstudio.panels.draw.conftest import (
    LEFT,
    LEVEL,
    LEVEL_LINE,
    PLAIN,
    UPRIGHT,
    UPRIGHT_LINE,
    draw,
    on_pad,
)
from tests.patience import PATIENCE_MS


def heard(signal: Any) -> list[Any]:
    said: list[Any] = []
    signal.connect(said.append)
    return said


def answered(panel: DrawPanel, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not panel._asked and panel.verdict.text() != "–", timeout=PATIENCE_MS)


def test_a_drawing_is_named_and_shown_stage_by_stage(panel: DrawPanel, qtbot: QtBot) -> None:
    assert panel.says.isHidden()
    draw(panel.pad, *UPRIGHT_LINE)
    answered(panel, qtbot)
    assert panel.bars.winner == UPRIGHT
    assert panel.verdict.text() == "1"
    assert panel.how_sure.text() == f"{100 * panel.bars.shares[UPRIGHT]:.1f} %"
    assert np.isclose(panel.bars.shares.sum(), 1)
    titles = [cell.words for cell in panel.stages.cells]
    assert titles == ["Light on dark", "Cut out", "20 × 20", "Centred", "Normalised"]
    assert panel.stages.cells[3].pixels.shape == (28, 28)
    assert panel.stages.cells[4].tip.startswith("Each pixel becomes (pixel / 255 − 0.")
    panel.pad.clear()
    draw(panel.pad, *LEVEL_LINE)
    answered(panel, qtbot)
    assert panel.verdict.text() == "7"
    assert panel.bars.winner == LEVEL


def test_it_is_predicted_while_the_pen_is_still_down(panel: DrawPanel, qtbot: QtBot) -> None:
    pad = panel.pad
    QTest.mousePress(pad, LEFT, PLAIN, on_pad(pad, 0.5, 0.1))
    for y in (0.3, 0.5, 0.7, 0.9):
        QTest.mouseMove(pad, on_pad(pad, 0.5, y))
    answered(panel, qtbot)
    assert pad.is_drawing
    assert panel.verdict.text() == "1"
    assert panel.nearest.cells == ()
    QTest.mouseRelease(pad, LEFT, PLAIN, on_pad(pad, 0.5, 0.9))
    qtbot.waitUntil(lambda: bool(panel.nearest.cells), timeout=PATIENCE_MS)


def test_the_whole_window_looks_at_the_drawing_until_it_is_gone(
    panel: DrawPanel, session: Session, qtbot: QtBot
) -> None:
    session.look_at(2)
    session.watch("cards", ("input1",))
    reports = list[Report]()  # those that came before the network was there show nothing
    session.reported.connect(lambda report: reports.append(report) if report.pictures else None)
    qtbot.waitUntil(lambda: bool(reports) and _width(reports[-1]) < 8, timeout=PATIENCE_MS)
    draw(panel.pad, *LEVEL_LINE)
    answered(panel, qtbot)
    assert isinstance(session.showing, np.ndarray)
    wide = session.showing[0].any(axis=0).sum()
    assert wide == 20
    qtbot.waitUntil(lambda: _width(reports[-1]) >= 18, timeout=PATIENCE_MS)
    whys = heard(session.why)
    session.explain_number("dense1", (7,))
    assert whys[0].image is session.showing
    answers = heard(session.answered)
    session.ask_about(Look(session.new_number(), "input1", image=session.showing))
    qtbot.waitUntil(lambda: any(isinstance(answer, Looked) for answer in answers), timeout=PATIENCE_MS)
    QTest.mouseClick(panel.clear, LEFT)
    assert session.showing == 2
    assert (panel.verdict.text(), panel.says.text()) == ("–", "")
    assert not panel.bars.shares.any()
    assert panel.stages.cells == panel.nearest.cells == ()
    qtbot.waitUntil(lambda: _width(reports[-1]) < 8, timeout=PATIENCE_MS)


def _width(report: Report) -> int:
    """How many pixels of the middle row of the input's picture are bright."""
    tile = next(picture.tiles[0] for picture in report.pictures if picture.node == "input1")
    return int((tile[14] > 170).sum())


def test_the_nearest_samples_are_found_and_one_can_be_looked_at(
    panel: DrawPanel, session: Session, qtbot: QtBot
) -> None:
    draw(panel.pad, *LEVEL_LINE)
    qtbot.waitUntil(lambda: bool(panel.nearest.cells), timeout=PATIENCE_MS)
    assert all(cell.words.startswith("7 · 0.") and cell.strong for cell in panel.nearest.cells)
    assert panel.everywhere.isHidden()
    QTest.mouseClick(panel.nearest, LEFT, PLAIN, panel.nearest.picture_place(1).center().toPoint())
    assert panel._found is not None
    assert session.showing == panel._found.found[1].sample
    assert not panel.everywhere.isHidden()
    QTest.mouseClick(panel.everywhere, LEFT)
    assert isinstance(session.showing, np.ndarray)
    assert panel.everywhere.isHidden()
    before = panel.nearest.cells
    panel.measure.setCurrentIndex(1)
    panel.measure.activated.emit(1)
    qtbot.waitUntil(lambda: panel.nearest.cells is not before, timeout=PATIENCE_MS)
    assert not panel.nearest.cells[0].words.startswith("7 · 0.0")


def test_what_the_network_does_not_take_is_said(panel: DrawPanel, document: Document, qtbot: QtBot) -> None:
    draw(panel.pad, *LEVEL_LINE)
    answered(panel, qtbot)
    project = document.project
    document.perform(edits.set_field(project, {"input1"}, "shape", (1, 40)))
    qtbot.waitUntil(lambda: panel.says.text().startswith("The network takes 1 × 40"), timeout=PATIENCE_MS)
    assert panel.verdict.text() == "–"
    document.undo_stack.undo()
    answered(panel, qtbot)
    assert panel.verdict.text() == "7"
    document.perform(edits.set_data(project, DataSource("mnist", "/nowhere")))
    qtbot.waitUntil(lambda: panel.says.text().startswith("MNIST was not found: /nowhere"), timeout=PATIENCE_MS)
    assert panel.verdict.text() == "–"


def test_other_weights_are_asked_again_and_a_fresh_network_only_guesses(
    panel: DrawPanel, document: Document, qtbot: QtBot
) -> None:
    draw(panel.pad, *LEVEL_LINE)
    answered(panel, qtbot)
    assert panel.says.isHidden()
    upside_down = {name: -array for name, array in document.weights.items()}
    document.set_weights(upside_down)
    qtbot.waitUntil(lambda: panel.verdict.text() not in ("7", "–"), timeout=PATIENCE_MS)
    document.set_weights({})
    qtbot.waitUntil(lambda: panel.says.text() == UNTRAINED, timeout=PATIENCE_MS)
    assert not panel.says.isHidden()


def test_nothing_is_asked_while_it_is_hidden(
    panel: DrawPanel, document: Document, session: Session, qtbot: QtBot
) -> None:
    draw(panel.pad, *LEVEL_LINE)
    answered(panel, qtbot)
    panel.hide()
    said: list[Prediction] = heard(session.predicted)
    with qtbot.waitSignal(session.network_changed, timeout=PATIENCE_MS):
        document.set_weights({name: -array for name, array in document.weights.items()})
    assert not panel._asked
    panel.show()
    qtbot.waitUntil(lambda: panel.verdict.text() != "7", timeout=PATIENCE_MS)
    assert len(said) == 1


def test_its_opinion_changes_while_it_learns(
    panel: DrawPanel, document: Document, session: Session, qtbot: QtBot
) -> None:
    document.set_weights({})
    draw(panel.pad, *UPRIGHT_LINE)
    answered(panel, qtbot)
    said: list[Prediction] = heard(session.predicted)
    with qtbot.waitSignal(session.finished, timeout=PATIENCE_MS):
        session.start()
    qtbot.waitUntil(lambda: bool(said) and not panel._asked and panel.verdict.text() == "1", timeout=PATIENCE_MS)
    qtbot.waitUntil(panel.says.isHidden, timeout=PATIENCE_MS)


def test_a_step_is_enough_to_ask_again(panel: DrawPanel, session: Session, qtbot: QtBot) -> None:
    draw(panel.pad, *UPRIGHT_LINE)
    answered(panel, qtbot)
    session.step()
    qtbot.waitUntil(lambda: session.report.step == 1, timeout=PATIENCE_MS)
    session.network_changed.disconnect(panel._look_again)
    answered(panel, qtbot)
    before, showing = panel.bars.shares, session.showing
    session.look_at(5)
    session.step()
    qtbot.waitUntil(lambda: bool((panel.bars.shares != before).any()), timeout=PATIENCE_MS)
    assert isinstance(showing, np.ndarray)
    assert session.showing == 5  # whoever looks at something else goes on doing so


def test_keys_reach_every_tool(panel: DrawPanel) -> None:
    for tool in (panel.undo, panel.redo, panel.eraser, panel.clear, panel.open):
        assert tool.accessibleName()
        assert tool.focusPolicy() & Qt.FocusPolicy.TabFocus
    QTest.mouseClick(panel.eraser, LEFT)
    assert panel.pad.erases
    QTest.mouseClick(panel.eraser, LEFT)
    assert not panel.pad.erases
    draw(panel.pad, *LEVEL_LINE)
    QTest.mouseClick(panel.undo, LEFT)
    assert panel.pad.drawing.is_empty
    QTest.mouseClick(panel.redo, LEFT)
    assert not panel.pad.drawing.is_empty


def test_a_tall_panel_has_no_gaps_around_the_page_but_more_of_the_nearest_samples(
    panel: DrawPanel, qtbot: QtBot
) -> None:
    draw(panel.pad, *UPRIGHT_LINE)
    qtbot.waitUntil(lambda: len(panel.nearest.cells) == 12, timeout=PATIENCE_MS)

    def shown(height: int) -> int:
        panel.resize(310, height)
        panel.layout().activate()
        return sum(panel.nearest.rect().contains(panel.nearest.picture_place(k).toRect()) for k in range(12))

    assert shown(1100) == 12
    assert panel.pad.height() - panel.pad.page_place().height() < 20
    counts = [shown(height) for height in range(700, 1101, 10)]
    assert set(counts) == {4, 8, 12}
    assert counts == sorted(counts)
    assert shown(700) == 4
