"""Every layer there is, by category: to drag on to the canvas, or to append with Enter."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QMimeData, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPainter
from PySide6.QtWidgets import (
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.look.icons import layer_icon
from convstudio.look.theme import font, space, theme
from engine.errors import EngineError
from engine.spec import CATEGORIES, layers, make

LAYER_MIME = "application/x-convstudio-layer"
KIND = Qt.ItemDataRole.UserRole
ROW_PX, HEADER_PX, ICON_PX = 44, 28, 20
TITLES = {"norm": "Normalisation", "merge": "Joining", "data": "Data"}
Index = QModelIndex | QPersistentModelIndex


class PalettePanel(QWidget):
    """Searchable, and usable without a mouse."""

    title = "Layers"
    explanation = (
        "Every layer that a network can be made of. Drag one on to the canvas, or on to a wire to put it in between; "
        "double-click or press Enter to append it after what is selected. Type to search."
    )
    failed = Signal(str)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.setProperty("role", "panel")
        self.field, self.tree = QLineEdit(), _Tree()
        self.field.setPlaceholderText("Search layers")
        self.field.setAccessibleName("Search layers")
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(self._filter)
        self.field.returnPressed.connect(self._append_current)
        self.tree.itemActivated.connect(self._append)
        column = QVBoxLayout(self)
        column.setContentsMargins(space(2), space(2), space(2), 0)
        column.setSpacing(space(2))
        column.addWidget(self.field)
        column.addWidget(self.tree)

    def _filter(self, text: str) -> None:
        words, first = text.lower().split(), None
        for category, items in self.tree.categories:
            shown = 0
            for item in items:
                cls = layers()[item.data(0, KIND)]
                known = " ".join((cls.title, cls.kind, *cls.keywords, cls.summary())).lower()
                fits = all(word in known for word in words)
                item.setHidden(not fits)
                shown += fits
                first = first or (item if fits and words else None)
            category.setHidden(not shown)
            if words:
                category.setExpanded(True)
        if first is not None:
            self.tree.setCurrentItem(first)

    def _append_current(self) -> None:
        item = self.tree.currentItem()
        if item is not None and not item.isHidden():
            self._append(item)

    def _append(self, item: QTreeWidgetItem, column: int = 0) -> None:
        kind = item.data(0, KIND)
        if not kind:
            return
        chosen = [node.id for node in self.document.graph.order if node.id in self.document.selection]  # as data flow
        try:
            self.document.perform(edits.append(self.document.project, make(kind), chosen[-1] if chosen else None))
        except EngineError as problem:
            self.failed.emit(str(problem))


class _Tree(QTreeWidget):
    def __init__(self) -> None:
        super().__init__()
        self.setHeaderHidden(True)
        self.setIndentation(0)
        self.setRootIsDecorated(False)
        self.setDragEnabled(True)
        self.setAccessibleName("Layers by category")
        self.setItemDelegate(_Row(self))
        self.setVerticalScrollMode(QTreeWidget.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.categories: list[tuple[QTreeWidgetItem, list[QTreeWidgetItem]]] = []
        for category in CATEGORIES:
            parent = QTreeWidgetItem(self, [TITLES.get(category, category.capitalize())])
            parent.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            items: list[QTreeWidgetItem] = []
            for kind, cls in layers().items():
                if cls.category == category:
                    item = QTreeWidgetItem(parent, [cls.title])
                    item.setData(0, KIND, kind)
                    item.setIcon(0, layer_icon(kind))
                    item.setToolTip(0, cls.summary())
                    item.setData(0, Qt.ItemDataRole.AccessibleDescriptionRole, cls.summary())
                    items.append(item)
            self.categories.append((parent, items))
            parent.setExpanded(True)
        self.itemClicked.connect(self._fold)

    def _fold(self, item: QTreeWidgetItem) -> None:
        if not item.data(0, KIND):
            item.setExpanded(not item.isExpanded())

    def mimeTypes(self) -> list[str]:  # noqa: N802  (Qt's name)
        return [LAYER_MIME]

    def mimeData(self, items: Sequence[QTreeWidgetItem]) -> QMimeData:  # noqa: N802
        data = QMimeData()
        kinds = [item.data(0, KIND) for item in items if item.data(0, KIND)]
        if kinds:
            data.setData(LAYER_MIME, kinds[0].encode())
        return data


class _Row(QStyledItemDelegate):
    """A category's name, or a layer's icon, name and sentence."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802  (Qt's name)
        return QSize(0, ROW_PX if index.data(KIND) else HEADER_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        colors, place = theme(), QRect(option.rect)
        state = option.state
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(place, colors.color("selection"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(place, colors.color("window"))
        if index.data(KIND):
            self._paint_layer(painter, place, index)
        else:
            painter.setFont(font("caption"))
            painter.setPen(colors.color("text_quiet"))
            inner = place.adjusted(space(2), 0, 0, 0)
            painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, str(index.data()))
        painter.restore()

    def _paint_layer(self, painter: QPainter, place: QRect, index: Index) -> None:
        colors = theme()
        icon = QIcon(index.data(Qt.ItemDataRole.DecorationRole))
        icon.paint(painter, QRect(place.left() + space(2), place.top() + (ROW_PX - ICON_PX) // 2, ICON_PX, ICON_PX))
        left = place.left() + space(2) + ICON_PX + space(2)
        room = place.right() - left - space(2)
        for style, role, text, top, height in (
            ("body", "text", str(index.data()), 4, 20),
            ("caption", "text_quiet", layers()[index.data(KIND)].summary(), 22, 18),
        ):
            painter.setFont(font(style))
            painter.setPen(colors.color(role))
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room)
            line = QRect(left, place.top() + top, room, height)
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
