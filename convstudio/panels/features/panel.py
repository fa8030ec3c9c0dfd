"""The feature map: samples that a layer makes similar numbers of are near each other."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, Qt, QTimer
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from convstudio.document.document import Document
from convstudio.look.icons import symbol
from convstudio.look.theme import appearance, space
from convstudio.panels.features.card import Card
from convstudio.panels.features.legend import Legend
from convstudio.panels.features.plot import FeaturePlot
from convstudio.training.inquiry import LARGEST_OPENED
from convstudio.training.keeping_up import KeepsUp
from convstudio.training.session import Session
from convstudio.wording import class_names, thousands
from engine.protocol import Report
from engine.questions.features import PCA, TSNE, MapFeatures, Moved, Placed, Portraits

Array = np.ndarray[Any, Any]
METHODS = ((PCA, "The two directions in which the samples differ most"), (TSNE, "Neighbours stay neighbours"))
COUNTS, USUAL_COUNT = (300, 1000, 2000), 1000
PERPLEXITY, LEAST_PERPLEXITY, MOST_PERPLEXITY = 30, 2, 200
FRAME_MS, GLIDE_FRAMES, MOST_BEHIND = 33, 9, 60  # of the animation; of one that is behind, frames are left out
NAME_LETTERS = 8  # of a layer, that can be read in its list while closed
WAITING = "Looking at samples …"
NO_NETWORK = "There is no network yet. Add an input and a layer to map what it makes of samples."
LARGE = "This network is large: press Update to have it look at samples."
PARTS = {"test": "test", "validation": "validation", "training": "training"}


class FeaturesPanel(QWidget):
    """The samples of a part as points."""

    explanation = (
        "Each point is a sample, placed by the numbers that a layer makes of it: what the layer finds similar lies "
        "close together. PCA looks from the side on which the samples differ most; t-SNE moves the points until "
        "neighbours among all numbers are neighbours here, where distances between groups mean little. Outlined "
        "points are mistakes. Point at one to see it; click it, and maps and explained numbers follow. Try to go from "
        "the input to the last layer: the classes come apart. Watch them do so while the network trains."
    )

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self._document, self._session = document, session
        self._placed: Placed | None = None
        self._pictures: dict[int, Array] = {}
        self._pictures_of: object = None  # what the pictures that are here belong to
        self._frames: deque[tuple[Array, str]] = deque()  # positions that are still to be shown, and a word on them
        self._wanted = False  # somebody pressed Update for a large network
        self._make_tools()
        self._make_body()
        self._lay_out()
        self._play = QTimer(self)
        self._play.setInterval(FRAME_MS)
        self._play.timeout.connect(self._next_frame)
        self._asks = KeepsUp(session, self, self._question, live=False)
        self._asks.came.connect(self._take)
        self._asks.refused.connect(self._refuse)
        session.reported.connect(self._follow)
        session.shown.connect(self._mark)
        document.selection_changed.connect(self._follow_selection)
        document.inference_changed.connect(self._list_layers)
        appearance().changed.connect(self._restyle)
        self._list_layers()
        self._show_method()

    # --- parts -------------------------------------------------------------------------------------------------------

    def _make_tools(self) -> None:
        self.layer, self.method, self.count, self.perplexity = QComboBox(), QComboBox(), QComboBox(), QSpinBox()
        self.layer.setAccessibleName("Layer")
        self.layer.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.layer.setMinimumContentsLength(NAME_LETTERS)
        self.layer.activated.connect(self._choose_layer)
        for name, tip in METHODS:
            self.method.addItem(name)
            self.method.setItemData(self.method.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.method.setAccessibleName("Method")
        self.method.activated.connect(self._show_method)
        self.method.activated.connect(self._renew)
        for count in COUNTS:
            self.count.addItem(f"{thousands(count)} samples", count)
        self.count.setCurrentIndex(COUNTS.index(USUAL_COUNT))
        self.count.setAccessibleName("Number of samples")
        self.count.activated.connect(self._renew)
        self.perplexity.setRange(LEAST_PERPLEXITY, MOST_PERPLEXITY)
        self.perplexity.setValue(PERPLEXITY)
        self.perplexity.setPrefix("perplexity ")
        self.perplexity.setAccessibleName("Perplexity")
        self.perplexity.setToolTip("About how many neighbours of each sample t-SNE keeps close")
        self.perplexity.setKeyboardTracking(False)
        self.perplexity.lineEdit().setTextMargins(space(1) + 2, 0, 0, 0)
        self.perplexity.valueChanged.connect(self._renew)
        self.whole, self.again = QToolButton(), QPushButton("Update")
        self.whole.setIcon(symbol("fit"))
        self.whole.setToolTip("Show all points")
        self.whole.setAccessibleName("Show all points")
        self.again.setToolTip("Looks at the samples again")
        self.again.clicked.connect(self._renew)

    def _make_body(self) -> None:
        self.plot, self.legend = FeaturePlot(), Legend()
        self.card = Card(self.plot)
        self.plot.picked.connect(self._look_at)
        self.plot.pointed.connect(self._point)
        self.legend.changed.connect(self.plot.hide_classes)
        self.whole.clicked.connect(self.plot.follow)
        self.says, self.facts, self.state = QLabel(WAITING), QLabel(), QLabel()
        for label in (self.says, self.facts, self.state):
            label.setProperty("role", "quiet")
        self.says.setWordWrap(True)
        self.says.setAlignment(Qt.AlignmentFlag.AlignCenter)

    def _lay_out(self) -> None:
        tools, foot = QHBoxLayout(), QHBoxLayout()
        tools.setSpacing(space(2))
        for widget in (self.layer, self.method, self.perplexity):
            tools.addWidget(widget)
        tools.addStretch(1)
        tools.addWidget(self.whole)
        tools.addWidget(self.again)
        map_ = QWidget()
        body = QHBoxLayout(map_)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(space(3))
        body.addWidget(self.plot, 1)
        body.addWidget(self.legend)
        foot.setSpacing(space(3))
        self.facts.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        foot.addWidget(self.facts, 1)
        foot.addWidget(self.state)
        foot.addWidget(self.count)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.says)
        self.pages.addWidget(map_)
        self.map_ = map_
        column = QVBoxLayout(self)
        column.setContentsMargins(space(4), space(2), space(4), space(2))
        column.setSpacing(space(2))
        column.addLayout(tools)
        column.addWidget(self.pages, 1)
        column.addLayout(foot)

    # --- which layer -------------------------------------------------------------------------------------------------

    def _list_layers(self) -> None:
        """Every layer of the network; the chosen one stays where it is still there."""
        chosen, graph = self.layer.currentText(), self._document.graph
        names = [node.id for node in graph.order]
        self.layer.clear()
        self.layer.addItems(names)
        self.layer.setEnabled(bool(names))
        wanted = chosen if chosen in names else self._usual()
        self.layer.setCurrentIndex(self.layer.findText(wanted))
        if not names:
            self._refuse(NO_NETWORK)

    def _usual(self) -> str:
        """What the last layer with weights decides by: the layer before it."""
        graph = self._document.graph
        deciding = [n.id for n in graph.order if n.layer.kind == "dense" and graph.incoming(n.id)]
        if deciding:
            return graph.incoming(deciding[-1])[0].source
        return graph.order[-1].id if graph.nodes else ""

    def _follow_selection(self) -> None:
        chosen = sorted(name for name in self._document.selection if name in self._document.graph)
        if chosen and chosen[0] != self.layer.currentText():
            self.layer.setCurrentIndex(self.layer.findText(chosen[0]))
            self._renew()

    def _choose_layer(self) -> None:
        self._document.select([self.layer.currentText()])
        self._renew()

    # --- questions ---------------------------------------------------------------------------------------------------

    def _question(self, number: int) -> MapFeatures | None:
        node = self.layer.currentText()
        large = self._document.inference.parameter_count > LARGEST_OPENED
        if not node:
            return None
        if large and not self._wanted and not self._session.running:
            self._refuse(LARGE)
            return None
        if self._placed is None:
            self.says.setText(WAITING)
        count, perplexity = int(self.count.currentData()), float(self.perplexity.value())
        wanted = self._pictures_key(count) != self._pictures_of
        return MapFeatures(number, node, self.method.currentText(), count, perplexity, pictures=wanted)

    def _pictures_key(self, count: int) -> object:
        project = self._document.project
        return project.data, project.settings, count

    def _renew(self) -> None:
        self._wanted = True
        self._frames.clear()
        self._asks.renew()

    def _follow(self, report: Report) -> None:
        if report.history and self.method.currentText() == PCA:  # t-SNE would begin anew with every epoch
            self._asks.outdate()

    def _show_method(self) -> None:
        self.perplexity.setVisible(self.method.currentText() == TSNE)

    # --- answers -----------------------------------------------------------------------------------------------------

    def _take(self, answer: Any) -> None:
        match answer:
            case Placed():
                self._take_places(answer)
            case Moved(_, positions, iteration) if self._placed is not None:
                self._push(positions, f"step {iteration} of {self._placed.iterations}")
            case Portraits(_, first, pictures):
                self._pictures |= dict(enumerate(pictures, first))
                self._pictures_of = self._pictures_key(int(self.count.currentData()))

    def _take_places(self, placed: Placed) -> None:
        before, self._placed = self._placed, placed
        same = before is not None and np.array_equal(before.numbers, placed.numbers)
        if not same:
            self._pictures = {}
        self._show_samples(placed, same)
        self._frames.clear()
        if same and not placed.iterations and before is not None and before.method == PCA == placed.method:
            self._glide(self.plot.positions, placed.positions)
        else:
            self.plot.place(placed.positions)
            self.plot.follow()
        self.pages.setCurrentWidget(self.map_)
        self._write_facts(placed)
        self._mark(self._session.showing)

    def _show_samples(self, placed: Placed, same: bool) -> None:
        classes = placed.right if len(placed.right) else np.full(len(placed.numbers), -1)
        told = len(placed.said) == len(classes) == len(placed.right)
        wrong = placed.said != placed.right if told else np.zeros(len(classes), bool)
        most = int(max(classes.max(initial=-1), placed.said.max(initial=-1))) + 1
        names = class_names(placed.names, most)
        if same and np.array_equal(classes, self.plot.classes):
            self.plot.wrong = wrong
        else:
            self.plot.show_samples(classes, wrong, names)
            numbers, counts = np.unique(classes[classes >= 0], return_counts=True)
            self.legend.show_classes(names, dict(zip(numbers.tolist(), counts.tolist(), strict=True)))
            self.legend.setVisible(bool(len(numbers)))
            self.plot.hide_classes(set(self.legend.hidden))

    def _write_facts(self, placed: Placed) -> None:
        samples, among = thousands(len(placed.numbers)), thousands(placed.among)
        part = PARTS.get(placed.part, placed.part)
        each = f"{thousands(placed.of)} numbers"
        if placed.features < placed.of:
            each = f"{thousands(placed.features)} of {thousands(placed.of)} numbers"
        self.facts.setText(f"{samples} of {among} {part} samples · {each} each")
        self.state.clear()
        if placed.method == PCA:
            both = [f"{share * 100:.0f} % of the variance" for share in placed.shares]
            self.plot.name_axes(f"first direction, {both[0]}", f"second direction, {both[1]}")
        else:
            self.plot.name_axes("", "")

    def _refuse(self, sentence: str) -> None:
        self._placed = None
        self._frames.clear()
        self.says.setText(sentence)
        self.facts.clear()
        self.state.clear()
        self.pages.setCurrentWidget(self.says)

    # --- moving ------------------------------------------------------------------------------------------------------

    def _push(self, positions: Array, words: str) -> None:
        self._frames.append((positions, words))
        if len(self._frames) > MOST_BEHIND:
            self._frames = deque(list(self._frames)[::-2][::-1])  # an even selection, the newest among them
        if not self._play.isActive():
            self._play.start()

    def _glide(self, before: Array, after: Array) -> None:
        """From epoch to epoch; directions that have turned round are turned back."""
        turned = after * np.where((before * after).sum(axis=0) < 0, -1.0, 1.0)
        for frame in range(1, GLIDE_FRAMES + 1):
            share = (1 - np.cos(np.pi * frame / GLIDE_FRAMES)) / 2
            self._push(before + (turned - before) * share, "")

    def _next_frame(self) -> None:
        if not self._frames or not self.isVisible():
            self._play.stop()
            return
        positions, words = self._frames.popleft()
        self.plot.place(positions)
        self.state.setText(words)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802  (Qt's name)
        if self._frames:  # nobody watches: the end is enough
            self.plot.place(self._frames[-1][0])
            self.state.setText(self._frames[-1][1])
            self._frames.clear()
        super().hideEvent(event)

    # --- samples -----------------------------------------------------------------------------------------------------

    def _look_at(self, place: int) -> None:
        if self._placed is not None:
            self._session.look_at(int(self._placed.numbers[place]))

    def _mark(self, shown: Any) -> None:
        """What is looked at has a ring."""
        numbers = self._placed.numbers if self._placed is not None else np.zeros(0)
        found = np.flatnonzero(numbers == shown) if isinstance(shown, int) else numbers[:0]
        self.plot.choose(int(found[0]) if len(found) else -1)

    def _point(self, place: int, where: QPointF) -> None:
        if place < 0 or self._placed is None or place >= len(self._placed.numbers):
            self.card.hide()
            return
        number, said = int(self.plot.classes[place]), self._placed.said
        words = self.plot.names[number] if number >= 0 else f"sample {thousands(int(self._placed.numbers[place]))}"
        right = not self.plot.wrong[place]
        verdict = f"said {self.plot.names[int(said[place])]}" if len(said) and number >= 0 else ""
        corner = self.plot.mapFromScene(where)
        self.card.show_sample(self._pictures.get(place), words, verdict, right, corner)

    def _restyle(self) -> None:
        self.plot.restyle()
        self.legend.restyle()
