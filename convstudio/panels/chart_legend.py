"""What solid and dashed lines are, drawn as the charts draw them."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from convstudio.look.letters import wear
from convstudio.look.theme import space, theme

LINE_PX, SAMPLE_PX = 2, 24
KINDS = (("training", Qt.PenStyle.SolidLine), ("validation", Qt.PenStyle.DashLine))


class Legend(QWidget):
    """A line of each kind, and its name."""

    def __init__(self) -> None:
        super().__init__()
        wear(self, "caption")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.setMinimumWidth(0)
        self.setAccessibleName("Solid lines are training, dashed ones validation")

    def sizeHint(self) -> QSize:  # noqa: N802  (Qt's name)
        width = sum(self._width(name) for name, _ in KINDS) + space(3) * (len(KINDS) - 1)
        return QSize(width, self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(0, self.fontMetrics().height())  # where there is no room, the panel's explanation says it

    def _width(self, name: str) -> int:
        return SAMPLE_PX + space(1) + self.fontMetrics().horizontalAdvance(name)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        if self.width() < self.sizeHint().width():
            return
        painter, left, middle = QPainter(self), 0, self.height() // 2
        for name, style in KINDS:
            painter.setPen(QPen(theme().color("text_quiet"), LINE_PX, style))
            painter.drawLine(left, middle, left + SAMPLE_PX, middle)
            place = self.rect().adjusted(left + SAMPLE_PX + space(1), 0, 0, 0)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, name)
            left += self._width(name) + space(3)
