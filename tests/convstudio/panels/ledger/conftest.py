"""A ledger before a trainer that answers at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from convstudio.panels.ledger.panel import LedgerPanel
from tests.convstudio.panels.ledger.asked import Asked, document_of


@pytest.fixture
def session() -> Iterator[Asked]:
    made = Asked()
    yield made
    made.link.kill()


@pytest.fixture
def panel(qtbot: QtBot, session: Asked) -> LedgerPanel:
    made = LedgerPanel(document_of(), session)
    qtbot.addWidget(made)
    made.resize(700, 900)
    made.show()
    return made
