"""The only door to the trainer: starts it, asks it, and tells everybody what it said; never waits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from convstudio.document.document import Document, Weights, computes_the_same
from convstudio.document.project import Project
from convstudio.training.asking import WhyLoss, WhyNumber, WhyWeight
from convstudio.training.background import Background
from convstudio.training.browsing import Browsing
from convstudio.training.curves import Curves
from convstudio.training.fitting import Obstacle, obstacles
from convstudio.training.folders import can_go_on, found_weights, free_folder
from convstudio.training.kept_runs import KeptRuns
from convstudio.training.pipe import AnyLink, Pipe
from engine import graph as graphs
from engine import protocol
from engine.data.source import DataSource
from engine.link import Link
from engine.progress import FINISHED, TEST, TRAINING, VALIDATION
from engine.protocol import Carried, Failed, Finished, PhaseChanged, Prediction, Preparing, Problem, Report, Stopped
from engine.questions import ANSWERS, Forget, NotAnswered
from engine.settings import TrainingSettings
from engine.shapes import Inference

SETTLE_MS = 300  # after an edit, until the panels ask again
LARGEST_OPENED = 30_000_000  # parameters of a network that is opened only to show its pictures
LOST = "The process that looks into the network ended unexpectedly. Nothing is lost; it begins again when it is asked."
BUSY = (protocol.PREPARING, protocol.LOADING, TRAINING, VALIDATION, TEST)
RUNNING = (*BUSY, protocol.PAUSED)


@attrs.frozen
class Mark:
    """Something that changed in the middle of a run."""

    step: int
    text: str


@attrs.frozen
class _Held:
    """What the process holds between runs; what is large is the same when it is the same object."""

    inference: Inference = attrs.field(eq=id)
    settings: TrainingSettings
    source: DataSource
    weights: Weights = attrs.field(eq=id)


class Session(QObject):
    """Trains the document's network in a process of its own; between runs that process answers questions about it."""

    phase_changed = Signal(str)
    prepared = Signal(object)  # Preparing: which kernel is being compiled
    started = Signal(bool)  # a run; whether it goes on with an earlier one
    carried = Signal(object)  # Carried: what an edited network kept
    network_changed = Signal()  # there is another network, or other weights, to ask about
    reported = Signal(object)  # Report
    predicted = Signal(object)  # Prediction
    answered = Signal(object)  # to a question of engine.questions
    why = Signal(object)  # somebody asks for a number to be explained: one of convstudio.training.asking
    shown = Signal(object)  # what is looked at from now on: the number of a sample, or a picture
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
        self.kept, self.curves = KeptRuns(runs, self), Curves()
        self._background = Background(self)
        self.showing: int | np.ndarray[Any, Any] = 0  # what is looked at
        self.browsing = Browsing(parent=self)  # its process begins when data are looked at
        self._pipe = Pipe(make_link, self)
        self._pipe.came.connect(self._take)
        self._pipe.ticked.connect(self._tick)
        self._under_way, self._visible, self._first_step = False, True, False
        self._trains: Project | None = None  # what the run, or the last one, was begun with
        self._folder_before = ""  # of the run that an edited network goes on with
        self._held: _Held | None = None
        self._watched: dict[str, tuple[str, ...]] = {}
        self._sample, self._number, self._asked_for, self._glances_again = 0, 0, 0, False
        self._waiting: protocol.Predict | None = None
        self._settled, self._glancing = self._once(SETTLE_MS, self._announce), self._once(0, self._glance)
        document.inference_changed.connect(self._settled.start)
        document.weights_changed.connect(self._settled.start)
        self.browsing.arrived.connect(self._settled.start)
        document.project_changed.connect(self._follow)

    def _once(self, after_ms: int, act: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(after_ms)
        timer.timeout.connect(act)
        return timer

    # --- what is true now --------------------------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Whether a run is under way, or rests."""
        return self._under_way

    @property
    def trains_on(self) -> DataSource | None:
        """The data of the run that is under way."""
        return self._trains.data if self.running and self._trains else None

    @property
    def edited(self) -> bool:
        """Whether the network is another one than the run was begun with."""
        return self._trains is not None and not computes_the_same(self._trains, self.document.project)

    @property
    def obstacles(self) -> tuple[Obstacle, ...]:
        """Why a run cannot start."""
        project = self.document.project
        return obstacles(project, self.document.inference, self.browsing.facts_of(self.source))

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

    def start(self, paused: bool = False, *, anew: bool = True, identities: bool = False) -> bool:
        """Begins a new run; False where something is in the way.

        One that is not `anew` begins with the weights that are there, as far as their shapes fit.
        """
        if not self._can_begin():
            return False
        self._begin(paused=paused, weights={} if anew else self.document.weights, identities=identities)
        return True

    def take_edit(self, *, identities: bool) -> bool:
        """Lets the run go on with the network as it is drawn now; what fits keeps its weights."""
        if not self.running or not self._can_begin():
            return False
        self._begin(paused=self.phase == protocol.PAUSED, continues=True, identities=identities)
        self._mark("network edited")
        return True

    def go_on(self, folder: str = "") -> None:
        """Continues a run from its last checkpoint."""
        self._begin(folder or self.folder, resume=True)

    def _can_begin(self) -> bool:
        if self.obstacles:
            self.said.emit(self.obstacles[0].text)
        return not self.obstacles

    def _begin(self, folder: str = "", **how: Any) -> None:
        resume, continues = how.get("resume", False), how.get("continues", False)
        project, kept = self.document.project, Path(folder) / "network.json"
        network = kept.read_text(encoding="utf-8") if resume and kept.is_file() else graphs.dumps(project.unfolded)
        before, self._folder_before = self.folder, self.folder if continues else ""
        self.folder = folder or str(free_folder(self.document.title, self.kept.folder))
        about = {"source": attrs.asdict(self.source)}
        if not resume or self.folder != before or not self._trains:
            self._trains = project
        if not resume and not continues:
            self.marks, self.report, self.curves = [], Report(protocol.PREPARING), Curves()
        elif resume and folder not in ("", before):
            self.marks, self.curves = [], Curves.load(Path(folder))
        self._under_way, self._held = True, None
        self._enter(protocol.PREPARING)
        self.started.emit(resume or continues)
        self._send(protocol.Start(network, project.settings, self.source, self.folder, about, **how))

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
            self._first_step = self.start(paused=True, anew=False)

    def stop(self) -> None:
        """Saves, and ends the run and its process."""
        self._pipe.stop()
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

    def predict(self, image: np.ndarray[Any, Any], *, look: bool = True) -> int:
        """Asks what the network says to a picture; only the newest waits. The number comes back with the answer.

        Unless it is not to `look`, the whole window shows the picture.
        """
        number = self.new_number()
        self._waiting = protocol.Predict(number, image)
        self._send_prediction()
        if look:
            self.look_at_image(image)
        return number

    def new_number(self) -> int:
        """The number of a question; it comes back with the answer."""
        self._number += 1
        return self._number

    def ask_about(self, question: Any) -> None:
        """Asks something of engine.questions; `answered` brings what is said."""
        if self._can_answer(question.number):
            self._send(question)

    def forget(self, number: int) -> None:
        """The answer to a question is not wanted any more."""
        self._tell(Forget(number))

    def explain_number(self, node: str, at: tuple[int, ...], sample: int = 0) -> None:
        """Shows how a number of a layer was made; its index is channel and position."""
        image = self.showing if isinstance(self.showing, np.ndarray) else None
        self.why.emit(WhyNumber(node, tuple(at), sample, image))

    def explain_weight(self, node: str, parameter: str, index: tuple[int, ...]) -> None:
        """Shows a weight's gradient, and what the optimiser makes of it."""
        self.why.emit(WhyWeight(node, parameter, tuple(index)))

    def explain_loss(self, sample: int = 0) -> None:
        """Shows how the loss of a sample was made."""
        self.why.emit(WhyLoss(sample))

    def watch(self, panel: str, nodes: tuple[str, ...]) -> None:
        """Which nodes' pictures a panel wants with every report."""
        if self._watched.get(panel, ()) != nodes:
            self._watched[panel] = nodes
            self._glancing.start()

    def look_at(self, sample: int) -> None:
        """Which sample of the data the pictures are of."""
        self._sample = sample
        self._show(sample)

    def look_at_image(self, image: np.ndarray[Any, Any] | None) -> None:
        """Has the whole window show a picture in the data's own units in place of a sample; None ends that."""
        self._show(self._sample if image is None else image)

    def _show(self, what: int | np.ndarray[Any, Any]) -> None:
        self._glancing.start()
        self.showing = what
        self.shown.emit(what)

    def set_visible(self, visible: bool) -> None:
        """A window that nobody sees asks nothing."""
        self._visible = visible
        self._pace()

    def close(self) -> None:
        """Ends the processes at once; what the last checkpoint holds stays."""
        self.browsing.close()
        self._pipe.kill()
        self._drop()
        self._background.wait()
        self.kept.close()
        self._settled.stop()
        self._glancing.stop()

    def begin_anew(self) -> None:
        """Ends what is at rest: what is asked next is answered by processes that know what is preferred now."""
        self.browsing.close()
        if not self.running:
            self._pipe.kill()
            self._drop()
            self._settled.start()

    # --- a network at rest -------------------------------------------------------------------------------------------

    @property
    def source(self) -> DataSource:
        """The data, as the network takes them."""
        project = self.document.project
        entry = next((n for n in project.graph if n.layer.kind == "input"), None)
        return attrs.evolve(project.data, shape=tuple(entry.layer.settings()["shape"]) if entry else ())

    def _can_answer(self, number: int) -> bool:
        """Has the process hold the document's network, unless it trains; says why it cannot be."""
        blocked = () if self.running else self.obstacles
        if blocked:
            refusal = NotAnswered(number, blocked[0].text)
            QTimer.singleShot(0, self, lambda: self._take(refusal))  # after whoever asks has noted the number
        else:
            self._hold()
        return not blocked

    def _hold(self) -> None:
        document = self.document
        project = document.project
        wanted = _Held(document.inference, project.settings, self.source, document.weights)
        if not self.running and wanted != self._held:
            self._held = wanted
            self._send(protocol.Open(graphs.dumps(project.unfolded), wanted.settings, wanted.source, wanted.weights))

    def _announce(self) -> None:
        self.network_changed.emit()
        self._glance()

    def _glance(self) -> None:
        """Shows the pictures that are watched when no run does."""
        small = self.document.inference.parameter_count <= LARGEST_OPENED
        if self._watching and self._visible and small and not self.running and not self.obstacles:
            self._hold()
            self._glances_again = not self._ask()

    # --- the pipe ----------------------------------------------------------------------------------------------------

    @property
    def _watching(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(node for nodes in self._watched.values() for node in nodes))

    def _tell(self, message: Any) -> None:
        if self._pipe.is_open:
            self._send(message)

    def _send(self, message: Any) -> None:
        self._pipe.send(message)
        self._pace()

    def _send_prediction(self) -> None:
        if self._waiting is not None and not self._asked_for and self._can_answer(self._waiting.number):
            self._asked_for, message, self._waiting = self._waiting.number, self._waiting, None
            self._send(message)

    def _pace(self) -> None:
        self._pipe.set_pace(quick=self._visible and bool(self.running or self._asked_for))

    def _tick(self) -> None:
        if self._visible and self.running:
            self._ask()

    def _ask(self) -> bool:
        image = self.showing if isinstance(self.showing, np.ndarray) else None
        return self._pipe.ask(self._watching, self._sample, image)

    def _take(self, message: Any) -> None:
        match message:
            case PhaseChanged(phase):
                self._enter(phase)
                if phase == protocol.PAUSED and self._first_step:
                    self._first_step = False
                    self._tell(protocol.StepOnce())
            case Preparing():
                self.prepared.emit(message)
            case Report():
                self._take_report(message)
            case Prediction():
                self.predicted.emit(message)
                self._answered(message.number)
            case _ if isinstance(message, ANSWERS):
                self.answered.emit(message)
                if isinstance(message, NotAnswered):
                    self._answered(message.number)
            case Carried():
                self.carried.emit(message)
            case protocol.Opened(problem):
                self._held = None if problem else self._held
                self._glance()
            case Problem(text):
                self.said.emit(text)
            case Finished() | Failed() | Stopped():
                self._end_run(message)

    def _take_report(self, report: Report) -> None:
        if report.phase == protocol.IDLE:  # of a network at rest: there is no run that it could tell of
            report = Report(protocol.IDLE, pictures=report.pictures)
        else:
            self.report = report
            self.curves.add(report)
        self.reported.emit(report)
        if self._glances_again:
            self._glance()

    def _answered(self, number: int) -> None:
        if number == self._asked_for:
            self._asked_for = 0
            self._send_prediction()

    def _end_run(self, message: Finished | Failed | Stopped) -> None:
        ran, self._under_way = self._under_way, False
        match message:
            case Finished():
                self._ask()
            case Failed(crashed=True) | Stopped():
                self._drop()
        if not ran:
            if isinstance(message, Failed):
                self.said.emit(LOST)
            return
        if self._folder_before and not can_go_on(self.folder):
            self.folder = self._folder_before
        folder = self.folder
        self._background.do(lambda: found_weights(folder), lambda weights: self._conclude(message, weights))

    def _conclude(self, message: Finished | Failed | Stopped, weights: Weights) -> None:
        """Everything is read that the run has left."""
        if weights:
            self.document.set_weights(weights)
        self.kept.keep_curve(Path(self.folder), self.curves)
        match message:
            case Finished():
                self.finished.emit(message)
            case Failed(text):
                self._enter(protocol.FAILED)
                self.failed.emit(text)
            case Stopped() if not self.running:
                self._enter(protocol.STOPPED)

    def _enter(self, phase: str) -> None:
        if phase != self.phase:
            self.phase = phase
            self._pace()
            self.phase_changed.emit(phase)
            if phase == TRAINING:
                self._settled.start()  # the run's network answers now

    def _drop(self) -> None:
        self._pipe.drop()
        self._under_way, self._first_step, self._glances_again = False, False, False
        self._asked_for, self._waiting, self._held = 0, None, None
        self.ended.emit()

    def _mark(self, text: str) -> None:
        mark = Mark(self.report.step, text)
        self.marks.append(mark)
        self.marked.emit(mark)

    def _follow(self, before: Project, after: Project) -> None:
        if before.data != after.data:
            self._settled.start()
        if before.settings.learning_rate != after.settings.learning_rate:  # by whatever edit, or by undoing it
            self.set_learning_rate(after.settings.learning_rate)
        if before.settings.batch != after.settings.batch:
            self.set_batch(after.settings.batch)


__all__ = ["FINISHED", "RUNNING", "Mark", "Session"]
