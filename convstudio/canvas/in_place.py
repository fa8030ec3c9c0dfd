"""Names and comments are written where they stand on the canvas."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, Qt
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
        self._about = "", 0  # the thing's name, and which of the projects that the document has shown it belongs to
        canvas.zoom_changed.connect(self.write)
        canvas.document.project_changed.connect(self.follow)

    def open(self, name: str) -> None:
        """Lets one write the name of a layer or a block, or the text of a comment."""
        self.leave()
        document, place = self._canvas.document, self._place_of(name)
        if place is None:
            return
        self._about = name, document.history
        block = document.project.block(name)
        if name in document.graph:
            self._change = lambda text: edits.rename(document.project, name, text)
            self._line(place, name, "Name of the layer")
        elif block is not None:
            self._change = lambda text: edits.rename_block(document.project, name, text)
            self._line(place, block.title, "Title of the block")
        else:
            self._change = lambda text: edits.set_comment_text(document.project, name, text)
            self._text(place, self._canvas.scene_.notes[name].comment.text)

    def follow(self) -> None:
        """Stays with what it is about: also while that glides elsewhere, and not where it is gone."""
        if self.field is not None:
            name, history = self._about
            place = self._place_of(name) if history == self._canvas.document.history else None
            if place is None:
                self.leave()
            else:
                self._put(self.field, place)

    def take(self) -> None:
        """Writes what stands in the field; what cannot be is said, and the field stays."""
        field, change = self.field, self._change
        if field is None or change is None:
            return
        text = field.text() if isinstance(field, QLineEdit) else field.toPlainText()
        if self._canvas.attempt(lambda: change(text)):
            self.leave()

    def write(self) -> None:
        """Writes what can be, and is gone."""
        self.take()
        self.leave()

    def settle(self) -> None:
        """What stands in the field counts from now on; a comment's stays, so that one can write on."""
        change = self._change
        if isinstance(self.field, QPlainTextEdit) and change is not None:
            text = self.field.toPlainText()
            self._canvas.attempt(lambda: change(text))
        else:
            self.take()

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

    def _place_of(self, name: str) -> QRectF | None:
        """Where the name or text of a thing is seen; None where it is not."""
        scene = self._canvas.scene_
        item = scene.items_named().get(name)
        if item is None or not item.isVisible():
            return None
        if name in scene.cards:
            face = item.face()
            return QRectF(face.left() + TEXT_LEFT - 8, face.top() + NAME_TOP, WIDTH - TEXT_LEFT, NAME_HIGH)
        return scene.blocks[name].title_place() if name in scene.blocks else item.face()

    def _line(self, place: QRectF, text: str, said: str) -> None:
        line = QLineEdit(text, self._canvas.viewport())
        line.selectAll()
        self._show(line, said, place)

    def _text(self, place: QRectF, text: str) -> None:
        box = QPlainTextEdit(text, self._canvas.viewport())
        box.selectAll()
        self._show(box, "Text of the comment", place)

    def _show(self, field: QLineEdit | QPlainTextEdit, said: str, place: QRectF) -> None:
        self.field = field
        wide, high = self._least(field)
        self._canvas.ensureVisible(place, wide // 4, high)
        self._put(field, place)
        field.setAccessibleName(said)
        field.setAcceptDrops(False)
        field.installEventFilter(self)
        field.show()
        field.setFocus()

    def _put(self, field: QLineEdit | QPlainTextEdit, place: QRectF) -> None:
        """Over that place, however far away one is."""
        seen, (wide, high) = self._canvas.mapFromScene(place).boundingRect(), self._least(field)
        if isinstance(field, QLineEdit):  # as high as its letters, over the middle of the words
            seen = QRect(seen.left(), seen.center().y() - high // 2, seen.width(), high)
        field.setGeometry(seen.left(), seen.top(), max(wide, seen.width()), max(high, seen.height()))

    def _least(self, field: QLineEdit | QPlainTextEdit) -> tuple[int, int]:
        line = isinstance(field, QLineEdit)
        return (NARROWEST_PX, max(LINE_PX, field.sizeHint().height())) if line else SMALLEST_PX

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  (Qt's name)
        if watched is not self.field:
            return False
        if event.type() == QEvent.Type.FocusOut:
            self._finish()
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
            self.write()
