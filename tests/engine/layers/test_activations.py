"""Activations against the reference, at their corners and far from them."""

from collections.abc import Callable

import numpy as np
import pytest

from engine import Network, chain, make
from engine.spec import Layer

POINTWISE = [
    make("relu"),
    make("leaky_relu", negative_slope=0.2),
    make("elu", alpha=1.5),
    make("gelu"),
    make("silu"),
    make("sigmoid"),
    make("tanh"),
    make("softplus"),
    make("hard_swish"),
]


@pytest.mark.parametrize("layer", [*POINTWISE, make("prelu"), make("softmax")], ids=lambda layer: layer.kind)
def test_agrees_with_the_reference(layer: Layer, agrees: Callable[..., None]) -> None:
    agrees(layer, (3, 4, 5))
    agrees(layer, (7,), spread=8.0)


@pytest.mark.parametrize("layer", POINTWISE, ids=lambda layer: layer.kind)
def test_large_numbers_neither_overflow_nor_vanish(layer: Layer) -> None:
    network = Network(chain(make("input", shape=(8,)), layer))
    x = np.array([[-1e30, -100.0, -1e-3, 0.0, 1e-30, 1e-3, 100.0, 1e30]], np.float32)
    wanted = layer.reference({}, x.astype(float))[0]
    np.testing.assert_allclose(network.predict(x), wanted, rtol=1e-6, atol=1e-37)


def test_elu_does_not_cancel_near_zero() -> None:
    network = Network(chain(make("input", shape=(3,)), make("elu")))
    x = np.array([[-1e-3, -1e-6, -1e-9]], np.float32)
    np.testing.assert_allclose(network.predict(x), np.expm1(x.astype(float)), rtol=1e-6)


def test_softmax_adds_up_to_one_whatever_the_logits() -> None:
    network = Network(chain(make("input", shape=(5, 2, 2)), make("softmax")))
    x = np.random.default_rng(1).standard_normal((5, 5, 2, 2)).astype(np.float32) * 1000
    np.testing.assert_allclose(network.predict(x).sum(1), 1, rtol=1e-6)


def test_prelu_begins_with_a_quarter() -> None:
    network = Network(chain(make("input", shape=(3, 2, 2)), make("prelu")))
    np.testing.assert_array_equal(network.parameters["prelu1.weight"], np.full(3, 0.25, np.float32))


def test_prelu_sums_its_gradient_alike_with_any_number_of_samples() -> None:
    network = Network(chain(make("input", shape=(2, 3, 3)), make("prelu")))
    rng = np.random.default_rng(2)
    x, dy = rng.standard_normal((2, 1, 2, 3, 3))
    one = network.pullback(x, dy)["prelu1.weight"]
    twice = network.pullback(np.concatenate([x, x]), np.concatenate([dy, dy]))["prelu1.weight"]
    np.testing.assert_allclose(twice, 2 * one, rtol=1e-5)


@pytest.mark.parametrize(
    ("kind", "field", "value", "sentence"),
    [
        ("leaky_relu", "negative_slope", 1.5, "negative_slope must be a number from 0 to 1; 1.5 was given."),
        ("elu", "alpha", -0.1, "alpha must be a number from 0 to 100; -0.1 was given."),
        ("elu", "alpha", "much", "alpha must be a number from 0 to 100; 'much' was given."),
    ],
)
def test_refusals(kind: str, field: str, value: object, sentence: str, refusal: Callable[..., str]) -> None:
    assert refusal(make, kind, **{field: value}) == sentence
