"""How was this number made, and what are the numbers of a layer?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np

from engine.explained import Explanation
from engine.sight import Box

Array = np.ndarray[Any, Any]


@attrs.frozen(eq=False)
class Explain:
    """How was this number made? A node, and its index in it: channel and position.

    It is made for a picture in the data's own units where one is given, else for a sample of the data.
    """

    number: int
    node: str
    at: tuple[int, ...]
    sample: int = 0
    image: Array | None = None
    portion: int = 0  # of the terms, where they are too many for an answer: the largest, the next largest, ...


@attrs.frozen(eq=False)
class Plane:
    """One channel of a layer: the one that is strongest where a number looks at. It is there to be looked at."""

    channel: int
    values: Array  # int8 [height, width], of the largest 127 without its sign; a row of features as one row
    step: int = 1  # of large maps every so many-th pixel


@attrs.frozen(eq=False)
class Explained:
    """The answer to `Explain`."""

    number: int
    node: str
    at: tuple[int, ...]
    value: float  # as the engine has it
    explanation: Explanation
    sources: tuple[str, ...]  # the node at each port
    sight: Mapping[str, Box]  # what the number depends on in every layer below
    planes: Mapping[str, Plane]  # of the same layers, as far as there is room
    becomes: Mapping[str, float]  # what the activations right behind make of it


@attrs.frozen(eq=False)
class Look:
    """The numbers of a node: its activations, or its weights."""

    number: int
    node: str
    what: str = "activations"  # or "weights"
    sample: int = 0
    image: Array | None = None
    channel: int = 0  # where there is not room for all: those around this one


@attrs.frozen(eq=False)
class Looked:
    """The answer to `Look`."""

    number: int
    node: str
    what: str
    values: Array  # float32; [channels, *space], or the weights' own shape; empty where there are none
    channels: int  # how many there are, where not all fitted in
    first: int = 0  # the first that did
