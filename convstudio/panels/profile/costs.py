"""The costs of all layers as rows of a table that sorts itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from convstudio.look.icons import layer_icon
from convstudio.look.letters import font
from convstudio.wording import kilobytes
from engine.graph import Graph
from engine.profile import LayerCost, Profile

BAR = Qt.ItemDataRole.UserRole  # forward and backward, as shares of the dearest layer
NOTHING = "–"
COLUMNS = ("Layer", "Time of a step", "Forward", "Backward", "Share", "GFLOP/s", "Memory")
NAME, BARS, SHARE, SPEED, MEMORY = 0, 1, 4, 5, 6
TIPS = (
    "In the network's order when sorted by this column",
    "Forward strong, backward faint, both on the same scale",
    "Milliseconds to compute the layer for one batch",
    "Milliseconds to compute its gradients for one batch",
    "Of the time that all layers take",
    "Billions of operations in a second: each multiplication and each addition counts as one",
    "Its numbers for one batch and their gradients, and its parameters with what the optimiser keeps",
)
Index = QModelIndex | QPersistentModelIndex


@attrs.frozen
class Row:
    """A layer, and where it stands."""

    number: int
    cost: LayerCost
    kind: str
    share: float

    @property
    def bytes(self) -> int:
        return self.cost.memory_bytes + self.cost.parameter_bytes

    @property
    def gflops(self) -> float:
        """Forward and backward together."""
        cost = self.cost
        work = cost.forward_gflops * cost.forward_ms + cost.backward_gflops * cost.backward_ms
        return work / cost.total_ms if cost.total_ms else 0.0


KEYS: tuple[Callable[[Row], float], ...] = (
    lambda row: row.number,
    lambda row: row.cost.total_ms,
    lambda row: row.cost.forward_ms,
    lambda row: row.cost.backward_ms,
    lambda row: row.share,
    lambda row: row.gflops,
    lambda row: row.bytes,
)


class CostsModel(QAbstractTableModel):
    """A row for each layer."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[Row] = []
        self._dearest = 1.0
        self._sorted = NAME, Qt.SortOrder.AscendingOrder

    def show_profile(self, graph: Graph, profile: Profile) -> None:
        """Other costs, in the order that was chosen last."""
        self.beginResetModel()
        whole = profile.layers_ms or 1.0
        known = [cost for cost in profile.layers if cost.node in graph]
        self.rows = [
            Row(number, cost, graph[cost.node].layer.kind, cost.total_ms / whole) for number, cost in enumerate(known)
        ]
        self._dearest = max((cost.total_ms for cost in known), default=1.0) or 1.0
        self._arrange()
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._sorted = column, order
        self.layoutAboutToBeChanged.emit()
        before = {row.cost.node: number for number, row in enumerate(self.rows)}
        self._arrange()
        after = {before[row.cost.node]: number for number, row in enumerate(self.rows)}
        for index in self.persistentIndexList():
            self.changePersistentIndex(index, self.index(after[index.row()], index.column()))
        self.layoutChanged.emit()

    def _arrange(self) -> None:
        column, order = self._sorted
        self.rows.sort(key=lambda row: row.number)
        self.rows.sort(key=KEYS[column], reverse=order == Qt.SortOrder.DescendingOrder)

    def row_of(self, node: str) -> int | None:
        """Where a layer stands now."""
        return next((number for number, row in enumerate(self.rows) if row.cost.node == node), None)

    # --- what the table asks -----------------------------------------------------------------------------------------

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802  (Qt's name)
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:  # noqa: N802
        return len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: N802
        if orientation == Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return TIPS[section]
        return _side(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = self.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return _text(row, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(column)
        if role == BAR and column == BARS:
            return row.cost.forward_ms / self._dearest, row.cost.backward_ms / self._dearest
        if column == NAME and role == Qt.ItemDataRole.DecorationRole:
            return layer_icon(row.kind)
        if column == NAME and role == Qt.ItemDataRole.FontRole:
            return font("strong")
        return None


def _side(column: int) -> Qt.AlignmentFlag:
    across = Qt.AlignmentFlag.AlignLeft if column in (NAME, BARS) else Qt.AlignmentFlag.AlignRight
    return across | Qt.AlignmentFlag.AlignVCenter


def _text(row: Row, column: int) -> str:
    cost = row.cost
    texts = {
        NAME: lambda: cost.node,
        BARS: lambda: "" if cost.total_ms else "nothing of its own to compute",
        2: lambda: milliseconds(cost.forward_ms),
        3: lambda: milliseconds(cost.backward_ms),
        SHARE: lambda: f"{100 * row.share:.1f} %" if cost.total_ms else NOTHING,
        SPEED: lambda: speed(row.gflops),
        MEMORY: lambda: kilobytes(row.bytes) if row.bytes else NOTHING,
    }
    return texts[column]()


def milliseconds(value: float) -> str:
    """Three digits that count, so that short and long layers can be compared; the unit stands with them."""
    if not value:
        return NOTHING
    return f"{value:.3f} ms" if value < 1 else f"{value:.2f} ms" if value < 10 else f"{value:.1f} ms"


def speed(gflops: float) -> str:
    """Where nothing is multiplied there is none."""
    if not gflops:
        return NOTHING
    return f"{gflops:.0f}" if gflops >= 10 else f"{gflops:.1f}"


def span(seconds: float) -> str:
    """0.8 s, 45 s, 3 min 20 s or 2 h 5 min."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    return f"{whole // 60} min {whole % 60} s" if whole < 3600 else f"{whole // 3600} h {whole % 3600 // 60} min"
