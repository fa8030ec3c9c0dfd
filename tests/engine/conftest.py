"""A tiny network and data that it can learn, for everything that trains."""

from pathlib import Path

import numpy as np
import pytest

from engine import Graph, chain, graph, make
from engine.batches import ArrayData, ArrayPart
from engine.protocol import Start
from tests.engine.talking import SETTINGS


def _part(samples: int, seed: int) -> ArrayPart:
    """Three classes: a bright bar in the upper, middle or lower third of a noisy 8 × 8 image."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, samples)
    images = rng.integers(0, 120, (samples, 1, 8, 8), dtype=np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[0, label * 3 : label * 3 + 2] += 90
    return ArrayPart(images, labels)


@pytest.fixture(scope="session")
def tiny_data() -> ArrayData:
    return ArrayData(_part(90, 1), None, _part(40, 2), mean=(0.3,), std=(0.2,))


@pytest.fixture(scope="session")
def tiny_graph() -> Graph:
    return chain(
        make("input", shape=(1, 8, 8)),
        make("conv2d", out_channels=4, kernel_size=3, padding=1),
        make("batch_norm"),
        make("relu"),
        make("max_pool2d"),
        make("dropout", p=0.2),
        make("flatten"),
        make("dense", out_features=3),
        name="tiny",
    )


@pytest.fixture
def start(tiny_graph: Graph, tiny_data: ArrayData, tmp_path: Path) -> Start:
    return Start(graph.dumps(tiny_graph), SETTINGS, tiny_data, folder=str(tmp_path / "run"))
