"""The process that trains: passes messages on to its worker, and lets it work while there are none."""

from __future__ import annotations

import os
import signal
from multiprocessing.connection import Connection

from engine.inbox import Inbox
from engine.mishaps import note
from engine.worker import Worker

LOWER_PRIORITY = 5  # of 19: windows and sound come first


def main(connection: Connection) -> None:
    """Ends when it is asked to, and when nobody is left at the other end of the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the one who can ask politely
    if hasattr(os, "nice"):
        os.nice(LOWER_PRIORITY)
    inbox = Inbox(connection)
    worker = Worker(connection.send, urgent=inbox.take_urgent, ends=inbox.is_at_its_end)
    try:
        while not worker.stopped:
            message = inbox.take(wait=worker.idle)
            if message is not None:
                worker.handle(message)
            else:
                worker.work()
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except Exception as problem:
        note("The training process", problem)
        raise
    finally:
        connection.close()
