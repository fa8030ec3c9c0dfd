"""What the window and the process that reads data sets for it say to each other, and the pipe between them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from typing import Any

import attrs
import numpy as np

from engine.augmentation import Augmentation
from engine.data.source import DataSource
from engine.link import InlineLink, Link
from engine.spec import Shape

Array = np.ndarray[Any, Any]
TRAIN, VALIDATION, TEST = "train", "validation", "test"
PARTS = (TRAIN, VALIDATION, TEST)
EVERY_CLASS = -1
PAGE_BYTES = 192 * 1024  # of pictures in one answer
CRASHED = "The process that reads the data ended unexpectedly ({how}). Nothing is lost; try again."


# --- from the window -------------------------------------------------------------------------------------------------


@attrs.frozen
class Describe:
    """Open a data set and tell what is in it; `fetch` downloads it where it is not on this computer yet."""

    number: int
    source: DataSource
    fraction: float = 0.05  # of the training samples, that only measure
    seed: int = 0  # decides which ones
    fetch: bool = False


@attrs.frozen
class Cancel:
    """Break a download off; what is there already stays for the next time."""


@attrs.frozen
class Browse:
    """Pictures of some samples of a part, or of a class in it, from a place of it on."""

    number: int
    part: str
    label: int = EVERY_CLASS
    start: int = 0
    count: int = 64
    side: int = 64  # pixels of a picture at most, which is made smaller if need be


@attrs.frozen
class Redraw:
    """One sample as training would change it at random in each of so many epochs."""

    number: int
    part: str
    place: int
    augmentation: Augmentation
    seed: int = 0
    epoch: int = 0
    count: int = 12
    side: int = 64


def shown_size(shape: Shape, side: int) -> Shape:
    """Channels, height and width of a picture of a sample: one that is larger than `side` is made smaller."""
    if len(shape) < 3:
        return 1, 1, shape[-1]
    channels, height, width = 3 if shape[0] == 3 else 1, *shape[-2:]
    factor = max(1, -(-max(height, width) // max(1, side)))
    return channels, max(1, height // factor), max(1, width // factor)


def page_size(shape: Shape, side: int) -> int:
    """How many samples fit into one answer."""
    channels, height, width = shown_size(shape, side)
    return max(1, PAGE_BYTES // (channels * height * width))


# --- from the process ------------------------------------------------------------------------------------------------


@attrs.frozen(eq=False)
class PartFacts:
    """How many samples a part has, in all and of each class."""

    samples: int
    histogram: Array


@attrs.frozen(eq=False)
class Facts:
    """What is in a data set."""

    source: DataSource
    title: str
    classes: tuple[str, ...]
    shape: Shape
    parts: Mapping[str, PartFacts]
    low: float
    high: float
    mean: tuple[float, ...]  # of each channel; of shares from 0 to 1 where values are bytes
    std: tuple[float, ...]
    of_bytes: bool  # or of numbers with fractions
    report: tuple[str, ...] = ()  # what could not be read

    @property
    def shown(self) -> str:
        """The part whose samples every other panel numbers: the first that only measures."""
        return next((part for part in (VALIDATION, TEST) if self.parts[part].samples), TRAIN)


@attrs.frozen
class Fetching:
    """How far a download has come, in bytes."""

    number: int
    there: int
    total: int


@attrs.frozen
class Described:
    """The data set is open."""

    number: int
    facts: Facts


@attrs.frozen
class NotDescribed:
    """It cannot be opened; whether it could be downloaded."""

    number: int
    text: str
    fetchable: bool = False
    cancelled: bool = False


@attrs.frozen(eq=False)
class Page:
    """Samples as bytes to look at: [n, 1 or 3, H, W], and for signals [n, 1, 1, L] from 0, the lowest, to 255."""

    number: int
    part: str
    label: int
    start: int
    total: int  # samples there are
    places: Array  # in the part
    labels: Array
    pictures: Array


@attrs.frozen(eq=False)
class Versions:
    """A sample as it is, and as training would see it in the epochs from `epoch` on: none while that is prepared."""

    number: int
    part: str
    place: int
    label: int
    epoch: int
    original: Array
    pictures: Array


@attrs.frozen
class NotShown:
    """Why a page or versions cannot be shown."""

    number: int
    text: str


# --- the pipe --------------------------------------------------------------------------------------------------------


def _run(connection: Connection) -> None:
    from engine.browser import main

    main(connection)


class BrowsingLink(Link):
    """A process of its own that reads data sets, so that nobody waits for a disk or a download."""

    title = "ConvStudio data"

    @property
    def what_runs(self) -> Callable[[Connection], None]:
        return _run

    def crash_sentence(self, how: str) -> str:
        return CRASHED.format(how=how)


class InlineBrowsingLink(InlineLink):
    """The same without a process, for tests: every `poll` does one piece of work."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        from engine.browser import Browser

        self._said: deque[Any] = deque()
        self._worker = Browser(self._said.append, clock=clock)
        self.ended = self._asked = False
