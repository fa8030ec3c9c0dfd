"""The trainer behind its pipe: most of it without a process, and what only a process can show with one."""

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest

from engine import Graph, atomic, chain, graph, make
from engine.batches import ArrayData, ArrayPart
from engine.link import InlineLink, Link
from engine.progress import StepResult
from engine.protocol import (
    REPORT_BYTES,
    Ask,
    Carried,
    Failed,
    Finished,
    Pause,
    PhaseChanged,
    Predict,
    Prediction,
    Preparing,
    Problem,
    Report,
    Resume,
    SetBatch,
    SetLearningRate,
    Start,
    StepOnce,
    Stopped,
    Warm,
)
from engine.questions import NotAnswered
from engine.runs import Run
from engine.settings import TrainingSettings
from engine.trainer import Trainer
from engine.worker import Worker
from tests.engine.talking import SETTINGS, a, phase, report, until
from tests.patience import PATIENCE_S

STEP = StepResult("training", 1, 1, 0.5, 0.25, 0.1, 16)


# --- without a process -----------------------------------------------------------------------------------------------


def test_trains_to_the_end_and_reports_everything_once(start: Start, tiny_graph: Graph, tiny_data: ArrayData) -> None:
    link = InlineLink()
    link.send(start)
    seen, reports = [], []
    while not any(map(a(Finished), seen)):
        link.ask()
        seen += link.poll()
    link.ask()
    seen += link.poll()
    reports = [m for m in seen if isinstance(m, Report)]
    assert [m.phase for m in seen if isinstance(m, PhaseChanged)] == ["preparing", "loading", "training", "finished"]
    assert np.concatenate([r.steps for r in reports]).tolist() == list(range(1, 9))
    alone = Trainer(tiny_graph, tiny_data, SETTINGS)
    losses = []
    while not alone.finished:
        result = alone.step()
        losses += [np.float32(result.loss)] if result.phase == "training" else []
    assert np.concatenate([r.losses for r in reports]).tolist() == losses
    assert [line for r in reports for line in r.history] == alone.history
    assert next(m for m in seen if isinstance(m, Finished)) == Finished(
        2, alone.progress.best_epoch, False, start.folder
    )
    assert [r.evaluations["test"].top1 for r in reports if r.history] == [line.test_accuracy for line in alone.history]
    assert (Path(start.folder) / "metrics.json").exists()


def test_at_most_one_report_is_on_its_way(start: Start) -> None:
    link = InlineLink()
    link.send(start)
    assert link.ask()
    assert not link.ask()
    link.poll()
    assert link.ask()


def test_says_what_it_prepares(start: Start) -> None:
    link = InlineLink()
    link.send(Warm(start.network, SETTINGS))
    said = [m for m in until(link, phase("idle")) if isinstance(m, Preparing)]
    total = len(said)
    assert [m.number for m in said] == list(range(1, total + 1))
    assert said[0].text == f"Preparing convolution 2-D, 1 of {total}"
    assert said[-1].text == f"Preparing the optimiser, {total} of {total}"


def test_a_drawing_that_is_not_ready_is_no_problem_while_warming() -> None:
    link = InlineLink()
    link.send(Warm(graph.dumps(chain(make("input"), make("conv2d", kernel_size=99))), SETTINGS))
    assert not any(map(a(Problem), until(link, phase("idle"))))


def test_pauses_steps_once_and_goes_on(start: Start) -> None:
    link = InlineLink()
    link.send(attrs.evolve(start, paused=True))
    until(link, phase("paused"))
    assert report(link).step == 0
    link.send(StepOnce())
    link.poll()
    assert [report(link).step for _ in range(2)] == [1, 1]
    link.send(Resume())
    until(link, phase("training"))
    link.send(Pause())
    until(link, phase("paused"))
    assert report(link).step == report(link).step
    link.send(Resume())
    until(link, a(Finished))


