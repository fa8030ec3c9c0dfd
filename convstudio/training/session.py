"""The only door to the trainer: starts it, asks it, and tells everybody what it said; never waits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
from PySide6.QtCore import QObject, Signal

from convstudio.document.document import Document, Weights, computes_the_same
from convstudio.document.project import Project
from convstudio.training.background import Background
from convstudio.training.curves import Curves
from convstudio.training.folders import can_go_on, found_weights, free_folder, give_back
from convstudio.training.inquiry import Inquiry
from convstudio.training.kept_runs import KeptRuns
from convstudio.training.pipe import AnyLink
from convstudio.training.steering import Steering, steering
from engine import graph as graphs
from engine import protocol
from engine.data.source import DataSource
from engine.link import Link
from engine.numerals import written
from engine.progress import FINISHED, TEST, TRAINING, VALIDATION
from engine.protocol import Carried, Downloading, Failed, Finished, PhaseChanged, Preparing, Report, Stopped
from engine.run_files import NETWORK, Mark

LOST = "The process that looks into the network ended unexpectedly. Nothing is lost; it begins again when it is asked."
SILENT_S = 15.0  # after which a process that was asked has either much to do or hangs
SILENT = (
    f"The training process has said nothing for {SILENT_S:.0f} seconds. Large networks and data take their time; "
    "Stop ends it, and the last checkpoint stays."
)
KILLED = "The training process did not answer and was ended."
GOES_ON, BEGINS_ANEW = "The run can go on from its last checkpoint.", "Nothing was learned yet; start it again."
BUSY = (protocol.PREPARING, protocol.LOADING, TRAINING, VALIDATION, TEST)
RUNNING = (*BUSY, protocol.PAUSED)


class Session(Inquiry):
    """Trains the document's network in a process of its own; between runs that process answers questions about it."""

    phase_changed = Signal(str)
    prepared = Signal(object)  # Preparing or Downloading: what there is to do before the first step
    started = Signal(bool)  # a run; whether it goes on with an earlier one
    carried = Signal(object)  # Carried: what an edited network kept
    marked = Signal(object)  # Mark
    finished = Signal(object)  # Finished
    failed = Signal(str)
    fell_silent = Signal(str)  # the process is busy for long, or hangs

    def __init__(
        self,
        document: Document,
        make_link: Callable[[], AnyLink] = Link,
        runs: Path | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(document, make_link, parent)
        self.phase, self.folder, self.report = protocol.IDLE, "", Report(protocol.IDLE)
        self.kept, self.curves = KeptRuns(runs, self), Curves()
        self._background = Background(self)
        self._first_step = self._silent = False
        self._trains: Project | None = None  # what the run, or the last one, was begun with
        self._folder_before = ""  # of the run that an edited network goes on with
        self.identities = True  # whether layers that come into a trained network begin as identities, where they can

    # --- what is true now --------------------------------------------------------------------------------------------

    @property
    def trains_on(self) -> DataSource | None:
        """The data of the run that is under way."""
        return self._trains.data if self.running and self._trains else None

    @property
    def edited(self) -> bool:
        """Whether the network is another one than the run was begun with."""
        return self._trains is not None and not computes_the_same(self._trains, self.document.project)

    @property
    def can_go_on(self) -> bool:
        """Whether the last run ended early and has a checkpoint."""
        return not self.running and self.phase in (protocol.FAILED, protocol.STOPPED) and can_go_on(self.folder)

    @property
    def goes_on(self) -> bool:
        """Whether the last run can be continued as it was."""
        return self.can_go_on and not self.edited

    @property
    def has_learned(self) -> bool:
        """Whether there are weights of layers that the network has."""
        known = {name.rpartition(".")[0] for name in self.document.weights}
        return any(node.id in known for node in self.document.graph)

    @property
    def steering(self) -> Steering:
        """What can be done now."""
        return steering(
            running=self.running,
            paused=self.running and self.phase == protocol.PAUSED,
            goes_on=self.goes_on,
            has_learned=self.has_learned,
            blocked=bool(self.obstacles),
        )

    # --- wishes ------------------------------------------------------------------------------------------------------

    def warm(self) -> None:
        """Compiles the network's kernels while there is time."""
        project = self.document.project
        if not self.running and not self.document.problems and project.graph.nodes:
            self._send(protocol.Warm(graphs.dumps(project.unfolded), project.settings))

    def train(self) -> bool:
        """What Train does now: goes on with a run that rests or ended early, else begins; False where it cannot."""
        if self.running and self.phase == protocol.PAUSED:
            self.resume()
        elif self.goes_on:
            self.go_on()
        elif not self.running:
            return self.start(anew=not self.has_learned, identities=self.identities)
        return True

    def start(self, paused: bool = False, *, anew: bool = True, identities: bool = False) -> bool:
        """Begins a new run; False where something is in the way.

        One that is not `anew` begins with the weights that are there, as far as their shapes fit.
        """
        if self.running or not self._can_begin():
            return False
        self._begin(paused=paused, weights={} if anew else self.document.weights, identities=identities)
        return True

    def take_edit(self, *, identities: bool) -> bool:
        """Lets the run go on with the network as it is drawn now; what fits keeps its weights."""
        if not self.running or not self._can_begin():
            return False
        self._begin(paused=self.phase == protocol.PAUSED, continues=True, identities=identities)
        return True

    def go_on(self, folder: str = "", *, paused: bool = False) -> None:
        """Continues a run from its last checkpoint."""
        place = folder or self.folder
        try:
            network = (Path(place) / NETWORK).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as problem:
            self.said.emit(f"The run in {place} cannot go on: its {NETWORK} cannot be read ({problem}). Start it anew.")
            return
        self._begin(place, network=network, resume=True, paused=paused)

    def _can_begin(self) -> bool:
        if self.obstacles:
            self.said.emit(self.obstacles[0].text)
        return not self.obstacles

    def _begin(self, folder: str = "", network: str = "", **how: Any) -> None:
        resume, continues = how.get("resume", False), how.get("continues", False)
        project = self.document.project
        network = network or graphs.dumps(project.unfolded)
        before, self._folder_before = self.folder, self.folder if continues else ""
        self.folder = folder or str(free_folder(self.document.title, self.kept.folder))
        about = {"source": attrs.asdict(self.source)}
        if not resume or self.folder != before or not self._trains:
            self._trains = project
        if not resume and not continues:
            self.report, self.curves = Report(protocol.PREPARING), Curves()
        elif resume and folder not in ("", before):
            known = self.kept.summary(Path(folder))
            self.curves = Curves.load(Path(folder), known.history if known else ())
        else:
            self.curves.go_on()
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
        """One batch; a run that ended early goes on for it, one that has not begun begins."""
        if self.running:
            self._tell(protocol.StepOnce())
        elif self.goes_on:
            self.go_on(paused=True)
            self._first_step = self.running
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
            self._mark(f"learning rate {written(rate)}")

    def set_batch(self, batch: int) -> None:
        """From the next step on."""
        if self.running:
            self._tell(protocol.SetBatch(batch))
            self._mark(f"batch {batch}")

    def close(self) -> None:
        """Ends the processes at once; what the last checkpoint holds stays."""
        self.browsing.close()
        self._pipe.close()
        self._drop()
        give_back(self.folder)
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

    # --- the pipe ----------------------------------------------------------------------------------------------------

    def _tick(self) -> None:
        super()._tick()
        link, was_silent = self._pipe.link, self._silent
        self._silent = self.running and link is not None and link.silent_seconds > SILENT_S
        if self._silent and not was_silent:
            self.fell_silent.emit(SILENT)
        elif was_silent and not self._silent:
            self.phase_changed.emit(self.phase)  # whoever has told it takes it back

    def _take(self, message: Any) -> None:
        match message:
            case PhaseChanged(phase):
                self._enter(phase)
                if phase == protocol.PAUSED and self._first_step:
                    self._first_step = False
                    self._tell(protocol.StepOnce())
            case Preparing() | Downloading():
                self.prepared.emit(message)
            case Report() if message.phase != protocol.IDLE:
                self.report = message
                self.curves.add(message)
                super()._take(message)
            case Carried():
                if self._folder_before:  # the steps until here were the old network's
                    self._mark("network edited")
                self.carried.emit(message)
            case Finished() | Failed() | Stopped():
                self._end_run(message)
            case _:
                super()._take(message)

    def _end_run(self, message: Finished | Failed | Stopped) -> None:
        ran, self._under_way = self._under_way, False
        match message:
            case Failed(crashed=True) | Stopped():
                self._drop()
        if not ran:
            if isinstance(message, Failed):
                self.said.emit(LOST)
            return
        if self._folder_before and not can_go_on(self.folder):
            give_back(self.folder)
            self.folder = self._folder_before
        folder = self.folder
        self._background.do(
            lambda: found_weights(folder),
            lambda weights: self._conclude(message, weights),
            lambda text: self._conclude(message, {}, text),
            "Reading what the run has learned",
        )

    def _conclude(self, message: Finished | Failed | Stopped, weights: Weights, problem: str = "") -> None:
        """Everything is read that the run has left, or cannot be."""
        if weights:
            self.document.set_weights(weights)
        give_back(self.folder)
        self.kept.keep_curve(Path(self.folder), self.curves)
        match message:
            case Finished():
                self.finished.emit(message)
            case Failed(text):
                self._enter(protocol.FAILED)
                self.failed.emit(text)
            case Stopped(killed) if not self.running:
                self._enter(protocol.STOPPED)
                if killed:
                    self.failed.emit(f"{KILLED} {GOES_ON if self.can_go_on else BEGINS_ANEW}")
        if problem:
            self.said.emit(problem)

    def _enter(self, phase: str) -> None:
        if phase != self.phase:
            self.phase = phase
            self._pace()
            self.phase_changed.emit(phase)
            if phase == TRAINING:
                self._settled.start()  # the run's network answers now

    def _drop(self) -> None:
        self._first_step = False
        super()._drop()

    def _mark(self, text: str) -> None:
        # While a network is prepared reports know of no step: then it is the last one that was told.
        step = self.report.step or (int(self.curves.steps[-1]) if len(self.curves) else 0)
        mark, topic = Mark(step, text), text.rpartition(" ")[0]
        before = (m for m in self.curves.marks if m.step != mark.step or not m.text.startswith(topic))
        self.curves.marks = [*before, mark]  # of a number that is still being turned, the last word holds
        self.kept.keep_marks(Path(self.folder), self.curves)  # at once: a run that is killed keeps them, too
        self.marked.emit(mark)

    def _follow(self, before: Project, after: Project) -> None:
        super()._follow(before, after)
        if before.settings.learning_rate != after.settings.learning_rate:  # by whatever edit, or by undoing it
            self.set_learning_rate(after.settings.learning_rate)
        if before.settings.batch != after.settings.batch:
            self.set_batch(after.settings.batch)


__all__ = ["FINISHED", "RUNNING", "Session"]
