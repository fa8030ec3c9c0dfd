"""The process that reads data sets for the window: opens one, and shows what is in it."""

from __future__ import annotations

import os
import signal
import time
from collections import deque
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

import attrs
import numpy as np

from engine.augmentation import Augmentation
from engine.browsing import (
    EVERY_CLASS,
    TEST,
    TRAIN,
    VALIDATION,
    Browse,
    Cancel,
    Describe,
    Described,
    Facts,
    Fetching,
    NotDescribed,
    NotShown,
    Page,
    PartFacts,
    Redraw,
    Versions,
    page_size,
    shown_size,
)
from engine.data.catalogue import Dataset, LabelledImages, load
from engine.data.download import Cancelled
from engine.data.places import place_of
from engine.data.sets import DATA_SETS
from engine.data.source import DataSource
from engine.errors import EngineError
from engine.mishaps import in_words, note
from engine.protocol import Stop, Stopped
from engine.splitting import split

Array = np.ndarray[Any, Any]
NO_MEMORY = "There is not enough memory to show these data."
NOTHING_OPEN = "There are no data to look at yet."
PROGRESS_SECONDS = 0.1  # between two words about a download
LOWER_PRIORITY = 5  # of 19: windows and sound come first
BLOCK = 4096  # samples at a time, so that looking for the lowest value needs no copy of all
WHITE = 255
COMPANIONS = 7  # samples that one is drawn with where samples are blended
MIXING = 3  # a stream of lots of its own


@attrs.frozen(eq=False)
class _Open:
    """A data set, and where the samples of each part are."""

    source: DataSource
    data: Dataset
    low: float
    high: float

    def part(self, name: str) -> LabelledImages:
        return self.data.part(name)


