"""Asking the trainer's process about the document's network: while it trains, and between runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import attrs
import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from convstudio.document.document import Document, Weights
from convstudio.document.project import Project
from convstudio.training.asking import WhyLoss, WhyNumber, WhyWeight
from convstudio.training.browsing import Browsing
from convstudio.training.fitting import Obstacle, obstacles
from convstudio.training.pipe import AnyLink, Pipe
from engine import graph as graphs
from engine import protocol
from engine.data.source import DataSource
from engine.protocol import Prediction, Problem, Report
from engine.questions import ANSWERS, Forget, NotAnswered
from engine.settings import TrainingSettings
from engine.shapes import Inference

REPORT_S = 0.2  # between two reports: what is drawn takes from the trainer what it costs
SETTLE_MS = 300  # after an edit, until the panels ask again
LARGEST_OPENED = 30_000_000  # parameters of a network that is opened only to show its pictures
MOST_PREDICTING = 4  # on their way at once: the process answers the newest of those that wait


@attrs.frozen
class _Held:
    """What the process holds between runs; what is large is the same when it is the same object."""

    inference: Inference = attrs.field(eq=id)
    settings: TrainingSettings
    source: DataSource
    weights: Weights = attrs.field(eq=id)


class Inquiry(QObject):
    """Has the process hold the network that is to be asked about; never waits for what it says."""

    network_changed = Signal()  # there is another network, or other weights, to ask about
    reported = Signal(object)  # Report
    predicted = Signal(object)  # Prediction
    answered = Signal(object)  # to a question of engine.questions
    why = Signal(object)  # somebody asks for a number to be explained: one of convstudio.training.asking
    shown = Signal(object)  # what is looked at from now on: the number of a sample, or a picture
    said = Signal(str)  # something did not work, and all goes on
    ended = Signal()  # the process is gone

    def __init__(self, document: Document, make_link: Callable[[], AnyLink], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.showing: int | np.ndarray[Any, Any] = 0  # what is looked at
        self.browsing = Browsing(parent=self)  # its process begins when data are looked at
        self._pipe = Pipe(make_link, self)
        self._pipe.came.connect(self._take)
        self._pipe.ticked.connect(self._tick)
        self._under_way, self._visible = False, True
        self._held: _Held | None = None
        self._watched: dict[str, tuple[str, ...]] = {}
        self._sample, self._number, self._glances_again = 0, 0, False
        self._waiting: protocol.Predict | None = None
        self._reported_at = 0.0
        self._predicting: tuple[int, ...] = ()  # numbers of what is on its way
        self._settled, self._glancing = self._once(SETTLE_MS, self._announce), self._once(0, self._glance)
        document.inference_changed.connect(self._settled.start)
        document.weights_changed.connect(self._settled.start)
        self.browsing.arrived.connect(self._settled.start)
        document.content_changed.connect(self._follow)

    def _once(self, after_ms: int, act: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(after_ms)
        timer.timeout.connect(act)
        return timer

    @property
    def running(self) -> bool:
        """Whether a run is under way, or rests."""
        return self._under_way

    @property
    def obstacles(self) -> tuple[Obstacle, ...]:
        """Why a run cannot start."""
        project = self.document.project
        return obstacles(project, self.document.inference, self.browsing.facts_of(self.source))

    @property
    def source(self) -> DataSource:
        """The data, as the network takes them."""
        project = self.document.project
        entry = next((n for n in project.graph if n.layer.kind == "input"), None)
        return attrs.evolve(project.data, shape=tuple(entry.layer.settings()["shape"]) if entry else ())

    # --- wishes ------------------------------------------------------------------------------------------------------

    def predict(self, image: np.ndarray[Any, Any], *, look: bool = True) -> int:
        """Asks what the network says to a picture; only the newest waits. The number comes back with the answer.

        Unless it is not to `look`, the whole window shows the picture.
        """
        self._pipe.look()
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

    # --- a network at rest -------------------------------------------------------------------------------------------

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
        full = len(self._predicting) >= MOST_PREDICTING
        if self._waiting is not None and not full and self._can_answer(self._waiting.number):
            message, self._waiting = self._waiting, None
            self._predicting = (*self._predicting, message.number)
            self._send(message)

    def _pace(self) -> None:
        self._pipe.set_pace(quick=self._visible and bool(self.running or self._predicting))

    def _tick(self) -> None:
        since_s = time.monotonic() - self._reported_at
        if self._visible and self.running and since_s >= REPORT_S:
            self._ask()

    def _ask(self) -> bool:
        self._reported_at = time.monotonic()
        image = self.showing if isinstance(self.showing, np.ndarray) else None
        return self._pipe.ask(self._watching, self._sample, image)

    def _take(self, message: Any) -> None:
        match message:
            case Report():
                self._take_report(message)
            case Prediction():
                self._answered(message.number)  # first: the next one is not to wait for whoever shows this one
                self.predicted.emit(message)
            case _ if isinstance(message, ANSWERS):
                self.answered.emit(message)
                if isinstance(message, NotAnswered):
                    self._answered(message.number)
            case protocol.Opened(problem):
                self._held = None if problem else self._held
                self._glance()
            case Problem(text):
                self.said.emit(text)

    def _take_report(self, report: Report) -> None:
        if report.phase == protocol.IDLE:  # of a network at rest: there is no run that it could tell of
            report = Report(protocol.IDLE, pictures=report.pictures)
        self.reported.emit(report)
        if self._glances_again:
            self._glance()

    def _answered(self, number: int) -> None:
        if number in self._predicting:
            self._predicting = tuple(other for other in self._predicting if other > number)  # earlier ones were dropped
            self._send_prediction()

    def _drop(self) -> None:
        self._pipe.drop()
        self._under_way, self._glances_again = False, False
        self._predicting, self._waiting, self._held = (), None, None
        self.ended.emit()

    def _follow(self, before: Project, after: Project) -> None:
        if before.data != after.data:
            self._settled.start()
