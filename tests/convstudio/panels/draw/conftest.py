"""A network that tells upright strokes (1) from level ones (7), its data, and the panel that one draws in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.panels.draw.pad import Pad
from convstudio.panels.draw.panel import DrawPanel
from convstudio.training.session import Session
from engine.data.source import DataSource
from engine.graph import chain
from engine.link import InlineLink
from engine.settings import TrainingSettings
from engine.spec import make
from tests.convstudio.halves import write_idx

UPRIGHT, LEVEL = 1, 7
LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def strokes(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """[N, 28, 28] images of upright and level strokes, and their classes."""
    rng = np.random.default_rng(seed)
    labels = np.where(np.arange(count) % 2, LEVEL, UPRIGHT)
    images = np.zeros((count, 28, 28), np.uint8)
    for image, label in zip(images, labels, strict=True):
        wide = rng.integers(2, 4)
        image[4:24, 14 - wide : 14 + wide] = rng.integers(180, 256)
        if label == LEVEL:
            image[:] = image.T.copy()
    return images, labels


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """60 training and 20 test samples in MNIST's own files."""
    place = tmp_path / "mnist"
    place.mkdir()
    for prefix, count, seed in (("train", 60, 0), ("t10k", 20, 1)):
        images, labels = strokes(count, seed)
        write_idx(place / f"{prefix}-images-idx3-ubyte.gz", images)
        write_idx(place / f"{prefix}-labels-idx1-ubyte.gz", labels)
    return tmp_path


@pytest.fixture
def document(folder: Path) -> Document:
    graph = chain(make("input", shape=(1, 28, 28)), make("flatten"), make("dense", out_features=10), name="strokes")
    settings = TrainingSettings(batch=20, epochs=1, threads=1, validation_fraction=0.0)
    made = Document(Project(graph, settings=settings, data=DataSource("mnist", str(folder))))
    images, _ = strokes(2, 0)
    weight = np.zeros((10, 784), np.float32)
    for label, image in zip((UPRIGHT, LEVEL), images, strict=True):
        weight[label] = image.reshape(-1) / np.float32(255 * 40)
    made.set_weights({"dense1.weight": weight, "dense1.bias": np.zeros(10, np.float32)})
    return made


@pytest.fixture
def session(document: Document, tmp_path: Path, qtbot: QtBot) -> Iterator[Session]:
    made = Session(document, InlineLink, tmp_path / "runs")
    yield made
    made.close()


@pytest.fixture
def panel(document: Document, session: Session, qtbot: QtBot) -> DrawPanel:
    made = DrawPanel(document, session)
    qtbot.addWidget(made)
    made.resize(320, 800)
    made.show()
    return made


Draw = Callable[..., None]


def on_pad(pad: Pad, x: float, y: float) -> QPoint:
    """A place in shares of the page."""
    place = pad.page_place()
    return QPoint(round(place.left() + x * place.width()), round(place.top() + y * place.height()))


def draw(pad: Pad, *points: tuple[float, float], button: Qt.MouseButton = LEFT) -> None:
    """One stroke with the mouse."""
    QTest.mousePress(pad, button, PLAIN, on_pad(pad, *points[0]))
    for point in points[1:]:
        QTest.mouseMove(pad, on_pad(pad, *point))
    QTest.mouseRelease(pad, button, PLAIN, on_pad(pad, *points[-1]))


UPRIGHT_LINE = (0.5, 0.15), (0.5, 0.4), (0.5, 0.6), (0.5, 0.85)
LEVEL_LINE = (0.15, 0.5), (0.4, 0.5), (0.6, 0.5), (0.85, 0.5)
