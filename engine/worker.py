"""Owns the trainer, works in small pieces, and answers between them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import attrs
import numpy as np

from engine import graph as graphs
from engine import protocol
from engine.answers import ANSWERED_BY, answer
from engine.answers.prediction import looked_at
from engine.atomic import SaveError
from engine.carrying import carry_over
from engine.checkpoint import resume
from engine.curve import Curve
from engine.data.download import Cancelled
from engine.errors import EngineError, InputError
from engine.inbox import PATIENT
from engine.jit import MAX_THREADS, set_threads
from engine.mishaps import in_words
from engine.pictures import pictures
from engine.preparation import prepare
from engine.process_memory import peak_memory_bytes
from engine.progress import FINISHED, TRAINING, EpochResult
from engine.protocol import Failed, PhaseChanged, Problem, Report
from engine.questions import Forget, NotAnswered
from engine.runs import Run, describe
from engine.trainer import Trainer

Array = np.ndarray[Any, Any]
MOST_EPOCHS, MOST_TABLE_BYTES = 200, 16 * 1024  # in one report
NO_MEMORY = "There is not enough memory. Use a smaller batch or a smaller network."
ROOM = "Free some room on the disk, and train on."
PEN_RESTS_S = 0.25  # without another prediction
DOWNLOAD_WORD_S = 0.1  # between two words about a download


class Worker:
    """Handles messages, and does one piece of work a call; who calls it is another's matter."""

    def __init__(
        self,
        send: Callable[[Any], None],
        clock: Callable[[], float] = time.monotonic,
        urgent: Callable[[], Any | None] = lambda: None,
        ends: Callable[[], bool] = lambda: False,
    ) -> None:
        self._send, self._clock, self._urgent, self._ends = send, clock, urgent, ends
        self._job: Iterator[None] | None = None
        self._trainer: Trainer | None = None
        self._data: tuple[Any, Any] = (None, None)  # a source, and what it gave
        self._run: Run | None = None
        self._phase, self._paused, self._single_steps, self.stopped = protocol.IDLE, False, 0, False
        self._curve, self._history = Curve(), list[EpochResult]()
        self._inquiries: dict[type[Any], tuple[int, Iterator[Any]]] = {}  # answers under way, one of each kind
        self._drawn_at: float | None = None  # when the last prediction was wanted
        self._early: list[Any] = []  # questions that came before there was a network
        self._worked_at = self._saved_at = 0.0  # the end of the last piece of work, and when it was saved
        self._spent, self._trained, self._rate = 0.0, 0, 0.0  # seconds and samples of the epoch; in pauses nothing
        self._told_at = -DOWNLOAD_WORD_S  # of a download
        self._unsaved = ""  # why the newest checkpoint is not on the disk

    @property
    def idle(self) -> bool:
        """Whether there is nothing to do until the next message."""
        if self._inquiries and not self.stopped:
            return False
        return self.stopped or self._job is None or self._resting

    @property
    def _resting(self) -> bool:
        return self._paused and not self._single_steps and self._phase == protocol.PAUSED

    # --- messages ----------------------------------------------------------------------------------------------------

    def handle(self, message: Any) -> None:
        """Takes one message; a wish that cannot be fulfilled is answered with a Problem."""
        asks = isinstance(message, tuple(ANSWERED_BY))
        if asks and self._trainer is None and self._job is not None:
            self._early.append(message)
            return
        if isinstance(message, PATIENT):
            self._be_interrupted()
        if isinstance(message, protocol.Predict):
            self._drawn_at = self._clock()
            self._share_cores()
        try:
            self._actions[type(message)](self, message)
        except Exception as problem:  # noqa: BLE001  (a question is no reason to end a run)
            text = in_words(f"The answer to {type(message).__name__}", problem)
            self._send(NotAnswered(message.number, text) if asks else Problem(text))

    def _be_interrupted(self) -> None:
        """Whoever draws does not wait for the end of a step, or for what is said about other questions."""
        while (message := self._urgent()) is not None:
            self.handle(message)

    def _warm(self, message: protocol.Warm) -> None:
        if self._job is None:
            self._job = self._only_prepare(message)

    def _start(self, message: protocol.Start) -> None:
        self._leave_off()
        before = self._trainer if message.continues else None
        self._clear()
        self._paused = message.paused
        self._job = self._train(message, before)

    def _leave_off(self) -> None:
        """Nothing of a run that is under way is lost where it ends, or goes on with another network."""
        if self._trainer and self._job:
            self._save()
            self._report_rest()

    def _open(self, message: protocol.Open) -> None:
        if self._trainer and self._job:
            raise InputError("A run is under way; stop it before another network is opened.")
        if self._job:
            self._enter(protocol.IDLE)  # it was warming up
        self._clear()
        self._job = self._take_in(message)

    def _clear(self) -> None:
        self._trainer = self._run = None
        self._phase, self._paused, self._single_steps = protocol.IDLE, False, 0
        self._curve, self._history, self._inquiries = Curve(), [], {}

    def _pause(self, message: protocol.Pause) -> None:
        self._paused, self._single_steps = True, 0
        if self._job and self._trainer:
            self._enter(protocol.PAUSED)

    def _resume(self, message: protocol.Resume) -> None:
        self._end_rest()
        self._paused = False
        if self._job and self._trainer:
            self._enter(TRAINING)

    def _step_once(self, message: protocol.StepOnce) -> None:
        if self._job and self._trainer:
            self._end_rest()
            self._pause(protocol.Pause())
            self._single_steps = 1

    def _end_rest(self) -> None:
        if self._resting:
            self._worked_at = self._clock()  # the time of a pause is not time that training takes

    def _set_learning_rate(self, message: protocol.SetLearningRate) -> None:
        self._needed_trainer().set_learning_rate(message.learning_rate)

    def _set_batch(self, message: protocol.SetBatch) -> None:
        self._needed_trainer().set_batch(message.batch)

    def _stop(self, message: protocol.Stop) -> None:
        self._leave_off()
        self._job, self.stopped = None, True
        self._send(protocol.Stopped())

    def _answer(self, message: Any) -> None:
        found = answer(self._needed_trainer(), message)
        if isinstance(found, Iterator):
            self._inquiries[type(message)] = message.number, found  # a newer question replaces one of its kind
        else:
            self._send(found)

    def _answer_early(self) -> None:
        early, self._early = self._early, []
        for message in early:
            self.handle(message)

    def _forget(self, message: Forget) -> None:
        self._early = [question for question in self._early if question.number != message.number]
        self._inquiries = {kind: found for kind, found in self._inquiries.items() if found[0] != message.number}

    @property
    def _is_drawn(self) -> bool:
        """Whether somebody draws while a network trains: long answers wait until the pen rests."""
        busy = self._job is not None and not self._resting
        return busy and self._drawn_at is not None and self._clock() - self._drawn_at < PEN_RESTS_S

    def _share_cores(self) -> None:
        """A pen that is ahead of its line is felt, slower training is not: the window has a core while one draws."""
        if self._trainer:
            self._trainer.spared = int(self._is_drawn)
            set_threads(self._trainer.threads)

    def _inquire(self) -> None:
        """One piece of every answer under way."""
        for kind, (number, found) in list(self._inquiries.items()):
            self._be_interrupted()
            try:
                piece = next(found)
            except StopIteration:
                del self._inquiries[kind]
            except Exception as problem:  # noqa: BLE001
                del self._inquiries[kind]
                self._send(NotAnswered(number, _told(f"The answer to {kind.__name__}", problem)))
            else:
                if piece is not None:
                    self._send(piece)

    def _needed_trainer(self) -> Trainer:
        if self._trainer is None:
            raise InputError("There is no network in training yet. Start training first.")
        return self._trainer

    def _report(self, message: protocol.Ask) -> None:
        steps, losses, accuracies = self._curve.take()
        report = Report(phase=self._phase, steps=steps, losses=losses, accuracies=accuracies)
        trainer, history, self._history = self._trainer, self._history[:MOST_EPOCHS], self._history[MOST_EPOCHS:]
        if trainer is None:
            self._send(report)
            return
        progress = trainer.progress
        sample = looked_at(trainer, message) if message.watch else np.zeros(0)
        busy = self._job is not None and not self._resting
        self._send(
            attrs.evolve(
                report,
                step=progress.steps,
                total_steps=trainer.total_steps,
                epoch=progress.epoch,
                epochs=trainer.settings.epochs,
                seen=progress.seen,
                samples_per_epoch=trainer.samples_per_epoch,
                learning_rate=trainer.learning_rate,
                samples_per_second=self._rate,
                best_epoch=progress.best_epoch,
                memory_bytes=peak_memory_bytes(),
                history=tuple(history),
                evaluations=_small_enough(trainer) if history else {},
                pictures=pictures(trainer.network, sample, message.watch, busy=busy),
            )
        )

    def _report_rest(self) -> None:
        """Everything that nobody has asked for yet: there will be no more."""
        while self._trainer and (self._history or len(self._curve)):
            self._report(protocol.Ask())

    _actions: dict[type[Any], Callable[[Worker, Any], None]] = {
        protocol.Warm: _warm,
        protocol.Start: _start,
        protocol.Open: _open,
        protocol.Ask: _report,
        protocol.Pause: _pause,
        protocol.Resume: _resume,
        protocol.StepOnce: _step_once,
        protocol.SetLearningRate: _set_learning_rate,
        protocol.SetBatch: _set_batch,
        protocol.Stop: _stop,
        Forget: _forget,
        **dict.fromkeys(ANSWERED_BY, _answer),
    }

    # --- work --------------------------------------------------------------------------------------------------------

    def work(self) -> None:
        """One piece: a kernel, loading the data, or a step of training."""
        if self.stopped:
            return
        if not self._is_drawn:
            if self._drawn_at is not None:
                self._drawn_at = None
                self._share_cores()
            self._inquire()
        if self._job is None or self._resting:
            return
        try:
            next(self._job)
        except (StopIteration, Cancelled):  # who has cancelled a download is told that it stopped
            self._job = None
        except Exception as problem:  # noqa: BLE001  (whoever waits for the run is told)
            self._job, folder = None, str(self._run.folder) if self._run else ""
            self._answer_early()
            self._enter(protocol.FAILED)
            self._report_rest()
            self._send(Failed(_told("The training", problem), folder=folder))

    def _enter(self, phase: str) -> None:
        if phase != self._phase:
            self._phase = phase
            self._send(PhaseChanged(phase))

    def _only_prepare(self, message: protocol.Warm) -> Iterator[None]:
        with suppress(EngineError):  # a drawing that is not ready yet; its problems are shown elsewhere
            yield from self._prepare(graphs.loads(message.network), message)
        self._enter(protocol.IDLE)

    def _prepare(self, graph: graphs.Graph, message: protocol.Warm | protocol.Start) -> Iterator[None]:
        self._enter(protocol.PREPARING)
        set_threads(message.settings.threads or MAX_THREADS)
        for prepared in prepare(graph, message.settings):
            self._send(prepared)
            yield

    def _take_in(self, message: protocol.Open) -> Iterator[None]:
        try:
            graph = graphs.loads(message.network)
            for _ in prepare(graph, message.settings):
                yield
            trainer = Trainer(graph, self._loaded(message.source, fetch=False), message.settings)
            carry_over(trainer.network, message.weights)
        except Exception as problem:  # noqa: BLE001
            self._job, early, self._early = None, self._early, []
            text = _told("Opening the network", problem)
            self._send(protocol.Opened(text))
            for question in early:
                self._send(NotAnswered(question.number, text))
            return
        self._trainer = trainer
        self._send(protocol.Opened())
        self._answer_early()

    def _loaded(self, source: Any, *, fetch: bool = True) -> Any:
        """The data; those of the last time are still there."""
        if self._data[0] is None or self._data[0] != source:
            self._data = (None, None)  # room for the others
            told = self._tell_downloading
            self._data = source, source.load(fetch=fetch, progress=told, wanted=lambda: not self._ends())
        return self._data[1]

    def _tell_downloading(self, there: int, total: int) -> None:
        now = self._clock()
        if now - self._told_at >= DOWNLOAD_WORD_S or there >= total:
            self._told_at = now
            self._send(protocol.Downloading(there, total))

    def _train(self, message: protocol.Start, before: Trainer | None) -> Iterator[None]:
        yield from self._prepare(graphs.loads(message.network), message)
        self._enter(protocol.LOADING)
        yield
        self._trainer = self._make_trainer(message, self._loaded(message.source), before)
        before, self._trainer.between = None, self._be_interrupted
        self._answer_early()
        self._enter(protocol.PAUSED if self._paused else TRAINING)
        self._worked_at = self._saved_at = self._clock()
        self._spent, self._trained, self._rate = 0.0, 0, 0.0
        while not self._trainer.finished:
            yield
            self._step(self._trainer, message.checkpoint_seconds)
        progress, self._paused = self._trainer.progress, False
        self._enter(FINISHED)
        folder = str(self._run.folder) if self._run else ""
        self._report_rest()
        self._send(protocol.Finished(progress.epoch, progress.best_epoch, progress.stopped_early, folder))
        if self._unsaved:
            self._send(Problem(f"What the run learned last is not on the disk. {self._unsaved} {ROOM}"))

    def _make_trainer(self, message: protocol.Start, data: Any, before: Trainer | None) -> Trainer:
        graph = graphs.loads(message.network)
        if message.resume:
            self._run = Run.open(message.folder)
            checkpoint, wanted = self._run.checkpoint(), message.settings
            settings = attrs.evolve(checkpoint.settings, epochs=wanted.epochs, threads=wanted.threads)
            return resume(attrs.evolve(checkpoint, settings=settings), data)
        trainer = Trainer(graph, data, message.settings)
        learned = before.network.store.arrays if before else message.weights
        if before or learned:  # also of a network without weights: it says where the edited one begins
            self._send(carry_over(trainer.network, learned, identities=message.identities))
        if before:
            trainer.continue_after(before)
        if message.folder:
            self._run = Run.create(message.folder, graph, message.settings, {**describe(data), **message.about})
            self._save_trainer(trainer)
        return trainer

    def _step(self, trainer: Trainer, checkpoint_seconds: float) -> None:
        result = trainer.step()
        now = self._clock()
        self._spent, self._worked_at = self._spent + now - self._worked_at, now
        if result.phase == TRAINING:
            self._single_steps = 0  # measuring at the end of an epoch is no step
            self._curve.add(result)
            self._trained += result.samples
            self._rate = self._trained / max(1e-9, self._spent)
        if result.finished_epoch:
            self._history.append(result.finished_epoch)
            self._end_epoch(trainer, now)
        elif now - self._saved_at >= checkpoint_seconds:
            self._save()

    def _end_epoch(self, trainer: Trainer, now: float) -> None:
        seconds, samples = self._spent, self._trained
        self._trained, self._spent, self._saved_at = 0, 0.0, now
        if self._run:
            run = self._run
            self._trying(lambda: run.end_epoch(trainer, seconds, samples / max(1e-9, seconds)))

    def _save(self) -> None:
        if self._trainer:
            self._save_trainer(self._trainer)

    def _save_trainer(self, trainer: Trainer) -> None:
        self._saved_at = self._clock()
        if self._run:
            run = self._run
            self._trying(lambda: run.save(trainer))

    def _trying(self, save: Callable[[], None]) -> None:
        """A full disk is no reason to end a run."""
        try:
            save()
        except SaveError as problem:
            self._unsaved = str(problem)
            self._send(Problem(self._unsaved))
        else:
            self._unsaved = ""


def _told(doing: str, problem: Exception) -> str:
    return NO_MEMORY if isinstance(problem, MemoryError) and not str(problem) else in_words(doing, problem)


def _small_enough(trainer: Trainer) -> dict[str, Any]:
    """The newest evaluations, without tables of confusion that would not fit into a report."""
    return {
        name: e if e.confusion is None or e.confusion.nbytes <= MOST_TABLE_BYTES else attrs.evolve(e, confusion=None)
        for name, e in trainer.evaluations.items()
    }
