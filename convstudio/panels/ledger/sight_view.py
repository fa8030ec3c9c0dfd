"""What a number sees: the layers below down to the input, each with the part that it depends on framed."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from convstudio.look.flow import FlowLayout, emptied
from convstudio.look.letters import wear
from convstudio.look.theme import space
from convstudio.panels.ledger.layout import Layout
from convstudio.panels.ledger.map_view import FRAME_PX, MapView
from convstudio.wording import sizes
from engine.questions import Explained

BELOW_PX = 72  # about how large the map of a layer below is


class SightView(QWidget):
    """Small maps in the order in which one goes down."""

    chosen = Signal(str)  # a layer that was clicked

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.flow = FlowLayout(self, gap=space(3), line_gap=space(2))
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.views: dict[str, MapView] = {}

    def show_sight(self, explained: Explained | None) -> None:
        """Of another number; of none."""
        emptied(self.flow)
        self.views = {}
        for node in explained.sight if explained else ():
            if explained is not None and node != explained.node:
                self.flow.addWidget(self._tile(explained, node))
        self.updateGeometry()

    def _tile(self, explained: Explained, node: str) -> QWidget:
        box, plane = explained.sight[node], explained.planes.get(node)
        tile = QWidget()
        column = QVBoxLayout(tile)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space(1))
        name, size = QLabel(node), QLabel(f"{sizes(high - low for low, high in box)} px" if box else "all")
        size.setProperty("role", "quiet")
        for label in (name, size):
            wear(label, "caption")
        if plane is None:
            size.setText("too large to be shown")
        else:
            layout = Layout((plane.values.shape[1],)) if not box else Layout(plane.values.shape)
            values = layout.plane(plane.values[0] if not box else plane.values, 0)
            view = MapView(BELOW_PX)
            view.pickable = False
            view.setAccessibleName(f"{node} · {size.text()}")
            view.setToolTip(f"{node}, channel {plane.channel}: the strongest of those that it sees" if box else node)
            seen = tuple((low // plane.step, -(-high // plane.step)) for low, high in box)
            lit = ((0, values.shape[0]), *seen) if len(box) == 1 else seen
            view.show_values(values, lit if len(lit) == 2 else None)
            column.addWidget(view)
            column.addSpacing(max(0, BELOW_PX + 2 * FRAME_PX - view.height()))  # so that the names stand in a line
            self.views[node] = view
        column.addWidget(name)
        column.addWidget(size)
        column.addStretch(1)
        return tile
