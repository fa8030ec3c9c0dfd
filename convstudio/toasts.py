"""Short messages over the bottom left of the window: what happened, and Undo where something was removed by it."""

from __future__ import annotations

from collections.abc import Callable

import shiboken6
from PySide6.QtCore import QEvent, QMargins, QObject, QPropertyAnimation, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent, QKeyEvent, QUndoStack
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QGraphicsOpacityEffect,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QWidget,
)

from convstudio.canvas.announcing import announce
from convstudio.look.icons import symbol
from convstudio.look.letters import roomy
from convstudio.look.theme import duration_ms, space
from convstudio.panels.inspector.parts import LINE_PX

STAYS_MS = 6000
LEAST_MS = 1500  # that it stays on after it was looked at
WIDEST_PX, ICON_PX = 520, 16
NARROWEST_PX = 96  # of a sentence: where the room is narrower still, what is at the right is cut off
UNDO_TOLD = "Undo takes it back."
Undo = Callable[[], object]


class Toast(QFrame):
    """A sentence, an Undo where there is one, and a way to close it; it waits while mouse or keys are at it."""

    left = Signal()  # it is gone from the screen

    def __init__(self, room: QWidget) -> None:
        super().__init__(room)
        self.setProperty("role", "floating")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.sentence = QLabel()
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setWordWrap(True)
        self.undo, self.close_button = QPushButton("Undo"), QToolButton()
        self.close_button.setIcon(symbol("close", "text_quiet"))
        self.close_button.setIconSize(QSize(ICON_PX, ICON_PX))
        self.close_button.setFixedHeight(LINE_PX)
        self.close_button.setAccessibleName("Close this message")
        self.close_button.setToolTip("Close (Esc)")
        for button in (self.undo, self.close_button):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keyboard where it is
        row = QHBoxLayout(self)
        self._margins = QMargins(space(3), space(2), space(2), space(2))
        row.setContentsMargins(self._margins)
        row.setSpacing(space(2))
        row.addWidget(self.sentence, 1)
        for widget in (self.undo, self.close_button):
            row.addWidget(widget, 0, Qt.AlignmentFlag.AlignTop)
        self._undo: Undo | None = None
        self._remaining_ms = STAYS_MS
        self._came_from: QWidget | None = None  # where the keyboard was before it came here
        self.clock = QTimer(self)
        self.clock.setSingleShot(True)
        self.clock.setTimerType(Qt.TimerType.PreciseTimer)  # else what remains may be more than there was
        self.clock.timeout.connect(self.leave)
        self._ink = QGraphicsOpacityEffect(self)
        self.setGraphicsEffect(self._ink)
        self.fading = QPropertyAnimation(self._ink, b"opacity", self)
        self.fading.finished.connect(self._end_fading)
        self.undo.clicked.connect(self._take_back)
        self.close_button.clicked.connect(self.leave)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._follow_focus)
        self.hide()

    @property
    def text(self) -> str:
        """What it says; nothing once it is leaving."""
        return self.sentence.text() if self._is_there() else ""

    def tell(self, sentence: str, undo: Undo | None = None) -> None:
        """Says something for a while, in place of what was said."""
        self._undo = undo
        self.undo.setVisible(undo is not None)
        self.sentence.setText(sentence)
        self.setAccessibleName(sentence)
        self._remaining_ms = STAYS_MS
        self.clock.stop()
        if not self._is_there():
            self._fade(1.0)
        self.show()
        self.raise_()
        self._run()

    def leave(self) -> None:
        """Fades away; the keyboard goes back to where it was."""
        self.clock.stop()
        if not self._is_there():
            return
        if self._has_focus():
            self._give_back_focus()
        self._fade(0.0)

    def fit(self, room_px: int) -> None:
        """As wide as its sentence, but not wider than the room or than can be read at a glance."""
        margins = self._margins
        beside = [button.sizeHint().width() + space(2) for button in self._buttons()]
        rest = margins.left() + margins.right() + sum(beside)
        most = min(roomy(WIDEST_PX), room_px) - rest
        self.sentence.ensurePolished()
        wide = min(max(most, NARROWEST_PX), self.sentence.fontMetrics().horizontalAdvance(self.sentence.text()) + 2)
        self.sentence.setMinimumSize(0, 0)  # of what was said before; it would count as width here
        high = max(self.sentence.heightForWidth(wide), LINE_PX)
        self.sentence.setFixedSize(wide, high)
        self.resize(QSize(wide + rest, high + margins.top() + margins.bottom()))

    # --- how long it stays -------------------------------------------------------------------------------------------

    def _is_there(self) -> bool:
        return not self.isHidden() and self.fading.endValue() == 1.0

    def _buttons(self) -> list[QWidget]:
        return [button for button in (self.undo, self.close_button) if not button.isHidden()]

    def _has_focus(self) -> bool:
        focus = QApplication.focusWidget()
        return focus is not None and self.isAncestorOf(focus)

    def _hold(self) -> None:
        if self.clock.isActive():
            self._remaining_ms = max(LEAST_MS, self.clock.remainingTime())
            self.clock.stop()

    def _run(self) -> None:
        if self._is_there() and not self.clock.isActive() and not self.underMouse() and not self._has_focus():
            self.clock.start(self._remaining_ms)

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802  (Qt's name)
        self._hold()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        self._run()

    def _follow_focus(self, before: QWidget | None, now: QWidget | None) -> None:
        was_here, is_here = (widget is not None and self.isAncestorOf(widget) for widget in (before, now))
        if is_here and not was_here:
            if before is not None and before.window() is self.window():  # else it is the window that got the keys back
                self._came_from = before
            self._hold()
        elif was_here and not is_here:
            self._run()

    def _give_back_focus(self) -> None:
        target, self._came_from = self._came_from, None
        if target is not None and shiboken6.isValid(target) and target.isVisible():
            target.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)

    # --- coming and going --------------------------------------------------------------------------------------------

    def _fade(self, ink: float) -> None:
        self.fading.stop()
        self._ink.setEnabled(True)
        self.fading.setDuration(duration_ms("state"))
        self.fading.setStartValue(self._ink.opacity() if not self.isHidden() else 0.0)
        self.fading.setEndValue(ink)
        self.fading.start()

    def _end_fading(self) -> None:
        if self.fading.endValue() == 1.0:
            self._ink.setEnabled(False)  # text is drawn as crisp as elsewhere
        else:
            self.hide()
            self.left.emit()

    def _take_back(self) -> None:
        undo, self._undo = self._undo, None
        self.leave()
        if undo is not None:
            undo()


