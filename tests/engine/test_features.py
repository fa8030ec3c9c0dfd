"""Features of a layer: the network's own numbers, and directions as the singular values have them."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np
import pytest

from engine import Graph
from engine.batches import ArrayData
from engine.features import MOST_FEATURES, gather, principal, products, squared_distances
from engine.settings import TrainingSettings
from engine.trainer import Trainer

Array = np.ndarray[Any, Any]


def result(work: Generator[None, None, Any]) -> Any:
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


def test_features_are_the_numbers_of_the_layer(tiny_graph: Graph, tiny_data: ArrayData) -> None:
    trainer = Trainer(tiny_graph, tiny_data, TrainingSettings(batch=20, validation_fraction=0.0))
    batches, network, picks = trainer.parts["test"], trainer.network, np.arange(39, 2, -1)
    pool = next(node.id for node in tiny_graph if node.layer.kind == "max_pool2d")
    found = result(gather(network, network.store, batches, pool, picks))
    x = batches.normalised(picks).reshape(-1, 1, 8, 8)
    assert np.allclose(found.values, network.activations(x, (pool,))[pool].reshape(37, -1), atol=1e-5)
    assert found.said.tolist() == network.predict(x).argmax(axis=1).tolist()
    assert (found.all, found.picks.tolist()) == (64, picks.tolist())


def test_of_a_large_layer_some_numbers_are_taken_always_the_same(
    tiny_graph: Graph, tiny_data: ArrayData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.features.MOST_FEATURES", 50)
    trainer = Trainer(tiny_graph, tiny_data, TrainingSettings(batch=20))
    network, picks = trainer.network, np.arange(20)
    conv = next(node.id for node in tiny_graph if node.layer.kind == "conv2d")
    one, two = (result(gather(network, network.store, trainer.parts["test"], conv, picks)) for _ in range(2))
    assert one.values.shape == (20, 50)
    assert one.all == 256
    assert np.array_equal(one.values, two.values)
    whole = network.activations(trainer.parts["test"].normalised(picks).reshape(-1, 1, 8, 8), (conv,))[conv]
    distances = np.abs(one.values[:, :, None] - whole.reshape(20, 1, -1)).max(axis=0)  # each is one of the layer's own
    assert distances.min(axis=1).max() < 1e-5
    assert len(set(distances.argmin(axis=1).tolist())) == 50
    assert MOST_FEATURES == 8192


@pytest.mark.parametrize(("samples", "features"), [(60, 7), (40, 300), (3, 5)])
def test_directions_are_those_of_the_singular_values(samples: int, features: int) -> None:
    rng = np.random.default_rng(samples)
    values = (rng.normal(size=(samples, features)) * np.linspace(3, 0.1, features) + 5).astype(np.float32)
    table = result(products(values))
    centred = values.astype(np.float64) - values.mean(axis=0, dtype=np.float64)
    assert np.allclose(table, centred @ centred.T, rtol=1e-4, atol=1e-3)
    left, strengths, _ = np.linalg.svd(centred, full_matrices=False)
    found = result(principal(table))
    assert np.allclose(found.shares, (strengths**2 / (strengths**2).sum())[:2], rtol=1e-3)
    wanted = left[:, :2] * strengths[:2]
    wanted *= np.where(wanted[np.abs(wanted).argmax(0), [0, 1]] < 0, -1, 1)  # the farthest one is on the positive side
    assert np.allclose(found.positions, wanted, atol=2e-2 * strengths[0])
    assert np.allclose(squared_distances(table), ((values[:, None] - values[None]) ** 2).sum(-1), rtol=1e-3, atol=1e-2)


def test_samples_that_are_all_the_same_lie_on_one_place() -> None:
    table = result(products(np.ones((12, 4), np.float32)))
    found = result(principal(table))
    assert np.isfinite(found.positions).all()
    assert np.abs(found.positions).max() < 1e-6
    assert found.shares == (0.0, 0.0)
