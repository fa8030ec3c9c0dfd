"""What will the next step of training make of a weight, and why; and how was the loss of a sample made?"""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

from engine.explained import Explanation
from engine.workings import Working

Array = np.ndarray[Any, Any]


@attrs.frozen
class ExplainWeight:
    """Why will this weight change as it will? A node's parameter ("weight" or "bias"), and an index in it."""

    number: int
    node: str
    parameter: str
    index: tuple[int, ...]


@attrs.frozen(eq=False)
class Slopes:
    """A gradient as terms dy × factor: the largest, each with its sample and its position; and what they leave out."""

    what: str  # the factor's name
    rows: Array  # [terms]: the sample's place in the batch
    places: Array  # [terms, axes]: the output that dy belongs to, channel first
    sources: Array  # [terms, axes]: the input number; no columns where the factor is not one
    slopes: Array  # dy, as the engine has it
    factors: Array
    parts: Array  # dy × factor
    total: int  # terms there are
    rest: float  # the sum of those that were left out

    @property
    def sum(self) -> float:
        return float(self.parts.sum()) + self.rest


@attrs.frozen(eq=False)
class Lot:
    """The batch that a step trains on: which samples, and small pictures of some of them."""

    samples: Array  # their numbers in the training data
    losses: Array  # each one's share of the loss, whose sum is the loss
    labels: Array  # of classes; empty where samples have none
    shown: Array  # the places in the batch that have a picture
    pictures: Array  # bytes [shown, channels, height, width]


@attrs.frozen(eq=False)
class ExplainedWeight:
    """The answer to `ExplainWeight`."""

    number: int
    node: str
    parameter: str
    index: tuple[int, ...]
    source: str  # the node that the factors come from
    weight: float
    gradient: float  # as the engine has it
    after: float  # the weight's next value, as the next step will make it
    slopes: Slopes
    lot: Lot
    notes: tuple[str, ...]  # what is in dy: the mean over the batch, smoothing, weights of classes, mixtures
    workings: tuple[Working, ...]  # from the gradient to the next value
    step: int  # the next one; the first is 1
    around: Array  # float32 [rows, columns]: the weights of the same kernel, or of the same output
    around_gradient: Array
    first: int  # where a row of weights is too long to be shown: the first that is


@attrs.frozen
class ExplainLoss:
    """How large is the loss of a sample, and why?"""

    number: int
    sample: int = 0


@attrs.frozen(eq=False)
class ExplainedLoss:
    """The answer to `ExplainLoss`."""

    number: int
    sample: int
    source: str  # the node whose numbers the loss looks at
    label: int  # the right class; −1 where there are none
    value: float  # as the engine has it
    explanation: Explanation
    chances: Array  # of each term's class; empty where the loss does not choose among classes
