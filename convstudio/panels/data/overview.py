"""Which data set, what is in it, and whether the network takes it."""

from __future__ import annotations

from typing import Any

import attrs
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.look.letters import wear
from convstudio.look.theme import appearance, space
from convstudio.panels.data.split_bar import SplitBar
from convstudio.panels.data.words import PART_TITLES, restyle
from convstudio.panels.data_choice import SetChoice
from convstudio.panels.inspector.fields import EDITORS
from convstudio.panels.inspector.parts import align, label, narrow, new_form, quiet
from convstudio.training.browsing import Browsing
from convstudio.training.fitting import misfits
from convstudio.training.session import Session
from convstudio.wording import sizes, thousands
from engine.browsing import PARTS, Facts
from engine.data.sets import DATA_SETS
from engine.numerals import written
from engine.protocol import amount
from engine.settings import TrainingSettings

PERMILLE = 1000
FRACTION = "validation_fraction"
NAMED_CHANNELS = 3  # whose means are written out


class Overview(QScrollArea):
    """Forms, facts and what to do next, one below the other."""

    def __init__(self, document: Document, session: Session) -> None:
        super().__init__()
        self._document, self._session = document, session
        self._fix: Any = None
        inside = QWidget()
        inside.setProperty("role", "panel")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, space(2), 0)
        column.setSpacing(space(2))
        self._make_form(column)
        self._make_state(column)
        self._make_facts(column)
        column.addStretch()
        self.setWidget(inside)
        self.setWidgetResizable(True)

    # --- building ----------------------------------------------------------------------------------------------------

    def _make_form(self, column: QVBoxLayout) -> None:
        self.form = form = new_form(column)
        self.choice = SetChoice(self._document, form, self)
        field = TrainingSettings.fields()[FRACTION]
        self.fraction = EDITORS[field.kind](field)
        self.fraction.edited.connect(self._set_fraction)
        narrow(self.fraction)
        form.addRow(label("Validation", field.help), self.fraction)
        self._align()
        appearance().changed.connect(self._align)

    def _align(self) -> None:
        align(self.form)

    def _make_state(self, column: QVBoxLayout) -> None:
        self.problem, self.during, self.misfit = QLabel(), quiet(""), QLabel()
        for text in (self.problem, self.misfit):
            text.setProperty("role", "error")
            text.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(space(1))
        self.bar.setAccessibleName("Progress of the download")
        self.fetched = quiet("")
        wear(self.fetched, "caption")
        self.download, self.stop = QPushButton("Download"), QPushButton("Stop")
        self.retry, self.mend = QPushButton("Try again"), QPushButton("Mend")
        self.download.setDefault(True)
        self.download.clicked.connect(lambda: self._browsing.again(fetch=True))
        self.stop.clicked.connect(lambda: self._browsing.cancel())
        self.retry.clicked.connect(lambda: self._browsing.again())
        self.mend.clicked.connect(self._apply_fix)
        row = QHBoxLayout()
        for button in (self.download, self.stop, self.retry):
            row.addWidget(button)
        column.addWidget(self.problem)
        column.addWidget(self.bar)
        column.addWidget(self.fetched)
        column.addLayout(row)
        column.addWidget(self.misfit)
        column.addWidget(self.mend)
        column.addWidget(self.during)

    def _make_facts(self, column: QVBoxLayout) -> None:
        self.split = SplitBar()
        self.facts = QWidget()
        grid = QGridLayout(self.facts)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(space(3))
        grid.setVerticalSpacing(space(1))
        grid.addWidget(self.split, 0, 0, 1, 2)
        self.values: dict[str, QLabel] = {}
        for row, name in enumerate((*PART_TITLES.values(), "Sample", "Values", "Mean", "Spread"), 1):
            self.values[name] = QLabel()
            self.values[name].setAlignment(Qt.AlignmentFlag.AlignRight)
            grid.addWidget(quiet(name), row, 0)
            grid.addWidget(self.values[name], row, 1)
        grid.setColumnStretch(1, 1)
        self.report = quiet("")
        column.addWidget(self.facts)
        column.addWidget(self.report)

    # --- what is shown -----------------------------------------------------------------------------------------------

    @property
    def _browsing(self) -> Browsing:
        return self._session.browsing

    def show_document(self) -> None:
        """Shows what the document says."""
        self.choice.show_choice()
        self.fraction.show_value(getattr(self._document.project.settings, FRACTION))
        self._show_run()
        self.show_fit()

    def show_state(self) -> None:
        """Shows what is known of the data, or what keeps it from being known."""
        browsing = self._browsing
        self._show_problem()
        self._show_progress()
        self.facts.setVisible(browsing.facts is not None)
        if browsing.facts is not None:
            self._show_facts(browsing.facts)
        self.report.setVisible(browsing.facts is not None and bool(browsing.facts.report))
        self.show_fit()

    def _show_problem(self) -> None:
        problem = self._browsing.problem
        declared = DATA_SETS.get(self._document.project.data.name)
        fetchable = problem is not None and problem.fetchable and declared is not None
        text = problem.text if problem else ""
        if fetchable and declared is not None:
            self.download.setText(f"Download {declared.download_bytes / 1e6:.1f} MB")
            if problem is not None and not problem.cancelled and problem.text.startswith(f"{declared.title} is not on"):
                text = f"{declared.title} is not on this computer yet."
        restyle(self.problem, "quiet" if fetchable else "error")
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
        self.download.setVisible(fetchable)
        self.retry.setVisible(problem is not None and not fetchable)

    def _show_progress(self) -> None:
        browsing = self._browsing
        fetching, opening = browsing.fetching, browsing.opening
        self.bar.setVisible(opening)
        self.stop.setVisible(browsing.fetches or browsing.takes_long)
        self.fetched.setVisible(opening)
        if fetching is None:
            self.bar.setRange(0, 0)
            reading = "Reading the data takes long …" if browsing.takes_long else "Reading the data …"
            self.fetched.setText("Asking for the files …" if browsing.fetches else reading)
            return
        self.bar.setRange(0, PERMILLE)
        self.bar.setValue(round(PERMILLE * fetching.there / max(1, fetching.total)))
        self.fetched.setText(amount(fetching.there, fetching.total))

    def _show_facts(self, facts: Facts) -> None:
        counts = {part: facts.parts[part].samples for part in PARTS}
        self.split.show_sizes(counts)
        for part, title in PART_TITLES.items():
            self.values[title].setText(thousands(counts[part]))
        self.values["Sample"].setText(sizes(facts.shape))
        self.values["Values"].setText(f"{_number(facts.low)} to {_number(facts.high)}")
        scale = " of 255" if facts.of_bytes else ""
        for name, numbers in (("Mean", facts.mean), ("Spread", facts.std)):
            shown = " · ".join(_number(n * 255 if facts.of_bytes else n) for n in numbers[:NAMED_CHANNELS])
            self.values[name].setText(shown if len(numbers) <= NAMED_CHANNELS else f"{shown} …")
            self.values[name].setToolTip(f"Of each channel{scale}, over the training samples")
        unread = len(facts.report)
        self.report.setText(f"{thousands(unread)} {'file' if unread == 1 else 'files'} could not be read.")
        self.report.setToolTip("\n".join(facts.report[:20]))

    def show_fit(self) -> None:
        """Whether the network takes these data, and what would make it so."""
        document, session = self._document, self._session
        found = misfits(document.project, document.inference, self._browsing.facts_of(session.source))
        self.misfit.setText(found[0].text if found else "")
        self.misfit.setVisible(bool(found))
        self._fix = found[0].mend if found else None
        self.mend.setVisible(self._fix is not None)
        self.mend.setText(self._fix.text if self._fix else "")

    def _show_run(self) -> None:
        trained, data = self._session.trains_on, self._document.project.data
        other = trained is not None and trained != data
        if other and trained is not None:
            now, then = _title(trained.name), _title(data.name)
            self.during.setText(f"The run goes on with {now}. {then} will be used by the next one.")
        self.during.setVisible(other)

    # --- edits -------------------------------------------------------------------------------------------------------

    def _set_fraction(self, value: float) -> None:
        project = self._document.project
        settings = attrs.evolve(project.settings, validation_fraction=value)
        self._document.perform(edits.set_settings(project, settings, "Set validation fraction"))

    def _apply_fix(self) -> None:
        if self._fix is not None:
            self._document.perform(self._fix(self._document.project))


def _title(name: str) -> str:
    return DATA_SETS[name].title if name in DATA_SETS else name.replace("\\", "/").rstrip("/").rpartition("/")[2]


def _number(value: float) -> str:
    return written(value, 4)