def test_neither_pauses_nor_samples_before_an_edit_count_into_the_speed(start: Start) -> None:
    now = [0.0]

    def clock() -> float:
        now[0] += 0.001  # every look takes its time
        return now[0]

    link = InlineLink(clock)
    link.send(attrs.evolve(start, settings=attrs.evolve(SETTINGS, batch=2)))
    until(link, phase("training"))
    for _ in range(3):
        link.poll()
    speed = report(link).samples_per_second
    link.send(Pause())
    now[0] += 3600
    link.send(StepOnce())
    link.poll()
    now[0] += 3600
    link.send(Resume())
    link.poll()
    assert report(link).samples_per_second == pytest.approx(speed, rel=0.5)
    link.send(attrs.evolve(start, settings=attrs.evolve(SETTINGS, batch=2), folder="", continues=True))
    until(link, phase("training"))
    link.poll()
    assert report(link).samples_per_second == pytest.approx(speed, rel=0.5)


def test_no_step_is_lost_when_the_run_goes_on_with_an_edited_network(start: Start) -> None:
    link = InlineLink()
    link.send(attrs.evolve(start, settings=attrs.evolve(SETTINGS, batch=2)))
    until(link, phase("training"))
    for _ in range(3):
        link.poll()  # steps that nobody has asked for yet
    link.send(attrs.evolve(start, settings=attrs.evolve(SETTINGS, batch=2), folder="", continues=True))
    said = until(link, phase("training"))
    told = [m for m in said if isinstance(m, Report | Carried)]
    assert [type(m) for m in told] == [Report, Carried]
    steps = told[0].steps.tolist()
    assert steps == list(range(1, told[0].step + 1))
    assert len(steps) >= 3
    link.poll()
    assert report(link).steps[0] == told[0].step + 1


def test_a_step_is_one_of_training_also_where_an_epoch_ends(start: Start) -> None:
    link = InlineLink()
    link.send(attrs.evolve(start, paused=True))
    until(link, phase("paused"))
    total = report(link).total_steps
    assert total > start.settings.epochs
    for step in range(1, total):
        link.send(StepOnce())
        for _ in range(20):
            link.poll()
        assert report(link).step == step


def test_learning_rate_and_batch_change_while_running(start: Start) -> None:
    link = InlineLink()
    link.send(attrs.evolve(start, paused=True))
    until(link, phase("paused"))
    link.send(SetLearningRate(0.5))
    link.send(SetBatch(72))
    link.send(StepOnce())
    link.poll()
    found = report(link)
    assert (found.learning_rate, found.step, found.total_steps) == (0.5, 1, 2)
    link.send(SetLearningRate(-1.0))
    problem = next(m for m in link.poll() if isinstance(m, Problem))
    assert problem.message == "learning_rate must be a number from 0 to 100; -1.0 was given."


def test_predicts_between_steps(start: Start, tiny_data: ArrayData) -> None:
    link, image = InlineLink(), tiny_data.test.images[3]
    link.send(Predict(7, image))
    assert link.poll() == [NotAnswered(7, "There is no network in training yet. Start training first.")]
    link.send(start)
    until(link, a(Finished))
    link.send(Predict(8, image))
    answer = next(m for m in link.poll() if isinstance(m, Prediction))
    assert answer.number == 8
    assert answer.scores.sum() == pytest.approx(1)
    assert answer.scores.argmax() == tiny_data.test.labels[3]
    assert answer.classifies
    taken = image * np.reshape(answer.scale, (-1, 1, 1)) + np.reshape(answer.shift, (-1, 1, 1))
    assert taken == pytest.approx((image / 255.0 - tiny_data.mean[0]) / tiny_data.std[0], abs=1e-5)
    link.send(Predict(9, image[:, :4]))
    assert link.poll() == [NotAnswered(9, "The picture has the shape (1, 4, 8); the network takes (1, 8, 8).")]


