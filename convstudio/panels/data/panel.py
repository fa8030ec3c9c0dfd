"""The data panel: choosing, browsing and changing what a network learns from."""

from __future__ import annotations

from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from convstudio.document.document import Document
from convstudio.look.letters import roomy
from convstudio.look.theme import appearance, space
from convstudio.panels.data.augmentation import AugmentationPage
from convstudio.panels.data.overview import Overview
from convstudio.panels.data.samples import SamplesPage
from convstudio.training.session import Session

OVERVIEW_PX = 264  # wide, beside the pages; above them its height is between these:
OVERVIEW_LEAST_PX, OVERVIEW_MOST_PX = 190, 240
WIDE_PX = 640  # from where on things stand beside each other
LEAST_PX = (300, 190)
PAGES = ("Samples", "Augmentation")


class DataPanel(QWidget):
    """What there is on the left, its samples on the right; or below each other where the panel is narrow."""

    explanation = (
        "What the network learns from. Choose a data set, or a folder of images of your own with a sub-folder for "
        "each class. Click a class to see its samples, and a sample to look at it everywhere. The network learns from "
        "training samples alone; validation samples tell after each epoch how well it does on what it has not seen, "
        "and which epoch is kept as the best; test samples decide nothing, so that their accuracy can be trusted. "
        "Augmentation changes training samples at random, so that the network never sees the same one twice. Try its "
        "strengths: pull at one and watch what becomes of a sample."
    )

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document, self._session = document, session
        self.setProperty("role", "panel")
        self.setMinimumSize(*LEAST_PX)
        self.overview = Overview(document, session)
        self.samples = SamplesPage(session.browsing)
        self.augmentation = AugmentationPage(document, session.browsing)
        self.tabs, self.pages = QTabBar(), QStackedWidget()
        self.tabs.setAccessibleName("What of the data is shown")
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(space(4), space(2), space(4), space(2))
        self._box.setSpacing(space(4))
        self._box.addWidget(self.overview)
        self._box.addWidget(self._make_pages(), 1)
        self._listen()

    def _make_pages(self) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space(2))
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        for title, page in zip(PAGES, (self.samples, self.augmentation), strict=True):
            self.tabs.addTab(title)
            self.pages.addWidget(page)
        self.tabs.currentChanged.connect(self._turn)
        self._titles = row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        row.addWidget(self.tabs)
        row.addStretch()
        for beside in (self.samples.parts, self.augmentation.buttons):
            row.addWidget(beside)
        column.addLayout(row)
        column.addWidget(self.pages, 1)
        self._turn(0)
        return box

    def _turn(self, page: int) -> None:
        self.pages.setCurrentIndex(page)
        self.samples.parts.setVisible(page == 0 and self.samples.has_samples)
        self.augmentation.buttons.setVisible(page == 1)
        self._arrange()

    def _listen(self) -> None:
        self._document.content_changed.connect(self._follow)
        self._document.inference_changed.connect(self._follow)
        self._session.phase_changed.connect(self._follow)
        self._session.browsing.changed.connect(self._show_state)
        self.samples.chosen.connect(self._choose)
        appearance().changed.connect(self._arrange)

    def _follow(self) -> None:
        """What the document says, and the data that it names."""
        if not self.isVisible():
            return
        project, session = self._document.project, self._session
        self.overview.show_document()
        session.browsing.open(session.source, project.settings.validation_fraction, project.settings.seed)
        if self.augmentation.isVisible():
            self.augmentation.show_settings()

    def _show_state(self) -> None:
        if not self.isVisible():
            return
        browsing = self._session.browsing
        self.overview.show_state()
        facts = browsing.facts if browsing.ready else None
        if facts is None and not browsing.opening:
            self.augmentation.clear()
        self.samples.show_facts(facts)
        self._turn(self.pages.currentIndex())
        if facts is not None:
            self.augmentation.draw()

    def _choose(self, part: str, place: int) -> None:
        facts = self._session.browsing.facts
        self.augmentation.look_at(part, place)
        if facts is not None and part == facts.shown:
            self._session.look_at(place)

    # --- events ------------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802  (Qt's name)
        super().showEvent(event)
        self._follow()
        self._show_state()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        super().hideEvent(event)
        self._session.browsing.rest()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        self._arrange()

    def _arrange(self) -> None:
        """What there is no room for beside each other stands one below the other."""
        wide, beside = self.width() >= roomy(WIDE_PX), roomy(OVERVIEW_PX)
        needed = self.tabs, (self.samples.parts, self.augmentation.buttons)[self.pages.currentIndex()]
        titles = self.width() - (beside if wide else 0) >= sum(w.sizeHint().width() + 2 * space(4) for w in needed)
        for box, enough in ((self._box, wide), (self._titles, wide and titles)):
            box.setDirection(QBoxLayout.Direction.LeftToRight if enough else QBoxLayout.Direction.TopToBottom)
        self.overview.setMinimumSize(*((beside, 0) if wide else (0, OVERVIEW_LEAST_PX)))
        self.overview.setMaximumSize(*((beside, self.height()) if wide else (self.width(), OVERVIEW_MOST_PX)))
