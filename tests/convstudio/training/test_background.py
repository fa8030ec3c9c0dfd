"""Work behind the window's back: whatever happens there, whoever waits is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from convstudio.training.background import Background
from engine.errors import EngineError
from engine.mishaps import log_file


@pytest.fixture
def background(qtbot: QtBot) -> Iterator[Background]:
    made = Background()
    yield made
    made.wait()


def raising(problem: Exception) -> None:
    raise problem


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (EngineError("The disk is gone."), "The disk is gone."),
        (OSError(28, "No space left on device", "/x"), "Saving a failed (/x: No space left on device). Check the disk"),
        (MemoryError(), "Saving a failed: there is not enough memory."),
        (KeyError("epoch"), "Saving a failed for a reason that nobody foresaw (KeyError: 'epoch'). The details are in"),
    ],
)
def test_every_failure_is_a_sentence(background: Background, qtbot: QtBot, problem: Exception, sentence: str) -> None:
    with qtbot.waitSignal(background.failed) as said:
        background.do(lambda: raising(problem), doing="Saving a")
    assert said.args[0].startswith(sentence)


def test_what_nobody_foresaw_is_in_the_log(background: Background, qtbot: QtBot) -> None:
    with qtbot.waitSignal(background.failed) as said:
        background.do(lambda: raising(ZeroDivisionError("a rare one")))
    assert str(log_file()) in said.args[0]
    assert "ZeroDivisionError: a rare one" in log_file().read_text(encoding="utf-8")


def test_who_waits_is_told_instead_of_everybody(background: Background, qtbot: QtBot) -> None:
    told: list[str] = []
    with qtbot.assertNotEmitted(background.failed):
        background.do(lambda: raising(EngineError("No.")), told.append, told.append)
        qtbot.waitUntil(lambda: bool(told))
    assert told == ["No."]
