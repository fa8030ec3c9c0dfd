"""Cards that live: connects the session to the canvas, so that a network in training shows what happens in it."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, sqrt
from typing import Any

import attrs
import numpy as np
from PySide6.QtCore import QObject, QSettings, QTimer, Signal
from PySide6.QtGui import QAction, QImage
from PySide6.QtWidgets import QMenu

from convstudio.canvas.canvas import Canvas
from convstudio.canvas.live import Numbers, drawn_name
from convstudio.document.document import Document, computes_the_same
from convstudio.document.project import Project
from convstudio.look import colormaps
from convstudio.look.theme import appearance, theme
from convstudio.training.session import Session
from engine.health import Finding
from engine.numerals import written
from engine.profile import Profile
from engine.progress import TRAINING
from engine.protocol import Picture, Report
from engine.questions import CheckHealth, HealthChecked, MeasureLayers, NotAnswered, Profiled

Array = np.ndarray[Any, Any]
PANEL = "cards"  # how the session knows who watches
HEALTH_MS = 1000  # between two checks
SETTLE_MS = 150  # after a scroll
FIRST_STEPS = 20  # of a run, before its layers are timed: everything has been compiled and loaded by then
GAP_PX = 1  # between channels
COLOURS = 3  # channels of a picture in colour
FEWEST_GRID = 17  # features, from where on they stand in a square instead of as bars
HEALTHY = "The network is healthy."


@attrs.frozen
class Toggle:
    """Something that cards can show."""

    name: str
    text: str
    tip: str


PICTURES, TIMES, GRADIENTS, HEALTH = "pictures", "times", "gradients", "health"
TOGGLES = (
    Toggle(PICTURES, "Pictures of activations", "What each layer makes of the sample that is looked at"),
    Toggle(TIMES, "Share of the time", "How much of a training step each layer takes"),
    Toggle(GRADIENTS, "Size of gradients", "The root mean square of each layer's weight gradients"),
    Toggle(HEALTH, "Health", "A sign on layers where something is wrong, with what would help"),
)


class LiveCards(QObject):
    """Asks for no more than is shown, and for nothing where nobody looks."""

    health_changed = Signal()

    def __init__(self, document: Document, session: Session, canvas: Canvas, parent: QObject | None = None) -> None:
        super().__init__(parent or canvas)
        self._document, self._session, self._canvas = document, session, canvas
        self.actions = {toggle.name: self._action(toggle) for toggle in TOGGLES}
        self.findings: tuple[Finding, ...] = ()
        self._looked = False  # whether a picture or sample was chosen, so that something is to be seen at rest
        self._number, self._checked, self._wants_profile = 0, False, False
        self._profile: Profile | None = None
        self._gradients: dict[str, float] = {}
        self._newest: dict[str, Picture] = {}
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(SETTLE_MS)
        self._settled.timeout.connect(self._watch)
        self._pulse = QTimer(self)
        self._pulse.setInterval(HEALTH_MS)
        self._pulse.timeout.connect(self._check)
        self._listen()

    def _listen(self) -> None:
        document, session, canvas = self._document, self._session, self._canvas
        session.reported.connect(self._take_report)
        session.answered.connect(self._take_answer)
        session.started.connect(self._begin)
        session.phase_changed.connect(self._follow_phase)
        session.shown.connect(self._follow_looking)
        document.content_changed.connect(self._follow_document)
        document.project_changed.connect(self._settle)
        document.weights_changed.connect(self._settle)
        canvas.zoom_changed.connect(self._settle)
        canvas.horizontalScrollBar().valueChanged.connect(self._settle)
        canvas.verticalScrollBar().valueChanged.connect(self._settle)
        canvas.installEventFilter(self)
        appearance().changed.connect(self._restyle)

    def _settle(self, *_: object) -> None:
        """Looks again at what can be seen, once it has come to rest."""
        self._settled.start()  # not connected itself: it would take a place or a zoom for a time

    def eventFilter(self, watched: QObject, event: Any) -> bool:  # noqa: N802  (Qt's name)
        if event.type() in (event.Type.Show, event.Type.Hide, event.Type.Resize):
            self._settle()
        return False

    # --- what the user wants to see ----------------------------------------------------------------------------------

    def add_to(self, menu: QMenu) -> None:
        """The toggles, as a menu of their own."""
        own = menu.addMenu("On the cards")
        own.setToolTipsVisible(True)
        own.addActions(list(self.actions.values()))

    def _action(self, toggle: Toggle) -> QAction:
        action = QAction(toggle.text, self, checkable=True)
        action.setToolTip(toggle.tip)
        action.setChecked(QSettings().value(f"cards/{toggle.name}", True, bool))  # type: ignore[arg-type]
        action.toggled.connect(lambda on: self._turn(toggle.name, on))
        return action

    def _turn(self, name: str, on: bool) -> None:
        QSettings().setValue(f"cards/{name}", on)
        if name == PICTURES:
            self._watch()
        elif name == HEALTH and not on:
            self._show_findings(())
        elif on:
            self._wants_profile = self._wants_profile or (name == TIMES and self._profile is None)
            self._check()
        self._show_numbers()

    def _shows(self, name: str) -> bool:
        return self.actions[name].isChecked()

    # --- pictures ----------------------------------------------------------------------------------------------------

    def _watch(self) -> None:
        """The cards that can be seen, while there is something to see on them."""
        session = self._session
        alive = session.running or bool(self._document.weights) or self._looked
        names = self._canvas.live.in_sight() if alive and self._shows(PICTURES) else ()
        session.watch(PANEL, names)
        if not alive or not self._shows(PICTURES):
            self._newest = {}
            self._canvas.live.clear_pictures()

    def _follow_looking(self, what: object) -> None:
        if not self._looked:
            self._looked = True
            self._settle()

    def _take_report(self, report: Report) -> None:
        self._show_pictures(report.pictures)
        if self._session.running and report.samples_per_epoch:
            self._canvas.live.show_progress(report.seen / report.samples_per_epoch)
            wanted = self._wants_profile and self._shows(TIMES)
            if wanted and report.phase == TRAINING and report.step >= FIRST_STEPS and self._can_see():
                self._wants_profile = False
                self._session.ask_about(MeasureLayers(self._session.new_number()))

    def _show_pictures(self, pictures: Sequence[Picture]) -> None:
        if self._shows(PICTURES) and self._can_see():
            room = self._canvas.live.picture_room_px
            self._newest |= {picture.node: picture for picture in pictures}
            self._canvas.live.show_pictures({picture.node: drawn(picture, room) for picture in pictures})

    # --- numbers and health ------------------------------------------------------------------------------------------

    def _begin(self, continues: bool) -> None:
        self._checked = False
        self._show_findings(())
        self._wants_profile = self._shows(TIMES)
        if not continues:
            self._profile, self._gradients = None, {}
        self._show_numbers()

    def _follow_phase(self, phase: str) -> None:
        if self._session.running and phase == TRAINING:
            self._pulse.start()
        else:
            self._pulse.stop()
        if not self._session.running:
            self._canvas.live.show_progress(None)
        self._settle()

    def _can_see(self) -> bool:
        return self._canvas.isVisible() and not self._canvas.window().isMinimized()

    def _check(self) -> None:
        asks = self._shows(HEALTH) or self._shows(GRADIENTS)
        if asks and not self._number and self._session.running and self._can_see():
            self._number = self._session.new_number()
            self._session.ask_about(CheckHealth(self._number))

    def _take_answer(self, answer: object) -> None:
        if isinstance(answer, HealthChecked) and answer.number == self._number:
            self._number, self._checked = 0, answer.health.settled
            self._gradients = dict(answer.health.gradients) or self._gradients
            self._show_numbers()
            if self._shows(HEALTH):
                self._show_findings(answer.health.findings)
        elif isinstance(answer, NotAnswered) and answer.number == self._number:
            self._number = 0
        elif isinstance(answer, Profiled):  # whoever has asked
            self._profile, self._wants_profile = answer.profile, False
            self._show_numbers()

    def _show_numbers(self) -> None:
        shares = _time_shares(self._profile) if self._profile and self._shows(TIMES) else {}
        gradients = self._gradients if self._shows(GRADIENTS) else {}
        names = shares.keys() | {drawn_name(name) for name in gradients}
        numbers = {name: Numbers(shares.get(name), _size(gradients.get(name))) for name in names}
        self._canvas.live.show_numbers(numbers)

    def _show_findings(self, findings: Sequence[Finding]) -> None:
        if self.findings != tuple(findings):
            self.findings = tuple(findings)
            self._canvas.live.show_findings(findings)
        self.health_changed.emit()

    @property
    def verdict(self) -> str:
        """How a network in training is, where it has been looked at."""
        if self.findings:
            return self.findings[0].text
        return HEALTHY if self._checked and self._session.running and self._shows(HEALTH) else ""

    # --- changes -----------------------------------------------------------------------------------------------------

    def _follow_document(self, before: Project, after: Project) -> None:
        if before.graph is after.graph:
            return
        if not self._session.running and not computes_the_same(before, after):  # what was measured was another one
            self._profile, self._gradients = None, {}
            self._show_findings(())
        if before.graph.name != after.graph.name:
            self._looked = False
            self._canvas.live.clear_pictures()
        self._show_numbers()
        self._canvas.live.show_findings(self.findings)  # cards may be new
        self._settle()

    def _restyle(self) -> None:
        self._show_pictures(tuple(self._newest.values()))


def _time_shares(profile: Profile) -> dict[str, float]:
    """Of each card, its copies included; layers that another one computes have none."""
    whole = profile.layers_ms or 1.0
    found: dict[str, float] = {}
    for layer in profile.layers:
        if layer.total_ms:
            name = drawn_name(layer.node)
            found[name] = found.get(name, 0.0) + layer.total_ms / whole
    return found


def _size(value: float | None) -> str:
    """Two digits that count; nothing where nothing was measured."""
    return "" if value is None else written(value, 2)


# --- pictures as images ----------------------------------------------------------------------------------------------


def drawn(picture: Picture, room_px: int) -> QImage:
    """As large as the room allows, with whole pixels: images side by side, many features in a square, few as bars."""
    tiles, count = picture.tiles, picture.tiles.size
    if picture.is_sample and len(tiles) == COLOURS:
        return _as_image(_enlarged(colormaps.pack(np.moveaxis(tiles, 0, -1))[None], room_px))
    name = colormaps.GREY if picture.is_sample else colormaps.SIGNED if picture.signed else colormaps.SPECTRUM
    if tiles.shape[:2] == (1, 1):
        if count < FEWEST_GRID:
            return _as_image(_bars(tiles[0, 0], picture.signed, room_px))
        side = ceil(sqrt(count))
        square = np.full(side * side, colormaps.ZERO if picture.signed else 0, np.uint8)
        square[:count] = tiles[0, 0]
        tiles = square.reshape(1, side, side)
    return _as_image(_enlarged(colormaps.packed(name)[tiles], room_px))


def _enlarged(tiles: Array, room_px: int) -> Array:
    """uint32 [tiles, height, width] as one image with gaps of the panel's colour."""
    count, height, width = tiles.shape
    across = ceil(sqrt(count))
    zoom = max(1, (room_px - GAP_PX * (across - 1)) // (across * max(height, width)))
    large = tiles.repeat(zoom, 1).repeat(zoom, 2)
    down, right = (side * zoom + GAP_PX for side in (height, width))
    rows = ceil(count / across)
    made = np.full((rows * down - GAP_PX, across * right - GAP_PX), theme().color("panel").rgb(), np.uint32)
    for number, tile in enumerate(large):
        row, column = divmod(number, across)
        made[row * down : row * down + height * zoom, column * right : column * right + width * zoom] = tile
    return made


def _bars(values: Array, signed: bool, room_px: int) -> Array:
    """A row for each feature, as long as it is large; the largest one in full colour."""
    high = max(1, min(room_px // len(values), room_px // 4) - GAP_PX)
    made = np.full((len(values) * (high + GAP_PX) - GAP_PX, room_px), theme().color("panel").rgb(), np.uint32)
    zero = colormaps.ZERO if signed else 0
    lengths = np.abs(values.astype(int) - zero) / (colormaps.TOP - zero)
    hues = {True: theme().category("convolution").rgb(), False: theme().category("pooling").rgb()}
    for row, (value, length) in enumerate(zip(values, lengths, strict=True)):
        top = row * (high + GAP_PX)
        made[top : top + high] = theme().color("grid").rgb()
        made[top : top + high, : max(1, round(length * room_px))] = hues[bool(value >= zero)]
    return made


def _as_image(pixels: Array) -> QImage:
    height, width = pixels.shape
    whole = np.ascontiguousarray(pixels)
    return QImage(whole.data, width, height, width * 4, QImage.Format.Format_RGB32).copy()
