"""Processes that neither work nor die: told, and ended when it is wished."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from convstudio.document.document import Document
from convstudio.panels.data.overview import Overview
from convstudio.panels.train.controls import RunControls
from convstudio.training import session as sessions
from convstudio.training.browsing import BROKEN_OFF_TEXT, Browsing
from convstudio.training.session import BEGINS_ANEW, GOES_ON, KILLED, SILENT, Session
from engine import link as links
from engine.browsing import BrowsingLink
from engine.data.source import DataSource
from engine.link import Link
from engine.progress import TRAINING
from engine.protocol import STOPPED
from tests.convstudio.tiny import tiny_document, write_samples
from tests.patience import PATIENCE_MS


@pytest.fixture
def document(tmp_path: Path) -> Document:
    return tiny_document(write_samples(tmp_path), epochs=100_000)


@pytest.fixture
def session(document: Document, tmp_path: Path, qtbot: QtBot) -> Iterator[Session]:
    made = Session(document, Link, tmp_path / "runs")
    yield made
    made.close()


def hang_from_the_beginning(connection: Connection) -> None:
    """What the trainer's process does: nothing, for as long as there is somebody to see it."""
    parent = parent_process()
    assert parent is not None
    parent.join()


class Hung(Link):
    """A process that never learns anything, however long the window takes to look at it."""

    @property
    def what_runs(self) -> Callable[[Connection], None]:
        return hang_from_the_beginning


def hang(link: object) -> int:
    assert isinstance(link, Link)
    pid = link.process.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    return pid


def test_a_training_that_hangs_is_told_and_can_be_stopped(
    document: Document, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    controls = RunControls(document, session)
    qtbot.addWidget(controls)
    session.start()
    qtbot.waitUntil(lambda: session.phase == TRAINING and session.report.step > 0, timeout=PATIENCE_MS)
    monkeypatch.setattr(sessions, "SILENT_S", 0.3)
    with qtbot.waitSignal(session.fell_silent, timeout=PATIENCE_MS):
        pid = hang(session._pipe.link)
    assert controls.status.text() == SILENT
    os.kill(pid, signal.SIGCONT)
    qtbot.waitUntil(lambda: controls.status.text() == "Training.", timeout=PATIENCE_MS)
    hang(session._pipe.link)
    monkeypatch.setattr(links, "PATIENCE_SECONDS", 0.1)
    with qtbot.waitSignal(session.failed, timeout=PATIENCE_MS) as said:
        session.stop()
    assert said.args == [f"{KILLED} {GOES_ON}"]
    assert controls.status.text() == said.args[0]
    assert session.phase == STOPPED
    assert session.can_go_on
    assert document.weights  # what its checkpoint held


@pytest.mark.parametrize("hangs", [False, True])
def test_a_process_that_ends_before_it_has_learned_names_no_checkpoint(
    session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, hangs: bool
) -> None:
    monkeypatch.setattr(session._pipe, "_make_link", Hung)
    session.start()
    link = session._pipe.link
    assert isinstance(link, Hung)
    with qtbot.waitSignal(session.failed, timeout=PATIENCE_MS) as said:
        if hangs:
            monkeypatch.setattr(links, "PATIENCE_SECONDS", 0.1)
            session.stop()
        else:
            link.process.kill()
    died = "The training process ended unexpectedly (signal 9). Your network is safe; start the training again."
    assert said.args == [f"{KILLED} {BEGINS_ANEW}" if hangs else died]
    assert not session.can_go_on


def test_data_that_take_long_can_be_broken_off(
    document: Document, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    session.browsing = browsing = Browsing(BrowsingLink)
    overview = Overview(document, session)
    qtbot.addWidget(overview)
    browsing.changed.connect(overview.show_state)
    source = DataSource(document.project.data.name, shape=(1, 8, 8))
    browsing.open(source, 0.1, 0)
    qtbot.waitUntil(lambda: browsing.ready, timeout=PATIENCE_MS)
    hang(browsing._pipe.link)
    browsing._long.setInterval(1)
    browsing.again()
    qtbot.waitUntil(lambda: browsing.takes_long, timeout=PATIENCE_MS)
    assert not overview.stop.isHidden()
    assert overview.fetched.text() == "Reading the data takes long …"
    browsing._impatient.setInterval(1)
    overview.stop.click()
    qtbot.waitUntil(lambda: not browsing.opening, timeout=PATIENCE_MS)
    assert overview.problem.text() == BROKEN_OFF_TEXT
    assert overview.stop.isHidden()
    overview.retry.click()
    qtbot.waitUntil(lambda: browsing.ready, timeout=PATIENCE_MS)
    browsing.close()
