"""The only door to the trainer: starts it, asks it, and tells everybody what it said; never waits."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import numpy as np
from PySide6.QtCore import QObject, QSocketNotifier, QTimer, Signal

from convstudio.document.document import Document
from convstudio.training.asking import WhyLoss, WhyNumber, WhyWeight
from convstudio.training.fitting import Obstacle, obstacles
from convstudio.training.folders import can_go_on, found_weights, free_folder
from engine import graph as graphs
from engine import protocol
from engine.link import InlineLink, Link
from engine.progress import FINISHED, TEST, TRAINING, VALIDATION
from engine.protocol import Failed, Finished, PhaseChanged, Prediction, Preparing, Problem, Report, Stopped
from engine.questions import ANSWERS, Forget

ASK_MS, IDLE_MS = 50, 250  # between two questions while something happens, and while nothing does
BUSY = (protocol.PREPARING, protocol.LOADING, TRAINING, VALIDATION, TEST)
RUNNING = (*BUSY, protocol.PAUSED)

AnyLink = Link | InlineLink


@attrs.frozen
class Mark:
    """Something that changed in the middle of a run."""

    step: int
    text: str


class Session(QObject):
    """Trains the document's network in a process of its own."""

    phase_changed = Signal(str)
    prepared = Signal(object)  # Preparing: which kernel is being compiled
    started = Signal(bool)  # a run; whether it goes on with an earlier one
    reported = Signal(object)  # Report
    predicted = Signal(object)  # Prediction
    answered = Signal(object)  # to a question of engine.questions
    why = Signal(object)  # somebody asks for a number to be explained: one of convstudio.training.asking
    marked = Signal(object)  # Mark
    said = Signal(str)  # something did not work, and training goes on
    finished = Signal(object)  # Finished
    failed = Signal(str)
    ended = Signal()  # the process is gone

    def __init__(
        self,
        document: Document,
        make_link: Callable[[], AnyLink] = Link,
        runs: Path | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.document = document
        self.phase, self.folder, self.report = protocol.IDLE, "", Report(protocol.IDLE)
        self.marks: list[Mark] = []
        self._make_link, self._runs = make_link, runs
        self._link: AnyLink | None = None
        self._notifier: QSocketNotifier | None = None
        self._visible, self._stopping, self._first_step = True, False, False
        self._watched: dict[str, tuple[str, ...]] = {}
        self._sample, self._number, self._asked_for = 0, 0, 0
        self._waiting: protocol.Predict | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        document.inference_changed.connect(self._mark_edit)

    # --- what is true now --------------------------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Whether a run is under way, or rests."""
        return self.phase in RUNNING and self._in_run

    @property
    def _in_run(self) -> bool:
        return self._link is not None and bool(self.folder)

    @property
    def obstacles(self) -> tuple[Obstacle, ...]:
        """Why a run cannot start."""
        return obstacles(self.document.project, self.document.inference)

    @property
    def can_go_on(self) -> bool:
        """Whether the last run ended early and has a checkpoint."""
        return not self.running and self.phase in (protocol.FAILED, protocol.STOPPED) and can_go_on(self.folder)

    # --- wishes ------------------------------------------------------------------------------------------------------

    def warm(self) -> None:
        """Compiles the network's kernels while there is time."""
        project = self.document.project
        if not self.running and not self.document.problems and project.graph.nodes:
            self._send(protocol.Warm(graphs.dumps(project.unfolded), project.settings))

    def start(self, paused: bool = False) -> bool:
        """Begins a new run; False where something is in the way."""
        if self.obstacles:
            self.said.emit(self.obstacles[0].text)
            return False
        self.folder = str(free_folder(self.document.title, self._runs))
        self._begin(resume=False, paused=paused)
        return True

    def go_on(self, folder: str = "") -> None:
        """Continues a run from its last checkpoint."""
        self.folder = folder or self.folder
        self._begin(resume=True, paused=False)

    def _begin(self, resume: bool, paused: bool) -> None:
        project = self.document.project
        network = graphs.dumps(project.unfolded)
        if resume and (Path(self.folder) / "network.json").is_file():
            network = (Path(self.folder) / "network.json").read_text(encoding="utf-8")
        entry = next((n for n in project.graph if n.layer.kind == "input"), None)
        source = attrs.evolve(project.data, shape=tuple(entry.layer.settings()["shape"]) if entry else ())
        about = {"source": attrs.asdict(source)}
        start = protocol.Start(network, project.settings, source, self.folder, about, resume, paused)
        if not resume:
            self.marks, self.report = [], Report(protocol.PREPARING)
        self._enter(protocol.PREPARING)
        self.started.emit(resume)
        self._send(start)

    def pause(self) -> None:
        """Rests after this step."""
        self._tell(protocol.Pause())

    def resume(self) -> None:
        """Goes on after a rest."""
        self._tell(protocol.Resume())

    def step(self) -> None:
        """One batch; a run that has not begun begins."""
        if self.running:
            self._tell(protocol.StepOnce())
        else:
            self._first_step = self.start(paused=True)

    def stop(self) -> None:
        """Saves, and ends the run and its process."""
        if self._link is not None and not self._stopping:
            self._stopping = True
            self._link.stop()
            self._pace()

    def set_learning_rate(self, rate: float) -> None:
        """From the next step on."""
        if self.running:
            self._tell(protocol.SetLearningRate(rate))
            self._mark(f"learning rate {rate:g}")

    def set_batch(self, batch: int) -> None:
        """From the next step on."""
        if self.running:
            self._tell(protocol.SetBatch(batch))
            self._mark(f"batch {batch}")

    def predict(self, image: np.ndarray[Any, Any]) -> int:
        """Asks what the network says to a picture; only the newest waits. The number comes back with the answer."""
        self._waiting = protocol.Predict(self.new_number(), image, self._watching)
        self._send_prediction()
        return self._number

    def new_number(self) -> int:
        """The number of a question; it comes back with the answer."""
        self._number += 1
        return self._number

    def ask_about(self, question: Any) -> None:
        """Asks something of engine.questions; `answered` brings what is said."""
        self._tell(question)

    def forget(self, number: int) -> None:
        """The answer to a question is not wanted any more."""
        self._tell(Forget(number))

    def explain_number(self, node: str, at: tuple[int, ...], sample: int = 0) -> None:
        """Shows how a number of a layer was made; its index is channel and position."""
        self.why.emit(WhyNumber(node, tuple(at), sample))

    def explain_weight(self, node: str, parameter: str, index: tuple[int, ...]) -> None:
        """Shows a weight's gradient, and what the optimiser makes of it."""
        self.why.emit(WhyWeight(node, parameter, tuple(index)))

    def explain_loss(self, sample: int = 0) -> None:
        """Shows how the loss of a sample was made."""
        self.why.emit(WhyLoss(sample))

    def watch(self, panel: str, nodes: tuple[str, ...]) -> None:
        """Which nodes' pictures a panel wants with every report."""
        self._watched[panel] = nodes

    def look_at(self, sample: int) -> None:
        """Which sample of the data the pictures are of."""
        self._sample = sample

    def set_visible(self, visible: bool) -> None:
        """A window that nobody sees asks nothing."""
        self._visible = visible
        self._pace()

    def close(self) -> None:
        """Ends the process at once; what the last checkpoint holds stays."""
        if self._link is not None:
            self._link.kill()
        self._drop()

    # --- the pipe ----------------------------------------------------------------------------------------------------

    @property
    def _watching(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(node for nodes in self._watched.values() for node in nodes))

    def _tell(self, message: Any) -> None:
        if self._link is not None:
            self._link.send(message)
            self._pace()

    def _send(self, message: Any) -> None:
        if self._link is None:
            self._link = self._make_link()
            self._stopping = False
            if isinstance(self._link, Link) and os.name != "nt":  # Windows' pipes are no sockets
                self._notifier = QSocketNotifier(self._link.connection.fileno(), QSocketNotifier.Type.Read, self)
                self._notifier.activated.connect(self._poll)
        self._link.send(message)
        self._pace()

    def _send_prediction(self) -> None:
        if self._waiting is not None and not self._asked_for and self._link is not None:
            self._asked_for, message, self._waiting = self._waiting.number, self._waiting, None
            self._tell(message)

    def _pace(self) -> None:
        """The timer runs as fast as there is something to see."""
        if self._link is None:
            self._timer.stop()
            return
        quick = self._stopping or (self._visible and (self.phase in RUNNING or self._asked_for))
        interval = 0 if isinstance(self._link, InlineLink) else ASK_MS if quick else IDLE_MS
        if not self._timer.isActive() or self._timer.interval() != interval:
            self._timer.start(interval)

    def _tick(self) -> None:
        if self._link is not None and self._visible and self.phase in RUNNING and not self._stopping:
            self._ask()
        self._poll()

    def _ask(self) -> None:
        if self._link is not None:
            self._link.ask(self._watching, self._sample)

    def _poll(self) -> None:
        if self._link is None:
            return
        for message in self._link.poll():
            self._take(message)
        link = self._link
        if self._notifier is not None and isinstance(link, Link) and link.process.sentinel in link.waitables[:1]:
            self._notifier.setEnabled(False)  # end of file: it would fire without end; the timer sees the rest

    def _take(self, message: Any) -> None:
        match message:
            case _ if isinstance(message, ANSWERS):
                self.answered.emit(message)
            case PhaseChanged(phase):
                self._enter(phase)
                if phase == protocol.PAUSED and self._first_step:
                    self._first_step = False
                    self._tell(protocol.StepOnce())
            case Preparing():
                self.prepared.emit(message)
            case Report():
                self.report = message
                self.reported.emit(message)
            case Prediction():
                self._asked_for = 0
                self.predicted.emit(message)
                self._send_prediction()
            case Problem(text):
                self._asked_for = 0
                self.said.emit(text)
            case Finished():
                self._ask()
                self._keep_weights()
                self.finished.emit(message)
            case Failed(text, crashed):
                if crashed:
                    self._drop()
                self._enter(protocol.FAILED)
                self.failed.emit(text)
            case Stopped():
                self._drop()
                self._keep_weights()
                self._enter(protocol.STOPPED)

    def _enter(self, phase: str) -> None:
        if phase != self.phase:
            self.phase = phase
            self._pace()
            self.phase_changed.emit(phase)

    def _keep_weights(self) -> None:
        weights = found_weights(self.folder) if self.folder else {}
        if weights:
            self.document.set_weights(weights)

    def _drop(self) -> None:
        if self._notifier is not None:
            self._notifier.setEnabled(False)
            self._notifier.deleteLater()
        self._notifier = self._link = None
        self._asked_for, self._waiting, self._stopping, self._first_step = 0, None, False, False
        self._timer.stop()
        self.ended.emit()

    def _mark(self, text: str) -> None:
        mark = Mark(self.report.step, text)
        self.marks.append(mark)
        self.marked.emit(mark)

    def _mark_edit(self) -> None:
        if self.running:
            self._mark("network edited")


__all__ = ["FINISHED", "RUNNING", "Mark", "Session"]