def test_a_report_stays_small_however_much_is_watched_and_however_late_one_asks() -> None:
    wide = chain(make("input", shape=(3, 96, 96)), make("conv2d", out_channels=64, kernel_size=5), make("relu"))
    wide = wide.add(make("global_avg_pool"), "relu1").add(make("flatten"), "global_avg_pool1")
    wide = wide.add(make("dense", out_features=64), "flatten1")
    part = ArrayPart(np.zeros((16, 3, 96, 96), np.uint8), np.arange(16))
    said: list[Any] = []
    worker = Worker(said.append)
    settings = TrainingSettings(batch=16, validation_fraction=0.0, epochs=400, threads=2, learning_rate=1e-4)
    worker.handle(Start(graph.dumps(wide), settings, ArrayData(part, None, part)))
    while PhaseChanged("training") not in said:
        assert not worker.idle, said
        worker.work()
    for number in range(20_000):
        worker._curve.add(attrs.evolve(STEP, step=number))
    worker.work()
    worker.work()
    worker.work()
    worker.handle(Ask(tuple(node.id for node in wide), 0))
    found = said[-1]
    assert isinstance(found, Report)
    assert len(pickle.dumps(found)) <= REPORT_BYTES
    assert 1000 < len(found.steps) <= 4096
    assert (np.diff(found.steps[:-2]) > 0).all()  # before the two real steps
    assert {p.node for p in found.pictures} == {node.id for node in wide}


def test_saves_every_so_often_inside_an_epoch(start: Start) -> None:
    now = [0.0]
    link = InlineLink(clock=lambda: now[0])
    link.send(attrs.evolve(start, paused=True, checkpoint_seconds=10))
    until(link, phase("paused"))

    def saved_step() -> int:
        return Run.open(start.folder).checkpoint().state.facts["progress"]["steps"]

    link.send(StepOnce())
    link.poll()
    assert saved_step() == 0
    now[0] = 11
    link.send(StepOnce())
    link.poll()
    assert saved_step() == 2


def test_a_full_disk_does_not_end_the_run(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    link = InlineLink()
    link.send(attrs.evolve(start, paused=True))
    until(link, phase("paused"))

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic.os, "fsync", full)
    link.send(Resume())
    said = until(link, a(Finished))
    expected = (
        f"{start.folder}/history.csv could not be saved: No space left on device. What was saved before is unharmed."
    )
    end = f"What the run learned last is not on the disk. {expected} Free some room on the disk, and train on."
    assert [m.message for m in said if isinstance(m, Problem)] == [expected] * 2 + [end]


def test_a_run_that_explodes_fails_with_a_sentence_and_keeps_its_checkpoint(start: Start) -> None:
    link = InlineLink()
    link.send(attrs.evolve(start, settings=attrs.evolve(SETTINGS, learning_rate=100.0, epochs=60)))
    link._worker._trying = lambda save: save()
    while not (trainer := link._worker._trainer):
        link.poll()
    trainer.step()
    trainer.network.parameters["dense1.weight"][...] = np.inf
    failed = until(link, a(Failed))[-1]
    assert failed.message.startswith("Training stopped at step 2 in epoch 1: the loss is not a number any more.")
    assert (failed.folder, failed.crashed) == (start.folder, False)
    assert Run.open(start.folder).checkpoint().state.facts["progress"]["steps"] == 0


def test_stop_saves_and_start_resumes_to_the_same_bits(start: Start, tmp_path: Path) -> None:
    whole = InlineLink()
    whole.send(attrs.evolve(start, folder=str(tmp_path / "whole")))
    until(whole, a(Finished))
    first = InlineLink()
    first.send(attrs.evolve(start, paused=True))
    until(first, phase("paused"))
    for _ in range(6):
        first.send(StepOnce())
        first.poll()
    first.stop()
    rest, last = first.poll()
    assert last == Stopped()
    assert isinstance(rest, Report)  # of the steps that nobody has asked for
    assert rest.steps.tolist() == [1, 2, 3, 4]
    assert first.ended
    second = InlineLink()
    second.send(attrs.evolve(start, resume=True))
    until(second, a(Finished))
    for name in ("last.safetensors", "best.safetensors"):
        assert (tmp_path / "whole" / name).read_bytes() == (Path(start.folder) / name).read_bytes()


# --- with a process --------------------------------------------------------------------------------------------------


