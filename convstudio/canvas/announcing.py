"""What the canvas tells those who listen instead of looking."""

from __future__ import annotations

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget

from convstudio.document.document import Document
from convstudio.wording import sizes, thousands
from engine.graph import Edge

MOST_TOLD = 3  # things that are described one by one


def announce(widget: QWidget, text: str) -> None:
    """Says a text now, where a screen reader listens."""
    if QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))


def described(document: Document) -> str:
    """What is selected, in words."""
    selection = sorted(document.selection)
    if not selection:
        return f"Nothing is selected. {len(document.graph.nodes)} layers."
    if len(selection) > MOST_TOLD:
        return f"{len(selection)} things are selected."
    return "; ".join(thing_words(document, name) for name in selection)


def thing_words(document: Document, name: str) -> str:
    """A block, a layer or a comment."""
    project = document.project
    block = project.block(name)
    if block is not None:
        state = "one card" if block.collapsed else "open"
        return f"Block {block.title}, {len(project.contents[name])} layers, × {block.repeat}, {state}"
    if name in project.graph:
        return layer_words(document, name)
    return "Comment: " + next((comment.text for comment in project.comments if comment.id == name), "")


def layer_words(document: Document, name: str) -> str:
    """A layer's name, kind, settings, output, wires and problems."""
    graph, layer, shape = document.graph, document.graph[name].layer, document.inference.nodes.get(name)
    into = ", ".join(edge.source for edge in graph.incoming(name)) or "nothing"
    out = ", ".join(edge.target for edge in graph.outgoing(name)) or "nothing"
    parts = [
        name,
        layer.title,
        layer.brief(),
        f"output {sizes(shape.output)}" if shape else "no shape yet",
        f"{thousands(shape.parameter_count)} parameters" if shape and shape.parameter_count else "",
        f"fed by {into}" if layer.ports else "",
        f"feeds {out}",
        *(problem.text for problem in document.problems if problem.node == name),
    ]
    return ", ".join(part for part in parts if part)


def wire_words(document: Document, edge: Edge) -> str:
    """Where a wire leads, and what flows through it."""
    shape = document.inference.nodes.get(edge.source)
    port = f", input {edge.port + 1}" if document.graph[edge.target].layer.ports != 1 else ""
    return f"Wire from {edge.source} to {edge.target}{port}" + (f", {sizes(shape.output)}" if shape else "")
