"""Numbers as people read them."""

from __future__ import annotations

import pytest

from convstudio.wording import kilobytes


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 kB"),
        (1_499, "1 kB"),
        (9_999_000, "9\u202f999 kB"),
        (10_000_000, "10.0 MB"),
        (301_700_000, "301.7 MB"),
        (141_312_000_000, "141.3 GB"),
    ],
)
def test_memory_has_a_unit_that_fits(size: int, text: str) -> None:
    assert kilobytes(size) == text
