"""The ledger backwards: click a weight, read its gradient term by term, and the optimiser's arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from convstudio.panels.ledger.panel import LedgerPanel
from convstudio.training.asking import WhyWeight
from engine.explained import number
from engine.questions import ExplainedWeight
from tests.convstudio.panels.ledger.asked import CONV, DENSE, INPUT, Asked
from tests.convstudio.panels.ledger.test_ledger import cells, choose, click, read

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def answers(session: Asked) -> list[ExplainedWeight]:
    found: list[ExplainedWeight] = []
    session.answered.connect(lambda answer: found.append(answer) if isinstance(answer, ExplainedWeight) else None)
    return found


def test_a_weight_of_the_kernel_leads_to_its_gradient_and_its_next_value(
    panel: LedgerPanel, session: Asked, answers: list[ExplainedWeight]
) -> None:
    panel._document.select([CONV])
    click(panel.number.map, 4, 5)
    kernel = panel.number.figure.kernel
    QTest.mouseClick(kernel, LEFT, pos=kernel.cell(2, 1).center())
    page, answer = panel.weight, answers[-1]
    assert page.isVisible()
    channel = panel.number.channel.value()
    assert answer.index == (channel, 0, 2, 1)
    before, after = number(answer.weight), number(answer.after)
    assert page.says.text() == f"{CONV}.weight[{channel}, 0, 2, 1]: from {before} to {after} in step 1"
    QTest.mouseClick(panel.back, LEFT)
    click(panel.number.map, 0, 5)  # at the edge: this weight meets nothing, and can be asked all the same
    QTest.mouseClick(kernel, LEFT, pos=kernel.cell(0, 1).center())
    assert answers[-1].index == (channel, 0, 0, 1)
    session.step()
    assert number(float(session.trainer.network.parameters[f"{CONV}.weight"][answer.index])) == after


def test_the_terms_are_the_largest_first_with_sample_places_and_pictures(
    panel: LedgerPanel, session: Asked, answers: list[ExplainedWeight]
) -> None:
    session.why.emit(WhyWeight(CONV, "weight", (1, 0, 0, 2)))
    table, slopes = panel.weight.table, answers[-1].slopes
    assert table.terms.rowCount() == slopes.total == 20 * 8 * 7 - 20 * 7
    first, lot = cells(table, 0), answers[-1].lot
    assert list(first) == ["Sample · class", "dy at", "dy", "x at", "x", "dy × x"]
    row = int(slopes.rows[0])
    assert first["Sample · class"] == f"{lot.samples[row]} · {lot.labels[row]}"
    assert panel.weight._terms.text().endswith(f"one for each sample and position; x comes from {INPUT}")
    assert read(first["dy"]) * read(first["x"]) == pytest.approx(read(first["dy × x"]), rel=1e-4)
    parts = [abs(read(cells(table, row)["dy × x"])) for row in range(20)]
    assert parts == sorted(parts, reverse=True)
    assert not table.terms.index(0, 0).data(Qt.ItemDataRole.DecorationRole).isNull()
    assert panel.weight.sum.text().startswith(f"g = Σ dy × x = {number(slopes.sum)}")
    assert panel.weight.notes.text().endswith("the mean over the 20 samples of the next batch.")


def test_the_optimisers_lines_are_written_out(
    panel: LedgerPanel, session: Asked, answers: list[ExplainedWeight]
) -> None:
    session.why.emit(WhyWeight(CONV, "weight", (1, 0, 0, 2)))
    texts = [label.text() for label in panel.weight.workings.findChildren(QLabel) if label.isVisible()]
    names = texts[::4]
    assert names == ["g", "w", "η", "m", "v", "m̂", "v̂", "w"]
    assert texts[-1] == f"= {number(answers[-1].workings[-1].value)}"
    assert "β₁·m + (1 − β₁)·g" in texts


def test_a_bias_is_asked_by_its_chip_and_a_dense_weight_by_its_column(
    panel: LedgerPanel, answers: list[ExplainedWeight], qtbot: QtBot
) -> None:
    panel._document.select([DENSE])
    click(panel.number.map, 0, 1)

    def chips() -> list[QPushButton]:
        return [chip for chip in panel.number.chips.findChildren(QPushButton) if chip.isVisible()]

    qtbot.waitUntil(lambda: len(chips()) == 1)
    (chip,) = chips()
    QTest.mouseClick(chip, LEFT)
    assert (answers[-1].parameter, answers[-1].index) == ("bias", (1,))
    assert list(cells(panel.weight.table, 0)) == ["Sample · class", "dy", "Factor", "dy × 1"]
    QTest.mouseClick(panel.back, LEFT)
    channel = int(cells(panel.number.table, 0)["Channel"])
    choose(panel.number.table, 0, "Weight")
    assert (answers[-1].parameter, answers[-1].index) == ("weight", (1, channel))
    assert [button.text() for button in panel.crumbs.buttons] == [f"{DENSE}[1]", f"{DENSE}.weight[1, {channel}]"]


def test_the_weights_beside_it_can_be_asked_too(
    panel: LedgerPanel, session: Asked, answers: list[ExplainedWeight]
) -> None:
    session.why.emit(WhyWeight(CONV, "weight", (1, 0, 0, 2)))
    assert (panel.weight.kernel.values == session.trainer.network.parameters[f"{CONV}.weight"][1, 0]).all()
    QTest.mouseClick(panel.weight.kernel, LEFT, pos=panel.weight.kernel.cell(2, 0).center())
    assert answers[-1].index == (1, 0, 2, 0)
    session.why.emit(WhyWeight(DENSE, "weight", (3, 40)))
    grid = panel.weight.kernel
    assert grid.values.shape == (6, 8)
    row, column = (int(i[0]) for i in np.nonzero(grid.values == np.float32(answers[-1].weight)))
    QTest.mouseClick(grid, LEFT, pos=grid.cell(row, column).center())
    assert answers[-1].index == (3, 40)
    QTest.mouseClick(grid, LEFT, pos=grid.cell(row, column - 1 if column else 1).center())
    assert answers[-1].index == (3, 39 if column else 41)


def test_the_page_of_a_weight_is_copied_as_text(
    panel: LedgerPanel, session: Asked, answers: list[ExplainedWeight]
) -> None:
    session.why.emit(WhyWeight(CONV, "bias", (2,)))
    QTest.mouseClick(panel.copy, LEFT)
    text = QGuiApplication.clipboard().text()
    assert text.startswith(panel.weight.says.text())
    assert all(str(line) in text for line in answers[-1].workings)
    assert len(text.split("dy × 1\n")[1].split("\n")) == len(answers[-1].slopes.parts)


def test_a_weight_that_is_not_there_is_said(panel: LedgerPanel, session: Asked) -> None:
    session.why.emit(WhyWeight(CONV, "weight", (9, 0, 0, 0)))
    assert panel.refusal.text() == f"{CONV}.weight has the shape (3, 1, 3, 3); there is no number at (9, 0, 0, 0)."
