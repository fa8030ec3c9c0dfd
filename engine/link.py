"""The window's end of the pipe: starts the trainer's process, never waits for it, and notices when it dies."""

from __future__ import annotations

import multiprocessing
import select
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from engine import protocol
from engine.mishaps import note
from engine.protocol import Ask, Failed, Predict, Report, Start, Stop, Stopped
from engine.run_files import LAST

if TYPE_CHECKING:
    from engine.browser import Browser
    from engine.worker import Worker

_END = object()
SMALL_BYTES = 16 * 1024  # a pipe of Linux that has room has a multiple of it
PATIENCE_SECONDS = 2.0  # between asking a process to stop and ending it


def _run(connection: Connection) -> None:
    from engine.trainer_process import main

    main(connection)


class _Sender:
    """Writes into the pipe from a thread: a large message would keep the window waiting until it is read.

    What is small and urgent goes into an empty pipe at once: the thread would wait for its turn in Python.
    """

    def __init__(self, connection: Connection, give_up: Callable[[], None]) -> None:
        self._connection, self._messages, self._give_up = connection, SimpleQueue[Any](), give_up
        self.broken = False
        self._put = self._sent = 0  # messages, each counted by one thread alone
        self._thread = threading.Thread(target=self._run, name="ConvStudio sender", daemon=True)
        self._thread.start()

    def send(self, message: Any, *, urgent: bool = False) -> None:
        if urgent and self._put == self._sent and not self.broken and self._has_room:
            data = ForkingPickler.dumps(message)
            if len(data) <= SMALL_BYTES:
                try:
                    self._connection.send_bytes(data)
                except OSError:
                    self.broken = True
                return
        self._put += 1
        self._messages.put(message)

    @property
    def _has_room(self) -> bool:
        """Whether something small can be written without waiting: Linux alone says so only where there is much room."""
        if sys.platform != "linux":
            return False
        room = select.poll()  # not `select`, which knows no file beyond the 1024th
        room.register(self._connection, select.POLLOUT)
        return bool(room.poll(0))

    def end(self) -> None:
        """Nothing more is sent; the other end is gone, so this does not wait."""
        self._messages.put(_END)
        self._thread.join()

    def _run(self) -> None:
        while (message := self._messages.get()) is not _END:
            try:
                if not self.broken:
                    self._connection.send(message)
            except OSError:
                self.broken = True
            except Exception as problem:  # noqa: BLE001  (too large to be sent, or no memory for it)
                note("Sending to the process", problem)
                self.broken = True
                self._give_up()  # nothing would come any more: its end is told to whoever waits
            self._sent += 1


class Link:
    """A trainer in a process of its own.

    Nothing here waits: call `poll` from a timer, or when `connection` or `process.sentinel` is ready.
    """

    title = "ConvStudio trainer"  # as the system lists the process

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=self.what_runs, args=(theirs,), name=self.title, daemon=True)
        self._unstarted = ""  # why there is no process
        try:
            self.process.start()
        except OSError as problem:  # too many processes, or no memory for one more
            self._unstarted = f"it could not be started: {problem.strerror or problem}"
        theirs.close()  # so that the process's death is the end of the file
        self._sender = _Sender(self.connection, self.process.kill)
        self.ended = False
        self._asked, self._quiet_since = False, clock()  # for a report that has not come yet; the newest word
        self._deadline: float | None = None
        self._killed = self._said_stopped = self._broken = False
        self._folder = ""

    @property
    def what_runs(self) -> Callable[[Connection], None]:
        """What the process does with its end of the pipe."""
        return _run

    def send(self, message: Any) -> None:
        """Tells the trainer something; a process that has died says so in the next `poll`."""
        if self.ended or self._broken:
            return
        if isinstance(message, Start):
            self._folder = message.folder
        self._sender.send(message, urgent=isinstance(message, Predict))

    def ask(self, watch: tuple[str, ...] = (), sample: int = 0, image: Any = None) -> bool:
        """Asks for a report, unless one is still on its way."""
        if self._asked or self.ended:
            return False
        self._asked, self._quiet_since = True, self._clock()
        self.send(Ask(watch, sample, image))
        return True

    @property
    def silent_seconds(self) -> float:
        """For how long the process was asked for a report and has said nothing at all."""
        return self._clock() - self._quiet_since if self._asked and not self.ended else 0.0

    def poll(self) -> list[Any]:
        """All messages that have come; the last one ever is Stopped or Failed."""
        if self.ended:
            return []
        messages = self._received()
        if self._deadline is not None and self._clock() > self._deadline and not self._broken:
            self.kill()
        if self._broken and (self._unstarted or self.process.exitcode is not None):
            messages.append(self._last_words())
        return messages

    def _received(self) -> list[Any]:
        messages = []
        try:
            while not self._broken and self.connection.poll():
                message = self.connection.recv()
                self._quiet_since = self._clock()
                self._asked = self._asked and not isinstance(message, Report)
                if isinstance(message, Stopped):
                    self._said_stopped = True
                else:
                    messages.append(message)
        except (EOFError, ConnectionResetError, OSError):
            self._broken = True
        return messages

    def _last_words(self) -> Any:
        self.ended = True
        code = self.process.exitcode or 0
        if not self._unstarted:
            self.process.join()  # it has ended, so this does not wait
        self._sender.end()
        self.connection.close()
        if self._said_stopped or self._killed:
            return Stopped(killed=self._killed and not self._said_stopped)
        how = self._unstarted or (f"signal {-code}" if code < 0 else f"exit code {code}")
        return Failed(self.crash_sentence(how), crashed=True, folder=self._folder)

    def crash_sentence(self, how: str) -> str:
        """What the user reads when the process has died."""
        kept = bool(self._folder) and (Path(self._folder) / LAST).is_file()
        advice = "go on from the last checkpoint" if kept else "start the training again"
        return f"The training process ended unexpectedly ({how}). Your network is safe; {advice}."

    @property
    def is_broken(self) -> bool:
        """Whether nothing will come through the pipe any more."""
        return self._broken

    @property
    def waitables(self) -> list[Any]:
        """What is ready when `poll` has something to do, for `multiprocessing.connection.wait`."""
        return [self.process.sentinel] if self._broken else [self.connection, self.process.sentinel]

    def stop(self) -> None:
        """Asks the process to save and end; one that does not answer in time is killed by a later `poll`."""
        self._deadline = self._clock() + PATIENCE_SECONDS
        self.send(Stop())

    def kill(self) -> None:
        """Ends the process at once; the last checkpoint stays."""
        self._killed = True
        if not self._unstarted:
            self.process.kill()
        self._sender.end()


class InlineLink:
    """The same trainer without a process, for tests: every `poll` does one piece of work."""

    silent_seconds = 0.0

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        from engine.worker import Worker

        self._said: deque[Any] = deque()
        self._worker: Worker | Browser = Worker(self._said.append, clock)
        self.ended = self._asked = False

    def send(self, message: Any) -> None:
        if not self.ended:
            self._worker.handle(message)

    def ask(self, watch: tuple[str, ...] = (), sample: int = 0, image: Any = None) -> bool:
        if self._asked or self.ended:
            return False
        self._asked = True
        self.send(Ask(watch, sample, image))
        return True

    def poll(self) -> list[Any]:
        self._worker.work()
        messages = list(self._said)
        self._said.clear()
        self._asked = self._asked and not any(isinstance(m, Report) for m in messages)
        self.ended = self.ended or any(isinstance(m, protocol.Stopped) for m in messages)
        return messages

    def stop(self) -> None:
        self.send(Stop())

    def kill(self) -> None:
        self.send(Stop())
