"""Forms for what is on the canvas besides layers: blocks and comments."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QCheckBox, QLabel, QPlainTextEdit, QVBoxLayout

from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.document.project import MOST_REPEATS, Block, Comment
from convstudio.look.theme import space
from convstudio.panels.inspector.parts import Spin, follow_text, heading, label, line, new_form, quiet
from engine.errors import EngineError


def build_block(column: QVBoxLayout, document: Document, block: Block) -> Callable[[], None]:
    """Title, repeats, and whether it is folded; what comes back shows them anew."""
    column.addWidget(heading("Block"))
    layers = len(document.project.contents[block.id])
    column.addWidget(quiet(f"{layers} layers under one name, one after the other as often as one likes."))
    rows = new_form(column)
    says = quiet("")
    title = line(block.title, "Title of the block")
    title.editingFinished.connect(lambda: _perform(document, says, partial(edits.rename_block), block.id, title.text()))
    repeat = Spin()
    repeat.setRange(1, MOST_REPEATS)
    repeat.setValue(block.repeat)
    repeat.setKeyboardTracking(False)
    repeat.lineEdit().setTextMargins(space(2), 0, 0, 0)  # the style sheet does not reach into a spin box
    repeat.setAccessibleName("How often the block is repeated")
    repeat.valueChanged.connect(lambda times: _perform(document, says, partial(edits.set_repeat), block.id, times))
    folded = QCheckBox("as one card")
    folded.setChecked(block.collapsed)
    folded.clicked.connect(lambda on: _perform(document, says, partial(edits.set_collapsed), block.id, on))
    rows.addRow(label("Title"), title)
    rows.addRow(label("Repeat", "How many copies follow each other; each has numbers of its own."), repeat)
    rows.addRow(label("Show"), folded)
    column.addWidget(says)

    def show() -> None:
        now = next((b for b in document.project.blocks if b.id == block.id), block)
        with QSignalBlocker(title), QSignalBlocker(repeat):
            title.setText(now.title)
            repeat.setValue(now.repeat)
            folded.setChecked(now.collapsed)

    return show


def build_comment(column: QVBoxLayout, document: Document, comment: Comment) -> Callable[[], None]:
    """Its text; what comes back shows it anew."""
    column.addWidget(heading("Comment"))
    text = QPlainTextEdit(comment.text)
    text.setAccessibleName("Text of the comment")
    says = quiet("")
    text.textChanged.connect(
        lambda: _perform(document, says, partial(edits.set_comment_text), comment.id, text.toPlainText())
    )
    column.addWidget(text)
    column.addWidget(says)

    def show() -> None:
        now = next((c for c in document.project.comments if c.id == comment.id), comment)
        follow_text(text, now.text)

    return show


def _perform(document: Document, says: QLabel, edit: partial[edits.Edit], name: str, value: object) -> None:
    try:
        document.perform(edit(document.project, name, value), gesture=("drawing", name, edit.func.__name__))
    except EngineError as problem:
        says.setText(str(problem))
