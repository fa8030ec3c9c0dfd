"""Optimisers against their formulas, and what holds for all of them."""

import numpy as np
import pytest

from engine import Graph, jit
from engine.errors import EngineError, FieldError
from engine.network import Network
from engine.optimizers import (
    OPTIMIZERS,
    Adadelta,
    Adagrad,
    Adam,
    AdamW,
    Momentum,
    Nesterov,
    Optimizer,
    RmsProp,
    Sgd,
    Updater,
)
from engine.reference import updates

RATE = 0.01
CASES = [
    (Sgd(), updates.sgd, {}),
    (Sgd(momentum=0.8, weight_decay=0.1), updates.sgd, {"momentum": 0.8, "weight_decay": 0.1}),
    (Momentum(), updates.sgd, {"momentum": 0.9}),
    (Nesterov(weight_decay=0.05), updates.sgd, {"momentum": 0.9, "nesterov": True, "weight_decay": 0.05}),
    (RmsProp(momentum=0.5, weight_decay=0.1), updates.rmsprop, {"momentum": 0.5, "weight_decay": 0.1}),
    (Adam(weight_decay=0.1), updates.adam, {"weight_decay": 0.1}),
    (Adam(beta1=0.5, beta2=0.9, eps=1e-3), updates.adam, {"betas": (0.5, 0.9), "eps": 1e-3}),
    (AdamW(weight_decay=0.3), updates.adamw, {"weight_decay": 0.3}),
    (Adagrad(weight_decay=0.1), updates.adagrad, {"weight_decay": 0.1}),
    (Adadelta(weight_decay=0.1), updates.adadelta, {"weight_decay": 0.1}),
]


def gradients(updater: Updater, step: int) -> np.ndarray:
    """Fills the parameters' gradients, not the gaps between them."""
    rng = np.random.default_rng(step)
    for array in updater.store.gradient_arrays.values():
        array[...] = rng.standard_normal(array.shape)
    return updater.store.gradients.astype(np.float64)


@pytest.mark.parametrize(("optimizer", "formula", "settings"), CASES)
def test_steps_follow_the_formula(tiny_graph: Graph, optimizer: Optimizer, formula: object, settings: dict) -> None:
    updater = Updater(optimizer, Network(tiny_graph).store)
    wanted, state = updater.store.values.astype(np.float64), {}
    for step in range(6):
        wanted, state = formula(wanted, gradients(updater, step), state, lr=RATE, **settings)
        updater.step(RATE)
    np.testing.assert_allclose(updater.store.values, wanted, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_gaps_between_parameters_stay_zero(tiny_graph: Graph, name: str) -> None:
    updater = Updater(OPTIMIZERS[name](weight_decay=0.1), Network(tiny_graph).store, clip_norm=1.0)
    for step in range(3):
        gradients(updater, step)
        updater.step(0.1)
    for array in updater.store.parameters.values():
        array[...] = 0
    assert not updater.store.values.any()


def test_gradients_are_clipped_to_their_common_norm(tiny_graph: Graph) -> None:
    updater = Updater(Sgd(), Network(tiny_graph).store, clip_norm=0.5)
    before, slope = updater.store.values.copy(), gradients(updater, 0)
    updater.step(1.0)
    assert updater.gradient_norm() == pytest.approx(np.linalg.norm(slope), rel=1e-5)
    np.testing.assert_allclose(before - updater.store.values, slope * 0.5 / np.linalg.norm(slope), atol=1e-6)


def test_small_gradients_are_not_made_longer(tiny_graph: Graph) -> None:
    updater = Updater(Sgd(), Network(tiny_graph).store, clip_norm=1e5)
    before, slope = updater.store.values.copy(), gradients(updater, 0)
    updater.step(1.0)
    np.testing.assert_allclose(before - updater.store.values, slope, atol=1e-5)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_same_bits_with_any_number_of_threads(tiny_graph: Graph, name: str) -> None:
    results = []
    for threads in (1, 2, 3):
        jit.set_threads(threads)
        updater = Updater(OPTIMIZERS[name](), Network(tiny_graph, seed=1).store, clip_norm=0.7)
        for step in range(3):
            gradients(updater, step)
            updater.step(0.1)
        results.append(updater.store.values.tobytes())
    assert len(set(results)) == 1


def test_a_norm_of_zero_is_refused(tiny_graph: Graph) -> None:
    with pytest.raises(EngineError) as caught:
        Updater(Sgd(), Network(tiny_graph).store, clip_norm=0.0)
    assert str(caught.value) == "Gradients can be clipped to a norm above 0; 0.0 was given."


def test_settings_have_limits() -> None:
    with pytest.raises(FieldError) as caught:
        Adam(beta1=1.5)
    assert str(caught.value) == "beta1 must be a number from 0 to 0.9999; 1.5 was given."
