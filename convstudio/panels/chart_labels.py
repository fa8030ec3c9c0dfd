"""Where words in a chart stand, so that none stands on another."""

from __future__ import annotations

from collections.abc import Sequence


def rows_for(spans: Sequence[tuple[float, float]], rows: int) -> list[int | None]:
    """A row for each span from left to right, the first that is free there; None where all are taken."""
    ends, found = [float("-inf")] * rows, [None] * len(spans)  # type: list[float], list[int | None]
    for number in sorted(range(len(spans)), key=lambda n: spans[n][0]):
        left, right = spans[number]
        row = next((row for row, end in enumerate(ends) if end <= left), None)
        found[number] = row
        if row is not None:
            ends[row] = right
    return found


def spread(heights: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Heights as near as can be to where they belong, with a gap between any two, between two limits."""
    order = sorted(range(len(heights)), key=heights.__getitem__)
    placed = [min(max(heights[number], low), high) for number in order]
    for n in range(1, len(placed)):  # upwards, each above the one below
        placed[n] = max(placed[n], placed[n - 1] + gap)
    ceiling = high
    for n in range(len(placed) - 1, -1, -1):  # and down again from where it would leave the chart
        placed[n] = min(placed[n], ceiling)
        ceiling = placed[n] - gap
    found = [0.0] * len(heights)
    for number, height in zip(order, placed, strict=True):
        found[number] = height
    return found
