"""The mistakes of a small network at rest, of three classes that it mixes up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.panels.mistakes.panel import MistakesPanel
from convstudio.training.session import Session
from engine.data.source import DataSource
from engine.graph import chain
from engine.link import InlineLink
from engine.network import Network
from engine.settings import TrainingSettings
from engine.spec import make
from tests.patience import PATIENCE_MS

SETTINGS = TrainingSettings(batch=30, epochs=2, threads=1, learning_rate=0.01, validation_fraction=0.1)
GRAPH = chain(make("input", shape=(1, 6, 6)), make("flatten"), make("dense", out_features=3), name="mixing")


@pytest.fixture
def document(tmp_path: Path) -> Document:
    rng = np.random.default_rng(5)
    labels = np.arange(90) % 3
    pictures = rng.integers(0, 256, (90, 1, 6, 6), dtype=np.uint8)
    pictures[labels == 1, :, :3] //= 3
    np.savez(tmp_path / "own.npz", x_train=pictures, y_train=labels, x_test=pictures[:60], y_test=labels[:60])
    made = Document(Project(GRAPH, settings=SETTINGS, data=DataSource(str(tmp_path / "own.npz"))))
    made.set_weights({name: array.copy() for name, array in Network(GRAPH, seed=3).parameters.items()})
    return made


@pytest.fixture
def session(document: Document, tmp_path: Path, qtbot: QtBot) -> Iterator[Session]:
    made = Session(document, InlineLink, tmp_path / "runs")
    yield made
    made.close()


@pytest.fixture
def panel(document: Document, session: Session, qtbot: QtBot) -> MistakesPanel:
    """With the test part's mistakes in it."""
    made = MistakesPanel(document, session)
    qtbot.addWidget(made)
    made.resize(760, 700)
    made.show()
    qtbot.waitUntil(lambda: made._found is not None, timeout=PATIENCE_MS)
    return made
