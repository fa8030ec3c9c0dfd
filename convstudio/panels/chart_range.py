"""How high a chart is: a few values far above all others would press everything else to the ground."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

Array = np.ndarray[Any, Any]
USUAL = 0.99  # of the values; what is far above these is left out
FAR = 3.0  # times as high as the usual ones, and as those at the beginning: a loss starts high, and that is to be seen
FIRST, LAST = 32, 32  # values at the beginning, of which the middle counts, and at the end, which are always seen
WORTH = 5.0  # times as high the chart would be with the peaks: else they press nothing to the ground
FEWEST = 100  # values: among fewer nothing is rare, and whoever looks closely at a peak sees it


@attrs.frozen
class Heights:
    """How high a run is drawn: without its peaks, and with them."""

    seen: float
    highest: float


def heights(trained: Array, validated: Array) -> Heights | None:
    """Of what is drawn of a run; the rare peaks that it came back from are not to be seen, its newest values always."""
    values, measured = trained[np.isfinite(trained)], validated[np.isfinite(validated)]
    if not len(values) and not len(measured):
        return None
    highest = float(max(values.max(initial=-np.inf), measured.max(initial=-np.inf)))
    if len(values) < FEWEST:
        return Heights(highest, highest)
    usual = float(np.quantile(values, USUAL, method="lower"))
    limit = max(FAR * usual, FAR * float(np.median(values[:FIRST])), float(values[-LAST:].max()))
    seen = float(values[values <= limit].max(initial=-np.inf))
    if len(measured):
        most = max(FAR * seen, FAR * float(np.median(measured)), float(measured[-1]))
        seen = max(seen, float(measured[measured <= most].max(initial=-np.inf)))
    return Heights(seen if highest > WORTH * seen else highest, highest)
