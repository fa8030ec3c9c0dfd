"""Talking to a worker in tests: wait for a message, ask for a report."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from multiprocessing.connection import wait
from typing import Any

from engine.link import InlineLink, Link
from engine.protocol import PhaseChanged, Report
from engine.settings import TrainingSettings
from tests.patience import PATIENCE_S

POLLS = 10_000  # of a link without a process: each does a piece of work
SETTINGS = TrainingSettings(learning_rate=0.02, batch=20, epochs=2, validation_fraction=0.2)


def until(link: InlineLink | Link, wanted: Callable[[Any], bool]) -> list[Any]:
    """Polls until a message like this has come; waits on pipe and process, not on the clock."""
    seen: list[Any] = []
    for _ in itertools.count() if isinstance(link, Link) else range(POLLS):
        if isinstance(link, Link):
            assert wait(link.waitables, PATIENCE_S), "nothing came"
            if link.is_broken:  # it is about to end; the system says so a moment later
                link.process.join(PATIENCE_S)
                assert link.process.exitcode is not None, "it does not end"
        seen += link.poll()
        if any(wanted(message) for message in seen):
            return seen
        assert not link.ended, seen
    raise AssertionError(f"never came; {len(seen)} messages did")


def a(kind: type) -> Callable[[Any], bool]:
    return lambda message: isinstance(message, kind)


def phase(name: str) -> Callable[[Any], bool]:
    return lambda message: message == PhaseChanged(name)


def report(link: InlineLink | Link, *watch: str) -> Report:
    assert link.ask(watch)
    return next(m for m in until(link, a(Report)) if isinstance(m, Report))
