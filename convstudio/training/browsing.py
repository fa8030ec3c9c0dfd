"""The door to the process that reads data sets for the window: begun with the first question, never waited for."""

from __future__ import annotations

from collections.abc import Callable

import attrs
from PySide6.QtCore import QObject, QTimer, Signal

from convstudio.training.pipe import AnyLink, Pipe
from engine.augmentation import Augmentation
from engine.browsing import (
    Browse,
    BrowsingLink,
    Cancel,
    Describe,
    Described,
    Facts,
    Fetching,
    NotDescribed,
    NotShown,
    Page,
    Redraw,
    Versions,
)
from engine.data.sets import DATA_SETS
from engine.data.source import DataSource
from engine.protocol import Failed, Stopped

PATIENCE_MS = 2000  # until a process that does not listen is ended and begun anew
LONG_MS = 10_000  # after which one may break the reading off
REST_MS = 60_000  # after which a process that nobody asks is ended
STOPPED_TEXT = "The download was stopped. What is there already stays for the next time."
BROKEN_OFF_TEXT = "Reading the data was broken off. Try again, or choose other data."


class Browsing(QObject):
    """Which data set is looked at, what is known of it, and pictures out of it."""

    changed = Signal()  # what is known, or how far a download has come
    arrived = Signal()  # data that were not there before
    paged = Signal(object)  # Page
    redrawn = Signal(object)  # Versions
    not_shown = Signal(object)  # NotShown

    def __init__(self, make_link: Callable[[], AnyLink] = BrowsingLink, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pipe = Pipe(make_link, self)
        self._pipe.came.connect(self._take)
        self._number = 0
        self._wanted: Describe | None = None
        self.facts: Facts | None = None
        self.fetching: Fetching | None = None
        self.problem: NotDescribed | None = None
        self.opening = self._cancelling = self._missed = False
        self.takes_long = False  # to open
        self._impatient, self._tired, self._long = QTimer(self), QTimer(self), QTimer(self)
        for timer, after_ms, act in (
            (self._long, LONG_MS, self._lose_patience),
            (self._impatient, PATIENCE_MS, self._begin_anew),
            (self._tired, REST_MS, self.close),
        ):
            timer.setSingleShot(True)
            timer.setInterval(after_ms)
            timer.timeout.connect(act)

    @property
    def ready(self) -> bool:
        """Whether there are pictures to ask for."""
        return self.facts is not None and self._pipe.is_open and self.problem is None

    @property
    def fetches(self) -> bool:
        """Whether a download is under way."""
        return self.opening and self._wanted is not None and self._wanted.fetch

    def facts_of(self, source: DataSource) -> Facts | None:
        """What is known of a data set, if it is the one that is looked at."""
        return self.facts if self.facts is not None and self.facts.source == _as_read(source) else None

    # --- wishes ------------------------------------------------------------------------------------------------------

    def open(self, source: DataSource, fraction: float, seed: int) -> None:
        """Looks at a data set, divided like this; nothing happens where it is looked at already."""
        self._tired.stop()
        source = _as_read(source)
        wanted = Describe(0, source, fraction, seed)
        if self._pipe.is_open and self._wanted is not None and wanted == attrs.evolve(self._wanted, number=0):
            return
        if self.facts is not None and self.facts.source != source:
            self.facts = None
        self._ask(wanted)

    def again(self, *, fetch: bool = False) -> None:
        """Tries once more, and downloads what is missing if that is wished."""
        if self._wanted is not None:
            self._ask(attrs.evolve(self._wanted, fetch=fetch))

    def cancel(self) -> None:
        """Breaks a download off."""
        if self.opening:
            self._cancelling = True
            self._pipe.send(Cancel())
            self._impatient.start()

    def page(self, part: str, label: int, start: int, count: int, side: int) -> int:
        """Asks for samples; the number comes back with them."""
        return self._send(Browse(self._next(), part, label, start, count, side))

    def redraw(self, part: str, place: int, augmentation: Augmentation, seed: int, epoch: int, side: int) -> int:
        """Asks for a sample as training would see it; only the newest such question is answered."""
        return self._send(Redraw(self._next(), part, place, augmentation, seed, epoch, side=side))

    def rest(self) -> None:
        """Nobody looks: after a while the process ends; the next question begins another."""
        if self._pipe.is_open and not self.opening:
            self._tired.start()

    def close(self) -> None:
        """Ends the process at once."""
        for timer in (self._tired, self._impatient, self._long):
            timer.stop()
        self._pipe.kill()
        self.takes_long = False
        self._wanted, self.fetching, self.opening = None, None, False

    # --- the pipe ----------------------------------------------------------------------------------------------------

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _send(self, message: Browse | Redraw) -> int:
        if self._pipe.is_open:
            self._pipe.send(message)
            self._pipe.set_pace(quick=True)
        return message.number

    def _ask(self, wanted: Describe) -> None:
        busy = self.opening
        self._wanted = attrs.evolve(wanted, number=self._next())
        self.opening, self._cancelling, self.fetching, self.problem = True, False, None, None
        self.takes_long = False
        self._long.start()
        self._pipe.send(self._wanted)
        self._pipe.set_pace(quick=True)
        if busy:
            self._impatient.start()
        self.changed.emit()

    def _begin_anew(self) -> None:
        """The process reads something for long, or waits for a server: what it should do now comes first."""
        wanted = self._wanted
        if not self.opening or wanted is None:
            return
        fetched = self.fetches
        self._pipe.kill()
        self.opening = False
        if self._cancelling and fetched:
            self._take(NotDescribed(wanted.number, STOPPED_TEXT, fetchable=True, cancelled=True))
        elif self._cancelling:
            self._opened(None, NotDescribed(wanted.number, BROKEN_OFF_TEXT))
        else:
            self._ask(wanted)

    def _lose_patience(self) -> None:
        """Many files, a slow disk, or one that is gone: from now on it can be broken off."""
        self.takes_long = self.opening
        self.changed.emit()

    def _take(self, message: object) -> None:
        match message:
            case Fetching(number) if self._is_newest(number):
                self.fetching = message
                self.changed.emit()
            case Described(number, facts) if self._is_newest(number):
                self._opened(facts, None)
            case NotDescribed(number) if self._is_newest(number):
                self._opened(None, attrs.evolve(message, text=STOPPED_TEXT) if message.cancelled else message)
            case Page():
                self.paged.emit(message)
            case Versions():
                self.redrawn.emit(message)
            case NotShown():
                self.not_shown.emit(message)
            case Failed(text):
                self._pipe.drop()
                self._opened(None, NotDescribed(self._number, text))
            case Stopped():
                self._pipe.drop()

    def _is_newest(self, number: int) -> bool:
        return self._wanted is not None and number == self._wanted.number

    def _opened(self, facts: Facts | None, problem: NotDescribed | None) -> None:
        self._impatient.stop()
        self._long.stop()
        self.takes_long = False
        self.facts, self.problem, self.fetching, self.opening = facts, problem, None, False
        self._pipe.set_pace(quick=False)
        missed, self._missed = self._missed, facts is None
        self.changed.emit()
        if missed and facts is not None:
            self.arrived.emit()


def _as_read(source: DataSource) -> DataSource:
    """Only images of one's own are brought to what the network takes."""
    return attrs.evolve(source, shape=()) if source.name in DATA_SETS else source
