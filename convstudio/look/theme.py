"""Light and dark: every colour, size and duration of the app, from `resources/tokens.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import attrs
from PySide6.QtCore import QObject, Qt, QTemporaryDir, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from convstudio.look.sheet import style_sheet
from engine.resources import read_text

SYSTEM, LIGHT, DARK = "system", "light", "dark"


@cache
def tokens() -> Mapping[str, Any]:
    """The design's numbers, as they stand in the file."""
    return json.loads(read_text("tokens.json"))


def space(step: int) -> int:
    """A distance from the list of those that are used, in pixels."""
    return int(tokens()["space_px"][step])


def radius(what: str) -> int:
    """How round the corners of a field, card or panel are, in pixels."""
    return int(tokens()["radius_px"][what])


def duration_ms(what: str) -> int:
    """How long a change takes: hover, state or layout; a moment for those who prefer no movement."""
    return 1 if appearance().still else int(tokens()["duration_ms"][what])


@attrs.frozen
class Theme:
    """The colours of one of the two looks."""

    name: str

    def color(self, role: str) -> QColor:
        """A colour by what it is for: window, panel, text, accent, error, ..."""
        return QColor(tokens()[self.name][role])

    def category(self, name: str) -> QColor:
        """The hue of a category of layers."""
        return QColor(tokens()["category"][name][self.name])

    def class_color(self, number: int) -> QColor:
        """The hue of a class of samples; ten can be told apart, also by the colour-blind, then they begin again."""
        hues: list[str] = tokens()["classes"][self.name]
        return QColor(hues[number % len(hues)])

    def mixed(self, a: QColor, b: QColor, share: float) -> QColor:
        """So much of the second colour in the first."""
        parts = (a.redF(), b.redF()), (a.greenF(), b.greenF()), (a.blueF(), b.blueF())
        return QColor.fromRgbF(*(x + (y - x) * share for x, y in parts))

    def faint(self, color: QColor, share: float) -> QColor:
        """The colour, so much of it that it lies over what is behind it."""
        faded = QColor(color)
        faded.setAlphaF(share)
        return faded

    def palette(self) -> QPalette:
        """The same for Qt's own drawing."""
        roles = {
            QPalette.ColorRole.Window: "window",
            QPalette.ColorRole.WindowText: "text",
            QPalette.ColorRole.Base: "panel",
            QPalette.ColorRole.AlternateBase: "panel",
            QPalette.ColorRole.Text: "text",
            QPalette.ColorRole.Button: "panel",
            QPalette.ColorRole.ButtonText: "text",
            QPalette.ColorRole.ToolTipBase: "panel",
            QPalette.ColorRole.ToolTipText: "text",
            QPalette.ColorRole.PlaceholderText: "text_quiet",
            QPalette.ColorRole.Highlight: "accent",
            QPalette.ColorRole.HighlightedText: "accent_text",
            QPalette.ColorRole.Link: "accent",
            QPalette.ColorRole.Mid: "border",
        }
        palette = QPalette()
        for role, name in roles.items():
            palette.setColor(role, self.color(name))
        for role in (QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText, QPalette.ColorRole.WindowText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, self.color("text_quiet"))
        return palette


class Appearance(QObject):
    """Which theme is shown; it follows the system unless somebody chose."""

    changed = Signal()  # other colours, or other letters

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.choice = SYSTEM
        self.still = False  # whether nothing should move by itself
        self._folder = QTemporaryDir()
        self.theme = self._wanted()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow)

    def choose(self, choice: str) -> None:
        """system, light or dark."""
        self.choice = choice
        self._follow()

    def dress(self, application: QApplication) -> None:
        """Gives the application the theme's palette and style sheet."""
        if not application.styleSheet():  # with one it is there already, and each widget would be drawn up twice
            application.setStyle("Fusion")
        application.setPalette(self.theme.palette())
        application.setStyleSheet(style_sheet(self.theme.name, tokens(), self._signs()))

    def _signs(self) -> dict[str, str]:
        """Pictures for the style sheet, which takes them from files alone, in this theme's colours."""
        found = {}
        for name, icon, role in (("arrow", "chevron_down", "text_quiet"), ("tick", "check", "accent_text")):
            drawing = read_text("icons", "symbols", f"{icon}.svg")
            path = Path(self._folder.path()) / f"{name}-{self.theme.name}.svg"
            with suppress(OSError):  # on a full disk there are no arrows
                path.write_text(drawing.replace("currentColor", self.theme.color(role).name()), encoding="utf-8")
            found[name] = path.as_posix()
        return found

    def _wanted(self) -> Theme:
        if self.choice != SYSTEM:
            return Theme(self.choice)
        dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
        return Theme(DARK if dark else LIGHT)

    def _follow(self) -> None:
        wanted = self._wanted()
        if wanted == self.theme:
            return
        self.theme = wanted
        application = QApplication.instance()
        if isinstance(application, QApplication):
            self.dress(application)
        self.changed.emit()


_appearance: list[Appearance] = []


def appearance() -> Appearance:
    """The application's one."""
    if not _appearance:
        _appearance.append(Appearance())
    return _appearance[0]


def theme() -> Theme:
    """The theme that is shown now."""
    return appearance().theme
