"""Where one looks at first: at the beginning of the network, whatever else stands around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSizeF

from convstudio.document.layout import along

if TYPE_CHECKING:
    from convstudio.canvas.scene import CanvasScene

FIT_MARGIN = 32.0


def first_view(scene: CanvasScene, room: QSizeF) -> QPointF:
    """The middle of what is seen first, where there is so much room."""
    project, content = scene.document.project, scene.content()
    ordered = project.graph.order
    first = scene.items_named()[scene.shown_as(ordered[0].id)].face() if ordered else content
    ends = [(_span(content, axis), _span(first, axis), size) for axis, size in enumerate((room.width(), room.height()))]
    flow = along(project.flow)
    return QPointF(*(_from_start(*each) if axis == flow else _in_middle(*each) for axis, each in enumerate(ends)))


def _span(rect: QRectF, axis: int) -> tuple[float, float]:
    return (rect.top(), rect.bottom()) if axis else (rect.left(), rect.right())


def _from_start(content: tuple[float, float], first: tuple[float, float], room: float) -> float:
    """From the edge on, or from the first layer where that would not be seen."""
    edge = content[0] if first[1] - content[0] <= room - 2 * FIT_MARGIN else first[0]
    return edge - FIT_MARGIN + room / 2


def _in_middle(content: tuple[float, float], first: tuple[float, float], room: float) -> float:
    """All of it in the middle where there is room for it, else the first layer."""
    return sum(content if content[1] - content[0] <= room - 2 * FIT_MARGIN else first) / 2
