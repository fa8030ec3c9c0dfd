"""The messages for the trainer's process, in their order; one that cannot wait may overtake a step of training."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from engine.answers import ANSWERED_BY
from engine.protocol import Ask, Predict, Stop
from engine.questions import Forget

LOOK_S = 0.001  # between two looks in the middle of a step: each costs some microseconds
PATIENT = (Ask, Forget, *ANSWERED_BY)  # what they are answered does not change what a prediction says


class Inbox:
    """What the window has said and nobody has taken yet."""

    def __init__(self, connection: Connection, clock: Callable[[], float] = time.perf_counter) -> None:
        self._connection, self._clock = connection, clock
        self._waiting = deque[Any]()
        self._looked = 0.0

    def take(self, *, wait: bool) -> Any | None:
        """The next message; None where there is none, and one does not wait."""
        if not self._waiting and wait:
            self._add(self._connection.recv())
        self._fetch()
        return self._waiting.popleft() if self._waiting else None

    def take_urgent(self) -> Predict | None:
        """A prediction that is wished while the pen moves, unless something before it changes the network."""
        now = self._clock()
        if now - self._looked >= LOOK_S:
            self._looked = now
            self._fetch()
        for place, message in enumerate(self._waiting):
            if isinstance(message, Predict):
                del self._waiting[place]
                return message
            if not isinstance(message, PATIENT):
                return None
        return None

    def is_at_its_end(self) -> bool:
        """Whether what takes long is for nothing: the process was asked to stop, or nobody is there any more."""
        try:
            self._fetch()
        except (EOFError, OSError):  # it is met again, and told, where the next message is taken
            return True
        return any(isinstance(message, Stop) for message in self._waiting)

    def _fetch(self) -> None:
        while self._connection.poll():
            self._add(self._connection.recv())

    def _add(self, message: Any) -> None:
        """Nobody waits for what the network says to a drawing that has gone on meanwhile."""
        if isinstance(message, Predict):
            for place in reversed(range(len(self._waiting))):
                if isinstance(self._waiting[place], Predict):
                    del self._waiting[place]
                    break
                if not isinstance(self._waiting[place], PATIENT):
                    break
        self._waiting.append(message)
