"""The classes beside the plot: a click hides the points of one, and shows them again."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QListWidget, QListWidgetItem, QWidget

from convstudio.look.letters import font
from convstudio.look.theme import space, theme
from convstudio.wording import thousands

DOT_PX, ICON_PX = 10, 16
WIDTH_PX = 128
HIDDEN_SHARE = 0.25  # of a hidden class's ink
NUMBER = Qt.ItemDataRole.UserRole


class Legend(QListWidget):
    """A row for each class; the space bar does what a click does."""

    changed = Signal(object)  # the classes that are hidden

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hidden: set[int] = set()
        self.setAccessibleName("Classes; click one to hide it or to show it")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        self.setIconSize(QSize(ICON_PX, ICON_PX))
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setFixedWidth(WIDTH_PX)
        self.setMouseTracking(True)
        self.itemClicked.connect(self._take_click)

    def show_classes(self, names: list[str], counts: dict[int, int]) -> None:
        """Every class that has samples, and how many."""
        self.clear()
        self.hidden &= set(counts)
        for number, count in sorted(counts.items()):
            item = QListWidgetItem(names[number])
            item.setData(NUMBER, number)
            item.setToolTip(f"{names[number]}: {thousands(count)} samples. Shift and a click show this class alone.")
            self.addItem(item)
        self.restyle()

    def restyle(self) -> None:
        """The theme's colours; hidden ones are faint."""
        look = theme()
        for row in range(self.count()):
            item = self.item(row)
            number = int(item.data(NUMBER))
            here = number not in self.hidden
            item.setIcon(_dot(look.class_color(number), here, self.devicePixelRatioF()))
            item.setForeground(look.color("text" if here else "text_quiet"))
            face = font("body")
            face.setStrikeOut(not here)
            item.setFont(face)

    def _take_click(self, item: QListWidgetItem) -> None:
        alone = QApplication.keyboardModifiers() & Qt.KeyboardModifier.ShiftModifier
        (self._only if alone else self._toggle)(item)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  (Qt's name)
        if self.currentRow() >= 0 and event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take_click(self.currentItem())
        else:
            super().keyPressEvent(event)

    def _toggle(self, item: QListWidgetItem) -> None:
        self._hide(self.hidden ^ {int(item.data(NUMBER))})

    def _only(self, item: QListWidgetItem) -> None:
        everything = {int(self.item(row).data(NUMBER)) for row in range(self.count())}
        others = everything - {int(item.data(NUMBER))}
        self._hide(set() if self.hidden == others else others)

    def _hide(self, hidden: set[int]) -> None:
        self.hidden = hidden
        self.restyle()
        self.changed.emit(set(hidden))

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(WIDTH_PX, space(7))


def _dot(color: QColor, here: bool, ratio: float) -> QIcon:
    made = QPixmap(round(ICON_PX * ratio), round(ICON_PX * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color if here else theme().faint(color, HIDDEN_SHARE))
    side = (ICON_PX - DOT_PX) / 2
    painter.drawEllipse(QRectF(side, side, DOT_PX, DOT_PX))
    painter.end()
    return QIcon(made)
