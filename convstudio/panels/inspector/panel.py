"""The inspector: a form made from the declaration of what is selected, and its arithmetic with the real numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel, QLineEdit, QPlainTextEdit, QScrollArea, QVBoxLayout, QWidget

from convstudio.document import edits
from convstudio.document.costs import layer_costs
from convstudio.document.document import Document
from convstudio.document.edits import Edit
from convstudio.document.project import Block, Comment, Project
from convstudio.look.theme import appearance, space
from convstudio.panels.inspector.drawing import BlockForm, build_comment
from convstudio.panels.inspector.fields import EDITORS, FieldEditor
from convstudio.panels.inspector.parts import (
    UNKNOWN,
    add_facts,
    arithmetic,
    follow_text,
    heading,
    label,
    line,
    new_form,
    quiet,
)
from convstudio.panels.inspector.receptive_field import ReceptiveFieldView
from convstudio.panels.inspector.sample import Sample
from convstudio.training.session import Session
from convstudio.typed import take_typed
from convstudio.wording import kilobytes, seen, sizes, thousands
from engine.errors import EngineError
from engine.graph import Node
from engine.shapes import NodeShape
from engine.sight import Box, sight

MOST_CHANGES = 6  # layers whose new shape is listed


class InspectorPanel(QWidget):
    """Shows one layer, several that are edited together, or the network as a whole."""

    explanation = (
        "The settings of the selected layer. Below them is how its output shape and its parameters come about, with "
        "the real numbers. Select several layers to set what they share; with nothing selected, this is the network's "
        "name and its size. Try another kernel size or padding: the arithmetic and all shapes behind the layer follow "
        "at once. Enter on a card leads here, Escape leads back."
    )

    def __init__(self, document: Document, session: Session | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.sample = Sample(session, self) if session is not None else None
        self.setProperty("role", "panel")
        self.editors: dict[str, FieldEditor] = {}
        self.name: QLineEdit | None = None
        self._facts: dict[str, QLabel] = {}
        self._shown: tuple[tuple[str, str], ...] = (("", "nothing yet"),)
        self._visit = 0  # numbers that are turned before and after something else was selected are two steps of undo
        self._show_parts: Callable[[], None] = _nothing
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._area)
        document.selecting.connect(self._take_typed)
        document.selection_changed.connect(self._rebuild)
        document.content_changed.connect(self._follow)
        document.inference_changed.connect(self._show_numbers)
        appearance().changed.connect(self._restyle)
        if self.sample is not None:
            self.sample.changed.connect(self._show_numbers)
        self._rebuild()

    def focus_first(self) -> None:
        """Puts the keyboard into the first field."""
        target = next(iter(self.editors.values()), self.name)
        if target is not None:
            target.setFocus()

    # --- building the form -------------------------------------------------------------------------------------------

    @property
    def _nodes(self) -> list[Node]:
        """The selected layers, with those of selected blocks where a block is not selected alone."""
        project, chosen = self.document.project, set(self.document.selection)
        if self._block is None:
            chosen.update(*(project.contents[block.id] for block in self._blocks))
        return [node for node in project.graph if node.id in chosen]

    @property
    def _blocks(self) -> list[Block]:
        return [block for block in self.document.project.blocks if block.id in self.document.selection]

    @property
    def _block(self) -> Block | None:
        chosen, graph = self._blocks, self.document.graph
        return chosen[0] if len(chosen) == 1 and not any(name in graph for name in self.document.selection) else None

    @property
    def _comments(self) -> list[Comment]:
        """The selected comments, where nothing else is selected."""
        chosen = [comment for comment in self.document.project.comments if comment.id in self.document.selection]
        return chosen if len(chosen) == len(self.document.selection) else []

    def _what_is_shown(self) -> tuple[tuple[str, str], ...]:
        """Names and kinds: a form is made anew where these change."""
        if self._block is not None:
            return ((self._block.id, "block"),)
        things = [(node.id, node.layer.kind) for node in self._nodes]
        return (*things, *((comment.id, "comment") for comment in self._comments))

    def _rebuild(self, always: bool = False) -> None:
        """A new form where other layers are selected than it was made for."""
        wanted = self._what_is_shown()
        if wanted == self._shown and not always:
            return
        self._shown, self.editors, self._facts, self.name = wanted, {}, {}, None
        self._visit += 1
        self._show_parts = _nothing
        page = QWidget()
        page.setProperty("role", "panel")
        column = QVBoxLayout(page)
        column.setContentsMargins(space(4), space(4), space(4), space(4))
        column.setSpacing(space(3))
        self._build(column)
        column.addStretch(1)
        self._drop_page()
        self._area.setWidget(page)
        self._show_values()
        self._show_numbers()

    def _drop_page(self) -> None:
        """What is still being typed on a page that a step of the document replaces is not meant for what comes then."""
        old = self._area.widget()
        if old is not None:
            for field in old.findChildren(QWidget):
                field.blockSignals(True)  # the one that loses the keyboard would say what stands in it
            self._area.takeWidget()
            old.deleteLater()  # a field of it may be what asked for the new page, and is still at work

    def _take_typed(self) -> None:
        """Nobody has left the field yet, and what it is about will not be shown any more."""
        take_typed(self)

    def _restyle(self) -> None:
        self._take_typed()
        self._rebuild(always=True)

    def _build(self, column: QVBoxLayout) -> None:
        block, comments, nodes = self._block, self._comments, self._nodes
        if block is not None:
            form = BlockForm(column, self.document, block)
            self._facts, self._arithmetic, self._show_parts = form.facts, form.sums, form.show
        elif len(comments) == 1:
            self._show_parts = build_comment(column, self.document, comments[0])
        elif comments:
            column.addWidget(heading(f"{len(comments)} comments"))
            column.addWidget(quiet("Select one of them to change its text."))
        elif nodes:
            self._build_layers(column, nodes)
        else:
            self._build_network(column)

    def _build_network(self, column: QVBoxLayout) -> None:
        column.addWidget(heading("Network"))
        form = new_form(column)
        self.name = line(self.document.graph.name, "Name of the network")
        self.name.editingFinished.connect(self._rename_network)
        form.addRow(label("Name"), self.name)
        notes = QPlainTextEdit(self.document.graph.description)
        notes.setAccessibleName("Description of the network")
        notes.setAcceptDrops(False)
        notes.setFixedHeight(4 * space(5))
        notes.textChanged.connect(lambda: self._perform_describe(notes.toPlainText()))
        self._show_parts = lambda: follow_text(notes, self.document.graph.description)
        form.addRow(label("About"), notes)
        self._facts = add_facts(column, ("Layers", "Parameters", "Multiply-adds", "Memory"))

    def _build_layers(self, column: QVBoxLayout, nodes: list[Node]) -> None:
        kinds = {node.layer.kind for node in nodes}
        cls = type(nodes[0].layer)
        title = cls.title if len(kinds) == 1 else "Several kinds"
        column.addWidget(heading(title if len(nodes) == 1 else f"{len(nodes)} layers · {title}"))
        if len(kinds) == 1:
            column.addWidget(quiet(cls.summary()))
        if blocks := len(self._blocks):
            which = "the selected block" if blocks == 1 else f"the {blocks} selected blocks"
            column.addWidget(quiet(f"With all that stands in {which}."))
        form = new_form(column)
        if len(nodes) == 1:
            self.name = line(nodes[0].id, "Name of the layer")
            self.name.editingFinished.connect(partial(self._rename, nodes[0].id))
            form.addRow(label("Name"), self.name)
        shared = [f for f in cls.fields().values() if all(n.layer.fields().get(f.name) == f for n in nodes)]
        for field in shared:
            editor = EDITORS[field.kind](field)
            editor.edited.connect(partial(self._set, field.name))
            self.editors[field.name] = editor
            form.addRow(label(field.label, field.help), editor)
        if len(nodes) > 1 and not shared:
            column.addWidget(quiet("These layers share no settings. Select layers of one kind to set them together."))
        if len(nodes) > 1:
            self._facts = add_facts(column, ("Parameters", "Multiply-adds", "Memory"))
            self._repeated = quiet("Every copy in repeated blocks is counted.")
            column.addWidget(self._repeated)
        else:
            self._facts = add_facts(column, ("Output", "Parameters", "Multiply-adds", "Memory", "Sees"))
            self._arithmetic = arithmetic()
            column.addWidget(self._arithmetic)
            self._field_view = ReceptiveFieldView()
            column.addWidget(self._field_view)
        self._effect = quiet("")
        column.addWidget(self._effect)

    # --- following the document --------------------------------------------------------------------------------------

    def _follow(self, before: Project, after: Project) -> None:
        if self._what_is_shown() != self._shown:
            self._rebuild()
        elif not self._nodes and before.graph.name != after.graph.name:
            self._rebuild(always=True)
        else:
            self._show_values()
            self._show_parts()
            if self._nodes:
                self._effect.clear()

    def _show_values(self) -> None:
        nodes = self._nodes
        for name, editor in self.editors.items():
            editor.show_value(_shared([node.layer.settings()[name] for node in nodes]))
            editor.refuse("")

    def _show_numbers(self) -> None:
        inference, nodes = self.document.inference, self._nodes
        if not nodes and "Layers" in self._facts:
            self._say("Layers", thousands(len(self.document.project.unfolded.nodes)))
            self._say("Parameters", thousands(inference.parameter_count))
            self._say("Multiply-adds", thousands(inference.multiply_adds))
            self._say("Memory", kilobytes(inference.memory_bytes))
        elif len(nodes) == 1:
            self._show_layer(nodes[0], inference.nodes.get(nodes[0].id))
        elif nodes:
            costs = layer_costs(self.document.project, inference, [node.id for node in nodes])
            self._say("Parameters", thousands(sum(layer.parameters for layer in costs)))
            self._say("Multiply-adds", thousands(sum(layer.multiply_adds for layer in costs)))
            self._say("Memory", kilobytes(sum(layer.memory_bytes for layer in costs)))
            self._repeated.setVisible(any(layer.copies > 1 for layer in costs))

    def _show_layer(self, node: Node, shape: NodeShape | None) -> None:
        for name, value in {
            "Output": sizes(shape.output) if shape else UNKNOWN,
            "Parameters": thousands(shape.parameter_count) if shape else UNKNOWN,
            "Multiply-adds": thousands(shape.multiply_adds) if shape else UNKNOWN,
            "Memory": kilobytes(shape.memory_bytes) if shape else UNKNOWN,
            "Sees": f"{sees} px" if (sees := seen(shape.receptive_field) if shape else "") else UNKNOWN,
        }.items():
            self._say(name, value)
        rows = node.layer.arithmetic(*shape.inputs) if shape else ()
        problem = next((p.text for p in self.document.problems if p.node == node.id), "")
        self._arithmetic.setText("\n".join(rows) or problem)
        self._arithmetic.setVisible(bool(rows or problem))
        self._show_field(node, shape)

    def _show_field(self, node: Node, shape: NodeShape | None) -> None:
        """What the middle of the output sees of the input."""
        graph, nodes = self.document.project.unfolded, self.document.inference.nodes
        first = next((n for n in graph.order if not n.layer.ports), None)
        image = nodes[first.id].output if first and first.id in nodes else ()
        boxes: Mapping[str, Box] = {}
        if shape and shape.receptive_field and len(shape.output) == len(image):
            middle = (0, *(size // 2 for size in shape.output[1:]))
            boxes = sight(graph, self.document.inference, node.id, middle)
        picture = self.sample.picture_for(image) if self.sample else QImage()
        field = shape.receptive_field if shape else None
        self._field_view.show_field(image, field, boxes.get(first.id, ()) if first else (), picture)

    def _say(self, name: str, value: str) -> None:
        self._facts[name].setText(value)

    # --- editing -----------------------------------------------------------------------------------------------------

    def _set(self, field: str, value: Any) -> None:
        ids = {node.id for node in self._nodes}
        before = dict(self.document.inference.nodes)
        try:
            edit = edits.set_field(self.document.project, ids, field, value)
        except EngineError as problem:
            self.editors[field].refuse(str(problem))
            return
        self.document.perform(edit, gesture=("field", field, frozenset(ids), self._visit))
        self._tell_effect(before)

    def _tell_effect(self, before: dict[str, NodeShape]) -> None:
        """Which shapes the change has moved, and how many parameters it has cost or saved."""
        after = self.document.inference.nodes
        moved = [n.id for n in self.document.graph.order if _output(before, n.id) != _output(after, n.id)]
        lines = [f"{name}: {_worded(before, name)} → {_worded(after, name)}" for name in moved[:MOST_CHANGES]]
        if len(moved) > MOST_CHANGES:
            lines.append(f"and {len(moved) - MOST_CHANGES} more layers")
        difference = sum(s.parameter_count for s in after.values()) - sum(s.parameter_count for s in before.values())
        if difference:
            lines.append(f"{'+' if difference > 0 else ''}{thousands(difference)} parameters")
        self._effect.setText("\n".join(lines))

    def _rename(self, old: str) -> None:
        if self.name is None or self.name.text() == old or old not in self.document.graph:
            return
        try:
            edit = edits.rename(self.document.project, old, self.name.text())
        except EngineError as problem:
            self.name.setText(old)
            self.name.setToolTip(str(problem))
            self._effect.setText(str(problem))
            return
        self.document.perform(edit)

    def _rename_network(self) -> None:
        if self.name is not None and self.name.text() != self.document.graph.name:
            self.document.perform(edits.describe(self.document.project, name=self.name.text()))

    def _perform_describe(self, text: str) -> None:
        edit: Edit = edits.describe(self.document.project, description=text)
        self.document.perform(edit, gesture="describe")


def _nothing() -> None:
    """There is nothing but layers' fields to show."""


def _shared(values: list[Any]) -> Any:
    """What all have; None where they differ, for fields with a number for each axis only in the axes that differ."""
    first = values[0]
    if all(value == first for value in values):
        return first
    if all(isinstance(value, tuple) and len(value) == len(first) for value in values):
        return tuple(axis[0] if len(set(axis)) == 1 else None for axis in zip(*values, strict=True))
    return None


def _output(shapes: Any, name: str) -> Any:
    return shapes[name].output if name in shapes else None


def _worded(shapes: Any, name: str) -> str:
    return sizes(shapes[name].output) if name in shapes else "no shape"
