"""What the Edit and Arrange menus do with the selection."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from convstudio.canvas.canvas import Canvas
from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.document.edit import Edit
from convstudio.document.project import COMMENT_SIZE
from convstudio.typed import take_typed
from engine.errors import EngineError

WRITTEN_ON = ("save", "save_as", "export")  # after which one goes on with a comment


class Editing(QObject):
    """Each method is one command; what cannot be done is said in a sentence."""

    said = Signal(str)

    def __init__(self, document: Document, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._document, self._canvas = document, canvas

    def finish_typing(self, before: str = "") -> None:
        """What is being typed counts before anything else is done: it is saved, closed or undone like the rest."""
        if before in WRITTEN_ON:
            self._canvas.in_place.settle()
        else:
            self._canvas.in_place.write()
        take_typed(self._canvas.window())

    def cut(self) -> None:
        if self._document.selection:
            self.copy()
            self._try(lambda: edits.delete(self._document.project, self._document.selection, word=edits.CUT))

    def copy(self) -> None:
        if self._document.selection:
            text = edits.copy_text(self._document.project, self._document.selection)
            QGuiApplication.clipboard().setText(text)

    def paste(self) -> None:
        centre, text = self._canvas.visible_centre(), QGuiApplication.clipboard().text()
        self._try(lambda: edits.paste(self._document.project, text, (centre.x(), centre.y()), clear=True))
        self._canvas.show_selection()

    def duplicate(self) -> None:
        self._try(lambda: edits.duplicate(self._document.project, self._document.selection))

    def delete(self) -> None:
        self._canvas.delete_selection()

    def select_all(self) -> None:
        self._canvas.select_all()

    def add_layer(self) -> None:
        self._canvas.setFocus()
        self._canvas.quick_add_next()

    def add_comment(self) -> None:
        centre = self._canvas.visible_centre()
        place = edits.beside(self._document.project, COMMENT_SIZE, (centre.x(), centre.y()))
        self._canvas.add_comment(place)

    def group(self) -> None:
        taken = {block.title for block in self._document.project.blocks}
        titles = ("Block", *(f"Block {number}" for number in range(2, len(taken) + 2)))
        title = next(title for title in titles if title not in taken)
        self._try(lambda: edits.group(self._document.project, self._document.selection, title))

    def ungroup(self) -> None:
        project, chosen = self._document.project, self._document.selection
        blocks = {b.id for name in chosen if (b := project.block_of(name))}
        blocks |= {b.id for b in project.blocks if b.id in chosen}
        if blocks:
            self._try(lambda: edits.ungroup(project, *sorted(blocks)))
        else:
            self.said.emit("Select a block, or a layer in one, to take the block apart.")

    def fold(self) -> None:
        """The selected block, or the one around what is selected."""
        project, chosen = self._document.project, self._document.selection
        around = (b for name in chosen if (b := project.block_of(name)))
        block = next((b for b in project.blocks if b.id in chosen), None) or next(around, None)
        if block is None:
            self.said.emit("Select a block, or a layer in one, to fold it away or to open it.")
            return
        self._try(lambda: edits.set_collapsed(project, block.id, not block.collapsed))
        self._document.select([block.id])

    def align(self, side: str) -> None:
        """Puts the selected cards on one line: left, centre, right, top, middle or bottom."""
        self._try(lambda: edits.align(self._document.project, self._document.selection, side))

    def distribute(self, along: str) -> None:
        """Leaves the same room between the selected cards, horizontally or vertically."""
        self._try(lambda: edits.distribute(self._document.project, self._document.selection, along))

    def arrange(self) -> None:
        self._canvas.lay_out()

    def flow(self, direction: str) -> None:
        """Lays the network out from top to bottom (down) or from left to right (across)."""
        self._canvas.lay_out(direction)

    def rename(self) -> None:
        self._canvas.edit_in_place()

    def connect_layers(self) -> None:
        self._canvas.connect_by_key()

    def _try(self, make: Callable[[], Edit]) -> None:
        try:
            edit = make()
        except EngineError as problem:
            self.said.emit(str(problem))
            return
        self._document.perform(edit)
