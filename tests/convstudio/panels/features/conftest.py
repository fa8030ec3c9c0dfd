"""The feature map of a small network at rest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from convstudio.panels.features.panel import FeaturesPanel
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
def panel(session: Session, qtbot: QtBot) -> FeaturesPanel:
    """With all points and pictures in it."""
    made = FeaturesPanel(session.document, session)
    qtbot.addWidget(made)
    made.resize(720, 620)
    made.show()
    qtbot.waitUntil(lambda: len(made._pictures) == 128, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: not made._asks._number, timeout=PATIENCE_MS)
    return made
