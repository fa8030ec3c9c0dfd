"""What one panel can ask another to explain: a number of a layer, a weight, or the loss."""

from __future__ import annotations

import attrs

Index = tuple[int, ...]


@attrs.frozen
class WhyNumber:
    """How was this number made? A node, and channel and position in it, for a sample of the data."""

    node: str
    at: Index
    sample: int = 0


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
