"""Every term of a number can be seen, also where they do not fit into one answer."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.panels.ledger.panel import LedgerPanel
from convstudio.training.asking import WhyNumber
from engine import chain, make
from engine.explained import number
from tests.convstudio.panels.ledger.asked import Asked

CHANNELS, PIXELS = 320, 64
WIDE = chain(
    make("input", shape=(1, 8, 8)),
    make("conv2d", out_channels=CHANNELS, kernel_size=3, padding=1),
    make("flatten"),
    make("dense", out_features=4),
    name="wide",
)
DENSE = WIDE.order[-1].id


@pytest.fixture
def panel(qtbot: QtBot) -> LedgerPanel:
    made = LedgerPanel(Document(Project(WIDE)), Asked(WIDE))
    qtbot.addWidget(made)
    made.resize(900, 900)
    made.show()
    return made


def test_terms_that_do_not_fit_into_one_answer_are_turned_over(panel: LedgerPanel) -> None:
    page, seen, values = panel.number, set[int](), list[float]()
    panel.begin(WhyNumber(DENSE, (1,), 0))
    assert page.portion.isVisible()
    portions = page.portion.maximum()
    assert portions > 1
    said = page.says.text()
    for portion in range(1, portions + 1):
        assert page.portion.text() == f"portion {portion} of {portions}"
        found = page._explained.explanation  # type: ignore[union-attr]
        assert page.table.terms.rowCount() == len(found.parts)
        assert f"together {number(found.rest)}" in page.lines.text()
        assert page.says.text() == said
        seen |= set(found.indices[:, 0].tolist())
        values += np.abs(found.parts).tolist()
        QTest.keyClick(page.portion, Qt.Key.Key_Up)
    assert len(seen) == len(values) == CHANNELS * PIXELS
    first = len(values) // portions
    assert min(values[:first]) >= max(values[-100:])  # the largest come first
    panel.explain(WhyNumber(DENSE, (0,), 0))
    assert page.portion.value() == 1


def test_where_all_terms_fit_there_is_nothing_to_turn(panel: LedgerPanel) -> None:
    panel.begin(WhyNumber(WIDE.order[1].id, (1, 3, 3), 0))
    assert not panel.number.portion.isVisible()
    assert "leaves out" not in panel.number.lines.text()
