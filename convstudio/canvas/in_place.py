"""Names and comments are written where they stand on the canvas."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from convstudio.canvas.card import NAME_HIGH, NAME_TOP, TEXT_LEFT, WIDTH
from convstudio.document import edits
from convstudio.document.edit import Edit

if TYPE_CHECKING:
    from convstudio.canvas.canvas import Canvas

NARROWEST_PX, LINE_PX = 140, 28
SMALLEST_PX = (160, 56)  # of a comment's field, however far away one is
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class InPlace(QObject):
    """A field over the name of a layer or block, or over a comment; it is gone when the keyboard leaves it."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.field: QLineEdit | QPlainTextEdit | None = None
        self._change: Callable[[str], Edit] | None = None
        canvas.zoom_changed.connect(self._end)

    def open(self, name: str) -> None:
        """Lets one write the name of a layer or a block, or the text of a comment."""
        self.leave()
        project = self._canvas.document.project
        block = project.block(name)
        if name in project.graph and self._canvas.scene_.cards[name].isVisible():
            self._line(self._name_place(name), name, "Name of the layer")
            self._change = lambda text: edits.rename(self._canvas.document.project, name, text)
        elif block is not None:
            self._line(self._canvas.scene_.blocks[name].title_place(), block.title, "Title of the block")
            self._change = lambda text: edits.rename_block(self._canvas.document.project, name, text)
        elif name in self._canvas.scene_.notes:
            note = self._canvas.scene_.notes[name]
            self._text(note.face(), note.comment.text)
            self._change = lambda text: edits.set_comment_text(self._canvas.document.project, name, text)

    def take(self) -> None:
        """Writes what stands in the field; what cannot be is said, and the field stays."""
        field, change = self.field, self._change
        if field is None or change is None:
            return
        text = field.text() if isinstance(field, QLineEdit) else field.toPlainText()
        if self._canvas.attempt(lambda: change(text)):
            self.leave()

    def leave(self) -> None:
        """Without a change."""
        field, self.field, self._change = self.field, None, None
        if field is not None:
            had_keys = field.hasFocus()
            field.removeEventFilter(self)
            field.hide()
            field.deleteLater()
            if had_keys:
                self._canvas.setFocus()

    def _name_place(self, name: str) -> QRectF:
        face = self._canvas.scene_.cards[name].face()
        return QRectF(face.left() + TEXT_LEFT - 8, face.top() + NAME_TOP, WIDTH - TEXT_LEFT, NAME_HIGH)

    def _line(self, place: QRectF, text: str, said: str) -> None:
        line = QLineEdit(text, self._canvas.viewport())
        line.selectAll()
        self._show(line, said, place, NARROWEST_PX, LINE_PX)
        line.setFixedHeight(max(LINE_PX, line.sizeHint().height()))
        line.move(line.x(), self._canvas.mapFromScene(place.center()).y() - line.height() // 2)

    def _text(self, place: QRectF, text: str) -> None:
        box = QPlainTextEdit(text, self._canvas.viewport())
        box.selectAll()
        self._show(box, "Text of the comment", place, *SMALLEST_PX)

    def _show(self, field: QLineEdit | QPlainTextEdit, said: str, place: QRectF, wide: int, high: int) -> None:
        self.field = field
        self._canvas.ensureVisible(place, wide // 4, high)
        seen = self._canvas.mapFromScene(place).boundingRect()
        field.setAccessibleName(said)
        field.setGeometry(seen.left(), seen.top(), max(wide, seen.width()), max(high, seen.height()))
        field.installEventFilter(self)
        field.show()
        field.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  (Qt's name)
        if watched is not self.field:
            return False
        if event.type() == QEvent.Type.FocusOut:
            self._finish()
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            event.accept()  # Delete and the like belong to the text now
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            several_lines = isinstance(watched, QPlainTextEdit)
            held = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            if event.key() == Qt.Key.Key_Escape:
                self.leave()
                return True
            if event.key() in ENTER and (held or not several_lines):
                self.take()
                return True
        return False

    def _finish(self) -> None:
        """The keyboard goes elsewhere: what can be is written."""
        window = QWidget.window(self._canvas)
        if window.isActiveWindow() or not self._canvas.isVisible():
            self._end()

    def _end(self) -> None:
        self.take()
        self.leave()
