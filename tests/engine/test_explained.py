"""The arithmetic behind one number: it must be the engine's number, for every kind of layer."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from drawn_layers import KINDS, Case, cases, network, samples
from hypothesis import HealthCheck, given, settings

from engine import explained, make
from engine.lowering import tiles

FEW = settings(
    max_examples=3,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow, HealthCheck.data_too_large],
)
CLOSE = 2e-6  # of the numbers that were summed up: float32 against float64


@pytest.fixture(autouse=True)
def few_tile_shapes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same tiles as the conformance tests compile."""
    monkeypatch.setattr(tiles, "ROWS", (1, 3))
    monkeypatch.setattr(tiles, "COLUMNS", (1, 4))


@pytest.mark.parametrize("kind", KINDS)
def test_the_arithmetic_ends_in_the_engines_number(kind: str) -> None:
    @FEW
    @given(case=cases(kind), seed=st.integers(0, 1000))
    def check(case: Case, seed: int) -> None:
        rng = np.random.default_rng(seed)
        net, arrays = network(case), [x[:1] for x in samples(case, rng)]
        for array in net.store.parameters.values():
            array[...] = rng.standard_normal(array.shape) * 0.5 + 0.1
        inputs = {f"input{port}": x for port, x in enumerate(arrays)}
        y = net.activations(inputs, ["layer"])["layer"][0]
        own = {name.partition(".")[2]: array for name, array in net.store.arrays.items()}
        for _ in range(4):
            at = tuple(int(rng.integers(n)) for n in y.shape)
            found = case.layer.explain(own, at, *(x[0] for x in arrays))
            scale = max(1e-2, abs(found.result), float(np.abs(found.parts).max(initial=0)))
            assert abs(found.result - y[at]) <= CLOSE * scale * max(1, len(found.parts)) ** 0.5
            for port, index, value in zip(found.ports, found.indices, found.values, strict=True):
                assert arrays[port][0][tuple(index[: arrays[port].ndim - 1])] == np.float32(value)
            if found.way == explained.SUM:
                assert found.result == pytest.approx(found.sum + (found.bias or 0.0), rel=1e-12, abs=1e-12)

    check()


def test_rounding_of_the_engine_is_told_where_it_shows() -> None:
    found = explained.weighted([(0, (0,)), (0, (1,))], [1.0, 2.0], [0.5, -0.25], 1.0)
    assert found.lines == ("sum of 2 products = 0 + (1) = 1",)
    assert explained.beside(found, 1.0000001) is found
    assert explained.beside(found, 0.99999).lines[-1] == "the engine, which rounds every step to 32 bits, has 0.99999"


def test_only_the_largest_terms_are_kept_and_the_rest_is_summed_up() -> None:
    found = explained.weighted([(0, (i,)) for i in range(4)], [1.0, -8.0, 2.0, 4.0], [1.0] * 4)
    assert explained.largest_terms(found, 4 * 20).parts.tolist() == [1.0, -8.0, 2.0, 4.0]
    kept = explained.largest_terms(found, 2 * 20)
    assert kept.parts.tolist() == [-8.0, 4.0]
    assert (kept.rest, kept.sum, kept.total) == (3.0, -1.0, 4)


def test_what_is_left_out_comes_in_further_portions() -> None:
    parts = [1.0, -8.0, 2.0, 4.0, 0.5]
    found = explained.weighted([(0, (i,)) for i in range(5)], parts, [1.0] * 5)
    kept = [explained.largest_terms(found, 2 * 20, portion) for portion in (0, 1, 2, 99)]
    assert [one.parts.tolist() for one in kept] == [[-8.0, 4.0], [1.0, 2.0], [0.5], [0.5]]
    assert [(one.portion, one.portions, one.sum) for one in kept] == [(p, 3, -0.5) for p in (0, 1, 2, 2)]


