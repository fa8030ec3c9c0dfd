"""A window's panel over a small network that rests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from convstudio.panels.filters.panel import FiltersPanel
from convstudio.training.session import Session
from engine.link import InlineLink
from tests.convstudio.panels import seen_network
from tests.patience import PATIENCE_MS


@pytest.fixture
def session(tmp_path: Path, qtbot: QtBot) -> Iterator[Session]:
    made = Session(seen_network.document(tmp_path), InlineLink, tmp_path / "runs")
    yield made
    made.close()


@pytest.fixture
def panel(session: Session, qtbot: QtBot) -> FiltersPanel:
    made = FiltersPanel(session.document, session)
    qtbot.addWidget(made)
    made.resize(700, 640)
    made.show()
    qtbot.waitUntil(lambda: made._seen is not None, timeout=PATIENCE_MS)
    return made
