"""What nobody foresaw ends as a sentence: in the log, in questions, in runs, in the pipe."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import mishaps, protocol
from engine.answers import ANSWERED_BY
from engine.atomic import SaveError, write_atomically, write_text
from engine.browser import Browser
from engine.browsing import Browse, Describe, Described, NotDescribed, NotShown
from engine.data.source import DataSource
from engine.link import Link
from engine.mishaps import MOST_BYTES, in_words, log_file, note, unforeseen
from engine.protocol import Failed, Predict, Problem, Start
from engine.questions import NotAnswered
from engine.trainer import Trainer
from engine.worker import Worker

SENTENCE = "{} failed for a reason that nobody foresaw (IndexError: out of it). The details are in {}."


def fails(*_: Any, **__: Any) -> Any:
    raise IndexError("out of it")


def test_a_sentence_names_the_log() -> None:
    assert in_words("The training", IndexError("out of it")) == SENTENCE.format("The training", log_file())


def test_a_long_mistake_is_cut_and_on_one_line() -> None:
    text = unforeseen("It", ValueError("a\n" * 5000))
    assert len(text) < 600
    assert "\n" not in text


def test_the_log_begins_anew_when_it_is_large() -> None:
    note("It", ValueError("first"))
    with open(log_file(), "ab") as file:
        file.truncate(MOST_BYTES + 1)
    note("It", ValueError("second"))
    assert log_file().stat().st_size < MOST_BYTES
    log_file().with_suffix(".old.log").unlink()


def test_without_a_log_there_is_still_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(mishaps, "log_file", lambda: tmp_path / "file" / "log")
    assert unforeseen("It", ValueError()) == "It failed for a reason that nobody foresaw (ValueError)."


@pytest.mark.parametrize("name", ["a" * 300, "a\0b", "missing/file"])
def test_names_that_no_disk_takes_are_a_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(SaveError, match="What was saved before is unharmed"):
        write_atomically(tmp_path / name, [b""])


@pytest.fixture
def training(start: Start) -> Iterator[tuple[Worker, list[Any]]]:
    said: list[Any] = []
    worker = Worker(said.append)
    worker.handle(start)
    while worker._trainer is None:
        worker.work()
    return worker, said


def test_a_question_that_fails_ends_no_run(training: tuple[Worker, list[Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    worker, said = training
    monkeypatch.setitem(ANSWERED_BY, Predict, fails)
    worker.handle(Predict(7, np.zeros((1, 8, 8), np.uint8)))
    assert said[-1] == NotAnswered(7, SENTENCE.format("The answer to Predict", log_file()))
    monkeypatch.setattr(Trainer, "set_batch", fails)
    worker.handle(protocol.SetBatch(3))
    assert said[-1] == Problem(SENTENCE.format("The answer to SetBatch", log_file()))
    worker.work()
    assert worker._job is not None


def test_an_answer_that_breaks_off_ends_no_run(
    training: tuple[Worker, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    worker, said = training

    def breaks(*_: Any) -> Iterator[None]:
        yield None
        fails()

    monkeypatch.setitem(ANSWERED_BY, Predict, breaks)
    worker.handle(Predict(7, np.zeros((1, 8, 8), np.uint8)))
    worker._drawn_at = None
    worker.work()
    worker.work()
    assert NotAnswered(7, SENTENCE.format("The answer to Predict", log_file())) in said
    assert worker._job is not None


def test_a_step_that_fails_ends_the_run_with_a_sentence(
    training: tuple[Worker, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    worker, said = training
    monkeypatch.setattr(Trainer, "step", fails)
    worker.work()
    worker.work()
    assert said[-1] == Failed(SENTENCE.format("The training", log_file()), folder=str(worker._run.folder))  # type: ignore[union-attr]
    assert not worker.stopped


def test_data_that_fail_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[Any] = []
    browser = Browser(said.append)
    with monkeypatch.context() as broken:
        broken.setattr("engine.browser.load", fails)
        browser.handle(Describe(1, DataSource("digits")))
        browser.work()
    assert said == [NotDescribed(1, SENTENCE.format("Reading the data", log_file()))]
    browser.handle(Describe(2, DataSource("digits")))
    browser.work()
    assert isinstance(said[-1], Described)
    monkeypatch.setattr("engine.browser._pictures", fails)
    browser.handle(Browse(3, "train"))
    browser.work()
    assert said[-1] == NotShown(3, SENTENCE.format("Showing the data", log_file()))


def test_what_cannot_be_sent_is_told_as_an_end() -> None:
    link = Link()
    link.send(threading.Lock())  # nothing that a pipe could carry
    said: list[Any] = []
    while not link.ended:
        said += link.poll()
    assert said == [
        Failed(
            "The training process ended unexpectedly (signal 9). Your network is safe; start the training again.",
            crashed=True,
        )
    ]
    assert "Sending to the process" in log_file().read_text(encoding="utf-8")


def test_half_a_character_can_be_written(tmp_path: Path) -> None:
    write_text(tmp_path / "a.txt", "a\ud800")
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "a?"


def test_a_run_that_could_not_be_saved_says_so_at_its_end(
    training: tuple[Worker, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    worker, said = training

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("engine.atomic.os.fsync", full)
    while not isinstance(said[-1], protocol.Finished) and worker._job is not None:
        worker.work()
    assert isinstance(said[-1], Problem)
    assert said[-1].message.startswith("What the run learned last is not on the disk. ")
    assert said[-1].message.endswith("What was saved before is unharmed. Free some room on the disk, and train on.")
    assert isinstance(said[-2], protocol.Finished)


def test_a_run_that_found_room_again_says_nothing_at_its_end(
    training: tuple[Worker, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    worker, said = training

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as once:
        once.setattr("engine.atomic.os.fsync", full)
        worker._save()
    assert isinstance(said[-1], Problem)
    while worker._job is not None:
        worker.work()
    assert isinstance(said[-1], protocol.Finished)
