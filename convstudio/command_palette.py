"""Everything that a window can do, by typing a part of its name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QAction, QFontMetrics, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from convstudio.look.letters import font, roomy
from convstudio.look.theme import space, theme
from convstudio.wording import from_button

WIDTH_PX, ROWS, TOP_PX, ICON_PX, ROW_PX = 520, 12, 96, 20, 28
KEYS = Qt.ItemDataRole.UserRole + 1
Index = QModelIndex | QPersistentModelIndex


def actions_of(menus: Mapping[str, QMenu]) -> list[tuple[str, QAction]]:
    """Every action with the path to it, such as "File › Save"."""
    found: list[tuple[str, QAction]] = []
    for name, menu in menus.items():
        found += _walk(name, menu.actions())
    return found


def _walk(path: str, actions: Iterable[QAction]) -> Iterable[tuple[str, QAction]]:
    for action in actions:
        text = from_button(action.text())
        inner = action.menu()
        if isinstance(inner, QMenu):
            yield from _walk(f"{path} › {text}", inner.actions())
        elif text:
            yield f"{path} › {text}", action


def rank(text: str, wanted: str) -> int | None:
    """How well a text fits what was typed, the smaller the better; None where letters are missing."""
    place, skipped, lower = -1, 0, text.lower()
    name = lower.rpartition("› ")[2]
    for words, worse in ((name, 0), (lower, 500)):  # an action's own name before the menu that it is in
        if wanted in words:
            return worse + words.index(wanted)
    for letter in wanted:
        found = lower.find(letter, place + 1)
        if found < 0:
            return None
        skipped += found - place - 1
        place = found
    return 1000 + skipped


class CommandPalette(QFrame):
    """Opens over the window; Enter does what is marked."""

    def __init__(self, menus: Mapping[str, QMenu], parent: QWidget) -> None:
        super().__init__(parent)
        self._menus = menus
        self.setProperty("role", "floating")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Commands")
        self.field, self.list = QLineEdit(), QListWidget()
        self.field.setPlaceholderText("What do you want to do?")
        self.field.setAccessibleName("Part of a command's name")
        self.list.setAccessibleName("Commands that match")
        self.list.setItemDelegate(_Row(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the field leads it by key
        self.nothing = QLabel("Nothing is called that. Fewer letters find more.")
        self.nothing.setProperty("role", "quiet")
        self._before: QWidget | None = None  # where the keyboard was
        self.field.textChanged.connect(self._fill)
        self.field.installEventFilter(self)
        self.list.itemClicked.connect(self._do)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(space(2), space(2), space(2), space(2))
        column.addWidget(self.field)
        column.addWidget(self.nothing)
        column.addWidget(self.list)
        column.addStretch()
        self.hide()

    def open(self) -> None:
        """Shows itself in the middle of the window's top, ready to type."""
        if not self.isVisible():
            self._before = QApplication.focusWidget()
        self.field.clear()
        self._fill("")
        self._take_place()
        self.show()
        self.raise_()
        self.field.setFocus()

    def _take_place(self) -> None:
        """So many whole rows below the field, as far as the window is high enough."""
        window, row = self.window(), self.list.sizeHintForRow(0)
        self.list.setFixedHeight(row)
        least = self._column.totalSizeHint().height()
        rows = min(ROWS, 1 + (window.height() - TOP_PX - least) // row)
        self.list.setFixedHeight(max(1, rows) * row)
        self.setFixedSize(min(roomy(WIDTH_PX), window.width()), self._column.totalSizeHint().height())
        self.move((window.width() - self.width()) // 2, TOP_PX)

    def _fill(self, text: str) -> None:
        wanted = text.lower().strip()
        ranked = [(rank(path, wanted), path, action) for path, action in actions_of(self._menus) if action.isEnabled()]
        fitting = [(found, path, action) for found, path, action in ranked if found is not None]
        self.list.clear()
        for _, path, action in sorted(fitting, key=lambda entry: entry[0]):
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            item = QListWidgetItem(path, self.list)
            item.setData(Qt.ItemDataRole.UserRole, action)
            item.setData(KEYS, keys)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{path}, {keys}" if keys else path)
        self.list.setCurrentRow(0)
        self.list.setVisible(bool(fitting))
        self.nothing.setVisible(not fitting)

    def _do(self, item: QListWidgetItem) -> None:
        self._leave()
        item.data(Qt.ItemDataRole.UserRole).trigger()

    def _leave(self) -> None:
        """Gives the keyboard back, so that what is done is done where one was."""
        before, self._before = self._before, None
        self.hide()
        if before is not None and isValid(before):
            before.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  (Qt's name)
        if watched is self.field and event.type() == QEvent.Type.FocusOut:
            self.hide()
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            key, row = Qt.Key(event.key()), self.list.currentRow()
            if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                step = 1 if key == Qt.Key.Key_Down else -1
                self.list.setCurrentRow(min(max(row + step, 0), self.list.count() - 1))
                return True
            if key == Qt.Key.Key_Escape:
                self._leave()
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.list.count():
                self._do(self.list.item(row))
                return True
        return super().eventFilter(watched, event)


class _Row(QStyledItemDelegate):
    """A sign where there is one, the words, and the keys on the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802  (Qt's name)
        return QSize(0, max(ROW_PX, QFontMetrics(font("body")).height() + space(2)))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        colors, place, action = theme(), QRect(option.rect), index.data(Qt.ItemDataRole.UserRole)
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(place, colors.color("selection"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(place, colors.color("window"))
        left = place.left() + space(2)
        action.icon().paint(painter, QRect(left, place.center().y() - ICON_PX // 2 + 1, ICON_PX, ICON_PX))
        words = place.adjusted(space(2) + ICON_PX + space(2), 0, -space(3), 0)
        painter.setFont(font("body"))
        painter.setPen(colors.color("text"))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, str(index.data()))
        painter.setPen(colors.color("text_quiet"))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, str(index.data(KEYS)))
        painter.restore()
