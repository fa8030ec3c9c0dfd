"""Which learning rate suits the network?"""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

Array = np.ndarray[Any, Any]


@attrs.frozen
class FindRate:
    """What does the loss do while the learning rate grows? Tried on a copy of the network."""

    number: int


@attrs.frozen(eq=False)
class RatesTried:
    """An answer to `FindRate`: one every few steps, and the last with a suggestion."""

    number: int
    rates: Array  # every one so far
    losses: Array
    smoothed: Array
    suggested: float | None = None
    done: bool = False