class Toasts(QObject):
    """The corner of a window where toasts stand: a message, and below it what can be undone."""

    def __init__(self, room: QWidget, stack: QUndoStack) -> None:
        super().__init__(room)
        self._room, self._stack, self._of_stack = room, stack, False
        self.message, self.removal = Toast(room), Toast(room)
        room.installEventFilter(self)
        for toast in self.all:
            toast.left.connect(self._place)
        stack.indexChanged.connect(self._follow_stack)

    @property
    def all(self) -> tuple[Toast, Toast]:
        """From the top to the bottom."""
        return self.message, self.removal

    def say(self, sentence: str) -> None:
        """Tells something for a while, and at once to those who listen."""
        self.message.tell(sentence)
        self._place()
        announce(self._room, sentence)

    def offer(self, sentence: str, undo: Undo) -> None:
        """Tells what was removed, and lets one take it back."""
        self._of_stack = False
        self.removal.tell(sentence, undo)
        self._place()
        announce(self._room, f"{sentence} {UNDO_TOLD}")

    def offer_undo(self, sentence: str) -> None:
        """The same for the newest step of the window's history; it leaves as soon as that is another one."""
        self.offer(sentence, self._stack.undo)
        self._of_stack = True

    def close(self) -> bool:
        """Closes what is shown, if anything is."""
        shown = [toast for toast in self.all if toast.text]
        for toast in shown:
            toast.leave()
        return bool(shown)

    def _follow_stack(self) -> None:
        if self._of_stack:
            self.removal.leave()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  (Qt's name)
        if event.type() in (QEvent.Type.Resize, QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        edge, bottom = space(3), self._room.height() - space(3)
        for toast in reversed(self.all):
            if not toast.isHidden():
                toast.fit(self._room.width() - 2 * edge)
                bottom -= toast.height()
                toast.move(edge, bottom)
                bottom -= space(2)
