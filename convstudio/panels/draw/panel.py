"""A picture of one's own in the network: drawn or dropped, prepared, predicted while the pen moves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QMimeData, QSize, Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QFileDialog,
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
from convstudio.panels.draw import showing
from convstudio.panels.draw.bars import ProbabilityBars
from convstudio.panels.draw.drawing import Drawing
from convstudio.panels.draw.loading import from_file, offered
from convstudio.panels.draw.pad import Pad
from convstudio.panels.draw.strip import Strip
from convstudio.training.background import Background
from convstudio.training.session import Session
from engine.data.stages import Staged, staged
from engine.errors import EngineError
from engine.protocol import Prediction, Report
from engine.questions import NotAnswered
from engine.questions.nearest import ANGLE, DISTANCE, NearestFound, NearestSamples

Array = np.ndarray[Any, Any]
STAGE_PX, NEAR_PX = 56, 56  # sides of small pictures
ACROSS, MOST_NEAR_ROWS = 4, 3  # of the nearest samples: in a row about, and rows
UNLIMITED_PX = (1 << 24) - 1  # Qt's largest size
MEASURES = (("By angle", ANGLE), ("By distance", DISTANCE))
PICTURES = "Pictures (*.png *.jpg *.jpeg *.bmp *.gif *.webp *.tif *.tiff);;All files (*)"
WAITING = "Waiting for the network."
READING = "Reading the picture."


class DrawPanel(QWidget):
    """Pictures of one's own."""

    explanation = (
        "Draw a digit, and the network says with every movement of the pen how probable it finds each class. The left "
        "button draws, the right one erases, a pen's pressure is its width; a picture can be dropped or pasted, too. "
        "Below are the stages in which the drawing is prepared like the pictures that the network learned from, and "
        "the training samples that its last hidden layer finds most similar. Maps and cards show the drawing as long "
        "as it is there. Try a 4 that slowly becomes a 9: at which stroke does the network change its mind?"
    )

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self._document, self._session = document, session
        self._background = Background(self)
        self._background.failed.connect(self._refuse)
        self._made: Staged | None = None
        self._asked: set[int] = set()  # numbers of predictions that may come
        self._nearest_asked, self._stale, self._step = 0, False, -1
        self._said: Prediction | None = None
        self._make_pad()
        self._make_verdict()
        self._make_below()
        self._lay_out()
        session.predicted.connect(self._take)
        session.answered.connect(self._take_answer)
        session.network_changed.connect(self._look_again)
        session.reported.connect(self._follow_training)
        session.shown.connect(self._follow_window)
        appearance().changed.connect(self.pad.update)
        self._follow()

    # --- parts -------------------------------------------------------------------------------------------------------

    def _make_pad(self) -> None:
        self.pad = Pad()
        self.pad.changed.connect(self._follow)
        self.pad.settled.connect(self._settle)
        self.pad.offered.connect(self._take_offer)
        self.undo = self._tool("undo", "Take the last stroke back (Ctrl+Z)", self.pad.undo)
        self.redo = self._tool("redo", "Make it again (Ctrl+Shift+Z)", self.pad.redo)
        self.eraser = self._tool("eraser", "Erase with the left button, too")
        self.eraser.setCheckable(True)
        self.eraser.toggled.connect(self._choose_eraser)
        self.clear = self._tool("delete", "Clear the page (Delete)", self.pad.clear)
        self.open = self._tool("open", "Open a picture", self._choose_file)
        self.everywhere = QPushButton("Show it everywhere")
        self.everywhere.setToolTip("Maps and cards show a sample now; have them show the drawing again")
        self.everywhere.clicked.connect(self._show_everywhere)

    def _tool(self, icon: str, tip: str, act: Callable[[], object] = lambda: None) -> QToolButton:
        button = QToolButton()
        button.setIcon(symbol(icon))
        button.setIconSize(QSize(space(4) + space(1), space(4) + space(1)))
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.clicked.connect(lambda: act())
        return button

    def _make_verdict(self) -> None:
        self.verdict, self.how_sure, self.says = QLabel(), QLabel(), QLabel()
        wear(self.verdict, "display")
        self.verdict.setAccessibleDescription("What the network says")
        wear(self.how_sure, "title")
        self.says.setWordWrap(True)
        self.says.setProperty("role", "quiet")
        self.bars = ProbabilityBars()

    def _make_below(self) -> None:
        self.prepared, self.nearest_words = QLabel("Prepared like the data"), QLabel("Nearest samples")
        for label in (self.prepared, self.nearest_words):
            wear(label, "strong")
        self.stages = Strip(STAGE_PX, arrows=True)
        self.stages.setAccessibleName("Stages of preparation")
        self.stages.expected = 5
        self.nearest = Strip(NEAR_PX, most_rows=1)
        self.nearest.setAccessibleName("Nearest training samples")
        self.nearest.setCursor(Qt.CursorShape.PointingHandCursor)
        self.nearest.expected = ACROSS
        self.nearest.clicked.connect(self._look_at_sample)
        self.measure = QComboBox()
        self.measure.setAccessibleName("What near means")
        for words, name in MEASURES:
            self.measure.addItem(words, name)
        self.measure.activated.connect(self._ask_nearest)
        self._found: NearestFound | None = None

    def _lay_out(self) -> None:
        tools = QVBoxLayout()
        tools.setSpacing(0)
        for widget in (self.undo, self.redo, self.eraser, self.clear, self.open):
            tools.addWidget(widget)
        page = QHBoxLayout()
        page.setSpacing(space(1))
        page.addWidget(self.pad, 1)
        page.addLayout(tools)
        page.setAlignment(tools, Qt.AlignmentFlag.AlignTop)
        left = QVBoxLayout()
        left.setSpacing(space(1))
        left.addLayout(page, 1)
        left.addWidget(self.everywhere)
        line = QHBoxLayout()
        line.addWidget(self.verdict, 1)
        line.addWidget(self.how_sure)
        near = QHBoxLayout()
        near.setContentsMargins(0, space(1), 0, 0)
        near.addWidget(self.nearest_words, 1)
        near.addWidget(self.measure)
        self._right = right = QVBoxLayout()
        right.setSpacing(space(1))
        right.addLayout(line)
        right.addWidget(self.says)
        right.addWidget(self.bars)
        right.addWidget(self.prepared)
        right.addWidget(self.stages)
        right.addLayout(near)
        right.addWidget(self.nearest)
        right.addStretch(0)
        self._halves = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._halves.setContentsMargins(space(4), space(1), space(3), space(1))
        self._halves.setSpacing(space(1))
        self._halves.addLayout(left, 1)
        self._halves.addLayout(right, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  (Qt's name)
        """Where it is wider than high, what the network says stands beside the drawing."""
        wide = self.width() > self.height()
        direction = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        if direction != self._halves.direction():
            self._halves.setDirection(direction)
            self._halves.setStretch(1, 1 if wide else 0)
            self._halves.setSpacing(space(4) if wide else space(1))
        self._fill()

    def _fill(self) -> None:
        """What a page at its largest leaves free below it in a tall panel shows more of the nearest samples."""
        wide, margins = self.width() > self.height(), self._halves.contentsMargins()
        across = self.width() - margins.left() - margins.right()
        side = across - self.undo.sizeHint().width() - space(1)
        self.pad.setMaximumHeight(UNLIMITED_PX if wide else side)
        self.nearest.allow_rows(1)
        self._right.invalidate()  # it remembers heights until the event loop has its turn
        others = side + self._right.totalHeightForWidth(across) + margins.top() + margins.bottom() + space(1)
        if not self.everywhere.isHidden():
            others += self.everywhere.sizeHint().height() + space(1)
        more = 0 if wide else max(0, self.height() - others) // self.nearest.row_px
        rows = min(1 + more, MOST_NEAR_ROWS)
        self.nearest.expected = ACROSS * rows
        self.nearest.allow_rows(rows)

    # --- from the drawing to a sample --------------------------------------------------------------------------------

    def _follow(self) -> None:
        """The drawing has changed: prepares it and asks at once."""
        pad = self.pad
        self.undo.setEnabled(pad.can_undo)
        self.redo.setEnabled(pad.can_redo)
        self.clear.setEnabled(not pad.drawing.is_empty)
        if pad.drawing.is_empty and not pad.is_drawing:
            self._forget("")
            return
        project = self._document.project
        entry = next((node for node in project.graph if not node.layer.ports), None)
        try:
            shape = tuple(entry.layer.settings()["shape"]) if entry else ()
            self._made = staged(pad.page.pixels(), shape, project.data.name)
        except EngineError as problem:
            self._forget(str(problem))
            return
        self._asked.add(self._session.predict(self._made.sample))  # first: the network computes while this is drawn
        self._show_stages()
        if self._said is None:
            self._say(WAITING)

    def _forget(self, sentence: str) -> None:
        was_there, self._made, self._said, self._found = self._made is not None, None, None, None
        self._asked.clear()
        self._leave_nearest()
        self._say(sentence)
        self.bars.forget()
        for strip in (self.stages, self.nearest):
            strip.show_cells(())
        if was_there:
            self._session.look_at_image(None)
        self._follow_window()

    def _say(self, sentence: str) -> None:
        comes_or_goes = self.says.isHidden() == bool(sentence)
        self.says.setText(sentence)
        self.says.setVisible(bool(sentence))
        if comes_or_goes:
            self._fill()
        if self._said is None:
            self.verdict.setText("–")
            self.how_sure.clear()

    def _show_stages(self) -> None:
        if self._made:
            self.stages.show_cells(showing.stages(self._made, self._said))

    def _settle(self) -> None:
        """The pen is lifted."""
        if self._said and self._made:
            self._show(self._said, settled=True)
        self._ask_nearest()

    # --- what the network says ---------------------------------------------------------------------------------------

    def _take(self, prediction: Prediction) -> None:
        if self._made is None or prediction.number not in self._asked:
            return
        self._asked = {number for number in self._asked if number > prediction.number}
        learned = self._said is None
        self._said = prediction
        self._show(prediction, settled=not self.pad.is_drawing)
        if learned:
            self._show_stages()  # how it is normalised is known now

    def _show(self, prediction: Prediction, *, settled: bool) -> None:
        shares, names = showing.shares(prediction)
        self.bars.show_shares(shares, names, settled=settled)
        best = self.bars.winner
        self.verdict.setText(names[best] if best >= 0 else "")
        self.how_sure.setText(showing.number(float(shares[best]), prediction) if best >= 0 else "")
        self.bars.repaint()  # at once: a picture of the whole window may take longer than the network
        self._say("" if self._document.weights or self._session.running else showing.UNTRAINED)

    def _take_answer(self, answer: Any) -> None:
        if isinstance(answer, NotAnswered):
            if answer.number in self._asked:
                self._refuse(answer.message)
        elif isinstance(answer, NearestFound) and answer.number == self._nearest_asked and self._made:
            self._found = answer
            self._show_nearest()

    def _refuse(self, message: str) -> None:
        self._said = None
        self.bars.forget()
        self._say(message)

    def _look_again(self) -> None:
        """There is another network, or other data: everything may be different."""
        if not self.isVisible():
            self._stale = True
        elif self._made is not None or not self.pad.drawing.is_empty:
            self._follow()
            self._ask_nearest()

    def _follow_training(self, report: Report) -> None:
        """While the network learns, its opinion of a drawing that rests changes."""
        if self._made and self.isVisible() and not self._asked and report.step != self._step:
            self._step = report.step
            self._asked.add(self._session.predict(self._made.sample, look=False))

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        if self._stale:
            self._stale = False
            self._look_again()

    # --- the nearest samples -----------------------------------------------------------------------------------------

    def _ask_nearest(self) -> None:
        self._leave_nearest()
        if self._made is not None and not self.pad.is_drawing:
            self._nearest_asked = self._session.new_number()
            measure = str(self.measure.currentData())
            self._session.ask_about(NearestSamples(self._nearest_asked, self._made.sample, measure))

    def _leave_nearest(self) -> None:
        if self._nearest_asked:
            self._session.forget(self._nearest_asked)
            self._nearest_asked = 0

    def _show_nearest(self) -> None:
        if self._found:
            names = showing.shares(self._said)[1] if self._said else ()
            self.nearest.show_cells(showing.nearest(self._found, names, self.bars.winner))

    def _look_at_sample(self, place: int) -> None:
        if self._found:
            self._session.look_at(self._found.found[place].sample)

    # --- what the rest of the window shows ---------------------------------------------------------------------------

    def _follow_window(self, shown: object = None) -> None:
        mine = self._made is None or self._session.showing is self._made.sample
        self.everywhere.setVisible(not mine)

    def _show_everywhere(self) -> None:
        if self._made:
            self._session.look_at_image(self._made.sample)

    # --- tools -------------------------------------------------------------------------------------------------------

    def _choose_eraser(self, chosen: bool) -> None:
        self.pad.erases = chosen

    def _choose_file(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Open a picture", "", PICTURES)
        if path:
            self._read(lambda: from_file(path))

    def _take_offer(self, mime: QMimeData) -> None:
        try:
            self._read(offered(mime))
        except EngineError as problem:
            self._refuse(str(problem))

    def _read(self, read: Callable[[], Array]) -> None:
        """In a thread: a photograph takes its time."""
        self._say(READING)
        self._background.do(read, lambda pixels: self.pad.begin_with(Drawing(pixels)))
