"""How the learning rate changes, by hand-made numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.schedules import SCHEDULES, Constant, Cosine, Exponential, OneCycle, Schedule, Steps


@pytest.mark.parametrize(
    ("schedule", "wanted"),
    [
        (Constant(), [1, 1, 1, 1]),
        (Constant(warm_up=3), [0.25, 0.5, 0.75, 1]),
        (Steps(falls=2, gamma=0.1), [1, 1, 1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01]),
        (Exponential(end=0.0625), [1, 0.5, 0.25, 0.125]),
        (Cosine(), [1, 0.8535534, 0.5, 0.1464466]),
        (Cosine(end=0.2, warm_up=1), [0.5, 1, 0.6]),
        (OneCycle(rise=0.5, start=0.0, end=0.0), [0, 0.5, 1, 0.5]),
    ],
)
def test_factors_are(schedule: Schedule, wanted: list[float]) -> None:
    assert [schedule.factor(step, len(wanted)) for step in range(len(wanted))] == pytest.approx(wanted)


@pytest.mark.parametrize("name", SCHEDULES)
@given(total=st.integers(1, 5000), warm_up=st.integers(0, 6000), step=st.integers(0, 20_000))
def test_factors_stay_between_zero_and_one_even_beyond_the_end(name: str, total: int, warm_up: int, step: int) -> None:
    assert 0 <= SCHEDULES[name](warm_up=warm_up).factor(step, total) <= 1
