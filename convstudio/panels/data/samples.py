"""Browsing: the classes on the left, their samples on the right."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QButtonGroup,
    QHBoxLayout,
    QScrollArea,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from convstudio.look.letters import wear
from convstudio.look.theme import space
from convstudio.panels.data.class_bars import ClassBars
from convstudio.panels.data.sample_grid import SampleGrid
from convstudio.panels.data.words import PART_TITLES
from convstudio.panels.inspector.parts import narrow, quiet
from convstudio.training.browsing import Browsing
from convstudio.wording import thousands
from engine.browsing import EVERY_CLASS, PARTS, TRAIN, Facts, Page

BARS_PX, BARS_HEIGHT_PX = 208, 144
NARROW_PX = 420  # up to where classes stand above the samples
READING = "Reading the data …"
MISSING = "The samples are shown here as soon as the data are there."


class SamplesPage(QWidget):
    """Shows the samples of a part, or those of a class in it."""

    chosen = Signal(str, int)  # a sample: its part, and its place there

    def __init__(self, browsing: Browsing) -> None:
        super().__init__()
        self._browsing, self._facts, self._number = browsing, None, 0
        self.part = TRAIN
        self.bars, self.grid, self.says = ClassBars(), SampleGrid(), quiet("")
        self.grid.describe = self.describe
        self.buttons: dict[str, QToolButton] = {}
        browse = QWidget()
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, browse)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(space(3))
        self._box.addWidget(self._make_bars())
        self.parts = self._make_parts()
        wear(self.says, "caption")
        self.says.setWordWrap(False)
        narrow(self.says)
        column = QVBoxLayout()
        column.setSpacing(space(1))
        column.addWidget(self.grid, 1)
        column.addWidget(self.says)
        self._box.addLayout(column, 1)
        self.nothing = quiet("")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(browse)
        self._stack.addWidget(self.nothing)
        self.bars.chosen.connect(self._show_samples)
        self.grid.page_wanted.connect(self._ask)
        self.grid.chosen.connect(self._choose)
        browsing.paged.connect(self._take)

    _facts: Facts | None

    def _make_bars(self) -> QWidget:
        self._area = QScrollArea()
        self._area.setWidget(self.bars)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        return self._area

    def _make_parts(self) -> QWidget:
        """Which part is browsed; whoever has the page puts it beside the page's title."""
        box, group = QWidget(), QButtonGroup(self)
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(space(1))
        for part in PARTS:
            button = self.buttons[part] = QToolButton()
            button.setCheckable(True)
            button.setChecked(part == self.part)
            button.setText(PART_TITLES[part])
            button.toggled.connect(lambda chosen, part=part: self._show_part(part) if chosen else None)
            group.addButton(button)
            row.addWidget(button)
        return box

    @property
    def has_samples(self) -> bool:
        """Whether there is anything to browse."""
        return self._facts is not None

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show_facts(self, facts: Facts | None) -> None:
        """Other data, or another split of them."""
        self.nothing.setText(READING if self._browsing.opening and not self._browsing.fetches else MISSING)
        self._stack.setCurrentIndex(0 if facts else 1)
        if facts is self._facts:
            return
        self._facts = facts
        for part, button in self.buttons.items():
            button.setEnabled(facts is not None and facts.parts[part].samples > 0)
        self._name_parts()
        if facts is not None and not facts.parts[self.part].samples:
            self.part = TRAIN
            with QSignalBlocker(self.buttons[TRAIN]):
                self.buttons[TRAIN].setChecked(True)
        self._show_part(self.part)

    def _name_parts(self) -> None:
        """With the number of samples, where there is room."""
        counted = self._facts is not None and self.width() >= NARROW_PX
        for part, button in self.buttons.items():
            samples = thousands(self._facts.parts[part].samples) if self._facts else ""
            button.setText(f"{PART_TITLES[part]} {samples}" if counted else PART_TITLES[part])

    def _show_part(self, part: str) -> None:
        self.part = part
        facts = self._facts
        counts = {name: known.histogram for name, known in facts.parts.items()} if facts else {}
        self.bars.show_counts(facts.classes if facts else (), counts, part)
        self._show_samples()

    def _show_samples(self, label: int = EVERY_CLASS) -> None:
        facts, label = self._facts, self.bars.label
        if facts is None:
            self.grid.show_samples(0, ())
            self.says.setText("")
            return
        known = facts.parts[self.part]
        total = known.samples if label == EVERY_CLASS else int(known.histogram[label])
        what = "" if label == EVERY_CLASS else f" of class {facts.classes[label]}"
        self.says.setText(f"{thousands(total)} {PART_TITLES[self.part].lower()} samples{what}")
        self.grid.show_samples(total, facts.shape)

    def describe(self, place: int, label: int) -> str:
        """A sample in a few words."""
        name = self._facts.classes[label] if self._facts else str(label)
        return f"{PART_TITLES[self.part]} sample {thousands(place)} · class {name}"

    def _choose(self, place: int, label: int) -> None:
        self.says.setText(self.describe(place, label))
        self.chosen.emit(self.part, place)

    # --- pages -------------------------------------------------------------------------------------------------------

    def _ask(self, start: int, count: int, side: int) -> None:
        if self._browsing.ready:
            self._number = self._browsing.page(self.part, self.bars.label, start, count, side)

    def _take(self, page: Page) -> None:
        if page.number == self._number:
            self.grid.take(page)

    # --- events ------------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  (Qt's name)
        narrow_ = self.width() < NARROW_PX
        self._box.setDirection(QBoxLayout.Direction.TopToBottom if narrow_ else QBoxLayout.Direction.LeftToRight)
        self._area.setMinimumWidth(0 if narrow_ else BARS_PX)
        self._area.setMaximumSize(*((self.width(), BARS_HEIGHT_PX) if narrow_ else (BARS_PX, self.height())))
        self._name_parts()
