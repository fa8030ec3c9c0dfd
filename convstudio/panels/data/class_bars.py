"""How many samples each class has, as bars; a click shows the samples of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from convstudio.look.letters import font
from convstudio.look.theme import radius, space, theme
from convstudio.panels.data.words import PART_TITLES
from convstudio.wording import thousands
from engine.browsing import EVERY_CLASS, PARTS

LEAST_ROW_PX, MOST_ROW_PX, BAR_PX = 22, 28, 8
WIDTH_PX, NAMES_SHARE = 176, 0.42
EVERY = "All classes"


class ClassBars(QWidget):
    """A row for all classes and one for each."""

    chosen = Signal(int)  # a class, or EVERY_CLASS

    def __init__(self) -> None:
        super().__init__()
        self._names: Sequence[str] = ()
        self._counts: Mapping[str, np.ndarray] = {}
        self._part, self.label, self._pointed = PARTS[0], EVERY_CLASS, -2
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Samples of each class")
        self.setMinimumWidth(WIDTH_PX)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)

    def show_counts(self, names: Sequence[str], counts: Mapping[str, np.ndarray], part: str) -> None:
        """The samples of each class in every part, with bars of one part."""
        self._names, self._counts, self._part = names, counts, part
        if self.label >= len(names):
            self.label = EVERY_CLASS
        self.setMinimumHeight(LEAST_ROW_PX * (len(names) + 1) if names else 0)
        self._describe()
        self.update()

    def text_of(self, label: int) -> str:
        """A class with its samples in every part."""
        name = EVERY if label == EVERY_CLASS else self._names[label]
        counts = {p: int(c.sum() if label == EVERY_CLASS else c[label]) for p, c in self._counts.items()}
        return f"{name}: " + " · ".join(f"{thousands(counts[part])} {PART_TITLES[part].lower()}" for part in PARTS)

    def choose(self, label: int) -> None:
        """Shows the samples of a class."""
        if self._names and label != self.label and EVERY_CLASS <= label < len(self._names):
            self.label = label
            self._describe()
            self.update()
            self.chosen.emit(label)

    def _describe(self) -> None:
        self.setAccessibleDescription(self.text_of(self.label) if self._names else "")

    # --- where things are --------------------------------------------------------------------------------------------

    @property
    def _row_px(self) -> int:
        return min(MOST_ROW_PX, max(LEAST_ROW_PX, self.height() // (len(self._names) + 1)))

    def row(self, label: int) -> QRect:
        """Where a class is drawn."""
        return QRect(0, (label + 1) * self._row_px, self.width(), self._row_px)

    def _label_at(self, point: QPoint) -> int:
        label = point.y() // self._row_px - 1
        return label if self._names and label < len(self._names) else -2

    def sizeHint(self) -> QSize:  # noqa: N802  (Qt's name)
        return QSize(WIDTH_PX, LEAST_ROW_PX * (len(self._names) + 1))

    # --- events ------------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font("caption"))
        if self._names:
            counts = self._counts[self._part]
            most = max(1, int(counts.max(initial=0)))
            for label in range(EVERY_CLASS, len(self._names)):
                if self.row(label).intersects(event.rect()):
                    count = int(counts.sum() if label == EVERY_CLASS else counts[label])
                    self._paint_row(painter, label, count, None if label == EVERY_CLASS else count / most)
        painter.end()

    def _paint_row(self, painter: QPainter, label: int, count: int, share: float | None) -> None:
        row, look = self.row(label), theme()
        if label in (self.label, self._pointed):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("selection" if label == self.label else "window"))
            painter.drawRoundedRect(row, radius("field"), radius("field"))
        if label == self.label and self.hasFocus():
            painter.setPen(look.color("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(row).adjusted(0.5, 0.5, -0.5, -0.5), radius("field"), radius("field"))
        inside = row.adjusted(space(2), 0, -space(2), 0)
        middle, metrics = Qt.AlignmentFlag.AlignVCenter, painter.fontMetrics()
        numbers = metrics.horizontalAdvance(thousands(int(self._counts[self._part].sum())))
        names = inside.width() - numbers - space(2) if share is None else self._names_px(metrics, inside.width())
        name = EVERY if label == EVERY_CLASS else self._names[label]
        painter.setPen(look.color("text"))
        painter.drawText(inside, middle, metrics.elidedText(name, Qt.TextElideMode.ElideRight, names))
        painter.setPen(look.color("text_quiet"))
        painter.drawText(inside, middle | Qt.AlignmentFlag.AlignRight, thousands(count))
        if share is None:
            return
        room = inside.width() - names - numbers - 2 * space(2)
        bar = QRectF(inside.left() + names + space(2), row.center().y() - BAR_PX / 2 + 1, room * share, BAR_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color("accent" if label == self.label else "edge"))
        painter.drawRoundedRect(bar, 2, 2)

    def _names_px(self, metrics: object, room: int) -> int:
        widest = max(self.fontMetrics().horizontalAdvance(name) for name in self._names[:64])
        return min(widest, round(room * NAMES_SHARE))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        label = self._label_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and label >= EVERY_CLASS:
            self.choose(label)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._point(self._label_at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        self._point(-2)

    def _point(self, label: int) -> None:
        if label != self._pointed:
            self._pointed = label
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        steps = {Qt.Key.Key_Up: self.label - 1, Qt.Key.Key_Down: self.label + 1, Qt.Key.Key_Home: EVERY_CLASS}
        wanted = steps.get(Qt.Key(event.key()))
        if wanted is None:
            super().keyPressEvent(event)
        else:
            self.choose(wanted)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            label = self._label_at(event.pos())
            QToolTip.showText(event.globalPos(), self.text_of(label) if label >= EVERY_CLASS else "", self)
            return True
        return bool(super().event(event))
