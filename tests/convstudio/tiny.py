"""A project that trains in a moment: pictures of 8 × 8 in two classes, and one dense layer."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from convstudio.document.document import Document
from convstudio.document.project import Project
from engine.data.source import DataSource
from engine.graph import chain
from engine.settings import TrainingSettings
from engine.spec import make


def write_samples(folder: Path) -> Path:
    """128 pictures; those of the second class are dark above."""
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (128, 1, 8, 8), dtype=np.uint8), np.arange(128) % 2
    images[labels == 1, :, :4] //= 4
    np.savez(folder / "own.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    return folder / "own.npz"


def tiny_document(samples: Path, epochs: int) -> Document:
    """Four steps an epoch."""
    graph = chain(make("input", shape=(1, 8, 8)), make("flatten"), make("dense", out_features=2), name="tiny")
    settings = TrainingSettings(batch=32, epochs=epochs, threads=1, learning_rate=0.01)
    return Document(Project(graph, settings=settings, data=DataSource(str(samples))))
