"""Cycles that nobody needs end in the window's thread, and they do end."""

from __future__ import annotations

import gc
import threading
import weakref

from PySide6.QtCore import QThreadPool
from pytestqt.qtbot import QtBot

from tests.patience import PATIENCE_MS

MANY = 200_000  # objects: Python by itself would search the oldest generation, too


class Knot:
    """Something that only a search finds."""

    def __init__(self) -> None:
        self.itself = self


def make_many() -> None:
    """What a thread does that reads a large file."""
    assert len([[] for _ in range(MANY)]) == MANY


def test_a_cycle_does_not_end_in_the_thread_that_happens_to_make_many_objects(qtbot: QtBot) -> None:
    ended: list[int] = []
    knots = 2 * gc.get_threshold()[0]  # so that a search is due, whatever was searched a moment ago
    for _ in range(knots):
        knot = Knot()
        weakref.finalize(knot, lambda: ended.append(threading.get_ident()))
        del knot
    pool = QThreadPool()
    pool.start(make_many)
    pool.waitForDone()
    assert set(ended) <= {threading.get_ident()}
    qtbot.waitUntil(lambda: len(ended) == knots, timeout=PATIENCE_MS)
    assert set(ended) == {threading.get_ident()}


def test_python_does_not_search_by_itself_while_there_is_a_window(qtbot: QtBot) -> None:
    assert not gc.isenabled()
