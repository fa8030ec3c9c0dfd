"""Which training samples are like a picture, as a network sees them?"""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

Array = np.ndarray[Any, Any]
ANGLE, DISTANCE = "angle", "distance"


@attrs.frozen(eq=False)
class NearestSamples:
    """Which samples does the layer before the last weights make most similar numbers of as of this picture?"""

    number: int
    image: Array  # in the data's own units
    measure: str = ANGLE  # between the numbers as directions, or the distance between them as places
    most: int = 12
    among: int = 4000  # training samples, evenly taken


@attrs.frozen(eq=False)
class Near:
    """A training sample, and how far it is."""

    sample: int  # its number among those that can be looked at
    label: int | None
    distance: float  # 1 − cosine, or the square root of the sum of squares
    picture: Array  # uint8 [height, width], or [..., 3]


@attrs.frozen(eq=False)
class NearestFound:
    """An answer to `NearestSamples`, the nearest first; there are several while more samples are looked at."""

    number: int
    node: str  # whose numbers are compared
    found: tuple[Near, ...]
    looked_at: int
    among: int
    measure: str = ANGLE

    @property
    def done(self) -> bool:
        return self.looked_at >= self.among
