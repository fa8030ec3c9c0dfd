"""The mistakes panel: what is taken for what, how well each class is found, and the samples behind every number."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from convstudio.document.document import Document
from convstudio.look.letters import wear
from convstudio.look.theme import appearance, space
from convstudio.panels.mistakes.classes import ROW_PX, ClassesModel, ClassesTable, Scores
from convstudio.panels.mistakes.gallery import ARROW, Gallery
from convstudio.panels.mistakes.halves import Halves
from convstudio.panels.mistakes.matrix import ConfusionView, share_text
from convstudio.training.inquiry import LARGEST_OPENED
from convstudio.training.keeping_up import KeepsUp
from convstudio.training.session import Session
from convstudio.wording import class_names, thousands
from engine.protocol import Report
from engine.questions.mistakes import CellFound, Counting, FindCell, FindMistakes, MistakesFound

PARTS = {"test": "Test", "validation": "Validation", "training": "Training"}
WAITING = "Looking at every sample …"
LARGE = "This network is large: press Update to have all samples looked at."
POINT = "Point at a cell to read it; click it to see its samples."
NO_MISTAKES = "Not one mistake in this part of the data."
MOST_ROWS = 10  # of the classes' table, that are seen without scrolling where there is room
WORST, UNSURE, CELL, CLASSES = range(4)


class MistakesPanel(QWidget):
    """Confusion matrix, classes, and samples."""

    explanation = (
        "Every sample of a part of the data, by what it is (rows) and what the network says (columns). The diagonal "
        "is right; the stronger the red beside it, the larger the share of a class that is taken for another. Click a "
        "cell to see its samples; click a sample, and maps, explained numbers and the cards follow it. Most wrong are "
        "the mistakes with the highest loss: some turn out to be badly labelled. Least certain are those where the "
        "network hesitates. Try the reddest cell: can you tell these samples apart?"
    )

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self._document, self._session = document, session
        self._found: MistakesFound | None = None
        self._names: list[str] = []
        self._cell = (-1, -1)  # true and said class that were clicked
        self._wanted = False  # somebody pressed Update for a large network
        self._make_tools()
        self._make_table()
        self._make_galleries()
        self._lay_out()
        self._asks = KeepsUp(session, self, self._question, live=False)
        self._asks_cell = KeepsUp(session, self.cell, self._cell_question, live=False)
        self._asks.came.connect(self._take)
        self._asks.refused.connect(self._refuse)
        self._asks_cell.came.connect(self._take_cell)
        session.reported.connect(self._follow)
        session.shown.connect(self._mark)
        appearance().changed.connect(self._restyle)
        self._show_page(self.says)

    def _restyle(self) -> None:
        self.table.fit()
        self.update()

    # --- parts -------------------------------------------------------------------------------------------------------

    def _make_tools(self) -> None:
        self.part = QComboBox()
        self.part.setAccessibleName("Part of the data")
        for name, words in PARTS.items():
            self.part.addItem(words, name)
        self.part.activated.connect(self._renew)
        self.summary, self.state = QLabel(), QLabel()
        wear(self.summary, "strong")
        self.state.setProperty("role", "quiet")
        self.again = QPushButton("Update")
        self.again.setToolTip("Looks at every sample again")
        self.again.clicked.connect(self._renew)
        self.state.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.says = QLabel(WAITING)
        self.says.setProperty("role", "quiet")
        self.says.setWordWrap(True)
        self.says.setAlignment(Qt.AlignmentFlag.AlignCenter)

    def _make_table(self) -> None:
        self.matrix = ConfusionView()
        self.matrix.picked.connect(self._pick_cell)
        self.matrix.pointed.connect(self._point)
        self.numbers = QComboBox()
        self.numbers.addItems(["Counts", "Row shares, %"])
        self.numbers.setAccessibleName("Numbers in the cells")
        self.numbers.currentIndexChanged.connect(lambda index: self.matrix.show_shares(bool(index)))
        self.under_mouse = QLabel(POINT)
        self.under_mouse.setProperty("role", "quiet")
        self.under_mouse.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.classes = ClassesModel(self)
        self.table = ClassesTable(self.classes)
        self.table.clicked.connect(self._pick_class)
        self.table.activated.connect(self._pick_class)

    def _make_galleries(self) -> None:
        self.wrong = Gallery("Most wrong samples", NO_MISTAKES)
        self.uncertain = Gallery("Least certain samples", "")
        self.cell = Gallery("Samples of the cell", "")
        self.tabs, self.lists = QTabBar(), QStackedWidget()
        self.tabs.setAccessibleName("Which samples are listed")
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setElideMode(Qt.TextElideMode.ElideRight)
        self.tabs.currentChanged.connect(self.lists.setCurrentIndex)
        for gallery, words, tip in (
            (self.wrong, "Most wrong", "Mistakes with the highest loss first"),
            (self.uncertain, "Least certain", "Samples with the lowest confidence first"),
            (self.cell, "Cell", "Samples of the cell that was clicked, the most confident first"),
        ):
            gallery.chosen.connect(self._look_at)
            self.lists.addWidget(gallery)
            self.tabs.setTabToolTip(self.tabs.addTab(words), tip)
        self.tabs.addTab("Classes")
        for tab in (CELL, CLASSES):
            self.tabs.setTabVisible(tab, False)

    def _lay_out(self) -> None:
        tools = QHBoxLayout()
        tools.setSpacing(space(3))
        tools.addWidget(self.part)
        tools.addWidget(self.summary)
        tools.addWidget(self.state, 1)
        tools.addWidget(self.again)
        foot = QHBoxLayout()
        foot.addWidget(self.under_mouse, 1)
        foot.addWidget(self.numbers)
        upper, overview = QWidget(), QHBoxLayout()
        overview.setSpacing(space(4))
        overview.addWidget(self.matrix, 1)
        overview.addWidget(self.table)
        self.overview = overview
        table = QVBoxLayout(upper)
        table.setContentsMargins(0, 0, 0, space(1))
        table.setSpacing(space(1))
        table.addLayout(overview, 1)
        table.addLayout(foot)
        lower = QWidget()
        samples = QVBoxLayout(lower)
        samples.setContentsMargins(0, 0, 0, 0)
        samples.setSpacing(space(1))
        samples.addWidget(self.tabs)
        samples.addWidget(self.lists, 1)
        self.halves = Halves(upper, lower, self._wanted_by_table)
        self.halves.resized.connect(self._place_classes)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.says)
        self.pages.addWidget(self.halves)
        column = QVBoxLayout(self)
        column.setContentsMargins(space(4), space(2), space(4), space(2))
        column.setSpacing(space(2))
        column.addLayout(tools)
        column.addWidget(self.pages, 1)

    def _show_page(self, page: QWidget) -> None:
        self.pages.setCurrentWidget(page)
        for label in (self.summary, self.state):
            label.setVisible(page is self.halves)

    def _wanted_by_table(self, below: bool) -> int:
        """The height that the matrix and the line below it need, or the width of matrix and classes."""
        aside = 0 if self.tabs.isTabVisible(CLASSES) else self.table.minimumWidth() + space(4)
        line = self.numbers.sizeHint().height() + 2 * space(1)
        if below:
            rows = (
                0 if not aside else self.table.horizontalHeader().height() + min(len(self._names), MOST_ROWS) * ROW_PX
            )
            return max(self.matrix.height_for(self.halves.width() - aside), rows) + line
        return self.matrix.width_for(self.halves.height() - line) + aside

    def _place_classes(self) -> None:
        """The classes' table stands beside the matrix, or where that were too narrow then, among the lists below."""
        narrow = self.halves.room_px < self.matrix.readable_px + space(4) + self.table.minimumWidth()
        if narrow == self.tabs.isTabVisible(CLASSES):
            return
        if narrow:
            self.lists.insertWidget(CLASSES, self.table)
        else:
            if self.tabs.currentIndex() == CLASSES:
                self.tabs.setCurrentIndex(WORST)
            self.overview.addWidget(self.table)
            self.table.show()
        self.tabs.setTabVisible(CLASSES, narrow)

    # --- questions ---------------------------------------------------------------------------------------------------

    def _question(self, number: int) -> FindMistakes | None:
        large = self._document.inference.parameter_count > LARGEST_OPENED
        if large and not self._wanted and not self._session.running:
            self._refuse(LARGE)
            return None
        if self._found is None:
            self.says.setText(WAITING)
        return FindMistakes(number, self.part.currentData())

    def _cell_question(self, number: int) -> FindCell | None:
        right, said = self._cell
        return FindCell(number, self._found.part, right, said) if self._found is not None and right >= 0 else None

    def _renew(self) -> None:
        self._wanted = True
        self._asks.renew()

    def _follow(self, report: Report) -> None:
        if report.history:  # an epoch has ended
            self._asks.outdate()

    # --- answers -----------------------------------------------------------------------------------------------------

    def _take(self, answer: Any) -> None:
        if isinstance(answer, Counting):
            self._count(f"{thousands(answer.looked_at)} of {thousands(answer.among)} samples …")
            return
        found: MistakesFound = answer
        self._found = found
        self._names = class_names(found.names, len(found.support))
        self._list_parts(found)
        mistakes = found.samples - round(found.accuracy * found.samples)
        words = "mistake" if mistakes == 1 else "mistakes"
        self.summary.setText(f"{thousands(mistakes)} {words} · {found.accuracy * 100:.2f} % right")
        self.state.setText(f"of {thousands(found.samples)}, after step {thousands(found.step)}" if found.step else "")
        self._show_table(found)
        self.wrong.show_samples(found.wrong, self._names)
        self.uncertain.show_samples(found.uncertain, self._names)
        self._mark(self._session.showing)
        self._show_page(self.halves)
        if self._cell[0] >= 0:
            self._asks_cell.renew()

    def _count(self, words: str) -> None:
        self.state.setText(words)
        if self._found is None:
            self.says.setText(f"{WAITING}\n{words}")

    def _list_parts(self, found: MistakesFound) -> None:
        """The parts that there are, in the order in which they tell most."""
        self.part.clear()
        for name, words in PARTS.items():
            if name in found.parts:
                self.part.addItem(words, name)
        self.part.setCurrentIndex(self.part.findData(found.part))

    def _show_table(self, found: MistakesFound) -> None:
        if len(self.classes.names) != len(self._names):
            self._forget_cell()
        self.matrix.show_counts(found.table, [self._names[k] for k in found.classes])
        self.classes.show_scores(Scores(self._names, found.precision, found.recall, found.f1, found.support))
        self.table.fit()
        self._choose_in_matrix()
        self._point(-1, -1)
        self._place_classes()
        self.halves.arrange()

    def _refuse(self, sentence: str) -> None:
        self._found = None
        self.says.setText(sentence)
        self.state.clear()
        self._show_page(self.says)

    # --- cells -------------------------------------------------------------------------------------------------------

    def _pick_cell(self, row: int, column: int) -> None:
        if self._found is not None:
            self._open_cell(int(self._found.classes[row]), int(self._found.classes[column]))

    def _pick_class(self, index: QModelIndex) -> None:
        number = self.classes.class_of(index.row())
        self._open_cell(number, number)
        self._choose_in_matrix()

    def _open_cell(self, right: int, said: int) -> None:
        self._cell = (right, said)
        self.tabs.setTabVisible(CELL, True)
        self._title_cell(None)
        self.cell.empty = f"No {self._names[right]} is said to be {self._names[said]}."
        self.tabs.setCurrentIndex(CELL)
        self._asks_cell.renew()

    def _take_cell(self, answer: Any) -> None:
        if isinstance(answer, CellFound) and (answer.right, answer.said) == self._cell:
            self._title_cell(answer.count)
            self.cell.show_samples(answer.samples, self._names)
            self._mark(self._session.showing)

    def _title_cell(self, count: int | None) -> None:
        right, said = (self._names[k] for k in self._cell)
        words = f"{right}, found" if right == said else f"{right} {ARROW} {said}"
        self.tabs.setTabText(CELL, words if count is None else f"{words} ({thousands(count)})")

    def _forget_cell(self) -> None:
        self._cell = (-1, -1)
        self.tabs.setTabVisible(CELL, False)
        self.cell.show_samples(None, [])

    def _choose_in_matrix(self) -> None:
        shown = [] if self._found is None else self._found.classes.tolist()
        row, column = (shown.index(k) if k in shown else -1 for k in self._cell)
        self.matrix.choose(*((row, column) if min(row, column) >= 0 else (-1, -1)))

    def _point(self, row: int, column: int) -> None:
        if self._found is None or row < 0:
            self.under_mouse.setText(POINT)
            return
        right, said = (self._names[int(self._found.classes[k])] for k in (row, column))
        count, whole = int(self.matrix.counts[row, column]), int(self.matrix.counts[row].sum())
        share = share_text(float(self.matrix.shares[row, column]))
        what = f"{right} found" if row == column else f"{right} said to be {said}"
        self.under_mouse.setText(f"{what}: {thousands(count)} of {thousands(whole)}, {share} %")

    # --- samples -----------------------------------------------------------------------------------------------------

    def _look_at(self, sample: int) -> None:
        self._session.look_at(sample)

    def _mark(self, shown: Any) -> None:
        """What is looked at is marked wherever it is."""
        for gallery in (self.wrong, self.uncertain, self.cell):
            gallery.mark(shown if isinstance(shown, int) else -1)
