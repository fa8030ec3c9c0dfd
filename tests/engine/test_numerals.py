"""Numbers read the same wherever they stand, and can be typed the way they read."""

from __future__ import annotations

import pytest

from engine.numerals import read, written

THIN = "\u202f"  # does not break


@pytest.mark.parametrize(
    ("value", "digits", "reads"),
    [
        (1.2e-8, 6, "1.2 × 10⁻⁸"),
        (-4e-5, 6, "−4 × 10⁻⁵"),
        (0.0001, 6, "0.0001"),
        (0.1 + 0.2, 6, "0.3"),
        (9.9999e-5, 3, "0.0001"),  # rounding moves the point
        (1234.5, 3, "1234"),
        (99_999.7, 3, "1 × 10⁵"),
        (123_456.0, 5, "1.2346 × 10⁵"),
        (100.0, 2, "100"),
        (-0.0, 3, "0"),
        (float("inf"), 3, "∞"),
        (float("-inf"), 3, "−∞"),
    ],
)
def test_numbers_read_well(value: float, digits: int, reads: str) -> None:
    assert written(value, digits) == reads.replace(" ", THIN)


@pytest.mark.parametrize("value", [1e-8, -3.25e-12, 0.001, -17.5, 4e30, 0.0])
def test_what_is_written_can_be_typed(value: float) -> None:
    assert read(written(value)) == value


def test_what_people_type_is_read() -> None:
    assert [read(text) for text in ("1e-8", "0,5", " −2 ", "2 × 10^-3")] == [
        1e-8, 0.5, -2, 0.002,
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "ten", "× 10⁻⁸", "1 × 10⁻", "1 × 11", "1.2.3"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read(text)