class Browser:
    """Takes messages, and answers one with each piece of work."""

    def __init__(
        self,
        send: Callable[[Any], None],
        listen: Callable[[Browser], None] = lambda browser: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._send, self._listen, self._clock = send, listen, clock
        self._inbox: deque[Any] = deque()
        self._open: _Open | None = None
        self._pools: dict[str, Array] = {}
        self._split: tuple[float, int] = (-1.0, 0)
        self._told_at = float("-inf")
        self.stopped = self._prepared = False

    @property
    def idle(self) -> bool:
        """Whether there is nothing to do until the next message."""
        return self.stopped or not self._inbox

    def handle(self, message: Any) -> None:
        """Takes a message; a newer one of its kind makes an older one needless, but for pages."""
        if isinstance(message, (Describe, Redraw)):
            self._inbox = deque(m for m in self._inbox if not isinstance(m, type(message)))
        self._inbox.append(message)

    def work(self) -> None:
        """Answers one message."""
        if self.idle:
            return
        message = self._inbox.popleft()
        match message:
            case Describe():
                self._describe(message)
            case Browse():
                self._answer(message, self._page)
            case Redraw():
                self._answer(message, self._versions)
            case Stop():
                self.stopped = True
                self._send(Stopped())

    # --- opening -----------------------------------------------------------------------------------------------------

    def _describe(self, message: Describe) -> None:
        try:
            if self._open is None or self._open.source != message.source or message.fetch:
                self._open = None  # room for the others
                self._open = self._opened(message)
            opened = self._open
            self._divide(opened, message.fraction, message.seed)
            self._send(Described(message.number, _facts(opened, self._pools)))
        except Cancelled as stopped:
            self._send(NotDescribed(message.number, str(stopped), _fetchable(message.source), cancelled=True))
        except EngineError as problem:
            self._send(NotDescribed(message.number, str(problem), _fetchable(message.source)))
        except OSError as problem:
            place = problem.filename or message.source.folder or message.source.name
            self._send(NotDescribed(message.number, f"{place} cannot be read: {problem.strerror or problem}."))
        except MemoryError:
            self._send(NotDescribed(message.number, NO_MEMORY))
        except Exception as problem:  # noqa: BLE001  (whoever waits for the data is told)
            self._send(NotDescribed(message.number, in_words("Reading the data", problem)))

    def _opened(self, message: Describe) -> _Open:
        def progress(there: int, total: int) -> None:
            now = self._clock()
            if now - self._told_at >= PROGRESS_SECONDS or there >= total:
                self._told_at = now
                self._send(Fetching(message.number, there, total))

        source = message.source
        how: dict[str, Any] = {"shape": source.shape, "fetch": message.fetch}
        data = load(source.name, source.folder, progress=progress, wanted=self._wanted, **how)
        self._split = (-1.0, 0)
        return _Open(source, data, *_range(data))

    def _wanted(self) -> bool:
        """Whether a download should go on: nobody stopped it, and nobody wants other data meanwhile."""
        self._listen(self)
        return not any(isinstance(message, (Cancel, Describe, Stop)) for message in self._inbox)

    def _divide(self, opened: _Open, fraction: float, seed: int) -> None:
        if self._split == (fraction, seed):
            return
        labels = np.asarray(opened.data.train.labels)
        kept, held = split(labels, fraction, seed) if fraction else (np.arange(len(labels)), np.arange(0))
        test = np.arange(len(opened.data.test.labels))
        self._pools, self._split = {TRAIN: kept, VALIDATION: held, TEST: test}, (fraction, seed)

    # --- showing -----------------------------------------------------------------------------------------------------

    def _answer(self, message: Any, answer: Callable[[_Open, Any], Any]) -> None:
        if self._open is None:
            self._send(NotShown(message.number, NOTHING_OPEN))
            return
        try:
            self._send(answer(self._open, message))
        except MemoryError:
            self._send(NotShown(message.number, NO_MEMORY))
        except Exception as problem:  # noqa: BLE001  (whoever waits for pictures is told)
            self._send(NotShown(message.number, in_words("Showing the data", problem)))

    def _page(self, opened: _Open, message: Browse) -> Page:
        samples, pool = opened.part(message.part), self._pools[message.part]
        labels = np.asarray(samples.labels)
        places = np.arange(len(pool))
        if message.label != EVERY_CLASS:
            places = np.flatnonzero(labels[pool] == message.label)
        room = page_size(opened.data.shape, message.side)
        shown = places[message.start : message.start + min(message.count, room)]
        pictures = _pictures(samples.images[pool[shown]], opened, message.side)
        about = message.number, message.part, message.label, message.start
        return Page(*about, len(places), shown, labels[pool[shown]], pictures)

    def _versions(self, opened: _Open, message: Redraw) -> Versions:
        samples, pool = opened.part(message.part), self._pools[message.part]
        place = message.place % max(1, len(pool))
        index = int(pool[place])
        image, label = np.asarray(samples.images[index : index + 1]), int(samples.labels[index])
        message.augmentation.check_fits(opened.data.shape, labels_are_places=False)
        original = _pictures(image, opened, message.side)
        about = message.number, message.part, place, label, message.epoch, original[0]
        if not message.augmentation.changes:
            images = np.repeat(image, message.count, 0)
        else:
            if not self._prepared:  # compiling takes a while on the first day: there is something to see meanwhile
                self._send(Versions(*about, original[:0]))
            images = self._changed(opened, samples, message, index)
        room = page_size(opened.data.shape, message.side)
        return Versions(*about, _pictures(images[:room], opened, message.side))

    def _changed(self, opened: _Open, samples: LabelledImages, message: Redraw, index: int) -> Array:
        from engine.augmenter import Augmenter  # compiled: only when something is changed at all
        from engine.batches import Batches
        from engine.jit import set_threads

        self._prepared = True
        set_threads(1)  # a dozen pictures; the training has the others
        batches = Batches(samples, opened.data.mean, opened.data.std)
        augmenter = Augmenter(message.augmentation, batches, message.seed)
        found = []
        for epoch in range(message.epoch, message.epoch + message.count):
            picks = _picks(message.augmentation, index, len(samples.labels), (message.seed, epoch))
            found.append(augmenter(picks, epoch, 0).images[0].copy())
        return np.stack(found).reshape(message.count, *opened.data.shape)


def _picks(augmentation: Augmentation, index: int, samples: int, lots: tuple[int, int]) -> Array:
    """The sample, and others that it may be blended with."""
    if not augmentation.mix_up:
        return np.array([index], np.int64)
    others = np.random.default_rng((*lots, MIXING)).integers(0, samples, COMPANIONS)
    return np.concatenate([[index], others]).astype(np.int64)


def _fetchable(source: DataSource) -> bool:
    declared = DATA_SETS.get(source.name)
    missing = declared is not None and bool(declared.files) and not source.folder
    return missing and declared is not None and place_of(declared) is None


def _range(data: Dataset) -> tuple[float, float]:
    images = data.train.images
    blocks = [images[start : start + BLOCK] for start in range(0, len(images), BLOCK)]
    return float(min(block.min() for block in blocks)), float(max(block.max() for block in blocks))


def _facts(opened: _Open, pools: dict[str, Array]) -> Facts:
    data, parts = opened.data, {}
    for name, pool in pools.items():
        labels = np.asarray(opened.part(name).labels, np.int64)[pool]
        parts[name] = PartFacts(len(pool), np.bincount(labels, minlength=len(data.classes)))
    about = opened.source, data.title, data.classes, data.shape, parts, opened.low, opened.high, data.mean, data.std
    return Facts(*about, data.train.images.dtype == np.uint8, data.report)


# --- pictures --------------------------------------------------------------------------------------------------------


def _pictures(images: Array, opened: _Open, side: int) -> Array:
    """Samples as bytes: three channels in colour, else the first; of a volume the slice in its middle."""
    if images.ndim == 3:
        return _as_bytes(images[:, :1, None], opened)
    if images.ndim == 5:
        images = images[:, :, images.shape[2] // 2]
    channels = 3 if images.shape[1] == 3 else 1
    return _shrunk(_as_bytes(images[:, :channels], opened), side)


def _as_bytes(images: Array, opened: _Open) -> Array:
    if images.dtype == np.uint8:
        return np.ascontiguousarray(images)
    spread = (opened.high - opened.low) or 1.0
    shares = np.clip((np.asarray(images, np.float64) - opened.low) / spread, 0, 1)
    return np.asarray((shares * WHITE).round(), np.uint8)


def _shrunk(images: Array, side: int) -> Array:
    """Means of squares of pixels where pictures are larger than wanted."""
    channels, rows, columns = shown_size(images.shape[1:], side)
    down, right = images.shape[-2] // rows, images.shape[-1] // columns
    if (down, right) == (1, 1):
        return images
    cut = images[..., : rows * down, : columns * right].astype(np.float32)
    squares = cut.reshape(len(images), channels, rows, down, columns, right)
    return np.asarray(squares.mean((3, 5)).round(), np.uint8)


# --- the process -----------------------------------------------------------------------------------------------------


def main(connection: Connection) -> None:
    """Ends when it is asked to, and when nobody is left at the other end of the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the one who can ask politely
    if hasattr(os, "nice"):
        os.nice(LOWER_PRIORITY)

    def listen(browser: Browser) -> None:
        try:
            while connection.poll():
                browser.handle(connection.recv())
        except (EOFError, OSError):
            raise SystemExit from None  # nobody wants the rest of a download

    browser = Browser(connection.send, listen)
    try:
        while not browser.stopped:
            if browser.idle:
                browser.handle(connection.recv())
            browser.work()
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except Exception as problem:
        note("The process that reads data", problem)
        raise
    finally:
        connection.close()
