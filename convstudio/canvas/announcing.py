"""What the canvas tells those who listen instead of looking."""

from __future__ import annotations

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget

from convstudio.document.costs import block_costs
from convstudio.document.document import Document
from convstudio.document.project import Block
from convstudio.wording import sizes, thousands

MOST_TOLD = 3  # things that are described one by one


def announce(widget: QWidget, text: str) -> None:
    """Says a text now, where a screen reader listens."""
    if QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))


def described(document: Document) -> str:
    """What is selected, in words."""
    selection = sorted(document.selection)
    if not selection:
        layers = len(document.graph.nodes)
        return f"Nothing is selected. {layers} layer{'' if layers == 1 else 's'}."
    if len(selection) > MOST_TOLD:
        return f"{len(selection)} things are selected."
    return "; ".join(told(document, name) for name in selection)


def told(document: Document, name: str) -> str:
    """A layer, block or comment, in words."""
    project = document.project
    block = project.block(name)
    if block is not None:
        return _block(document, block)
    if name in project.graph:
        return _layer(document, name)
    return "Comment: " + next((comment.text for comment in project.comments if comment.id == name), "")


def _block(document: Document, block: Block) -> str:
    """A block's title, how much is in it and how often, and what it comes to."""
    layers, costs = len(document.project.contents[block.id]), block_costs(document.project, document.inference, block)
    parts = [
        f"Block {block.title}",
        f"{layers} layer{'' if layers == 1 else 's'}",
        f"× {block.repeat}" if block.repeat > 1 else "",
        "one card" if block.collapsed else "open",
        f"output {sizes(costs.output)}" if costs.output else "",
        f"{thousands(costs.parameters)} parameters" if costs.parameters else "",
    ]
    return ", ".join(part for part in parts if part)


def _layer(document: Document, name: str) -> str:
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
