"""A number of a picture that was drawn, in place of a sample's."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from convstudio.panels.ledger.panel import LedgerPanel
from convstudio.training.asking import WhyNumber
from tests.convstudio.panels.ledger.asked import CONV, RELU, Asked

IMAGE = np.full((1, 8, 8), 200, np.uint8)


def value_of(session: Asked, node: str, at: tuple[int, ...]) -> float:
    sample = session.trainer.normalised(IMAGE)
    return float(session.trainer.network.activations(sample[None], [node])[node][(0, *at)])


def test_a_number_of_a_drawing_is_the_one_that_the_drawing_makes(panel: LedgerPanel, session: Asked) -> None:
    session.why.emit(WhyNumber(RELU, (1, 3, 3), 0, IMAGE))
    assert panel.number._explained is not None
    assert panel.number._explained.value == pytest.approx(value_of(session, RELU, (1, 3, 3)), abs=1e-6)
    assert panel.number._values[1, 3, 3] == pytest.approx(value_of(session, RELU, (1, 3, 3)), abs=1e-6)
    assert panel.drawn.isVisible()
    assert not panel.loss.isEnabled()
    panel.number.asked.emit(WhyNumber(CONV, (1, 3, 3), 0))  # deeper: it stays the drawing's
    assert panel.number._explained.value == pytest.approx(value_of(session, CONV, (1, 3, 3)), abs=1e-6)
    panel.sample.setValue(1)
    assert session.questions[-1].image is None
    assert not panel.drawn.isVisible()


def test_the_ledger_follows_what_the_window_looks_at(panel: LedgerPanel, session: Asked, qtbot: QtBot) -> None:
    session.why.emit(WhyNumber(CONV, (1, 3, 3), 0))
    session.shown.emit(IMAGE)
    qtbot.waitUntil(lambda: session.questions[-1].image is IMAGE)
    session.shown.emit(4)
    qtbot.waitUntil(lambda: session.questions[-1].image is None)
    assert (panel.sample.value(), session.questions[-1].sample) == (4, 4)
