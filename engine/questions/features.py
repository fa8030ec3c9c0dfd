"""How do samples lie to each other, as a layer sees them?"""

from __future__ import annotations

from typing import Any, ClassVar

import attrs
import numpy as np

Array = np.ndarray[Any, Any]
PCA, TSNE = "PCA", "t-SNE"


@attrs.frozen
class MapFeatures:
    """A plane on which samples that a layer makes similar numbers of are near each other."""

    number: int
    node: str
    method: str = PCA
    samples: int = 1000
    perplexity: float = 30.0  # of t-SNE: how many neighbours each sample has
    part: str = ""  # the test part, or the first that there is
    seed: int = 0
    pictures: bool = True  # whether they are wanted, too


@attrs.frozen(eq=False)
class Placed:
    """The first answer to `MapFeatures`: which samples there are, and where PCA sees them."""

    done: ClassVar = False

    number: int
    node: str
    method: str
    part: str
    among: int  # samples of the part
    numbers: Array  # int64: what the session calls the samples
    right: Array  # int64: the class of each; empty where they have none
    said: Array  # int64: what the network says; empty where it says no class
    names: tuple[str, ...]  # of the classes, as far as the data has any
    features: int  # numbers that were looked at, for each sample
    of: int  # and how many the layer has
    positions: Array  # float32 [samples, 2]
    shares: tuple[float, ...]  # of the variance along each axis
    iterations: int = 0  # that t-SNE will move them


@attrs.frozen(eq=False)
class Moved:
    """An answer to `MapFeatures`: where t-SNE has moved the samples by now."""

    done: ClassVar = False

    number: int
    positions: Array  # float32 [samples, 2]
    iteration: int


@attrs.frozen(eq=False)
class Portraits:
    """An answer to `MapFeatures`: what some of the samples look like."""

    done: ClassVar = False

    number: int
    first: int  # place of the first one among the samples
    pictures: Array  # uint8 [samples, height, width], or [..., 3]


@attrs.frozen
class Mapped:
    """The last answer to `MapFeatures`."""

    number: int