def test_of_too_many_terms_the_strongest_channel_stays_whole() -> None:
    places = [(0, (channel, i)) for channel in range(3) for i in range(3)]
    taps, values = [(0, c, i) for _, (c, i) in places], [9.0, 0.3, 0.3, 6, 6, 0.01, 5, 0.2, 0.4]
    found = explained.weighted(places, values, [1.0] * 9, taps=taps)
    kept = explained.largest_terms(found, 6 * 32)
    assert [tuple(at) for at in kept.indices] == [(0, 0), (1, 0), (1, 1), (1, 2), (2, 0), (2, 2)]
    assert kept.taps is not None
    assert kept.taps.tolist() == [[0, c, i] for c, i in kept.indices.tolist()]
    assert kept.sum == pytest.approx(found.sum)


def test_terms_are_kept_in_few_bytes_without_losing_a_digit() -> None:
    far = 1 << 15  # more than 16 bits hold
    found = explained.weighted([(0, (0, far)), (1, (2, 3))], [np.float32(0.1), 0.1], [0.5, np.nan], taps=[(0,), (1,)])
    kept = explained.largest_terms(found, 1000)
    kinds = {name: getattr(kept, name).dtype for name in ("ports", "indices", "values", "weights", "taps")}
    assert kinds == {"ports": "i2", "indices": "i4", "values": "f8", "weights": "f4", "taps": "i2"}
    for name in explained.COLUMNS:
        np.testing.assert_array_equal(getattr(kept, name), getattr(found, name))


def test_sums_are_said_in_words_that_fit() -> None:
    assert explained.weighted([(0, (2,))], [3.0], [1.0]).lines == ("the input's number, unchanged: 3",)
    assert explained.weighted([(0, (2,))], [3.0], [2.0]).lines == ("sum of 1 product = 6",)
    assert explained.weighted([(0, (2,)), (1, (2,))], [3.0, 4.0], [1.0, 1.0]).lines == ("sum of 2 numbers = 7",)
    many = explained.weighted([(0, (i,)) for i in range(4608)], np.ones(4608), np.full(4608, 0.5))
    assert many.lines == ("sum of 4 608 products = 2304",)
    assert explained.weighted([], [], []).lines == ("nothing of the input is seen here: 0",)
    assert explained.weighted([], [], [], 0.5).lines == ("nothing of the input is seen here: 0 + (0.5) = 0.5",)


def test_small_and_large_numbers_are_written_as_one_does_by_hand() -> None:
    assert [explained.number(x) for x in (0.5, -1.25e-7, 3e12, 0)] == [
        "0.5",
        "−1.25\u202f×\u202f10⁻⁷",
        "3\u202f×\u202f10¹²",
        "0",
    ]


def test_means_say_what_they_divide_and_what_padding_counts() -> None:
    x = np.array([[1.0, 2.0, 6.0]])
    mean = explained.windowed(explained.SUM, x, 0, [[0, 1, 2]], 1 / 3, "mean")
    assert mean.lines == ("mean of 3 numbers: 9 / 3 = 3",)
    padded = explained.windowed(explained.SUM, x, 0, [[1, 2]], 1 / 3, "mean")
    assert padded.lines == ("mean of 2 numbers, and 1 of padding: 8 / 3 = 2.6667",)
    alone = explained.windowed(explained.SUM, x, 0, [[2]], 1.0, "mean")
    assert alone.lines == ("mean of 1 number: 6 / 1 = 6",)


def test_the_largest_says_where_it_is_as_one_would() -> None:
    row, image = np.array([[1.0, 6.0, 2.0]]), np.array([[[1.0, 2.0], [3.0, 0.0]]])
    line, plane = explained.windowed(explained.LARGEST, row, 0, [[0, 1, 2]]), [[0, 1], [0, 1]]
    assert line.lines == ("the largest of 3 numbers is 6, at 1",)
    assert explained.windowed(explained.LARGEST, image, 0, plane).lines == ("the largest of 4 numbers is 3, at 1, 0",)


def test_activations_say_their_rule_with_the_layers_own_numbers() -> None:
    x = np.array([-1.0, 2.0])
    leaky, elu, silu = map(make, ("leaky_relu", "elu", "silu"))
    assert leaky.explain({}, (0,), x).lines == ("x above zero, 0.01 · x below", "Leaky ReLU(−1) = −0.01")
    assert elu.explain({}, (0,), x).lines[0] == "x above zero, 1 · (e^x − 1) below"
    assert silu.explain({}, (1,), x).lines == ("x · sigmoid(x)", "SiLU(2) = 1.7616")
