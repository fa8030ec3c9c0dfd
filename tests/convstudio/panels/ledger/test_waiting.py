"""An answer that takes its time is announced, and one that never comes is taken back."""

from __future__ import annotations

from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from convstudio.panels.ledger import panel as ledger
from convstudio.panels.ledger.panel import LedgerPanel
from convstudio.training.asking import WhyNumber
from engine.questions import Explain
from tests.convstudio.panels.ledger.asked import CONV, RELU, Asked


@pytest.fixture
def held(session: Asked, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was asked, and is not answered until one does so."""
    kept = list[Any]()
    monkeypatch.setattr(session, "ask_about", kept.append)
    return kept


def test_the_first_number_of_a_large_network_is_on_its_way(
    panel: LedgerPanel, session: Asked, held: list[Any], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel._document.select([CONV])
    assert not panel.computing.isVisible()
    qtbot.waitUntil(panel.computing.isVisible)
    assert panel.refusal.text() == ledger.COMPUTING
    monkeypatch.undo()
    for question in held:
        session.ask_about(question)
    assert panel.number.isVisible()
    assert not panel.computing.isVisible()


def test_while_another_number_is_on_its_way_the_one_before_stays(
    panel: LedgerPanel, session: Asked, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.why.emit(WhyNumber(RELU, (1, 3, 3), 0))
    before = panel.number.says.text()
    kept = list[Any]()
    with monkeypatch.context() as patched:
        patched.setattr(session, "ask_about", kept.append)
        panel.number.map.picked.emit(2, 2)
        qtbot.waitUntil(panel.computing.isVisible)
    assert panel.number.isVisible()
    assert panel.number.says.text() == before
    session.ask_about(next(question for question in kept if isinstance(question, Explain)))
    assert panel.number.says.text().startswith(f"{RELU}, channel 1, at 2, 2 = ")
    assert not panel.computing.isVisible()


def test_where_the_process_ends_nobody_waits_for_it(
    panel: LedgerPanel, session: Asked, held: list[Any], qtbot: QtBot
) -> None:
    panel._document.select([CONV])
    qtbot.waitUntil(panel.computing.isVisible)
    session.ended.emit()
    assert not panel.computing.isVisible()
    assert panel.refusal.text() == ledger.LOST
