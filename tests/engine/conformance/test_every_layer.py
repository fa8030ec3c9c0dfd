"""What every layer must hold: compiled kernels against the reference, the reference against differences."""

from __future__ import annotations

from typing import Any

import attrs
import hypothesis.strategies as st
import numpy as np
import pytest
from drawn_layers import KINDS, Case, cases, network, samples
from hypothesis import HealthCheck, given, settings

from engine import jit
from engine.errors import FieldError
from engine.graph import Graph, dumps, loads
from engine.lowering import tiles
from engine.spec import layers, make

RELAXED = settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow, HealthCheck.data_too_large],
)
RELATIVE = 1e-5


@pytest.fixture(autouse=True)
def few_tile_shapes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each shape of tile is compiled on its own; these cover narrow and wide, whole and overlapping ones."""
    monkeypatch.setattr(tiles, "ROWS", (1, 3))
    monkeypatch.setattr(tiles, "COLUMNS", (1, 4))


def reference(case: Case, net: Any, arrays: list[Any]) -> tuple[Any, Any]:
    """The layer's float64 result and pullback for the network's parameters."""
    own = {name.partition(".")[2]: a.astype(np.float64) for name, a in net.store.arrays.items()}
    lots = {"lots": (int(net.store.random[0]), 0, len(arrays))} if case.layer.draws_lots else {}
    return case.layer.reference(own, *(a.astype(np.float64) for a in arrays), **lots)


def close(found: Any, wanted: Any, what: str, reduction: int = 1) -> None:
    scale = max(float(np.abs(wanted).max(initial=0)), 1e-2)  # what is summed up is about 1, even where sums cancel
    error = float(np.abs(found - wanted).max(initial=0)) / scale
    assert error < RELATIVE * np.sqrt(reduction), f"{what} is off by {error:.1e} of its largest value"


def named(arrays: list[Any]) -> dict[str, Any]:
    return {f"input{i}": a for i, a in enumerate(arrays)}


@pytest.mark.parametrize("kind", KINDS)
def test_kernels_agree_with_the_reference(kind: str) -> None:
    @RELAXED
    @given(case=cases(kind), seed=st.integers(0, 1000))
    def check(case: Case, seed: int) -> None:
        rng = np.random.default_rng(seed)
        net, arrays = network(case), samples(case, rng)
        for array in net.store.parameters.values():  # no zero biases, no equal scales
            array[...] = rng.standard_normal(array.shape) * 0.5 + 0.1
        y, pullback = reference(case, net, arrays)
        assert y.shape[1:] == net.output_shape
        dy = rng.standard_normal(y.shape)
        wanted, found = pullback(dy), net.pullback(named(arrays), dy)
        inputs = wanted.pop("xs", None) or [wanted.pop("x")]
        for i, dx in enumerate(inputs):
            close(found[f"input{i}"], dx, f"dx of input {i}")
        for name, gradient in wanted.items():
            if f"layer.{name}" in found:
                close(found[f"layer.{name}"], gradient, f"the gradient of {name}")
        if not case.layer.draws_lots:
            forward = getattr(case.layer, "reference_in_use", None)
            if forward:
                own = {name.partition(".")[2]: a.astype(np.float64) for name, a in net.store.arrays.items()}
                y = forward(own, *(a.astype(np.float64) for a in arrays))[0]
            close(net.predict(named(arrays)), y, "y")

    check()


@pytest.mark.parametrize("kind", KINDS)
def test_reference_agrees_with_central_differences(kind: str) -> None:
    @settings(RELAXED, max_examples=5)
    @given(case=cases(kind), seed=st.integers(0, 1000))
    def check(case: Case, seed: int) -> None:
        rng = np.random.default_rng(seed)
        case = attrs.evolve(case, batch=2)
        net = network(case)
        arrays = [a.astype(np.float64) for a in samples(case, rng)]
        own = {name.partition(".")[2]: rng.standard_normal(a.shape) + 0.2 for name, a in net.store.arrays.items()}
        y, pullback = case.layer.reference(own, *arrays)
        dy = rng.standard_normal(y.shape)
        gradients = pullback(dy)
        places = [("x", i, a) for i, a in enumerate(arrays)] + [(name, 0, a) for name, a in own.items()]
        for name, i, array in places:
            wanted = (gradients.get("xs") or [gradients.get("x")])[i] if name == "x" else gradients.get(name)
            if wanted is None or not array.size:
                continue
            direction = rng.standard_normal(array.shape)
            h = 1e-6
            values = []
            for sign in (1, -1):
                array += sign * h * direction
                values.append((case.layer.reference(own, *arrays)[0] * dy).sum())
                array -= sign * h * direction
            slope = (values[0] - values[1]) / (2 * h)
            assert slope == pytest.approx((wanted * direction).sum(), rel=1e-4, abs=1e-4), name

    check()


@pytest.mark.parametrize("kind", KINDS)
def test_results_have_the_same_bits_with_any_number_of_threads(kind: str) -> None:
    @settings(RELAXED, max_examples=4)
    @given(case=cases(kind))
    def check(case: Case) -> None:
        rng = np.random.default_rng(1)
        net, arrays = network(case), samples(case, rng)
        dy = rng.standard_normal((case.batch, *net.output_shape))
        results = []
        for threads in (1, 2, 3, 1):
            jit.set_threads(threads)
            net.store.reset(3)
            results.append(net.pullback(named(arrays), dy))
        for other in results[1:]:
            for name, array in results[0].items():
                np.testing.assert_array_equal(array, other[name], err_msg=name)

    try:
        check()
    finally:
        jit.set_threads(2)


@pytest.mark.parametrize("kind", sorted(layers()))
def test_declaration_is_complete(kind: str) -> None:
    cls = layers()[kind]
    default = make(kind)
    assert cls.title, "the palette needs a title"
    assert cls.summary().endswith("."), "the first sentence of the docstring is shown to users"
    for name, field in cls.fields().items():
        assert field.help.endswith("."), f"{name} needs a sentence of help"
        assert getattr(default, name) == field.checked(field.default)
    graph = Graph().add(default, id="node")
    assert loads(dumps(graph)) == graph


@pytest.mark.parametrize("kind", sorted(layers()))
def test_limits_refuse_with_the_fields_name_the_limits_and_the_value(kind: str) -> None:
    for name, field in layers()[kind].fields().items():
        if field.low is None:
            continue
        for wrong in (field.low - 1, (field.high or 0) + 1, float("nan"), "many", None, True):
            with pytest.raises(FieldError) as refused:
                make(kind, **{name: wrong})
            text = str(refused.value)
            assert text.startswith(f"{name} must be "), text
            assert field.limits in text
            assert repr(wrong) in text
