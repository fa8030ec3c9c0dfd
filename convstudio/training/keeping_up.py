"""A question that a panel asks again whenever its answer may have become another one: never while it is hidden."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

from PySide6.QtCore import QEvent, QObject, QTimer, Signal

from engine.protocol import Report
from engine.questions import NotAnswered

PACE_MS = 200  # between two answers while training: as often as one can follow
FOLLOW_MS = 60  # under a hand that moves: what it moves itself comes first
COST_SHARE, LONGEST_WAIT_MS = 0.04, 5000.0  # of the trainer's time, where an answer says how long it took
LATE_MS = 250  # until one is told that an answer takes its time
REST, LONGEST_REST_MS = 4, 2000  # so many times what an answer took goes by before the next: looking costs little


class Asked(Protocol):
    """What it needs of a session."""

    answered: Any
    reported: Any
    network_changed: Any
    ended: Any

    def new_number(self) -> int: ...

    def ask_about(self, question: Any) -> None: ...

    def forget(self, number: int) -> None: ...


class KeepsUp(QObject):
    """Asks one question at a time for a panel."""

    came = Signal(object)  # the answer
    refused = Signal(str)  # why there is none
    late = Signal()  # it takes its time: the process may have to begin, or compile

    def __init__(self, session: Asked, panel: Any, make: Callable[[int], Any], *, live: bool = True) -> None:
        super().__init__(panel)
        self._session, self._panel, self._make, self._live = session, panel, make, live
        self._number, self._step, self._asked_at, self._rest_ms = 0, -1, 0.0, float(PACE_MS)
        self._stale, self._outdated, self._hurried = True, False, False
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._ask)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(LATE_MS)
        self._patience.timeout.connect(self.late)
        panel.installEventFilter(self)
        session.answered.connect(self._take)
        session.reported.connect(self._follow)
        session.network_changed.connect(self.renew)
        session.ended.connect(self._lose)

    def renew(self) -> None:
        """Something else is wanted: an answer under way is not any more."""
        self._stale, self._asked_at = True, 0.0
        if self._number and self._live:
            self._outdated = True  # it comes at once; several under way would come late
            return
        if self._number:
            self._session.forget(self._number)
            self._number = 0
        self._later.start(0)

    def outdate(self) -> None:
        """The answer may be another one by now; one that is under way still comes."""
        self._stale = True
        self._ask()

    def follow(self) -> None:
        """The same, for what changes under a hand: the next answer comes as soon as it can."""
        self._stale, self._hurried = True, True
        if not self._number:
            self._rest_ms = FOLLOW_MS
            self._later.start(0)

    def _follow(self, report: Report) -> None:
        if self._live and report.step != self._step:
            self._step, self._stale = report.step, True
        if self._stale and not self._later.isActive():
            self._ask()

    def _lose(self) -> None:
        self._stale, self._number, self._outdated = self._stale or bool(self._number), 0, False
        self._patience.stop()

    def _ask(self) -> None:
        if not self._stale or self._number or not self._panel.isVisible():
            return  # an answer under way asks on
        since_ms = (time.monotonic() - self._asked_at) * 1000
        if since_ms < self._rest_ms:
            self._later.start(int(self._rest_ms - since_ms) + 1)
            return
        number = self._session.new_number()
        question = self._make(number)
        if question is not None:
            self._number, self._stale, self._asked_at, self._hurried = number, False, time.monotonic(), False
            self._patience.start()
            self._session.ask_about(question)

    def _rest_after(self, answer: Any) -> float:
        """Milliseconds from a question to the next one, so that looking costs little."""
        took_ms, seconds = (time.monotonic() - self._asked_at) * 1000, getattr(answer, "seconds", None)
        if seconds is not None:  # most of what one waits for is the step that was under way
            return max(PACE_MS, min(1000 * seconds / COST_SHARE, LONGEST_WAIT_MS))
        return max(PACE_MS, took_ms + min(REST * took_ms, LONGEST_REST_MS))

    def _take(self, answer: Any) -> None:
        if not self._number or answer.number != self._number:
            return
        self._patience.stop()
        if getattr(answer, "done", True):
            self._number, self._rest_ms = 0, FOLLOW_MS if self._hurried else self._rest_after(answer)
        outdated, self._outdated = self._outdated, False
        if isinstance(answer, NotAnswered) and not outdated:
            self.refused.emit(answer.message)
        elif not outdated:
            self.came.emit(answer)
        if self._stale:
            self._later.start(0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  (Qt's name)
        if event.type() == QEvent.Type.Show and self._stale:
            self._later.start(0)
        return False
