"""Every function of the reference: the numbers that PyTorch computes, and gradients against central differences."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import reference

FILE = Path(__file__).with_name("pytorch_values.npz")  # written by make_pytorch_values.py, which describes it
WHOLE_NUMBERS = {("cross_entropy", "target")}
Array = np.ndarray[Any, Any]


def tuples(value: Any) -> Any:
    return tuple(map(tuples, value)) if isinstance(value, list) else value


def load() -> list[dict[str, Any]]:
    with np.load(FILE) as file:
        index, values = json.loads(file["index"].tobytes()), file["values"]
    for case in index:
        for name, (start, shape) in case["arrays"].items():
            kind = int if (case["function"], name) in WHOLE_NUMBERS else float
            case["arrays"][name] = values[start : start + int(np.prod(shape))].reshape(shape).astype(kind)
        case["settings"] = {name: tuples(value) for name, value in case["settings"].items()}
    return index


def name_of(case: dict[str, Any]) -> str:
    shape = "x".join(map(str, next(iter(case["arrays"].values())).shape))
    settings = "-".join(f"{name}={json.dumps(value)}".replace(" ", "") for name, value in case["settings"].items())
    return f"{case['function']}-{shape}-{settings}"


CASES = load()
LAYERS = [case for case in CASES if "dy" in case["arrays"]]
UPDATES = [case for case in CASES if "gradients" in case["arrays"]]


def inputs(case: dict[str, Any]) -> dict[str, Array]:
    return {name: a for name, a in case["arrays"].items() if name not in ("y", "dy") and not name.startswith("d ")}


def call(case: dict[str, Any], arrays: dict[str, Array]) -> tuple[Array, Callable[[Array], dict[str, Any]]]:
    """The case's function; arrays called "xs 0", "xs 1", ... are one list for it."""
    function = getattr(reference, case["function"])
    if "xs 0" in arrays:
        return function(list(arrays.values()), **case["settings"])
    return function(**arrays, **case["settings"])


def flat(gradients: dict[str, Any]) -> dict[str, Array]:
    if "xs" in gradients:
        return {f"xs {i}": gradient for i, gradient in enumerate(gradients["xs"])}
    return gradients


def central_differences(function: Callable[[Array], Array], at: Array, dy: Array, step: float = 1e-4) -> Array:
    """sum(dy * y) differentiated for each number of `at` in turn, which is moved up and down; the error is step**2."""
    slopes = np.zeros_like(at)
    for place in np.ndindex(at.shape):
        up, down = at.copy(), at.copy()
        up[place] += step
        down[place] -= step
        slopes[place] = ((function(up) - function(down)) * dy).sum() / (2 * step)
    return slopes


@pytest.mark.parametrize("case", LAYERS, ids=name_of)
def test_values_and_gradients_are_those_of_pytorch(case: dict[str, Any]) -> None:
    y, pullback = call(case, inputs(case))
    np.testing.assert_allclose(y, case["arrays"]["y"], rtol=1e-10, atol=1e-10, strict=True)
    gradients = flat(pullback(case["arrays"]["dy"]))
    assert set(gradients) == {name[2:] for name in case["arrays"] if name.startswith("d ")}
    for name, gradient in gradients.items():
        np.testing.assert_allclose(gradient, case["arrays"][f"d {name}"], rtol=1e-10, atol=1e-10, strict=True)


@pytest.mark.parametrize("case", LAYERS, ids=name_of)
def test_gradients_are_central_differences(case: dict[str, Any]) -> None:
    arrays = inputs(case)
    y, pullback = call(case, arrays)
    dy = np.random.default_rng(7).standard_normal(np.shape(y))
    for name, gradient in flat(pullback(dy)).items():
        numbers = central_differences(lambda a, name=name: call(case, arrays | {name: a})[0], arrays[name], dy)
        np.testing.assert_allclose(gradient, numbers, rtol=1e-5, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("case", LAYERS, ids=name_of)
def test_inputs_stay_as_they_are(case: dict[str, Any]) -> None:
    arrays = inputs(case)
    before = {name: array.copy() for name, array in arrays.items()}
    _, pullback = call(case, arrays)
    dy = case["arrays"]["dy"]
    upstream = dy.copy()
    pullback(dy)
    np.testing.assert_array_equal(dy, upstream)
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, before[name])


@pytest.mark.parametrize("case", UPDATES, ids=name_of)
def test_updates_are_those_of_pytorch(case: dict[str, Any]) -> None:
    step = getattr(reference.updates, case["function"].removeprefix("updates."))
    parameter, state = case["arrays"]["parameter"], {}
    for gradient, after in zip(case["arrays"]["gradients"], case["arrays"]["after"], strict=True):
        before, given = parameter.copy(), dict(state)
        following, next_state = step(parameter, gradient, state, **case["settings"])
        np.testing.assert_allclose(following, after, rtol=1e-10, atol=1e-10, strict=True)
        np.testing.assert_array_equal(parameter, before)
        assert state.keys() == given.keys()
        parameter, state = following, next_state


def test_every_function_has_a_case() -> None:
    updates = {"updates.sgd", "updates.rmsprop", "updates.adam", "updates.adamw", "updates.adagrad", "updates.adadelta"}
    assert {case["function"] for case in CASES} == set(reference.__all__) - {"updates"} | updates
