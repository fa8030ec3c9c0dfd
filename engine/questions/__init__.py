"""What the window asks about a network, while it trains or at rest: plain values, each with its answers.

A question has a number of its own, and every answer carries it back.  An answer fits into a report's size.  How a
question is answered stands in `engine.answers`, in a file of the same name.
"""

from __future__ import annotations

import attrs

from engine.questions.features import Mapped, Moved, Placed, Portraits
from engine.questions.health import CheckHealth, HealthChecked
from engine.questions.inside import Explain, Explained, Look, Looked
from engine.questions.learning import ExplainedLoss, ExplainedWeight, ExplainLoss, ExplainWeight
from engine.questions.mistakes import CellFound, Counting, MistakesFound
from engine.questions.nearest import NearestFound
from engine.questions.profile import MeasureLayers, Profiled
from engine.questions.rates import RatesTried
from engine.questions.seeing import Exciting, KernelSeen, KernelsSeen, MapsSeen


@attrs.frozen
class NotAnswered:
    """Why there is no answer."""

    number: int
    message: str


@attrs.frozen
class Forget:
    """The answer is not wanted any more."""

    number: int


INSIDE = Explained, ExplainedWeight, ExplainedLoss, Looked
SEEN = Exciting, KernelSeen, KernelsSeen, MapsSeen
MISTAKEN = CellFound, Counting, MistakesFound, Placed, Moved, Portraits, Mapped
ANSWERS = (NotAnswered, *INSIDE, Profiled, HealthChecked, RatesTried, NearestFound, *SEEN, *MISTAKEN)

__all__ = [
    "ANSWERS",
    "CheckHealth",
    "Explain",
    "ExplainLoss",
    "ExplainWeight",
    "Explained",
    "ExplainedLoss",
    "ExplainedWeight",
    "Forget",
    "HealthChecked",
    "Look",
    "Looked",
    "MeasureLayers",
    "NotAnswered",
    "Profiled",
]
