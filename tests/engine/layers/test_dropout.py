"""Dropout: lots that depend on nothing but seed, step, layer and place."""

from collections.abc import Callable

import numpy as np
import pytest

from engine import Network, chain, jit, make
from engine.reference import lots
from engine.spec import layers

SHAPE = (3, 4, 5)
KINDS = ("dropout", "spatial_dropout")


def network_of(*kinds: str, p: float = 0.4, seed: int = 7) -> Network:
    return Network(chain(make("input", shape=SHAPE), *(make(kind, p=p) for kind in kinds)), seed=seed)


def scale_of(network: Network, batch: int) -> np.ndarray:
    """What each number was multiplied by in a training step."""
    ones = np.ones((batch, *SHAPE), np.float32)
    return network.pullback(ones, ones)["input1"]


def mask_of(kind: str, batch: int, place: tuple[int, int, int], p: float = 0.4) -> np.ndarray:
    layer = make(kind, p=p)
    return np.asarray(layer.reference({}, np.ones((batch, *SHAPE)), lots=place)[0])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("batch", [1, 5, 17])
def test_draws_what_the_reference_draws(kind: str, batch: int) -> None:
    np.testing.assert_allclose(scale_of(network_of(kind), batch), mask_of(kind, batch, (7, 0, 1)), rtol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_each_step_seed_and_layer_draws_anew(kind: str) -> None:
    network = network_of(kind, kind)
    drawn = {}
    for seed, step in ((7, 0), (7, 1), (8, 0)):
        network.store.random[:] = seed, step
        wanted = mask_of(kind, 5, (seed, step, 1)) * mask_of(kind, 5, (seed, step, 2))
        drawn[seed, step] = scale_of(network, 5)
        np.testing.assert_allclose(drawn[seed, step], wanted, rtol=1e-6)
    assert len({array.tobytes() for array in drawn.values()}) == 3


@pytest.mark.parametrize("kind", KINDS)
def test_forward_and_backward_use_the_same_lots(kind: str) -> None:
    graph = chain(make("input", shape=SHAPE), make(kind), make("flatten"), make("dense", out_features=2))
    network, rng = Network(graph, seed=3), np.random.default_rng(1)
    x, dy = rng.standard_normal((5, *SHAPE)), rng.standard_normal((5, 2))
    found = network.pullback(x, dy)
    kept = mask_of(kind, 5, (3, 0, 1), p=0.5)
    np.testing.assert_allclose(found["dense1.weight"], dy.T @ (x * kept).reshape(5, -1), rtol=1e-4, atol=1e-4)
    below = (dy @ network.parameters["dense1.weight"]).reshape(x.shape)
    np.testing.assert_allclose(found["input1"], below * kept, rtol=1e-4, atol=1e-4)


def test_spatial_dropout_forgets_whole_channels() -> None:
    scales = scale_of(network_of("spatial_dropout"), 17).reshape(17 * 3, -1)
    assert (scales == scales[:, :1]).all()
    assert 0 < (scales[:, 0] == 0).sum() < len(scales)


@pytest.mark.parametrize("kind", KINDS)
def test_using_the_network_changes_nothing_and_copies_nothing(kind: str) -> None:
    network = network_of(kind)
    x = np.random.default_rng(1).standard_normal((5, *SHAPE)).astype(np.float32)
    np.testing.assert_array_equal(network.predict(x), x)
    (plan,) = network._predicting.values()
    assert not plan.steps


@pytest.mark.parametrize(("p", "scale"), [(0.0, 1.0), (1.0, 0.0)])
def test_the_limits_keep_all_or_nothing(p: float, scale: float) -> None:
    np.testing.assert_array_equal(scale_of(network_of("dropout", p=p), 5), np.full((5, *SHAPE), scale))


def test_the_same_bits_with_any_number_of_threads() -> None:
    network = network_of("dropout")
    try:
        for threads in (1, 2, 3):
            jit.set_threads(threads)
            np.testing.assert_allclose(scale_of(network, 33), mask_of("dropout", 33, (7, 0, 1)), rtol=1e-6)
    finally:
        jit.set_threads(2)


def test_lots_are_spread_evenly() -> None:
    numbers = lots.uniform(lots.key(1, 2, 3), 100_000)
    counts, _ = np.histogram(numbers, 20, (0, 1))
    assert np.abs(counts - 5000).max() < 350  # five standard deviations
    assert abs(np.corrcoef(numbers[:-1], numbers[1:])[0, 1]) < 0.02


def test_refuses_shares_outside_its_limits(refusal: Callable[..., str]) -> None:
    assert set(KINDS) <= set(layers())
    for kind in KINDS:
        assert refusal(make, kind, p=1.5) == "p must be a number from 0 to 1; 1.5 was given."
