"""One number, explained: any number of a network can be asked why, forwards to its inputs and backwards to its step."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from convstudio.document.document import Document
from convstudio.look.icons import symbol
from convstudio.look.letters import wear
from convstudio.look.theme import appearance, space
from convstudio.panels.ledger.counter import Counter
from convstudio.panels.ledger.crumbs import Crumbs
from convstudio.panels.ledger.loss_page import LossPage
from convstudio.panels.ledger.number_page import NumberPage
from convstudio.panels.ledger.weight_page import WeightPage
from convstudio.training.asking import Why, WhyLoss, WhyNumber, WhyWeight
from convstudio.wording import class_names
from engine.questions import (
    Explain,
    Explained,
    ExplainedLoss,
    ExplainedWeight,
    ExplainLoss,
    ExplainWeight,
    Look,
    Looked,
    NotAnswered,
)
from engine.spec import Layer

Array = np.ndarray[Any, Any]
MOST_SAMPLES, FOLLOW_MS = 1_000_000, 120
PATIENCE_MS = 250  # until one is told that an answer takes its time
EMPTY = "Select a layer, and click a pixel of its map to ask how it was made."
COMPUTING = "The sample is on its way through the network. Large networks take some seconds for the first number."
LOST = "The process that computes the numbers has ended. Update asks again."


class Asker(Protocol):
    """What the panel needs of a session."""

    answered: Any  # a signal with what engine.questions answers
    why: Any  # a signal with what is to be explained
    network_changed: Any  # a signal: there are other numbers now
    shown: Any  # a signal with what the whole window looks at: the number of a sample, or a picture
    ended: Any  # a signal: the process is gone, and what was asked with it

    def new_number(self) -> int:
        """The number of a question."""

    def ask_about(self, question: Any) -> None:
        """Sends a question to the trainer."""


class LedgerPanel(QWidget):
    """The way from number to number, and the page of the one that is meant."""

    explanation = (
        "Click a pixel of the selected layer. Its receptive field is framed in every layer below, down to the input, "
        "and the arithmetic that made it is shown: patch, kernel, every product, the sum and the bias. Click a number "
        "to go on with it, one layer deeper; the path above leads back. Click a weight to look the other way: its "
        "gradient, term by term over the samples of the next batch, and what the optimiser makes of it. Blue is "
        "positive, orange negative, and zero has the colour in between. Try a pixel of the first convolution, then "
        "one of its weights."
    )

    def __init__(self, document: Document, session: Asker, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self._document, self._session = document, session
        self._way: list[Why] = []
        self._here = -1
        self._node, self._sample = "", 0
        self._image: Array | None = None  # what is looked at instead of a sample
        self._shown_image: Array | None = None
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(FOLLOW_MS)
        self._later.timeout.connect(self._renew)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self._say_computing)
        self._asked = self._looked = 0
        self._stale = False
        self._make_parts()
        self._lay_out()
        session.answered.connect(self._take)
        session.why.connect(self.begin)
        session.network_changed.connect(self._renew)
        session.shown.connect(self._follow_window)
        session.ended.connect(self._lose)
        document.selection_changed.connect(self._follow_selection)
        appearance().changed.connect(self._renew)
        self._follow_selection()

    # --- parts -------------------------------------------------------------------------------------------------------

    def _make_parts(self) -> None:
        self.crumbs = Crumbs()
        self.crumbs.chosen.connect(self._go_to)
        self.back = QPushButton("Back")
        self.back.clicked.connect(lambda: self._go_to(self._here - 1))
        self.again = QPushButton("Update")
        self.again.setToolTip("Asks again: the network may have learned since")
        self.again.clicked.connect(self._renew)
        self.loss = QPushButton("Loss")
        self.loss.setToolTip("How the loss of this sample was made")
        self.loss.clicked.connect(lambda: self.explain(WhyLoss(self._sample)))
        self.copy = QToolButton()
        self.copy.setIcon(symbol("copy"))
        self.copy.setToolTip("Copies the whole page as text")
        self.copy.setAccessibleName("Copy as text")
        self.copy.clicked.connect(self._copy)
        self.sample = Counter("sample", "Number of the sample", MOST_SAMPLES)
        self.sample.valueChanged.connect(self._change_sample)
        self.drawn = QLabel("– your picture in its place")
        self.drawn.setProperty("role", "quiet")
        self.computing = QLabel("computing …")
        self.computing.setProperty("role", "quiet")
        self.computing.hide()
        self.number, self.weight, self.loss_page = NumberPage(), WeightPage(), LossPage()
        self.refusal = QLabel()
        self.refusal.setWordWrap(True)
        self.refusal.setAlignment(Qt.AlignmentFlag.AlignTop)
        wear(self.refusal, "body")
        self.pages: tuple[QWidget, ...] = self.number, self.weight, self.loss_page, self.refusal
        for asking in (self.number, self.weight, self.loss_page):
            asking.asked.connect(self.explain)
        self.number.portion_wanted.connect(self._ask_for_portion)
        self.number.far.connect(lambda channel: self._look(self._node, channel))

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(space(2))
        row.addWidget(self.back)
        row.addWidget(self.sample)
        row.addWidget(self.drawn)
        row.addWidget(self.loss)
        row.addStretch(1)
        row.addWidget(self.computing)
        row.addWidget(self.again)
        row.addWidget(self.copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(space(4), space(3), space(4), space(3))
        column.setSpacing(space(2))
        column.addLayout(row)
        column.addWidget(self.crumbs)
        for page in self.pages:
            column.addWidget(page, 1)

    # --- what the user wants -----------------------------------------------------------------------------------------

    def begin(self, why: Why) -> None:
        """Another panel asks: a new way begins."""
        self._way, self._here = [], -1
        if not isinstance(why, WhyWeight):
            self._image = why.image if isinstance(why, WhyNumber) else None
        self.explain(why)

    def explain(self, why: Why) -> None:
        """Goes on to another number; the way here stays."""
        if isinstance(why, WhyNumber | WhyLoss) and why.sample != self._sample:
            self._sample = why.sample
            with QSignalBlocker(self.sample):
                self.sample.setValue(why.sample)
        if 0 <= self._here < len(self._way) and self._way[self._here] == why:
            self._ask()
            return
        beside = self._here >= 0 and _beside(self._way[self._here], why)
        del self._way[self._here + (not beside) :]  # a number of the same map takes the place of the one before
        self._way.append(why)
        self._here = len(self._way) - 1
        self._ask()

    def _go_to(self, place: int) -> None:
        if 0 <= place < len(self._way):
            self._here = place
            self._ask()

    def _follow_selection(self) -> None:
        chosen = sorted(name for name in self._document.selection if name in self._document.graph)
        if chosen and chosen[0] != self._node:
            self._way, self._here, self._node = [], -1, chosen[0]
            self._ask()
        self._enable()

    def _change_sample(self, sample: int) -> None:
        self._sample, self._image = sample, None
        self._ask()

    def _follow_window(self, what: int | Array) -> None:
        """A drawing, or another sample, is looked at everywhere: the number is the one that it makes."""
        self._image = None if isinstance(what, int) else what
        if isinstance(what, int):
            self._sample = what
            with QSignalBlocker(self.sample):
                self.sample.setValue(what)
        self._later.start()  # a pen moves faster than one can read

    def _renew(self) -> None:
        if self._node or self._way:
            self._ask(anew=True)

    def _copy(self) -> None:
        page = next(page for page in self.pages if not page.isHidden())
        if isinstance(page, (NumberPage, WeightPage, LossPage)):
            QGuiApplication.clipboard().setText(page.as_text())

    # --- asking ------------------------------------------------------------------------------------------------------

    def _ask(self, anew: bool = False) -> None:
        """What is meant now; a panel that nobody sees asks when it is seen. `anew`: numbers may have changed."""
        self.crumbs.show_way(self._way, self._here)
        self._stale = not self.isVisible()
        if not self._stale:
            self._patience.start()
            self._send(self._way[self._here] if self._here >= 0 else None, anew)
        self._enable()

    def _send(self, why: Why | None, anew: bool) -> None:
        self._asked = self._session.new_number()
        if isinstance(why, WhyWeight):
            self._session.ask_about(ExplainWeight(self._asked, why.node, why.parameter, why.index))
        elif isinstance(why, WhyLoss):
            self._session.ask_about(ExplainLoss(self._asked, self._sample))
        elif why is not None:
            self._show_number(why, anew)
        elif self._node:
            self.number.begin(None, self._node, self._sample)
            self._look(self._node)

    def _show_number(self, why: WhyNumber, anew: bool) -> None:
        shown = self.number.shows(why.node, why.at, self._sample) and self._image is self._shown_image
        self._node = why.node
        self.number.begin(why, why.node, self._sample)
        if anew or not shown:
            self._look(why.node, why.at[0])
        self._session.ask_about(Explain(self._asked, why.node, why.at, self._sample, self._image))

    def _ask_for_portion(self, portion: int) -> None:
        why = self._way[self._here]
        if isinstance(why, WhyNumber):
            self._patience.start()
            self._asked = self._session.new_number()
            self._session.ask_about(Explain(self._asked, why.node, why.at, self._sample, self._image, portion))

    def _look(self, node: str, channel: int = 0) -> None:
        self._looked, self._shown_image = self._session.new_number(), self._image
        wanted = Look(self._looked, node, sample=self._sample, image=self._image, channel=channel)
        self._session.ask_about(wanted)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802  (Qt's name)
        super().showEvent(event)
        if self._stale:
            self._ask(anew=True)

    def _say_computing(self) -> None:
        """What was asked is not there yet."""
        self.computing.show()
        if self.refusal.isVisibleTo(self):
            self.refusal.setText(COMPUTING)

    def _lose(self) -> None:
        """What was asked is never answered."""
        self._patience.stop()
        self.computing.hide()
        if self.refusal.text() == COMPUTING:
            self.refusal.setText(LOST)

    # --- what the trainer answers ------------------------------------------------------------------------------------

    def _take(self, answer: Any) -> None:
        had_focus = self._has_focus()
        self._show_answer(answer)
        self._enable()
        if had_focus and not self._has_focus():  # what had it is gone: it would be in another panel by now
            next(w for w in (self.number.map, self.back, self.again) if w.isVisible() and w.isEnabled()).setFocus()

    def _has_focus(self) -> bool:
        focus = QApplication.focusWidget()
        return focus is not None and self.isAncestorOf(focus)

    def _show_answer(self, answer: Any) -> None:
        match answer:
            case Looked(number=self._looked, what="activations"):
                self.number.show_layer(answer, self._enters(answer.node))
                self._turn_to(self.number)
            case Explained(number=self._asked):
                self.number.show_explained(answer, self._layer(answer.node))
                self._turn_to(self.number)
            case ExplainedWeight(number=self._asked):
                self.weight.show_answer(answer, self._document.project.settings.optimizer.title)
                self._turn_to(self.weight)
            case ExplainedLoss(number=self._asked):
                names = class_names((), answer.label + 1)
                self.loss_page.show_answer(answer, names[-1] if names else "")
                self._turn_to(self.loss_page)
            case NotAnswered(number) if number in (self._asked, self._looked):
                self.refusal.setText(answer.message)
                self._turn_to(self.refusal)

    def _turn_to(self, wanted: QWidget) -> None:
        self._patience.stop()
        self.computing.hide()
        for page in self.pages:
            page.setVisible(page is wanted)

    # --- small things ------------------------------------------------------------------------------------------------

    def _layer(self, node: str) -> Layer | None:
        graph = self._document.project.unfolded
        return graph[node].layer if node in graph else None

    def _enters(self, node: str) -> bool:
        """Whether data enter there."""
        graph = self._document.project.unfolded
        return node in graph and not graph.incoming(node)

    def _enable(self) -> None:
        self.back.setEnabled(self._here > 0)
        meant = bool(self._node or self._way)
        for widget in (self.again, self.sample, self.loss, self.copy):
            widget.setEnabled(meant)
        self.loss.setEnabled(meant and self._image is None)  # a drawing has no label
        self.drawn.setVisible(meant and self._image is not None)
        if not meant:
            self.refusal.setText(EMPTY)
            self._turn_to(self.refusal)


def _beside(before: Why, why: Why) -> bool:
    """Whether both are numbers of the same layer, or weights of the same parameter."""
    if isinstance(before, WhyNumber) and isinstance(why, WhyNumber):
        return before.node == why.node
    both = isinstance(before, WhyWeight) and isinstance(why, WhyWeight)
    return both and (before.node, before.parameter) == (why.node, why.parameter)  # type: ignore[union-attr]
