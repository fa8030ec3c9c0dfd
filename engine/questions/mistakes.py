"""Which samples does a network take for what?"""

from __future__ import annotations

from typing import Any, ClassVar

import attrs
import numpy as np

Array = np.ndarray[Any, Any]


@attrs.frozen
class FindMistakes:
    """What does the network say to every sample of a part of the data?

    Without a name it is the test part, or the first that there is. So many of the worst and of the least certain
    samples come with the answer.
    """

    number: int
    part: str = ""
    most: int = 60


@attrs.frozen
class Counting:
    """On the way to an answer: how many samples were looked at."""

    done: ClassVar = False

    number: int
    looked_at: int
    among: int


@attrs.frozen(eq=False)
class Samples:
    """Some samples and what the network said, one in every place of each array."""

    numbers: Array  # int64: what the session calls them
    right: Array  # int64: the class that each belongs to
    said: Array  # int64: the class that the network says
    confidence: Array  # float32: the probability of what it says
    losses: Array  # float32
    pictures: Array  # uint8 [samples, height, width], or [samples, height, width, 3] in colour

    def __len__(self) -> int:
        return len(self.numbers)


@attrs.frozen(eq=False)
class MistakesFound:
    """The answer to `FindMistakes`."""

    number: int
    part: str
    parts: tuple[str, ...]  # all that there are
    step: int  # of the training, when the network was judged
    names: tuple[str, ...]  # of the classes, as far as the data has any
    loss: float
    accuracy: float
    samples: int
    classes: Array  # int64: the classes of the table; those most often mistaken where all would be too many
    table: Array  # int32 [right class, said class]: how many
    precision: Array  # float32 for every class; NaN where there is none
    recall: Array
    f1: Array
    support: Array  # int64: how many samples belong to each class
    wrong: Samples  # mistakes, those with the highest loss first
    uncertain: Samples  # those with the lowest confidence first


@attrs.frozen
class FindCell:
    """Which samples of one class are taken for another, or for itself? Those that it is most sure of come first."""

    number: int
    part: str
    right: int
    said: int
    most: int = 200


@attrs.frozen(eq=False)
class CellFound:
    """The answer to `FindCell`."""

    number: int
    right: int
    said: int
    count: int  # of all, where not all fitted in
    samples: Samples
