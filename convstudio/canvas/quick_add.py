"""A box at the mouse: type "conv", press Enter, and the layer is there."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from convstudio.look.icons import layer_icon
from convstudio.look.letters import roomy
from convstudio.look.theme import space
from convstudio.searching import matching
from engine.spec import layers

WIDTH_PX, ROWS = 300, 8


class QuickAdd(QFrame):
    """Shows layers that match what is typed; Enter takes the one that is marked."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "floating")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.hide()
        self.setAccessibleName("Add a layer")
        self.field, self.list = QLineEdit(), QListWidget()
        self.field.setPlaceholderText("Add a layer: conv, pool, dense …")
        self.field.setAccessibleName("Name of the layer to add")
        self.list.setAccessibleName("Layers that match")
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the field leads it by key
        self.nothing = QLabel("No layer has that in its name or its sentence.")
        self.nothing.setProperty("role", "quiet")
        self.nothing.setWordWrap(True)
        self.field.textChanged.connect(self._fill)
        self.field.installEventFilter(self)
        self.list.itemClicked.connect(self._take)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(space(2), space(2), space(2), space(2))
        column.addWidget(self.field)
        column.addWidget(self.nothing)
        column.addWidget(self.list)
        column.addStretch()

    def open_at(self, place: QPoint) -> None:
        """Shows the box, empty and ready to type."""
        self.field.clear()
        self._fill("")
        parent = self.parentWidget()
        room = parent.rect() if parent else self.rect()
        self.list.setFixedHeight(ROWS * self.list.sizeHintForRow(0))
        self.setFixedSize(min(roomy(WIDTH_PX), room.width()), self._column.totalSizeHint().height())
        x, y = min(place.x(), room.width() - self.width()), min(place.y(), room.height() - self.height())
        self.move(max(0, x), max(0, y))
        self.show()
        self.raise_()
        self.field.setFocus()

    def _fill(self, text: str) -> None:
        self.list.clear()
        for kind in matching(text):
            item = QListWidgetItem(layer_icon(kind), layers()[kind].title, self.list)
            item.setData(Qt.ItemDataRole.UserRole, kind)
            item.setToolTip(layers()[kind].summary())
        self.list.setCurrentRow(0)
        self.list.setVisible(self.list.count() > 0)
        self.nothing.setVisible(self.list.count() == 0)

    def _take(self, item: QListWidgetItem) -> None:
        self.hide()
        self.chosen.emit(item.data(Qt.ItemDataRole.UserRole))

    def _leave(self) -> None:
        """Without a layer; the keyboard goes back to where it came from."""
        self.hide()
        parent = self.parentWidget()
        if parent is not None:
            parent.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  (Qt's name)
        if watched is self.field and event.type() == QEvent.Type.FocusOut:
            self.hide()
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if step:
                row = self.list.currentRow() + step
                self.list.setCurrentRow(min(max(row, 0), self.list.count() - 1))
                return True
            if event.key() == Qt.Key.Key_Escape:
                self._leave()
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.list.count():
                self._take(self.list.currentItem())
                return True
        return super().eventFilter(watched, event)
