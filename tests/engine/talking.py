"""Talking to a worker in tests: wait for a message, ask for a report."""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing.connection import wait
from typing import Any

from engine.link import InlineLink, Link
from engine.protocol import PhaseChanged, Report
from engine.settings import TrainingSettings

SETTINGS = TrainingSettings(learning_rate=0.02, batch=20, epochs=2, validation_fraction=0.2)
PATIENCE = 40  # seconds until a process test gives up


def until(link: InlineLink | Link, wanted: Callable[[Any], bool]) -> list[Any]:
    """Polls until a message like this has come; waits on pipe and process, not on the clock."""
    seen: list[Any] = []
    for _ in range(10_000):
        if isinstance(link, Link):
            assert wait(link.waitables, PATIENCE), "nothing came"
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
