"""Every layer there is, by category: to drag on to the canvas, or to append with Enter."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QEvent, QMimeData, QObject, QPointF, QRectF, QSettings, Qt, Signal
from PySide6.QtGui import QDrag, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.document.ends import last_of
from convstudio.document.project import Project
from convstudio.look.icons import layer_icon
from convstudio.look.theme import space
from convstudio.panels.palette_row import KIND, PaletteRow, picture_of
from convstudio.searching import matching
from engine.errors import EngineError
from engine.spec import CATEGORIES, layers, make

LAYER_MIME = "application/x-convstudio-layer"
TITLES = {"norm": "Normalisation", "merge": "Joining", "data": "Data"}
RECENT, MOST_RECENT = "recent layers", 4


class PalettePanel(QWidget):
    """Searchable, and usable without a mouse."""

    explanation = (
        "Every layer that a network can be made of. Drag one on to the canvas, or on to a wire to put it in between; "
        "double-click or press Enter to append it after what is selected. Type to search; Down goes to the list. The "
        "layers that were used last stand at the top. Try a max pooling on a wire of LeNet-5: the shapes behind it "
        "shrink, down to the first dense layer."
    )
    failed = Signal(str)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.setProperty("role", "panel")
        self.field, self.tree = QLineEdit(), LayerTree()
        self.field.setAcceptDrops(False)
        self.field.setPlaceholderText("Search layers")
        self.field.setAccessibleName("Search layers")
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(self._filter)
        self.field.returnPressed.connect(self._append_current)
        self.field.installEventFilter(self)
        self.tree.chosen.connect(self._append)
        self.nothing = QLabel("No layer has that in its name or its sentence.")
        self.nothing.setProperty("role", "quiet")
        self.nothing.setWordWrap(True)
        self.nothing.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(space(2), space(2), space(2), 0)
        column.setSpacing(space(2))
        column.addWidget(self.field)
        column.addWidget(self.nothing, 1, Qt.AlignmentFlag.AlignTop)
        column.addWidget(self.tree)
        document.performed.connect(self._remember)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  (Qt's name)
        """From the search field one gets to the list, and out of a search, without the mouse."""
        if watched is self.field and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Down:
                self.tree.setFocus()
                self.tree.begin()
                return True
            if event.key() == Qt.Key.Key_Escape and self.field.text():
                self.field.clear()
                return True
        return super().eventFilter(watched, event)

    def _filter(self, text: str) -> None:
        fitting, searched = matching(text), bool(text.strip())
        self.tree.show_kinds(fitting, searched)
        self.tree.setHidden(not fitting)
        self.nothing.setHidden(bool(fitting))
        if fitting and searched:
            self.tree.mark(fitting[0])

    def _append_current(self) -> None:
        item = self.tree.currentItem()
        if item is not None and not item.isHidden() and item.data(0, KIND):
            self._append(item.data(0, KIND))

    def _append(self, kind: str) -> None:
        project = self.document.project
        try:
            self.document.perform(edits.append(project, make(kind), last_of(project, self.document.selection)))
        except EngineError as problem:
            self.failed.emit(str(problem))

    def _remember(self, before: Project, after: Project) -> None:
        """However a single layer was added, it is among those that were used last."""
        if len(after.graph.nodes) != len(before.graph.nodes) + 1 or before.graph.name != after.graph.name:
            return
        new = next((node for node in after.graph if node.id not in before.graph), None)
        if new is not None:
            self.tree.use(new.layer.kind)


class LayerTree(QTreeWidget):
    """The categories and their layers."""

    chosen = Signal(str)  # a kind, by double click or Enter

    def __init__(self) -> None:
        super().__init__()
        self.setHeaderHidden(True)
        self.setIndentation(0)
        self.setRootIsDecorated(False)
        self.setDragEnabled(True)
        self.setAccessibleName("Layers by category")
        self._searched = False  # whether only what was searched for is shown
        self._rows = PaletteRow(self)
        self.setItemDelegate(self._rows)
        self.setVerticalScrollMode(QTreeWidget.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.recent = self._category("Used last")
        self._fill_recent(_recent())
        self.categories: list[tuple[QTreeWidgetItem, list[QTreeWidgetItem]]] = []
        for category in CATEGORIES:
            parent = self._category(TITLES.get(category, category.capitalize()))
            kinds = [kind for kind, cls in layers().items() if cls.category == category]
            self.categories.append((parent, [_item(parent, kind) for kind in kinds]))
            parent.setExpanded(True)
        self.itemClicked.connect(self._fold)
        self.itemActivated.connect(self._choose)

    def show_kinds(self, kinds: Collection[str], searched: bool) -> None:
        """These alone; what was used last is of no use where one searches."""
        self._searched = searched
        for category, items in self.categories:
            for item in items:
                item.setHidden(item.data(0, KIND) not in kinds)
            category.setHidden(all(item.isHidden() for item in items))
            if searched:
                category.setExpanded(True)
        self._show_recent()

    def mark(self, kind: str) -> None:
        """The one that Enter would take."""
        item = next(item for _, items in self.categories for item in items if item.data(0, KIND) == kind)
        self.setCurrentItem(item)
        self.scrollToItem(item)

    def begin(self) -> None:
        """Marks the first layer that is shown, where none is marked."""
        current = self.currentItem()
        if current is None or current.isHidden():
            parents = [self.topLevelItem(row) for row in range(self.topLevelItemCount())]
            shown = (p.child(0) for p in parents if p is not None and not p.isHidden() and p.childCount())
            first = next(shown, None)
            if first is not None:
                self.setCurrentItem(first)

    def use(self, kind: str) -> None:
        """Puts a kind in front of those that were used last."""
        kinds = [kind, *(other for other in _recent() if other != kind)][:MOST_RECENT]
        if kinds != _recent():
            QSettings().setValue(RECENT, ",".join(kinds))
            self._fill_recent(kinds)

    def _fill_recent(self, kinds: list[str]) -> None:
        """Items are given other layers rather than made anew: those that are taken out are never freed."""
        for kind in kinds[self.recent.childCount() :]:
            _item(self.recent, kind)
        for row, kind in enumerate(kinds):
            item = self.recent.child(row)
            if item is not None:
                _show_kind(item, kind)
        self._show_recent()
        self.recent.setExpanded(True)

    def _show_recent(self) -> None:
        self.recent.setHidden(self._searched or not self.recent.childCount())

    def _category(self, title: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem(self, [title])
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
        return item

    def _fold(self, item: QTreeWidgetItem) -> None:
        if not item.data(0, KIND):
            item.setExpanded(not item.isExpanded())

    def _choose(self, item: QTreeWidgetItem) -> None:
        if item.data(0, KIND):
            self.chosen.emit(item.data(0, KIND))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  (Qt's name)
        super().resizeEvent(event)
        self._rows.heights.clear()
        self.scheduleDelayedItemsLayout()  # sentences take more or fewer lines

    def startDrag(self, actions: Qt.DropAction) -> None:  # noqa: N802
        item = self.currentItem()
        if item is not None and item.data(0, KIND):
            self.drag_of(item.data(0, KIND)).exec(Qt.DropAction.CopyAction)

    def drag_of(self, kind: str) -> QDrag:
        """A card that hangs on the mouse by its middle: it will stand where it is let go."""
        data, drag, picture = QMimeData(), QDrag(self), picture_of(kind, self.devicePixelRatioF())
        data.setData(LAYER_MIME, kind.encode())
        drag.setMimeData(data)
        drag.setPixmap(picture)
        drag.setHotSpot(QRectF(QPointF(), picture.deviceIndependentSize()).center().toPoint())
        return drag


def _item(parent: QTreeWidgetItem, kind: str) -> QTreeWidgetItem:
    item = QTreeWidgetItem(parent)
    _show_kind(item, kind)
    return item


def _show_kind(item: QTreeWidgetItem, kind: str) -> None:
    if item.data(0, KIND) != kind:
        item.setText(0, layers()[kind].title)
        item.setData(0, KIND, kind)
        item.setIcon(0, layer_icon(kind))
        item.setData(0, Qt.ItemDataRole.AccessibleDescriptionRole, layers()[kind].summary())


def _recent() -> list[str]:
    """The kinds that were used last, the newest first."""
    return [kind for kind in str(QSettings().value(RECENT, "")).split(",") if kind in layers()]
