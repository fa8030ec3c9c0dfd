"""From a machine with no data to a network in training, over real HTTPS: download, stop, go on, verify, train."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.panels.data.panel import DataPanel
from convstudio.panels.train.controls import UNBEGUN, RunControls
from convstudio.training.browsing import STOPPED_TEXT, Browsing
from convstudio.training.session import Session
from engine import link as links
from engine.browsing import BrowsingLink
from engine.data.catalogue import verify
from engine.data.sets import DATA_SETS
from engine.data.source import DataSource
from engine.graph import chain
from engine.link import InlineLink, Link
from engine.protocol import STOPPED, Downloading
from engine.settings import TrainingSettings
from engine.spec import make
from tests.convstudio.panels.data import mirror
from tests.convstudio.panels.data.mirror import PEM, PORT, TEST, TRAIN, Mirror
from tests.patience import PATIENCE_MS, PATIENCE_S

LEFT = Qt.MouseButton.LeftButton


class Reading(BrowsingLink):
    """The process that reads data, told where the mirror is."""

    @property
    def what_runs(self) -> Callable[[Connection], None]:
        return mirror.read_from_here


class Training(Link):
    """The trainer's process, told the same."""

    @property
    def what_runs(self) -> Callable[[Connection], None]:
        return mirror.train_from_here


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    made = Mirror()
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("CONVSTUDIO_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(PEM))
    monkeypatch.setenv(PORT, str(made.port))
    monkeypatch.setitem(DATA_SETS, "mnist", mirror.as_published(made.port))  # type: ignore[misc, arg-type]
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


@pytest.fixture
def panel(server: Mirror, tmp_path: Path, qtbot: QtBot) -> Iterator[DataPanel]:
    graph = chain(make("input", shape=(1, 28, 28)), make("flatten"), make("dense", out_features=10), name="tiny")
    settings = TrainingSettings(threads=1, epochs=2, validation_fraction=0.1, batch=32)
    document = Document(Project(graph, settings=settings, data=DataSource("digits")))
    session = Session(document, InlineLink, tmp_path / "runs")
    session.browsing = Browsing(Reading)
    made = DataPanel(document, session)
    qtbot.addWidget(made)
    made.resize(960, 300)
    made.show()
    yield made
    session.close()


def test_the_whole_way(panel: DataPanel, server: Mirror, tmp_path: Path, qtbot: QtBot) -> None:
    overview, session = panel.overview, panel._session
    document, browsing = session.document, session.browsing
    document.perform(edits.set_data(document.project, DataSource("mnist")))
    qtbot.waitUntil(lambda: not overview.download.isHidden(), timeout=PATIENCE_MS)
    assert overview.problem.text() == "MNIST is not on this computer yet."

    server.slow.set()
    browsing._impatient.setInterval(PATIENCE_MS)  # the process itself stops, however busy this machine is
    QTest.mouseClick(overview.download, LEFT)
    qtbot.waitUntil(lambda: browsing.fetching is not None and overview.bar.value() > 20, timeout=PATIENCE_MS)
    assert " of 0.8 MB" in overview.fetched.text()
    QTest.mouseClick(overview.stop, LEFT)
    qtbot.waitUntil(lambda: not browsing.opening, timeout=PATIENCE_MS)
    assert overview.problem.text() == STOPPED_TEXT
    part = tmp_path / "data" / "mnist" / "train-images-idx3-ubyte.gz.part"
    there = part.stat().st_size
    assert there > 0

    server.slow.clear()
    server.asked.clear()
    QTest.mouseClick(overview.download, LEFT)
    qtbot.waitUntil(lambda: browsing.facts is not None, timeout=PATIENCE_MS)
    assert ("/good/train-images-idx3-ubyte.gz", f"bytes={there}-") in server.asked  # it goes on where it was
    assert sum(path == "/good/t10k-labels-idx1-ubyte.gz" for path, _ in server.asked) == 2  # a wrong one first
    assert (tmp_path / "data" / "mnist" / "t10k-labels-idx1-ubyte.gz.broken").is_file()
    assert overview.values["Test"].text() == str(TEST)
    assert browsing.facts is not None
    assert browsing.facts.parts["train"].samples == TRAIN * 9 // 10
    assert overview.problem.isHidden()
    assert verify(DATA_SETS["mnist"]) == []

    with qtbot.waitSignal(session.finished, timeout=PATIENCE_MS):
        assert session.start()
    assert session.curves.history[-1].train_loss < session.curves.history[0].train_loss
    assert not list((tmp_path / "data" / "mnist").glob("*.part"))


def test_training_tells_how_far_its_download_is_and_stops_at_once(
    server: Mirror, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "PATIENCE_SECONDS", PATIENCE_S)  # however busy this machine is
    graph = chain(make("input", shape=(1, 28, 28)), make("flatten"), make("dense", out_features=10), name="tiny")
    document = Document(Project(graph, settings=TrainingSettings(threads=1, epochs=2), data=DataSource("mnist")))
    session = Session(document, Training, tmp_path / "runs")
    controls = RunControls(document, session)
    qtbot.addWidget(controls)
    told, failed = list[Downloading](), list[str]()
    session.prepared.connect(lambda message: told.append(message) if isinstance(message, Downloading) else None)
    session.failed.connect(failed.append)
    server.slow.set()
    assert session.start()
    qtbot.waitUntil(lambda: len(told) > 2, timeout=PATIENCE_MS)
    assert controls.status.text() == told[-1].text
    assert told[-1].text.endswith(" of 0.8 MB")
    session.stop()
    qtbot.waitUntil(lambda: session.phase == STOPPED, timeout=PATIENCE_MS)
    assert not failed  # it was not ended for want of an answer
    assert list((tmp_path / "data" / "mnist").glob("*.part"))  # nor has it fetched everything first
    assert controls.status.text() == UNBEGUN
    server.slow.clear()
    with qtbot.waitSignal(session.finished, timeout=PATIENCE_MS):
        assert session.start()
    session.close()


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(
    panel: DataPanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel._session.browsing.close()
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    document, overview = panel._session.document, panel.overview
    document.perform(edits.set_data(document.project, DataSource("mnist")))
    qtbot.waitUntil(lambda: not overview.download.isHidden(), timeout=PATIENCE_MS)
    QTest.mouseClick(overview.download, LEFT)
    qtbot.waitUntil(lambda: "could not be fetched" in overview.problem.text(), timeout=PATIENCE_MS)
    assert overview.problem.text() == (
        "train-images-idx3-ubyte.gz could not be fetched (localhost: its certificate is not trusted, perhaps since a "
        "proxy is in between or this computer's clock is wrong). Check the network connection and try again, choose a "
        "folder that holds the files, or use the data set digits, which needs no network."
    )
