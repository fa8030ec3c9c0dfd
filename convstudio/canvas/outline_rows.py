"""What the canvas has to say to those who listen: a row for every block, card, port, wire and comment on it."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

import attrs

from convstudio.canvas.announcing import told
from convstudio.document.connections import ports_of
from convstudio.document.costs import carried
from convstudio.document.document import Document
from convstudio.document.ends import end_of, entry_of
from convstudio.document.nesting import around
from convstudio.document.project import Block
from convstudio.wording import sizes
from engine.graph import Edge


@attrs.frozen
class Port:
    """An input of a card, or its output where there is no number."""

    card: str
    number: int | None


@attrs.frozen
class Row:
    """One thing: by what it is found again, and what is said of it."""

    key: Hashable  # the name of a card, block or comment; a port; or the edge of a wire
    text: str


def outlined(document: Document) -> tuple[Row, ...]:
    """What a document shows, in the order in which data flow; then its comments.

    A block comes before its layers, and instead of them where it is folded.
    """
    return (*_flow(document), *(Row(note.id, told(document, note.id)) for note in document.project.comments))


def _flow(document: Document) -> Iterator[Row]:
    project = document.project
    holders = {member: block for block in project.blocks for member in block.members}
    begun: set[str] = set()
    for node in document.graph.order:
        inner = holders.get(node.id)
        blocks = [*reversed(list(around(project.blocks, inner))), inner] if inner else []
        for block in blocks:
            if block.id not in begun:
                yield from _block(document, block)
            begun |= {block.id}
            if block.collapsed:
                begun |= {b.id for b in project.blocks if block in around(project.blocks, b)}
                break
        else:
            yield Row(node.id, told(document, node.id))
            yield from _ports(document, node.id)


def _block(document: Document, block: Block) -> Iterator[Row]:
    """A block, and where it is folded its input with the wires that end there, and its output."""
    yield Row(block.id, told(document, block.id))
    if not block.collapsed:
        return
    project = document.project
    inside, entry = set(project.contents[block.id]), entry_of(project, block)
    into = [edge for edge in document.graph.edges if edge.target in inside and edge.source not in inside]
    if entry:
        fed = ", ".join(dict.fromkeys(edge.source for edge in into))
        yield Row(Port(*entry), f"Input of {block.title}, {f'fed by {fed}' if fed else 'free'}")
    for edge in into:
        yield _wire(document, edge)
    fed = ", ".join(e.target for e in document.graph.edges if e.source in inside and e.target not in inside)
    yield Row(Port(end_of(project, block), None), f"Output of {block.title}, feeds {fed or 'nothing'}")


def _ports(document: Document, name: str) -> Iterator[Row]:
    """A card's inputs with the wires that end there, and its output."""
    graph, ports = document.graph, ports_of(document.graph, name)
    for port in ports:
        which = f"Input {port + 1} of {len(ports)} of {name}" if len(ports) > 1 else f"Input of {name}"
        wire = next((edge for edge in graph.incoming(name) if edge.port == port), None)
        yield Row(Port(name, port), f"{which}, {f'fed by {wire.source}' if wire else 'free'}")
        if wire:
            yield _wire(document, wire)
    made = document.inference.nodes.get(name)
    shape = f" {sizes(made.output)}" if made else ""
    fed = ", ".join(edge.target for edge in graph.outgoing(name)) or "nothing"
    yield Row(Port(name, None), f"Output{shape} of {name}, feeds {fed}")


def _wire(document: Document, edge: Edge) -> Row:
    shape = carried(document.project, document.inference, edge)
    return Row(edge, f"Wire from {edge.source} to {edge.target}" + (f", {sizes(shape)}" if shape else ""))
