"""The door to the process that reads data sets: most of it without a process."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.training import browsing as doors
from convstudio.training.browsing import STOPPED_TEXT, Browsing
from convstudio.training.session import Session
from engine import browser as browsers
from engine.augmentation import Augmentation
from engine.browsing import EVERY_CLASS, TRAIN, BrowsingLink, InlineBrowsingLink, NotDescribed
from engine.data.download import Cancelled
from engine.data.source import DataSource
from engine.graph import chain
from engine.link import InlineLink
from engine.spec import make
from tests.patience import PATIENCE_MS


@pytest.fixture
def source(tmp_path: Path) -> DataSource:
    images = np.random.default_rng(0).integers(0, 256, (60, 1, 8, 8), dtype=np.uint8)
    labels = np.arange(60) % 3
    np.savez(tmp_path / "own.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    return DataSource(str(tmp_path / "own.npz"), shape=(1, 8, 8))


@pytest.fixture
def browsing(qtbot: QtBot) -> Iterator[Browsing]:
    made = Browsing(InlineBrowsingLink)
    yield made
    made.close()


@pytest.fixture
def real(qtbot: QtBot) -> Iterator[Browsing]:
    made = Browsing(BrowsingLink)
    yield made
    made.close()


def opened(browsing: Browsing, source: DataSource, qtbot: QtBot) -> None:
    browsing.open(source, 0.1, 0)
    qtbot.waitUntil(lambda: not browsing.opening, timeout=PATIENCE_MS)


def test_nothing_runs_until_data_are_looked_at(browsing: Browsing, source: DataSource, qtbot: QtBot) -> None:
    assert not browsing._pipe.is_open
    assert not browsing.ready
    opened(browsing, source, qtbot)
    assert browsing.ready
    assert browsing.facts_of(source) is browsing.facts
    assert browsing.facts_of(DataSource("digits")) is None
    known = browsing.facts
    browsing.open(source, 0.1, 0)
    assert not browsing.opening
    browsing.open(source, 0.2, 0)
    assert browsing.opening
    assert browsing.facts is known  # until the others are there
    browsing.open(DataSource("mnist1d"), 0.2, 0)
    assert browsing.facts is None


def test_pages_and_versions_come_with_the_number_of_their_question(
    browsing: Browsing, source: DataSource, qtbot: QtBot
) -> None:
    opened(browsing, source, qtbot)
    with qtbot.waitSignal(browsing.paged, timeout=PATIENCE_MS) as page:
        number = browsing.page(TRAIN, EVERY_CLASS, 3, 5, 64)
    assert (page.args[0].number, page.args[0].start, len(page.args[0].pictures)) == (number, 3, 5)
    said: list[Any] = []
    browsing.redrawn.connect(said.append)
    number = browsing.redraw(TRAIN, 2, Augmentation(shift=2.0), 0, 12, 64)
    qtbot.waitUntil(lambda: len(said) == 2, timeout=PATIENCE_MS)
    assert [(v.number, v.epoch, len(v.pictures)) for v in said] == [(number, 12, 0), (number, 12, 12)]
    browsing.redraw(TRAIN, 2, Augmentation(shift=2.0), 0, 12, 64)
    qtbot.waitUntil(lambda: len(said) == 3, timeout=PATIENCE_MS)
    assert len(said[-1].pictures) == 12  # it is prepared now


def test_the_shape_of_the_network_matters_to_images_of_ones_own_only(browsing: Browsing, qtbot: QtBot) -> None:
    opened(browsing, DataSource("mnist1d", shape=(1, 40)), qtbot)
    assert browsing.facts_of(DataSource("mnist1d", shape=(3, 3))) is browsing.facts
    browsing.open(DataSource("mnist1d", shape=(1, 41)), 0.1, 0)
    assert not browsing.opening


def test_missing_data_can_be_tried_again(browsing: Browsing, source: DataSource, qtbot: QtBot) -> None:
    path = Path(source.name)
    aside = path.rename(path.with_name("unplugged"))
    opened(browsing, source, qtbot)
    assert browsing.problem is not None
    assert browsing.problem.text.startswith(f"{path} is not there.")
    assert not browsing.ready
    aside.rename(path)
    with qtbot.waitSignal(browsing.arrived, timeout=PATIENCE_MS):
        browsing.again()
    assert browsing.ready
    with qtbot.assertNotEmitted(browsing.arrived):
        browsing.again()
        qtbot.waitUntil(lambda: not browsing.opening, timeout=PATIENCE_MS)


def test_data_that_arrive_are_reason_to_ask_again(source: DataSource, tmp_path: Path, qtbot: QtBot) -> None:
    session = Session(Document(Project()), InlineLink, tmp_path / "runs")
    with qtbot.waitSignal(session.network_changed, timeout=PATIENCE_MS):
        session.browsing.arrived.emit()
    session.close()


def test_a_stopped_download_says_so(browsing: Browsing, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    def load(*_: Any, progress: Any, wanted: Any, fetch: bool, **more: Any) -> Any:
        progress(10, 100)
        browsing.cancel()
        assert not wanted()
        raise Cancelled("stopped")

    monkeypatch.setattr(browsers, "load", load)
    seen: list[Any] = []
    browsing.changed.connect(lambda: seen.append(browsing.fetching))
    opened(browsing, DataSource("mnist"), qtbot)
    assert browsing.problem is not None
    assert (browsing.problem.text, browsing.problem.fetchable) == (STOPPED_TEXT, True)
    assert [(f.there, f.total) for f in seen if f is not None] == [(10, 100)]


def test_a_dead_process_is_told_and_another_one_begins(real: Browsing, source: DataSource, qtbot: QtBot) -> None:
    opened(real, source, qtbot)
    link = real._pipe.link
    assert isinstance(link, BrowsingLink)
    os.kill(link.process.pid or 0, signal.SIGKILL)
    qtbot.waitUntil(lambda: real.problem is not None, timeout=PATIENCE_MS)
    assert real.problem is not None
    text = "The process that reads the data ended unexpectedly (signal 9). Nothing is lost; try again."
    assert real.problem.text == text
    real.again()
    qtbot.waitUntil(lambda: real.ready, timeout=PATIENCE_MS)


def test_a_process_that_does_not_listen_is_ended(
    real: Browsing, source: DataSource, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(doors, "PATIENCE_MS", 1)
    real._impatient.setInterval(1)
    opened(real, source, qtbot)
    link = real._pipe.link
    assert isinstance(link, BrowsingLink)
    os.kill(link.process.pid or 0, signal.SIGSTOP)
    real.again(fetch=True)
    real.cancel()
    qtbot.waitUntil(lambda: not real.opening, timeout=PATIENCE_MS)
    assert real.problem == NotDescribed(real._number, STOPPED_TEXT, fetchable=True, cancelled=True)
    qtbot.waitUntil(lambda: link.process.exitcode is not None, timeout=PATIENCE_MS)
    real.open(source, 0.3, 0)
    qtbot.waitUntil(lambda: real.ready, timeout=PATIENCE_MS)


def test_after_a_while_of_rest_the_process_ends(browsing: Browsing, source: DataSource, qtbot: QtBot) -> None:
    opened(browsing, source, qtbot)
    browsing._tired.setInterval(1)
    browsing.rest()
    qtbot.waitUntil(lambda: not browsing._pipe.is_open, timeout=PATIENCE_MS)
    assert browsing.facts is not None
    assert not browsing.ready
    opened(browsing, source, qtbot)
    assert browsing.ready


def test_classes_of_ones_own_images_are_checked_once_they_are_known(
    source: DataSource, tmp_path: Path, qtbot: QtBot
) -> None:
    graph = chain(make("input", shape=(1, 8, 8)), make("flatten"), make("dense", out_features=2), name="tiny")
    document = Document(Project(graph, data=DataSource(source.name)))
    session = Session(document, InlineLink, tmp_path / "runs")
    session.browsing = Browsing(InlineBrowsingLink)
    assert session.obstacles == ()
    opened(session.browsing, source, qtbot)
    (obstacle,) = session.obstacles
    assert obstacle.text == "The network ends in 2, but own.npz has 3 classes."
    assert obstacle.mend is not None
    document.perform(obstacle.mend(document.project))
    assert session.obstacles == ()
    document.perform(edits.set_data(document.project, DataSource("digits")))
    assert len(session.obstacles) == 1
    session.close()