@pytest.fixture
def link() -> Iterator[Link]:
    """One that waits as long as it takes: how long it usually waits is tested on its own."""
    made = Link(clock=lambda: 0.0)
    yield made
    if not made.ended:
        made.kill()
        made.process.join(PATIENCE_S)
        while not made.ended:
            made.poll()
    made.process.close()


def test_a_process_trains_answers_and_ends_politely(link: Link, start: Start) -> None:
    link.send(attrs.evolve(start, settings=attrs.evolve(SETTINGS, epochs=100_000)))
    until(link, phase("training"))
    assert link.ask(("conv1",))
    assert not link.ask()
    found = next(m for m in until(link, a(Report)) if isinstance(m, Report))
    assert found.phase == "training"
    assert [p.node for p in found.pictures] == ["conv1"]
    link.stop()
    assert until(link, a(Stopped))[-1] == Stopped(killed=False)
    assert link.process.exitcode == 0
    assert Run.open(start.folder).checkpoint().state.facts["progress"]["steps"] >= found.step


def test_a_process_that_does_not_answer_is_killed(start: Start) -> None:
    now = [0.0]
    link = Link(clock=lambda: now[0])
    link.send(start)
    until(link, a(PhaseChanged))
    os.kill(link.process.pid, signal.SIGSTOP)
    link.stop()
    now[0] = 1.9
    assert not any(map(a(Stopped), link.poll()))
    now[0] = 2.1
    found = link.poll() or until(link, a(Stopped))
    assert found[-1] == Stopped(killed=True)
    link.process.close()


def test_a_crash_is_reported_with_advice_and_costs_no_bits(link: Link, start: Start, tmp_path: Path) -> None:
    link.send(attrs.evolve(start, paused=True))
    until(link, phase("paused"))
    for _ in range(3):  # and not to its end
        link.send(StepOnce())
        report(link)
    os.kill(link.process.pid, signal.SIGSEGV)
    failed = until(link, a(Failed))[-1]
    assert failed == Failed(
        "The training process ended unexpectedly (signal 11). Your network is safe; go on from the last checkpoint.",
        crashed=True,
        folder=start.folder,
    )
    whole, again = InlineLink(), InlineLink()
    whole.send(attrs.evolve(start, folder=str(tmp_path / "whole")))
    again.send(attrs.evolve(start, resume=True))
    for one in (whole, again):
        until(one, a(Finished))
    name = "last.safetensors"
    assert (tmp_path / "whole" / name).read_bytes() == (Path(start.folder) / name).read_bytes()


PARENT = """
import sys
from engine.link import Link

if __name__ == "__main__":
    link = Link()
    print(link.process.pid, flush=True)
    sys.stdin.read()
"""


def test_no_orphan_is_left_when_the_parent_is_killed(project: Path, tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    environment = {**os.environ, "PYTHONPATH": str(project)}
    command = [sys.executable, str(script)]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
        try:
            parent.communicate(timeout=PATIENCE_S)  # the trainer holds the output open for as long as it lives
        except subprocess.TimeoutExpired:
            os.kill(child, signal.SIGTERM)
            raise


def test_a_run_that_is_killed_again_and_again_ends_with_the_same_bits(start: Start, tmp_path: Path) -> None:
    settings = attrs.evolve(SETTINGS, epochs=4)
    whole = InlineLink()
    whole.send(attrs.evolve(start, settings=settings, folder=str(tmp_path / "whole")))
    until(whole, a(Finished))
    rng = np.random.default_rng(0)
    wanted = attrs.evolve(start, settings=settings, paused=True, checkpoint_seconds=0.0)
    for _ in range(3):
        link = Link()
        link.send(wanted)
        until(link, phase("paused"))
        for _ in range(int(rng.integers(2, 9))):
            link.send(StepOnce())
            report(link)
        link.send(Resume())
        link.process.kill()
        until(link, a(Failed))
        link.process.close()
        wanted = attrs.evolve(wanted, resume=True)
    last = InlineLink()
    last.send(attrs.evolve(wanted, paused=False))
    until(last, a(Finished))
    name = "last.safetensors"
    assert (tmp_path / "whole" / name).read_bytes() == (Path(start.folder) / name).read_bytes()
