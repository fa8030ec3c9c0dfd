"""A network's layers as rows of a table, for Qt's views."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from convstudio.wording import kilobytes, seen, sizes, thousands
from engine.graph import Graph, Node
from engine.shapes import Inference, infer

Index = QModelIndex | QPersistentModelIndex

TITLES = ("Layer", "Kind", "Settings", "Output", "Parameters", "Multiply-adds", "Sees", "Memory")
FIRST_NUMBER = 3  # from this column on stand figures, right-aligned so that they can be compared


class LayerTable(QAbstractTableModel):
    """What each layer makes of its input; empty cells where a problem keeps a layer from having a shape."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[tuple[str, ...]] = []

    def show(self, graph: Graph) -> Inference:
        """Replaces the rows by those of another network."""
        inference = infer(graph)
        self.beginResetModel()
        self._rows = [_row(node, inference) for node in graph.order]
        self.endResetModel()
        return inference

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802  (Qt's name)
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802
        return 0 if parent.isValid() else len(TITLES)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | Qt.AlignmentFlag | None:
        if role == Qt.ItemDataRole.DisplayRole:
            return self._rows[index.row()][index.column()]
        return _alignment(index.column()) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | Qt.AlignmentFlag | None:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return TITLES[section]
        return _alignment(section) if role == Qt.ItemDataRole.TextAlignmentRole else None


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column >= FIRST_NUMBER else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _row(node: Node, inference: Inference) -> tuple[str, ...]:
    names = (node.id, node.layer.title, node.layer.brief())
    shape = inference.nodes.get(node.id)
    if shape is None:
        return (*names, *("" for _ in TITLES[FIRST_NUMBER:]))
    return (
        *names,
        sizes(shape.output),
        thousands(shape.parameter_count) if shape.parameter_count else "",
        thousands(shape.multiply_adds) if shape.multiply_adds else "",
        seen(shape.receptive_field),
        kilobytes(shape.memory_bytes),
    )
