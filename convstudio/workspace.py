"""The panels around the canvas, each declared once: its title, where it is, and what makes it.

A window is there sooner than all its panels.  Each is made before it is seen for the first time, or else when there is
nothing to do, and all of them before anything comes into the document: what they listen to has not yet happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module

import attrs
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QDockWidget, QMainWindow, QScrollArea, QTabWidget, QWidget

from convstudio.dock_title import DockTitle
from convstudio.document.document import Document
from convstudio.look.listening import describe_choices
from convstudio.training.session import Session
from convstudio.workplaces import BELOW, LEFT, RIGHT, WorkPlaces

DOCUMENT, SESSION = "document", "session"


@attrs.frozen
class Place:
    """A panel, and the side of the canvas where it waits until it is shown."""

    name: str
    title: str
    area: Qt.DockWidgetArea
    kind: str  # its module in `convstudio.panels`, which is loaded when it is needed, and its class
    takes: tuple[str, ...] = (DOCUMENT, SESSION)
    scrolls: bool = False  # whether it keeps its height and scrolls where there is less

    def make(self, **given: object) -> QWidget:
        """The panel, of what it takes."""
        module, _, kind = self.kind.rpartition(".")
        made = getattr(import_module(f"convstudio.panels.{module}"), kind)(*(given[name] for name in self.takes))
        assert isinstance(made, QWidget)
        return made


PLACES = (
    Place("palette", "Layers", LEFT, "palette.PalettePanel", takes=(DOCUMENT,)),
    Place("inspector", "Inspector", RIGHT, "inspector.panel.InspectorPanel"),
    Place("train", "Train", RIGHT, "train.panel.TrainPanel"),
    Place("problems", "Problems", BELOW, "problems.ProblemsPanel", takes=(DOCUMENT,)),
    Place("layers", "Layer table", BELOW, "layers.panel.LayersPanel", takes=(DOCUMENT,)),
    Place("charts", "Charts", BELOW, "charts.ChartsPanel", takes=(SESSION,)),
    Place("profile", "Profile", BELOW, "profile.panel.ProfilePanel"),
    Place("filters", "Filters", RIGHT, "filters.panel.FiltersPanel"),
    Place("data", "Data", BELOW, "data.panel.DataPanel"),
    Place("maps", "Maps", RIGHT, "maps.panel.MapsPanel"),
    Place("draw", "Draw", LEFT, "draw.panel.DrawPanel", scrolls=True),
    Place("mistakes", "Mistakes", RIGHT, "mistakes.panel.MistakesPanel"),
    Place("features", "Feature map", RIGHT, "features.panel.FeaturesPanel"),
    Place("compare", "Compare", RIGHT, "compare.ComparePanel", takes=(DOCUMENT,)),
    Place("runs", "Runs", BELOW, "runs.panel.RunsPanel"),
    Place("ledger", "One number, explained", BELOW, "ledger.panel.LedgerPanel", scrolls=True),
)
_BY_NAME = {place.name: place for place in PLACES}


class Panels(Mapping[str, QWidget]):
    """The panels by their names; one that is asked for is there."""

    def __init__(self, make: Callable[[Place], QWidget]) -> None:
        self._make, self._made = make, dict[str, QWidget]()

    def __getitem__(self, name: str) -> QWidget:
        if name not in self._made:
            self._made[name] = self._make(_BY_NAME[name])
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_BY_NAME)

    def __len__(self) -> int:
        return len(_BY_NAME)

    @property
    def waiting(self) -> list[str]:
        """Those that are not made yet."""
        return [name for name in _BY_NAME if name not in self._made]


class Dock(QDockWidget):
    """The frame of a panel, which has it made before it is shown."""

    def __init__(self, place: Place, panels: Panels, window: QMainWindow) -> None:
        super().__init__(place.title, window)
        self.setObjectName(place.name)
        self.setFeatures(
            QDockWidget.DockWidgetFeature.DockWidgetMovable | QDockWidget.DockWidgetFeature.DockWidgetClosable
        )
        self._panels = panels

    def setVisible(self, visible: bool) -> None:  # noqa: N802  (Qt's name)
        """Whoever shows it, arrangements that Qt restores included."""
        if visible:
            self._panels[self.objectName()]
        super().setVisible(visible)


class Workspace(QObject):
    """Puts the panels around a window's canvas."""

    made = Signal(str, QWidget)  # a panel, and its name
    completed = Signal()  # while there was nothing else to do

    def __init__(self, window: QMainWindow, document: Document, session: Session) -> None:
        super().__init__(window)
        self._document, self._session = document, session
        self.panels = Panels(self._make)
        self.docks: dict[str, QDockWidget] = {place.name: Dock(place, self.panels, window) for place in PLACES}
        for place in PLACES:
            self.docks[place.name].hide()  # side by side all of them would make the window wide for good
            window.addDockWidget(place.area, self.docks[place.name])
        self.places = WorkPlaces(window, self.docks, {place.name: place.area for place in PLACES})
        document.project_changed.connect(self.make_all)
        session.why.connect(lambda asked: self.show("ledger"))
        window.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)

    def _make(self, place: Place) -> QWidget:
        panel, dock = place.make(document=self._document, session=self._session), self.docks[place.name]
        explanation = _explanation(panel)
        dock.setWidget(_scrolled(panel) if place.scrolls else panel)
        dock.setTitleBarWidget(DockTitle(dock, explanation, panel.actions()))
        panel.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        panel.setWhatsThis(explanation)
        for area in dock.findChildren(QScrollArea):
            if not area.accessibleName():
                area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # it scrolls to what has the focus in it
        describe_choices(panel)
        _hide_behind_tabs(dock)
        self.made.emit(place.name, panel)
        return panel

    def make_all(self, *_: object) -> None:
        """At once, those that wait."""
        for name in self.panels.waiting:
            self.panels[name]

    def make_one_by_one(self) -> None:
        """Those that wait, whenever there is nothing else to do: showing one of them takes no time then."""
        if not self.panels.waiting:
            self.completed.emit()
            return
        self.panels[self.panels.waiting[0]]
        QTimer.singleShot(0, self, self.make_one_by_one)

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


def _explanation(panel: QWidget) -> str:
    words: Mapping[str, str] = vars(type(panel))
    return words["explanation"]


def _scrolled(panel: QWidget) -> QScrollArea:
    """A panel that would not let the window become small, with room to scroll instead."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setWidget(panel)
    return area
