"""A small network at rest, with data of its own, for panels that look into it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from convstudio.document.document import Document
from convstudio.document.project import Project
from engine.data.source import DataSource
from engine.graph import Graph, chain
from engine.network import Network
from engine.settings import TrainingSettings
from engine.spec import make

SETTINGS = TrainingSettings(batch=32, epochs=1, threads=1, learning_rate=0.01, validation_fraction=0.0)
GRAPH = chain(
    make("input", shape=(3, 8, 8)),
    make("conv2d", out_channels=4, kernel_size=3, padding=1),
    make("relu"),
    make("conv2d", out_channels=5, kernel_size=3),
    make("global_avg_pool"),
    make("flatten"),
    make("dense", out_features=2),
    name="seen",
)
INPUT, CONV, RELU, DEEP, POOL, FLAT, DENSE = (node.id for node in GRAPH.order)


def images() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    labels = np.arange(128) % 2
    pictures = rng.integers(0, 256, (128, 3, 8, 8), dtype=np.uint8)
    pictures[labels == 1, :, :4] //= 4
    return pictures, labels


def document(folder: Path, graph: Graph = GRAPH) -> Document:
    pictures, labels = images()
    np.savez(folder / "own.npz", x_train=pictures, y_train=labels, x_test=pictures, y_test=labels)
    made = Document(Project(graph, settings=SETTINGS, data=DataSource(str(folder / "own.npz"))))
    weights = {name: array.copy() for name, array in Network(graph, seed=3).parameters.items()}
    made.set_weights(weights)
    return made
