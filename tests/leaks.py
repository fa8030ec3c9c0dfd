"""What a test must not leave behind: windows, timers that run, threads and processes."""

from __future__ import annotations

import gc
import multiprocessing
import threading
import time
import weakref
from collections.abc import Callable

import attrs
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication, QMenu, QWidget

PATIENCE_SECONDS = 3.0  # for what is deleted already
ENDING_SECONDS = 120.0  # for threads and processes that are ending already, on a busy machine
SOON_MS = 1000
PASSING = ("QTipLabel", "QComboBoxPrivateContainer")  # Qt's own; they come and go as it likes

_started: weakref.WeakSet[QTimer] = weakref.WeakSet()
_start = QTimer.start


def _remember(timer: QTimer, *arguments: int) -> None:
    _started.add(timer)
    _start(timer, *arguments)


QTimer.start = _remember  # type: ignore[method-assign, assignment]


@attrs.frozen
class Alive:
    """Everything that lives at one moment."""

    windows: frozenset[int]
    timers: frozenset[int]
    threads: frozenset[int | None]
    processes: frozenset[int | None]


def alive() -> Alive:
    """Remembers what there is before a test."""
    return Alive(
        frozenset(map(id, _windows())),
        frozenset(map(id, _timers())),
        frozenset(thread.ident for thread in threading.enumerate()),
        frozenset(process.pid for process in multiprocessing.active_children()),
    )


def leaks(before: Alive) -> list[str]:
    """In words, what was not there before and does not go away."""
    application = QApplication.instance()
    found: list[str] = []
    if application is not None:
        found += _lasting(lambda: [f"the window {_name(w)}" for w in _windows() if id(w) not in before.windows])
        found += _lasting(lambda: [f"a timer of {_owner(t)}" for t in _timers() if id(t) not in before.timers])
    found += _lasting(
        lambda: [f"the thread {thread.name}" for thread in _threads() if thread.ident not in before.threads],
        ENDING_SECONDS,
    )
    found += _lasting(
        lambda: [f"the process {p.name}" for p in multiprocessing.active_children() if p.pid not in before.processes],
        ENDING_SECONDS,
    )
    return found


def _lasting(look: Callable[[], list[str]], patience_s: float | None = None) -> list[str]:
    """What is still there after what was deleted is gone, and what was forgotten is collected."""
    deadline, collected = time.monotonic() + (PATIENCE_SECONDS if patience_s is None else patience_s), False
    while True:
        if QCoreApplication.instance() is not None:
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        found = look()
        if not found or (collected and time.monotonic() > deadline):
            return found
        if collected:
            time.sleep(0.01)
        gc.collect()
        collected = True


def _windows() -> list[QWidget]:
    if not isinstance(QApplication.instance(), QApplication):
        return []
    top = QApplication.topLevelWidgets()
    own = (w for w in top if w.parent() is None and w.metaObject().className() not in PASSING)
    return [w for w in own if w.isVisible() or not isinstance(w, QMenu)]  # a plot's menus go with its Python object


def _timers() -> list[QTimer]:
    """Those that go on; one that fires a single time soon is over by itself."""
    return [timer for timer in list(_started) if shiboken6.isValid(timer) and timer.isActive() and not _ends(timer)]


def _ends(timer: QTimer) -> bool:
    return timer.isSingleShot() and timer.remainingTime() < SOON_MS


def _threads() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if not isinstance(t, threading._DummyThread)]


def _name(widget: QWidget) -> str:
    return f"{type(widget).__name__} {widget.windowTitle()}".strip()


def _owner(timer: QTimer) -> str:
    owner = timer.parent()
    return type(owner).__name__ if owner is not None else "nobody"
