"""The way that one has come, from number to number; a click goes back there."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from convstudio.look.flow import FlowLayout, emptied
from convstudio.look.theme import space
from convstudio.training.asking import Index, Why, WhyNumber, WhyWeight

MOST = 14  # of a long way the last so many


class Crumbs(QWidget):
    """Names of numbers in a row."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = FlowLayout(self, gap=space(1), line_gap=0)
        self.buttons: list[QToolButton] = []
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName("The way here")

    def show_way(self, way: Sequence[Why], here: int) -> None:
        """All stations; `here` is the one that is shown."""
        emptied(self._row)
        self.buttons = []
        first = max(0, len(way) - MOST)
        for place in range(first, len(way)):
            before = "" if not place else "›" if place > first else "… ›"
            self._row.addWidget(self._station(way[place], place, before, place == here))
        self.setVisible(len(way) > 1)
        self.updateGeometry()

    def _station(self, why: Why, place: int, before: str, shown: bool) -> QWidget:
        station, button = QWidget(), QToolButton()
        row = QHBoxLayout(station)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(space(1))
        if before:
            sign = QLabel(before)
            sign.setProperty("role", "quiet")
            row.addWidget(sign)
        button.setText(short(why))
        button.setCheckable(True)
        button.setChecked(shown)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.setToolTip("This number is shown" if shown else "Goes back to this number")
        button.toggled.connect(lambda: self.chosen.emit(place))
        row.addWidget(button)
        self.buttons.append(button)
        return station


def bracketed(index: Index) -> str:
    """[2, 4, 5]"""
    return f"[{', '.join(map(str, index))}]"


def short(why: Why) -> str:
    """A number's name in as few letters as possible."""
    if isinstance(why, WhyNumber):
        return f"{why.node}{bracketed(why.at)}"
    if isinstance(why, WhyWeight):
        return f"{why.node}.{why.parameter}{bracketed(why.index)}"
    return "loss"
