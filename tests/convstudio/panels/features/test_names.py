"""Names do not lie on each other."""

from __future__ import annotations

import pytest

from convstudio.panels.features.names import GAP_PX, apart

SIZE = (40.0, 10.0)


def test_names_that_are_apart_stay_where_they_are() -> None:
    places = [(0.0, 0.0), (0.0, 20.0), (60.0, 1.0)]
    assert apart(places, [SIZE] * 3) == places


def test_names_at_the_same_place_stand_below_each_other() -> None:
    found = apart([(0.0, 2.0), (5.0, 0.0), (1.0, 1.0), (0.0, 14.0)], [SIZE] * 4)
    step = SIZE[1] + GAP_PX
    assert found[1] == (5.0, 0.0)
    assert [y for _, y in sorted(found, key=lambda place: place[1])] == pytest.approx([0, step, 2 * step, 3 * step])
    assert [x for x, _ in found] == [0.0, 5.0, 1.0, 0.0]
