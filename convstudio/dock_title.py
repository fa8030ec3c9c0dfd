"""The line above a panel: its name, what it can do as a whole, and a `?` that says what one sees there."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from convstudio.look.icons import symbol
from convstudio.look.letters import wear
from convstudio.look.theme import space

HELP_PX = 340


class DockTitle(QWidget):
    """A panel's own title bar."""

    def __init__(self, dock: QDockWidget, explanation: str, actions: Sequence[QAction] = ()) -> None:
        super().__init__(dock)
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._explanation = explanation
        self.words = QLabel(dock.windowTitle())
        wear(self.words, "strong")
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.help = _button("help", f"What {dock.windowTitle()} shows", self.explain)
        self.away = _button("close", f"Close {dock.windowTitle()} (the View menu brings it back)", dock.close)
        row = QHBoxLayout(self)
        row.setContentsMargins(space(4), space(1), space(1), space(1))
        row.setSpacing(0)
        row.addWidget(self.words, 1)
        for action in actions:
            row.addWidget(_button_of(action))
        row.addWidget(self.help)
        row.addWidget(self.away)

    def explain(self) -> None:
        """Shows the panel's paragraph beside the `?` until one clicks elsewhere."""
        self.bubble = Explanation(self.words.text(), self._explanation, self)
        self.bubble.show_below(self.help)


class Explanation(QFrame):
    """A paragraph that floats above everything; a click elsewhere or Escape closes it."""

    def __init__(self, title: str, text: str, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("role", "floating")
        heading, self.text = QLabel(title), QLabel(text)
        wear(heading, "strong")
        self.text.setWordWrap(True)
        self.text.setFixedWidth(HELP_PX)
        column = QVBoxLayout(self)
        column.setContentsMargins(space(4), space(4), space(4), space(4))
        column.setSpacing(space(2))
        column.addWidget(heading)
        column.addWidget(self.text)

    def show_below(self, widget: QWidget) -> None:
        """Near a widget, and within the screen."""
        self.adjustSize()
        place = widget.mapToGlobal(QPoint(widget.width() - self.width(), widget.height()))
        screen = widget.screen().availableGeometry()
        x = max(screen.left(), min(place.x(), screen.right() - self.width()))
        y = place.y() if place.y() + self.height() <= screen.bottom() else place.y() - self.height() - widget.height()
        self.move(x, y)
        self.show()


def _button(sign: str, words: str, act: object) -> QToolButton:
    button = QToolButton()
    button.setIcon(symbol(sign))
    button.setToolTip(words)
    button.setAccessibleName(words)
    button.clicked.connect(lambda checked=False: act())  # type: ignore[operator]
    return button


def _button_of(action: QAction) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(action)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
    button.setAccessibleName(action.text())
    return button
