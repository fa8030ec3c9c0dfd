"""What one panel can ask another to explain: a number of a layer, a weight, or the loss."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

Array = np.ndarray[Any, Any]
Index = tuple[int, ...]


@attrs.frozen
class WhyNumber:
    """How was this number made? A node, and channel and position in it.

    It is made for a picture in the data's own units where one is given, else for a sample of the data.
    """

    node: str
    at: Index
    sample: int = 0
    image: Array | None = attrs.field(default=None, eq=id)


@attrs.frozen
class WhyWeight:
    """What will the next step make of this weight? A node's parameter ("weight" or "bias"), and an index in it."""

    node: str
    parameter: str
    index: Index


@attrs.frozen
class WhyLoss:
    """How was the loss of this sample made?"""

    sample: int = 0


Why = WhyNumber | WhyWeight | WhyLoss
