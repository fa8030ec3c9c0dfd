"""The panels around the canvas, each declared once: where it is, what it lies behind, and when it is in front."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QScrollArea, QTabWidget, QWidget

from convstudio.dock_title import DockTitle
from convstudio.document.document import Document
from convstudio.panels.charts import ChartsPanel
from convstudio.panels.compare import ComparePanel
from convstudio.panels.data.panel import DataPanel
from convstudio.panels.draw.panel import DrawPanel
from convstudio.panels.features.panel import FeaturesPanel
from convstudio.panels.filters.panel import FiltersPanel
from convstudio.panels.inspector.panel import InspectorPanel
from convstudio.panels.layers.panel import LayersPanel
from convstudio.panels.ledger.panel import LedgerPanel
from convstudio.panels.maps.panel import MapsPanel
from convstudio.panels.mistakes.panel import MistakesPanel
from convstudio.panels.palette import PalettePanel
from convstudio.panels.problems import ProblemsPanel
from convstudio.panels.profile.panel import ProfilePanel
from convstudio.panels.runs.panel import RunsPanel
from convstudio.panels.train.panel import TrainPanel
from convstudio.training.session import Session
from convstudio.workplaces import BELOW, LEFT, RIGHT, WorkPlaces


@attrs.frozen
class Place:
    """A panel, and the side of the canvas where it waits until it is shown."""

    name: str
    area: Qt.DockWidgetArea
    make: Callable[[Document, Session], QWidget]
    scrolls: bool = False  # whether it keeps its height and scrolls where there is less


PLACES = (
    Place("palette", LEFT, lambda document, session: PalettePanel(document)),
    Place("inspector", RIGHT, InspectorPanel),
    Place("train", RIGHT, TrainPanel),
    Place("problems", BELOW, lambda document, session: ProblemsPanel(document)),
    Place("layers", BELOW, lambda document, session: LayersPanel(document)),
    Place("charts", BELOW, lambda document, session: ChartsPanel(session)),
    Place("profile", BELOW, ProfilePanel),
    Place("filters", RIGHT, FiltersPanel),
    Place("data", BELOW, DataPanel),
    Place("maps", RIGHT, MapsPanel),
    Place("draw", LEFT, DrawPanel, scrolls=True),
    Place("mistakes", RIGHT, MistakesPanel),
    Place("features", RIGHT, FeaturesPanel),
    Place("compare", RIGHT, lambda document, session: ComparePanel(document)),
    Place("runs", BELOW, RunsPanel),
    Place("ledger", BELOW, LedgerPanel, scrolls=True),
)


class Workspace(QObject):
    """Puts the panels around a window's canvas."""

    def __init__(self, window: QMainWindow, document: Document, session: Session) -> None:
        super().__init__(window)
        self._window = window
        self.panels: dict[str, QWidget] = {place.name: place.make(document, session) for place in PLACES}
        self.docks: dict[str, QDockWidget] = {place.name: self._dock(place) for place in PLACES}
        self.places = WorkPlaces(window, self.docks, {place.name: place.area for place in PLACES})
        session.why.connect(lambda asked: self.show("ledger"))
        window.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)

    def _dock(self, place: Place) -> QDockWidget:
        panel = self.panels[place.name]
        title, explanation = _words(panel)
        dock = QDockWidget(title, self._window)
        dock.setObjectName(place.name)
        dock.setWidget(_scrolled(panel) if place.scrolls else panel)
        dock.setFeatures(
            QDockWidget.DockWidgetFeature.DockWidgetMovable | QDockWidget.DockWidgetFeature.DockWidgetClosable
        )
        dock.setTitleBarWidget(DockTitle(dock, explanation, panel.actions()))
        panel.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        panel.setWhatsThis(explanation)
        for area in dock.findChildren(QScrollArea):
            if not area.accessibleName():
                area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # it scrolls to what has the focus in it
        _hide_behind_tabs(dock)
        self._window.addDockWidget(place.area, dock)
        dock.hide()  # side by side all of them would make the window wide for good
        return dock

    def show(self, name: str) -> QWidget:
        """Brings a panel to the front, at the work place where it belongs."""
        if self.docks[name].isHidden():
            self.places.go(self.places.having(name))
        self.docks[name].show()
        self.docks[name].raise_()
        return self.panels[name]

    def hidden(self, name: str) -> bool:
        """Whether nothing of a panel can be seen."""
        return self.docks[name].visibleRegion().isEmpty()


def _hide_behind_tabs(dock: QDockWidget) -> None:
    """Qt only moves away what lies behind another tab; really hidden, panels ask and compute nothing."""
    inside = dock.widget()
    policy = inside.sizePolicy()
    policy.setRetainSizeWhenHidden(True)  # the window's sizes do not depend on which tab is in front
    inside.setSizePolicy(policy)
    dock.visibilityChanged.connect(inside.setVisible)


def _words(panel: QWidget) -> tuple[str, str]:
    words: Mapping[str, str] = vars(type(panel))
    return words["title"], words["explanation"]


def _scrolled(panel: QWidget) -> QScrollArea:
    """A panel that would not let the window become small, with room to scroll instead."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setWidget(panel)
    return area
