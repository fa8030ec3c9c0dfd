"""The session: most of it without a process; what only a process can show with one."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Iterator
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.training.session import LOST, Session
from engine.data.source import DataSource
from engine.link import InlineLink, Link
from engine.progress import FINISHED, TRAINING
from engine.protocol import FAILED, IDLE, PAUSED, PREPARING, STOPPED, Carried, Report
from engine.questions import Look, Looked, NotAnswered
from engine.run_files import CURVE, Mark, read_marks
from engine.settings import TrainingSettings
from engine.spec import make
from tests.convstudio.tiny import tiny_document, write_samples
from tests.patience import PATIENCE_MS

SETTINGS = TrainingSettings(batch=32, epochs=1, threads=1, learning_rate=0.01)


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    """A small folder of pictures in two classes."""
    return write_samples(tmp_path)


@pytest.fixture
def document(samples: Path) -> Document:
    return tiny_document(samples, epochs=1)


@pytest.fixture
def session(document: Document, tmp_path: Path, qtbot: QtBot) -> Iterator[Session]:
    made = Session(document, InlineLink, tmp_path / "runs")
    yield made
    made.close()


@pytest.fixture
def real(document: Document, tmp_path: Path, qtbot: QtBot) -> Iterator[Session]:
    made = Session(document, Link, tmp_path / "runs")
    yield made
    made.close()


def heard(signal: Any) -> list[Any]:
    said: list[Any] = []
    signal.connect(said.append)
    return said


def test_a_run_goes_from_start_to_end_and_leaves_its_weights(session: Session, qtbot: QtBot) -> None:
    reports, phases = heard(session.reported), heard(session.phase_changed)
    with qtbot.waitSignal(session.finished, timeout=PATIENCE_MS):
        assert session.start()
    qtbot.waitUntil(lambda: bool(reports) and bool(reports[-1].history or session.report.epoch), timeout=PATIENCE_MS)
    assert phases[-1] == FINISHED
    assert sum(len(report.losses) for report in reports) == session.report.total_steps
    assert any(name.endswith("weight") for name in session.document.weights)


def test_a_picture_is_predicted_after_training(session: Session, qtbot: QtBot) -> None:
    with qtbot.waitSignal(session.finished, timeout=PATIENCE_MS):
        session.start()
    with qtbot.waitSignal(session.predicted, timeout=PATIENCE_MS) as answer:
        number = session.predict(np.zeros((1, 8, 8), np.uint8))
    assert answer.args[0].number == number
    assert answer.args[0].scores.sum() == pytest.approx(1)


def test_pause_step_and_changes_while_it_rests(session: Session, qtbot: QtBot) -> None:
    marks = heard(session.marked)
    session.step()
    qtbot.waitUntil(lambda: session.phase == PAUSED and session.report.step == 1, timeout=PATIENCE_MS)
    session.step()
    qtbot.waitUntil(lambda: session.report.step == 2, timeout=PATIENCE_MS)
    session.set_learning_rate(0.5)
    qtbot.waitUntil(lambda: session.report.learning_rate == 0.5, timeout=PATIENCE_MS)
    assert [mark.text for mark in marks] == ["learning rate 0.5"]
    settings = session.document.project.settings
    faster = attrs.evolve(settings, learning_rate=0.25, batch=8)
    session.document.perform(edits.set_settings(session.document.project, faster))
    qtbot.waitUntil(lambda: session.report.learning_rate == 0.25, timeout=PATIENCE_MS)
    session.document.undo_stack.undo()
    qtbot.waitUntil(lambda: session.report.learning_rate == settings.learning_rate, timeout=PATIENCE_MS)
    rate, batch = f"learning rate {settings.learning_rate:g}", f"batch {settings.batch}"
    assert [mark.text for mark in marks][1:] == ["learning rate 0.25", "batch 8", rate, batch]
    folder = Path(session.folder)
    qtbot.waitUntil(lambda: len(read_marks(folder)) == 2, timeout=PATIENCE_MS)  # before the run ends
    assert read_marks(folder) == session.curves.marks == [Mark(2, rate), Mark(2, batch)]
    with qtbot.waitSignal(session.finished, timeout=PATIENCE_MS):
        session.resume()


def test_a_run_that_is_gone_on_with_later_shows_what_was_changed(session: Session, qtbot: QtBot) -> None:
    session.step()
    qtbot.waitUntil(lambda: session.phase == PAUSED and session.report.step == 1, timeout=PATIENCE_MS)
    session.set_batch(8)
    session.stop()
    qtbot.waitUntil(lambda: session.phase == STOPPED, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: bool(read_marks(Path(session.folder))), timeout=PATIENCE_MS)  # they are written by a thread
    again = Session(session.document, InlineLink, session.kept.folder)
    again.go_on(session.folder, paused=True)
    assert again.curves.marks == [Mark(1, "batch 8")]
    again.close()


@pytest.mark.parametrize("kept", [0, 5])  # steps of the curve: not kept, or of a process that died after it had saved
def test_what_is_changed_stands_at_the_step_of_the_run_not_of_its_curve(
    session: Session, kept: int, qtbot: QtBot
) -> None:
    session.step()
    qtbot.waitUntil(lambda: session.phase == PAUSED and session.report.step == 1, timeout=PATIENCE_MS)
    session.stop()
    qtbot.waitUntil((Path(session.folder) / CURVE).exists, timeout=PATIENCE_MS)  # it is written by a thread
    np.save(Path(session.folder) / CURVE, np.ones((4, kept), np.float32).cumsum(axis=1))
    again = Session(session.document, InlineLink, session.kept.folder)
    again.go_on(session.folder, paused=True)
    qtbot.waitUntil(lambda: again.phase == PAUSED and again.report.step == 1, timeout=PATIENCE_MS)
    again.set_batch(8)
    assert again.curves.marks == [Mark(1, "batch 8")]
    with qtbot.waitSignal(again.finished, timeout=PATIENCE_MS):
        again.resume()
    assert again.curves.marks == [Mark(1, "batch 8")]
    again.close()


def test_a_run_that_is_gone_on_with_later_shows_what_was_measured(session: Session, qtbot: QtBot) -> None:
    settings = session.document.project.settings
    session.document.perform(edits.set_settings(session.document.project, attrs.evolve(settings, epochs=100_000)))
    session.start()
    qtbot.waitUntil(lambda: len(session.curves.history) > 1, timeout=PATIENCE_MS)
    session.stop()
    qtbot.waitUntil(lambda: session.phase == STOPPED, timeout=PATIENCE_MS)
    again = Session(session.document, InlineLink, session.kept.folder)
    with qtbot.waitSignal(again.kept.changed, timeout=PATIENCE_MS):
        again.kept.refresh()
    again.go_on(session.folder, paused=True)
    assert again.curves.history == session.curves.history
    assert again.curves.steps_per_epoch == session.curves.steps_per_epoch
    again.close()


def test_a_process_that_cannot_be_started_is_told_and_can_be_tried_again(
    real: Session, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    told = heard(real.failed)

    def fail(*_: object) -> None:
        raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

    with monkeypatch.context() as full:
        full.setattr(SpawnProcess, "start", fail)
        assert real.start()
        qtbot.waitUntil(lambda: bool(told), timeout=PATIENCE_MS)
    assert not real.running
    assert told == [
        "The training process ended unexpectedly (it could not be started: Resource temporarily unavailable). "
        "Your network is safe; start the training again."
    ]
    with qtbot.waitSignal(real.finished, timeout=PATIENCE_MS):
        assert real.start()


def test_what_does_not_fit_the_data_is_said_with_a_fix(session: Session) -> None:
    document, said = session.document, heard(session.said)
    document.perform(edits.set_data(document.project, DataSource("digits")))
    assert not session.start()
    assert said == ["The network takes 1 × 8 × 8, but the samples of Digits are 1 × 28 × 28."]
    for wanted in ("Take 1 × 28 × 28", "Give dense1 10 outputs"):
        obstacle = session.obstacles[0]
        assert obstacle.mend is not None
        assert obstacle.mend.text == wanted
        document.perform(obstacle.mend(document.project))
    assert session.obstacles == ()


def test_data_that_are_gone_end_the_run_with_a_sentence(session: Session, samples: Path, qtbot: QtBot) -> None:
    samples.unlink()
    with qtbot.waitSignal(session.failed, timeout=PATIENCE_MS) as said:
        session.start()
    assert str(samples) in said.args[0]
    assert session.phase == FAILED


def test_a_killed_process_is_told_and_the_run_goes_on(real: Session, qtbot: QtBot) -> None:
    many = attrs.evolve(SETTINGS, epochs=100_000)
    real.document.perform(edits.set_settings(real.document.project, many))
    real.start()
    qtbot.waitUntil(lambda: real.phase == TRAINING and real.report.epoch > 1, timeout=PATIENCE_MS)
    assert isinstance(real._pipe.link, Link)
    with qtbot.waitSignal(real.failed, timeout=PATIENCE_MS) as said:
        os.kill(real._pipe.link.process.pid or 0, signal.SIGKILL)
    assert said.args[0] == (
        "The training process ended unexpectedly (signal 9). Your network is safe; go on from the last checkpoint."
    )
    assert real.can_go_on
    reached = real.report.epoch
    real.go_on()
    qtbot.waitUntil(lambda: real.phase == TRAINING and real.report.epoch > reached, timeout=PATIENCE_MS)
    process = real._pipe.link.process
    real.stop()
    qtbot.waitUntil(lambda: real.phase == STOPPED, timeout=PATIENCE_MS)
    assert process.exitcode is not None or not process.is_alive()


def test_warming_tells_what_it_prepares_and_rests(real: Session, qtbot: QtBot) -> None:
    prepared = heard(real.prepared)
    real.warm()
    qtbot.waitUntil(lambda: bool(prepared) and real.phase == IDLE, timeout=PATIENCE_MS)
    assert prepared[0].text.startswith("Preparing ")
    assert not real.running


def asks(number: int, session: Session) -> None:
    session.ask_about(Look(number, "dense1", sample=0))


def test_a_network_at_rest_answers(session: Session, qtbot: QtBot) -> None:
    phases = heard(session.phase_changed)
    with qtbot.waitSignal(session.answered, timeout=PATIENCE_MS) as said:
        asks(1, session)
    assert isinstance(said.args[0], Looked)
    assert not session.running
    assert phases == []


def test_what_cannot_be_asked_says_why(session: Session, qtbot: QtBot) -> None:
    session.document.perform(edits.set_data(session.document.project, DataSource("digits")))
    with qtbot.waitSignal(session.answered, timeout=PATIENCE_MS) as said:
        asks(1, session)
    text = "The network takes 1 × 8 × 8, but the samples of Digits are 1 × 28 × 28."
    assert said.args[0] == NotAnswered(1, text)


def test_watched_pictures_are_shown_at_rest_and_after_an_edit(session: Session, qtbot: QtBot) -> None:
    reports, changes = heard(session.reported), []
    session.network_changed.connect(lambda: changes.append(1))
    session.watch("maps", ("dense1",))
    qtbot.waitUntil(lambda: bool(reports) and bool(reports[-1].pictures), timeout=PATIENCE_MS)
    assert [picture.tiles.shape[0] for picture in reports[-1].pictures] == [1]
    assert session.report.total_steps == 0
    reports.clear()
    session.document.perform(edits.set_field(session.document.project, {"dense1"}, "bias", False))
    qtbot.waitUntil(lambda: bool(reports) and bool(reports[-1].pictures), timeout=PATIENCE_MS)
    assert changes


def test_weights_are_carried_into_the_next_run_unless_it_begins_anew(session: Session, qtbot: QtBot) -> None:
    said = heard(session.carried)
    with qtbot.waitSignal(session.finished, timeout=PATIENCE_MS):
        session.start()
    with qtbot.waitSignal(session.finished, timeout=PATIENCE_MS):
        session.start()
    assert said == []
    with qtbot.waitSignal(session.finished, timeout=PATIENCE_MS):
        session.start(anew=False)
    assert said == [Carried(("dense1",), (), ())]


def test_an_edit_is_taken_into_the_run(session: Session, qtbot: QtBot) -> None:
    marks, said, begins = heard(session.marked), heard(session.carried), heard(session.started)
    document = session.document
    document.perform(edits.set_settings(document.project, attrs.evolve(SETTINGS, epochs=3)))
    session.step()
    qtbot.waitUntil(lambda: session.phase == PAUSED and session.report.step == 1, timeout=PATIENCE_MS)
    first = session.folder
    assert not session.edited
    document.perform(edits.append(document.project, make("relu"), "flatten1"))
    assert session.edited
    document.undo_stack.undo()
    assert not session.edited
    document.undo_stack.redo()
    assert session.take_edit(identities=True)
    session._take(Report(PREPARING))  # asked meanwhile: a network that is being prepared has made no step
    assert not session.edited
    qtbot.waitUntil(lambda: session.phase == PAUSED and bool(said), timeout=PATIENCE_MS)
    assert said == [Carried(("dense1",), (), ())]
    assert [mark.text for mark in marks] == ["network edited"]
    assert marks[0].step == 1
    assert begins == [False, True]
    assert session.folder != first
    with qtbot.waitSignal(session.finished, timeout=PATIENCE_MS):
        session.resume()
    assert (session.report.step, session.report.epochs) == (session.report.total_steps, 3)


def test_an_edit_that_cannot_be_trained_leaves_the_run_alone(session: Session, qtbot: QtBot) -> None:
    said = heard(session.said)
    session.step()
    qtbot.waitUntil(lambda: session.phase == PAUSED, timeout=PATIENCE_MS)
    session.document.perform(edits.delete(session.document.project, {"flatten1"}))
    assert not session.take_edit(identities=False)
    assert said == [session.obstacles[0].text]
    assert session.running


def test_an_edited_network_that_fails_leaves_the_run_before_it_to_go_on_with(session: Session, qtbot: QtBot) -> None:
    session.step()
    qtbot.waitUntil(lambda: session.phase == PAUSED, timeout=PATIENCE_MS)
    folder = session.folder
    missing = attrs.evolve(session.document.project.data, name="nowhere.npz")
    session.document.perform(edits.set_data(session.document.project, missing))
    with qtbot.waitSignal(session.failed, timeout=PATIENCE_MS):
        assert session.take_edit(identities=False)
    assert session.folder == folder
    assert session.can_go_on


def test_a_process_that_dies_between_runs_begins_again(real: Session, qtbot: QtBot) -> None:
    said = heard(real.said)
    with qtbot.waitSignal(real.answered, timeout=PATIENCE_MS):
        asks(1, real)
    assert isinstance(real._pipe.link, Link)
    with qtbot.waitSignal(real.ended, timeout=PATIENCE_MS):
        os.kill(real._pipe.link.process.pid or 0, signal.SIGKILL)
    assert said == [LOST]
    assert real.phase == IDLE
    with qtbot.waitSignal(real.answered, timeout=PATIENCE_MS) as answer:
        asks(2, real)
    assert answer.args[0].number == 2


@pytest.mark.parametrize("damage", ["gone", "not text"])
def test_a_run_whose_network_cannot_be_read_says_so(session: Session, qtbot: QtBot, damage: str) -> None:
    session.step()
    qtbot.waitUntil(lambda: session.phase == PAUSED and session.report.step == 1, timeout=PATIENCE_MS)
    session.stop()
    qtbot.waitUntil(lambda: session.phase == STOPPED, timeout=PATIENCE_MS)
    network, said = Path(session.folder) / "network.json", heard(session.said)
    network.unlink() if damage == "gone" else network.write_bytes(b"\xff\xfe\x80")
    session.go_on()
    assert not session.running
    assert said[0].startswith(f"The run in {session.folder} cannot go on: its network.json cannot be read (")
