"""What is selected on the canvas: things of the document by their names, and wires, which only the canvas knows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from engine.graph import Edge

if TYPE_CHECKING:
    from convstudio.canvas.canvas import Canvas


def choose(canvas: Canvas, names: Iterable[str] = (), wires: Iterable[Edge] = ()) -> None:
    """Selects these things and wires, and nothing else."""
    canvas.document.select(names)  # the scene follows, and lets go of wires
    chosen = frozenset(wires)
    for edge, wire in canvas.scene_.wires.items():
        wire.setSelected(edge in chosen)


def chosen_wires(canvas: Canvas) -> frozenset[Edge]:
    """The wires that are selected."""
    return frozenset(edge for edge, wire in canvas.scene_.wires.items() if wire.isSelected())
