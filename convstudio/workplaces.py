"""Three ways to stand before the canvas: composing, training and seeing each have their panels around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import attrs
from PySide6.QtCore import QByteArray, QEvent, QObject, QSettings, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QTabBar, QWidget

from convstudio.look.letters import roominess, roomy
from convstudio.look.theme import appearance
from convstudio.remembering import remember, remembered

LEFT, RIGHT = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
BELOW = Qt.DockWidgetArea.BottomDockWidgetArea
AREAS = (LEFT, RIGHT, BELOW)
STATE_VERSION = 6  # of a remembered arrangement; another one is not restored
MOST_LETTERS = 10.0  # times the usual size
COMPOSE, TRAIN, SEE = "compose", "train", "see"


@attrs.frozen
class WorkPlace:
    """Which panels are around the canvas, by the side they are on; the first of a side is in front."""

    title: str
    tip: str
    panels: Mapping[Qt.DockWidgetArea, tuple[str, ...]]
    shares: Mapping[Qt.DockWidgetArea, float]  # of the window's width or height
    limits_px: Mapping[Qt.DockWidgetArea, tuple[int, int]]


WORK_PLACES: Mapping[str, WorkPlace] = {
    COMPOSE: WorkPlace(
        "Compose",
        "Layers on the left, settings on the right, problems and a table of all layers below",
        {LEFT: ("palette",), RIGHT: ("inspector",), BELOW: ("problems", "layers")},
        {LEFT: 0.15, RIGHT: 0.2, BELOW: 0.25},
        {LEFT: (240, 300), RIGHT: (340, 400), BELOW: (200, 320)},
    ),
    TRAIN: WorkPlace(
        "Train",
        "Settings on the right; charts, data, profile and earlier runs below",
        {RIGHT: ("train", "inspector"), BELOW: ("charts", "data", "profile", "runs", "problems")},
        {RIGHT: 0.2, BELOW: 0.42},
        {RIGHT: (340, 400), BELOW: (300, 640)},
    ),
    SEE: WorkPlace(
        "See",
        "Draw on the left, look inside on the right",
        {LEFT: ("draw",), RIGHT: ("filters", "maps", "ledger", "mistakes", "features", "compare")},
        {LEFT: 0.2, RIGHT: 0.5},
        {LEFT: (288, 400), RIGHT: (560, 1400)},
    ),
}


@attrs.frozen
class Arrangement:
    """Where a user has put the panels, and how large the system's text was then."""

    state: QByteArray
    letters: float


