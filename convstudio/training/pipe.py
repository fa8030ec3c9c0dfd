"""The window's end of the pipe to the trainer's process: opened when needed, read as it fills, never waited for."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QSocketNotifier, QTimer, Signal

from engine.link import InlineLink, Link

AnyLink = Link | InlineLink
QUICK_MS, IDLE_MS = 50, 250  # between two looks while something happens, and while nothing does


class Pipe(QObject):
    """Brings messages to the process, and what it says to whoever listens."""

    came = Signal(object)  # a message
    ticked = Signal()  # it is time to ask for what is new

    def __init__(self, make_link: Callable[[], AnyLink], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._make_link, self.link = make_link, None
        self.stopping = self._closed = False
        self._notifier: QSocketNotifier | None = None
        self._reading = False
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)

    link: AnyLink | None

    @property
    def is_open(self) -> bool:
        """Whether there is a process."""
        return self.link is not None

    def send(self, message: Any) -> None:
        """Tells the process; it begins with the first message."""
        if self._closed:
            return
        if self.link is None:
            self.link, self.stopping = self._make_link(), False
            if isinstance(self.link, Link) and os.name != "nt":  # Windows' pipes are no sockets
                self._notifier = QSocketNotifier(self.link.connection.fileno(), QSocketNotifier.Type.Read, self)
                self._notifier.activated.connect(self._poll)
            self.set_pace(quick=True)
        self.link.send(message)

    def ask(self, watch: tuple[str, ...], sample: int, image: Any = None) -> bool:
        """Asks for a report; False while one is on its way."""
        return self.link is not None and self.link.ask(watch, sample, image)

    def look(self) -> None:
        """Takes what has come by now, before what the window has to draw; whoever takes one need not look again."""
        if isinstance(self.link, Link) and not self._reading:
            self._poll()

    def stop(self) -> None:
        """Lets the process save and end."""
        if self.link is not None and not self.stopping:
            self.stopping = True
            self.link.stop()

    def kill(self) -> None:
        """Ends the process at once."""
        if self.link is not None:
            self.link.kill()
        self.drop()

    def close(self) -> None:
        """The same, and begins none any more: a stroke that ends as its window goes is a question, too."""
        self._closed = True
        self.kill()

    def drop(self) -> None:
        """The process is gone."""
        if self._notifier is not None:
            self._notifier.setEnabled(False)
            self._notifier.deleteLater()
        self._notifier = self.link = None
        self.stopping = False
        self._timer.stop()

    def set_pace(self, *, quick: bool) -> None:
        """How often one looks: as fast as there is something to see."""
        if self.link is None:
            return
        interval = 0 if isinstance(self.link, InlineLink) else QUICK_MS if quick or self.stopping else IDLE_MS
        if not self._timer.isActive() or self._timer.interval() != interval:
            self._timer.start(interval)

    def _tick(self) -> None:
        if self.link is not None and not self.stopping:
            self.ticked.emit()
        self._poll()

    def _poll(self) -> None:
        link = self.link
        if link is None:
            return
        self._reading = True
        for message in link.poll():
            self.came.emit(message)
        self._reading = False
        if self._notifier is not None and isinstance(link, Link) and link.is_broken:
            self._notifier.setEnabled(False)  # end of file: it would fire without end; the timer sees the rest
