"""What the window tells the process goes in its order, at once where that waits for nobody."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Iterator
from multiprocessing import Pipe
from multiprocessing.connection import Connection

import numpy as np
import pytest

from engine.link import SMALL_BYTES, _Sender

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Only Linux tells that a pipe has much room.")
HIGH = 1500  # the number of a file that `select` does not take
LARGE = np.zeros(1 << 20)


@pytest.fixture
def pipe() -> Iterator[tuple[_Sender, Connection, Connection]]:
    ours, theirs = Pipe()
    sender = _Sender(ours, lambda: None)
    yield sender, ours, theirs
    theirs.close()
    sender.end()
    ours.close()


def test_something_urgent_and_small_is_sent_at_once(pipe: tuple[_Sender, Connection, Connection]) -> None:
    sender, _, theirs = pipe
    sender.send("pen", urgent=True)
    assert theirs.poll()  # no thread had to have its turn
    assert theirs.recv() == "pen"
    sender.send(np.zeros(SMALL_BYTES, np.uint8), urgent=True)
    assert sender._put == 1
    assert len(theirs.recv()) == SMALL_BYTES


def test_it_does_not_overtake_what_is_on_its_way(pipe: tuple[_Sender, Connection, Connection]) -> None:
    sender, _, theirs = pipe
    sender.send(LARGE)
    sender.send("pen", urgent=True)
    assert sender._put == 2
    assert len(theirs.recv()) == len(LARGE)
    assert theirs.recv() == "pen"


def test_nobody_waits_where_the_pipe_is_full(pipe: tuple[_Sender, Connection, Connection]) -> None:
    sender, ours, theirs = pipe
    filled = 0
    while select.select([], [ours], [], 0)[1]:
        ours.send("x" * 8_000)
        filled += 1
    sender.send("pen", urgent=True)
    assert [len(theirs.recv()) for _ in range(filled)] == [8_000] * filled
    assert theirs.recv() == "pen"


def test_a_process_that_is_gone_is_noticed(pipe: tuple[_Sender, Connection, Connection]) -> None:
    sender, _, theirs = pipe
    theirs.close()
    sender.send("pen", urgent=True)
    assert sender.broken
    sender.send("pen", urgent=True)


def test_it_works_where_a_thousand_files_are_open() -> None:
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard <= HIGH:
        pytest.skip(f"This account may open {hard} files at most.")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, HIGH + 1), hard))
    ours, theirs = Pipe()
    high = Connection(os.dup2(ours.fileno(), HIGH))
    sender = _Sender(high, lambda: None)
    try:
        sender.send("pen", urgent=True)
        assert theirs.recv() == "pen"
    finally:
        sender.end()
        for end in (high, ours, theirs):
            end.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
