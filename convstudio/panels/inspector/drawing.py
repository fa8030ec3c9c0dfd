"""Forms for what is on the canvas besides layers: blocks and comments."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import groupby

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QPlainTextEdit, QVBoxLayout

from convstudio.document import edits
from convstudio.document.costs import BlockCosts, block_costs
from convstudio.document.document import Document
from convstudio.document.project import MOST_REPEATS, Block, Comment
from convstudio.look.theme import space
from convstudio.panels.inspector.parts import (
    LINE_PX,
    UNKNOWN,
    Spin,
    add_facts,
    arithmetic,
    follow_text,
    heading,
    label,
    line,
    new_form,
    quiet,
    strong,
)
from convstudio.wording import NO_BREAK, TIMES, kilobytes, sizes, thousands
from engine.errors import EngineError

MOST_SHAPES = 5  # that are listed one after the other


class BlockForm:
    """Title, repeats, whether it is folded, and what all that stands under its name comes to."""

    def __init__(self, column: QVBoxLayout, document: Document, block: Block) -> None:
        self._document, self._block = document, block
        column.addWidget(heading("Block"))
        self._about = quiet("")
        column.addWidget(self._about)
        self._build_fields(column)
        self.facts = add_facts(column, ("Output", "Parameters", "Multiply-adds", "Memory"))
        self.sums = arithmetic()
        column.addWidget(self.sums)
        column.addWidget(strong("Parameters of its layers"))
        self._list = QGridLayout()
        self._list.setHorizontalSpacing(space(3))
        self._list.setVerticalSpacing(space(2))
        self._list.setColumnStretch(0, 1)
        column.addLayout(self._list)
        self.rows: list[tuple[QLabel, QLabel]] = []
        self.show()

    def _build_fields(self, column: QVBoxLayout) -> None:
        rows, block = new_form(column), self._block
        self._says = quiet("")
        self._says.hide()
        self._title = line(block.title, "Title of the block")
        self._title.editingFinished.connect(lambda: self._perform(edits.rename_block, self._title.text()))
        self._repeat = Spin()
        self._repeat.setRange(1, MOST_REPEATS)
        self._repeat.setValue(block.repeat)
        self._repeat.setKeyboardTracking(False)
        self._repeat.lineEdit().setTextMargins(space(2), 0, 0, 0)  # the style sheet does not reach into a spin box
        self._repeat.setAccessibleName("How often the block is repeated")
        self._repeat.valueChanged.connect(lambda times: self._perform(edits.set_repeat, times))
        self._folded = QCheckBox("as one card")
        self._folded.setMinimumHeight(LINE_PX)
        self._folded.toggled.connect(lambda on: self._perform(edits.set_collapsed, on))
        rows.addRow(label("Title"), self._title)
        rows.addRow(label("Repeat", "How many copies follow each other; each has numbers of its own."), self._repeat)
        rows.addRow(label("Show"), self._folded)
        column.addWidget(self._says)

    def show(self) -> None:
        """The block as it is now."""
        project = self._document.project
        now = project.block(self._block.id) or self._block
        with QSignalBlocker(self._title), QSignalBlocker(self._repeat), QSignalBlocker(self._folded):
            self._title.setText(now.title)
            self._repeat.setValue(now.repeat)
            self._folded.setChecked(now.collapsed)
        if now.id in project.contents:
            self._show_costs(block_costs(project, self._document.inference, now))

    def _show_costs(self, costs: BlockCosts) -> None:
        many = "1 layer" if len(costs.layers) == 1 else f"{len(costs.layers)} layers"
        self._about.setText(f"{many} under one name, one after the other as often as one likes.")
        for name, value in {
            "Output": sizes(costs.output) if costs.output else UNKNOWN,
            "Parameters": thousands(costs.parameters),
            "Multiply-adds": thousands(costs.multiply_adds),
            "Memory": kilobytes(costs.memory_bytes),
        }.items():
            self.facts[name].setText(value)
        rows = block_sums(costs)
        self.sums.setText("\n".join(rows))
        self.sums.setVisible(bool(rows))
        self._show_layers(costs)

    def _show_layers(self, costs: BlockCosts) -> None:
        while len(self.rows) > len(costs.layers):
            for cell in self.rows.pop():
                cell.hide()
                cell.deleteLater()
        while len(self.rows) < len(costs.layers):
            cells, row = (quiet(""), QLabel()), len(self.rows)
            cells[1].setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            for column, cell in enumerate(cells):
                self._list.addWidget(cell, row, column)
            self.rows.append(cells)
        for (name, value), layer in zip(self.rows, costs.layers, strict=True):
            name.setText(f"{layer.name}{TIMES}{layer.copies}" if layer.copies > 1 else layer.name)
            value.setText(thousands(layer.parameters) if layer.parameters else UNKNOWN)
            value.setAccessibleName(f"Parameters of {layer.name}")

    def _perform(self, edit: Callable[..., edits.Edit], value: object) -> None:
        _perform(self._document, self._says, partial(edit), self._block.id, value)


def block_sums(costs: BlockCosts) -> list[str]:
    """How the numbers of a block come about: layer by layer where all copies are alike, else copy by copy."""
    rows, layers = [], costs.layers
    shapes = [costs.input, *(copy.output for copy in costs.copies)]
    if all(shapes):
        shown = shapes if len(shapes) <= MOST_SHAPES else [*shapes[: MOST_SHAPES - 1], None, shapes[-1]]
        rows.append("shape: " + " → ".join(_unbroken(sizes(shape)) if shape else "…" for shape in shown))
    for name, each, per_layer, unit in (
        ("parameters", [c.parameters for c in costs.copies], [one.parameters for one in layers], ""),
        ("multiply-adds", [c.multiply_adds for c in costs.copies], [one.multiply_adds for one in layers], ""),
        (
            "memory",
            [c.memory_bytes for c in costs.copies],
            [one.memory_bytes for one in layers],
            f"{NO_BREAK}bytes",
        ),
    ):
        total = _sum(each, per_layer)
        if total:
            rows.append(f"{name}: {total} = {thousands(sum(each))}{unit}")
    return rows


def _unbroken(text: str) -> str:
    """What is not divided between two lines."""
    return text.replace(" ", NO_BREAK)


def _sum(each: list[int], per_layer: list[int]) -> str:
    """3·(1 792 + 36 928), or 40 + 2·148 where the first copy is another one; nothing where there is nothing to add."""
    times = len(each)
    if len(set(each)) == 1:
        terms = [thousands(number // times) for number in per_layer if number]
        if len(terms) < 2 and times == 1:
            return ""
        inner = " + ".join(terms)
        if times == 1 or not terms:
            return inner
        return f"{times}·({inner})" if len(terms) > 1 else f"{times}·{inner}"
    runs = [(value, len(list(alike))) for value, alike in groupby(each)]
    return " + ".join(f"{count}·{thousands(value)}" if count > 1 else thousands(value) for value, count in runs)


def build_comment(column: QVBoxLayout, document: Document, comment: Comment) -> Callable[[], None]:
    """Its text; what comes back shows it anew."""
    column.addWidget(heading("Comment"))
    text = QPlainTextEdit(comment.text)
    text.setAccessibleName("Text of the comment")
    text.setAcceptDrops(False)
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
    refused = ""
    try:
        document.perform(edit(document.project, name, value), gesture=("drawing", name, edit.func.__name__))
    except EngineError as problem:
        refused = str(problem)
    says.setText(refused)
    says.setVisible(bool(refused))
