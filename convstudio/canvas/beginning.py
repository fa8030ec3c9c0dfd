"""What an empty canvas says: how to begin."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from convstudio.look.letters import roomy
from convstudio.look.theme import space

WIDEST_PX = 400


class Beginning(QLabel):
    """Lies in the middle until something is there, with a button below; the mouse goes through to the canvas."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Drag a layer here, or double-click and type its name.", parent)
        self.setProperty("role", "quiet")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setWordWrap(True)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.button = QPushButton("Add an input", parent)

    def follow(self, shown: bool, room: QSize) -> None:
        """Takes the middle of the room, or goes."""
        self.setVisible(shown)
        self.button.setVisible(shown)
        wide, button = min(roomy(WIDEST_PX), room.width()), self.button.sizeHint()
        high = self.heightForWidth(wide)
        top = (room.height() - high - space(3) - button.height()) // 2
        self.setGeometry((room.width() - wide) // 2, top, wide, high)
        self.button.move((room.width() - button.width()) // 2, top + high + space(3))
        self.button.resize(button)