class WorkPlaces(QObject):
    """Shows one at a time; each stays as its user has arranged it."""

    changed = Signal(str)

    def __init__(
        self, window: QMainWindow, docks: Mapping[str, QDockWidget], homes: Mapping[str, Qt.DockWidgetArea]
    ) -> None:
        super().__init__(window)
        self._window, self._docks, self._homes = window, docks, homes
        self.current = COMPOSE
        window.installEventFilter(self)
        window.setCorner(Qt.Corner.BottomRightCorner, RIGHT)  # forms need height, curves need width
        self._known: dict[str, Arrangement] = {}
        self._letters, self._stretch_when_shown = roominess(), 1.0
        appearance().changed.connect(self._follow_letters)

    def go(self, name: str) -> None:
        """Leaves the panels as they are for the next time, and shows another arrangement."""
        if name == self.current:
            return
        self._keep_current()
        self._enter(name)

    def _keep_current(self) -> None:
        self._known[self.current] = Arrangement(self._window.saveState(STATE_VERSION), self._letters)

    def _enter(self, name: str) -> None:
        self.current = name
        known = self._known.get(name)
        if known is None or not self._window.restoreState(known.state, STATE_VERSION):
            self.arrange(name)
        else:
            self._stretch(self._letters / known.letters)
        self.changed.emit(name)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  (Qt's name)
        """Qt makes a bar when panels come to lie on each other; it gets its name for those who listen.

        The event is not asked whose it is: PySide forgets what an event has named, with all that is in it, when the
        event is over, and that was now and then the bar of menus.
        """
        if event.type() == QEvent.Type.ChildPolished:
            for bar in self._window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
                bar.setAccessibleName("Panels")
                bar.setDrawBase(False)
                bar.setElideMode(Qt.TextElideMode.ElideNone)
        elif event.type() == QEvent.Type.Show and self._stretch_when_shown != 1:
            QTimer.singleShot(0, self, partial(self._stretch, self._stretch_when_shown))
            self._stretch_when_shown = 1.0
        return False

    def reset(self) -> None:
        """As it was on the first day."""
        self._known.pop(self.current, None)
        self.arrange(self.current)

    def having(self, panel: str) -> str:
        """A work place that shows a panel: this one if it does."""
        names = (self.current, *WORK_PLACES)
        return next((n for n in names if any(panel in shown for shown in WORK_PLACES[n].panels.values())), self.current)

    # --- arranging ---------------------------------------------------------------------------------------------------

    def arrange(self, name: str) -> None:
        """Puts every panel in its place; those that are not shown wait where the View menu brings them back."""
        place = WORK_PLACES[name]
        for dock in self._docks.values():
            dock.hide()  # on its way one would be beside another, and the window would grow for good
        there = {area: [n for n in place.panels.get(area, ()) if n in self._docks] for area in AREAS}
        for area, shown in there.items():
            waiting = [n for n, home in self._homes.items() if home == area and not any(n in s for s in there.values())]
            self._stack(area, [*shown, *waiting])
        for shown in there.values():
            for panel in shown:
                self._docks[panel].show()
            if shown:
                self._docks[shown[0]].raise_()
        self._size(place)

    def _stack(self, area: Qt.DockWidgetArea, names: Sequence[str]) -> None:
        """One behind the other."""
        docks = [self._docks[name] for name in names]
        for number, dock in enumerate(docks):
            dock.setFloating(False)
            self._window.addDockWidget(area, dock)
            dock.hide()
            if number:
                self._window.tabifyDockWidget(docks[0], dock)

    def _size(self, place: WorkPlace) -> None:
        for area, share in place.shares.items():
            docks = [self._docks[name] for name in place.panels[area] if name in self._docks][:1]
            across = Qt.Orientation.Vertical if area == BELOW else Qt.Orientation.Horizontal
            room = self._window.height() if area == BELOW else self._window.width()
            least, most = (roomy(limit) for limit in place.limits_px[area])
            self._window.resizeDocks(docks, [min(max(least, round(room * share)), most)] * len(docks), across)

    def _follow_letters(self) -> None:
        before, self._letters = self._letters, roominess()
        self._stretch(self._letters / before)

    def _stretch(self, factor: float) -> None:
        """What is beside the canvas gets so much wider, and what is below it so much higher.

        Not what takes half of the window: it goes by the window, not by its words, and the canvas must stay.
        """
        if factor == 1:
            return
        if not self._window.isVisible():  # before, nothing has a size
            self._stretch_when_shown = factor
            return
        for area in AREAS:
            below = area == BELOW
            half = (self._window.height() if below else self._window.width()) // 2
            there = [dock for dock in self._docks.values() if self._window.dockWidgetArea(dock) == area]
            seen = [dock for dock in there if not dock.isFloating() and not dock.visibleRegion().isEmpty()]
            sizes = [dock.height() if below else dock.width() for dock in seen]
            stretched = [size if size >= half else min(round(size * factor), half) for size in sizes]
            self._window.resizeDocks(seen, stretched, Qt.Orientation.Vertical if below else Qt.Orientation.Horizontal)

    # --- remembering -------------------------------------------------------------------------------------------------

    def remember(self) -> None:
        """Keeps all arrangements for the next start."""
        self._keep_current()
        settings = QSettings()
        settings.setValue("work_place", self.current)
        for name, known in self._known.items():
            remember(f"arrangement/{name}", known.state)
            settings.setValue(f"arrangement/letters/{name}", known.letters)

    def restore(self) -> None:
        """As it was at the end of last time; on a first start, composing."""
        settings = QSettings()
        for name in WORK_PLACES:
            state = remembered(f"arrangement/{name}")
            if state is not None:
                self._known[name] = Arrangement(state, _letters(settings.value(f"arrangement/letters/{name}")))
        current = settings.value("work_place")
        self._enter(current if isinstance(current, str) and current in WORK_PLACES else COMPOSE)


def _letters(value: object) -> float:
    """What settings say of them; where they say nothing, or nonsense, the usual."""
    try:
        read = float(str(value))
    except ValueError:
        return 1.0
    return read if 1 <= read <= MOST_LETTERS else 1.0


class PanelWalk:
    """F6 goes from panel to panel, and to the canvas between the last and the first, then to what floats over it."""

    def __init__(self, canvas: QWidget, docks: Mapping[str, QDockWidget], floating: Sequence[QWidget] = ()) -> None:
        self._stops = (canvas, *floating, *docks.values())

    def go(self, step: int) -> None:
        """To the next one that can be seen, or with -1 to the one before."""
        canvas, *others = self._stops
        stops = [canvas, *(stop for stop in others if not stop.visibleRegion().isEmpty())]
        focus = QApplication.focusWidget()
        here = next((n for n, stop in enumerate(stops) if focus is stop or (focus and stop.isAncestorOf(focus))), 0)
        for distance in range(1, len(stops) + 1):
            if focus_first(stops[(here + step * distance) % len(stops)]):
                return


def focus_first(place: QWidget) -> bool:
    """Focuses the first thing that takes keys in a panel, else in its title bar; False where there is none."""
    insides = (place.widget(), place.titleBarWidget()) if isinstance(place, QDockWidget) else (place,)
    for inside in insides:
        for widget in (inside, *_in_tab_order(inside)):
            takes_tab = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
            if takes_tab and widget.isEnabled() and widget.isVisibleTo(place) and widget.focusProxy() is None:
                widget.setFocus(Qt.FocusReason.TabFocusReason)
                return True
    return False


def _in_tab_order(inside: QWidget) -> list[QWidget]:
    found: list[QWidget] = []
    widget = inside.nextInFocusChain()
    while widget is not None and widget is not inside:
        if inside.isAncestorOf(widget):
            found.append(widget)
        widget = widget.nextInFocusChain()
    return found
