"""A field for a whole number that says what it counts."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QSpinBox

from convstudio.look.theme import space


class Counter(QSpinBox):
    """Turned by the wheel only while it has the keyboard, so that scrolling the page changes nothing in it."""

    def __init__(self, what: str, name: str, most: int = 0) -> None:
        super().__init__()
        self.setPrefix(f"{what} ")
        self.setAccessibleName(name)
        self.setMaximum(most)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.lineEdit().setTextMargins(space(1), 0, space(1), 0)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802  (Qt's name)
        super().wheelEvent(event) if self.hasFocus() else event.ignore()
