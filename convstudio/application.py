"""The application: follows the system's font while it runs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QTimer
from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QApplication, QDialog

from convstudio.look.letters import renew_letters
from convstudio.look.theme import appearance


def system_font() -> QFont:
    """What the system writes with now."""
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)


class Application(QApplication):
    """Where the system's font changes Qt says so with an event of its theme, and leaves all widgets as they were."""

    def __init__(self, arguments: Sequence[str]) -> None:
        super().__init__(list(arguments))
        self._system_font, self._worn = system_font(), self.font()

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() == QEvent.Type.ThemeChange:
            self._follow_system()
        elif event.type() == QEvent.Type.ApplicationFontChange:
            self._renew_letters()
        return handled

    def _follow_system(self) -> None:
        now = system_font()
        if now != self._system_font:
            self._system_font = now
            self.setFont(now)  # menus and tool bars too, whose fonts Qt has asked the system for at the start alone
            self._renew_letters()  # Qt takes the font from the theme before it says so: to it this was no change

    def _renew_letters(self) -> None:
        if self.font() == self._worn:
            return
        self._worn = self.font()
        if self.styleSheet():  # Qt passes a font on to widgets with a style sheet when they get the sheet, not before
            appearance().dress(self)
        renew_letters()
        appearance().changed.emit()
        QTimer.singleShot(0, self, self._make_room)

    def _make_room(self) -> None:
        """Panels scroll; a dialog that is open grows as far as its words need."""
        for window in self.topLevelWidgets():
            if isinstance(window, QDialog) and window.isVisible():
                window.resize(window.size().expandedTo(window.sizeHint()))
