"""Forms for what is on the canvas besides layers: blocks and comments."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QCheckBox, QLabel, QPlainTextEdit, QSpinBox, QVBoxLayout

from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.document.project import MOST_REPEATS, Block, Comment
from convstudio.panels.inspector.parts import heading, label, line, new_form, quiet
from engine.errors import EngineError


def build_block(column: QVBoxLayout, document: Document, block: Block) -> None:
    """Title, repeats, and whether it is folded."""
    column.addWidget(heading("Block"))
    column.addWidget(quiet(f"{len(block.members)} layers under one name, one after the other as often as one likes."))
    rows = new_form(column)
    says = quiet("")
    title = line(block.title, "Title of the block")
    title.editingFinished.connect(lambda: _perform(document, says, partial(edits.rename_block), block.id, title.text()))
    repeat = QSpinBox()
    repeat.setRange(1, MOST_REPEATS)
    repeat.setValue(block.repeat)
    repeat.setKeyboardTracking(False)
    repeat.setAccessibleName("How often the block is repeated")
    repeat.valueChanged.connect(lambda times: _perform(document, says, partial(edits.set_repeat), block.id, times))
    folded = QCheckBox("as one card")
    folded.setChecked(block.collapsed)
    folded.clicked.connect(lambda on: _perform(document, says, partial(edits.set_collapsed), block.id, on))
    rows.addRow(label("Title"), title)
    rows.addRow(label("Repeat", "How many copies follow each other; each has numbers of its own."), repeat)
    rows.addRow(label("Show"), folded)
    column.addWidget(says)


def build_comment(column: QVBoxLayout, document: Document, comment: Comment) -> None:
    """Its text."""
    column.addWidget(heading("Comment"))
    text = QPlainTextEdit(comment.text)
    text.setAccessibleName("Text of the comment")
    says = quiet("")
    text.textChanged.connect(
        lambda: _perform(document, says, partial(edits.set_comment_text), comment.id, text.toPlainText())
    )
    column.addWidget(text)
    column.addWidget(says)


def _perform(document: Document, says: QLabel, edit: partial[edits.Edit], name: str, value: object) -> None:
    try:
        document.perform(edit(document.project, name, value), gesture=("drawing", name, edit.func.__name__))
    except EngineError as problem:
        says.setText(str(problem))
