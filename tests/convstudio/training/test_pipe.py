"""What the process says is read once, in its order, also where somebody looks before the window comes to it."""

from __future__ import annotations

from typing import Any

import pytest

from convstudio.training.pipe import Pipe
from engine.link import Link


class Said(Link):
    """A link whose process has said some things."""

    def __init__(self, messages: list[str]) -> None:
        self.messages = messages

    def poll(self) -> list[Any]:
        found, self.messages = self.messages, []
        return found


@pytest.fixture
def pipe(qapp: Any) -> Pipe:
    made = Pipe(lambda: Said([]))
    made.link = Said(["first", "second"])
    return made


def test_who_looks_gets_what_has_come(pipe: Pipe) -> None:
    came: list[str] = []
    pipe.came.connect(came.append)
    pipe.look()
    pipe.look()
    assert came == ["first", "second"]


def test_who_takes_a_message_does_not_get_later_ones_in_between(pipe: Pipe) -> None:
    came: list[str] = []

    def take(message: str) -> None:
        if message == "first":
            assert isinstance(pipe.link, Said)
            pipe.link.messages = ["third"]
            pipe.look()
        came.append(message)

    pipe.came.connect(take)
    pipe.look()
    pipe.look()
    assert came == ["first", "second", "third"]
