"""The canvas for those who listen: its cards, ports and wires as a list that is there without being seen.

Screen readers know nothing of the items of a graphics scene, while Qt makes each row of a list known to them on every
platform: with a role, a name, a place on the screen, and whether it is selected. So the canvas holds such a list; its
rows lie where the things themselves lie. It is made when somebody listens, and never painted. (A tree would say which
layer is in which block, but Qt selects the wrong rows of trees when a screen reader asks for it.)
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    Qt,
    QTimer,
)
from PySide6.QtGui import QPaintEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView

from convstudio.canvas.choosing import choose
from convstudio.canvas.outline_rows import Port, Row, outlined
from engine.graph import Edge

if TYPE_CHECKING:
    from convstudio.canvas.canvas import Canvas

PORT_PX = 8.0  # from the middle of a port to the edge of its place
KEY = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex


class Outline(QListView):
    """Follows a canvas, and selects there what is selected here."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas.viewport())
        self._canvas = canvas
        self._rows: tuple[Row, ...] = ()
        self._items: dict[Hashable, QStandardItem] = {}
        self._following = False  # what is selected here changes because it did there
        self._model = QStandardItemModel(self)
        self.setModel(self._model)
        self.setAccessibleName("Layers and wires")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFocusProxy(canvas)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setProperty("role", "heard")
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self.follow)
        for changed in (canvas.document.content_changed, canvas.document.inference_changed):
            changed.connect(self._follow_soon)
        canvas.scene_.selectionChanged.connect(self._follow_soon)
        self.selectionModel().selectionChanged.connect(self._select_there)
        self.stay()
        self.lower()
        self.show()
        self.follow()

    def stay(self) -> None:
        """Lies behind all of the canvas, also after it has scrolled."""
        self.setGeometry(self._canvas.viewport().rect())

    # --- following the canvas ----------------------------------------------------------------------------------------

    def _follow_soon(self) -> None:
        self._soon.start()

    def follow(self) -> None:
        """Says what is there now, and what of it is selected."""
        self._soon.stop()
        rows = outlined(self._canvas.document)
        if rows != self._rows:
            self._following = True
            if [row.key for row in rows] == [row.key for row in self._rows]:
                for row in rows:
                    self._items[row.key].setText(row.text)
            else:
                self._model.clear()
                self._items = {row.key: self._item(row) for row in rows}
            self._rows = rows
            self._following = False
        self._follow_selection()

    def _item(self, row: Row) -> QStandardItem:
        item = QStandardItem(row.text)
        item.setData(row.key, KEY)
        item.setEditable(False)
        item.setSelectable(not isinstance(row.key, Port))
        self._model.appendRow(item)
        return item

    def _chosen(self) -> list[Hashable]:
        """What is selected on the canvas."""
        wires = [edge for edge, wire in self._canvas.scene_.wires.items() if wire.isSelected()]
        return [key for key in (*sorted(self._canvas.document.selection), *wires) if key in self._items]

    def _follow_selection(self) -> None:
        chosen, selection = self._chosen(), QItemSelection()
        for key in chosen:
            index = self._items[key].index()
            selection.select(index, index)
        self._following = True
        self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self._following = False

    def tell(self, name: str) -> None:
        """Makes a thing the one that the keys go to: Qt says so, as this list has the focus where the canvas has it."""
        self.follow()
        if name in self._items:
            here = self._items[name].index()
            self.selectionModel().setCurrentIndex(here, QItemSelectionModel.SelectionFlag.NoUpdate)

    # --- being listened to -------------------------------------------------------------------------------------------

    def _select_there(self) -> None:
        if self._following:
            return
        keys = [index.data(KEY) for index in self.selectionModel().selectedIndexes()]
        names = [key for key in keys if isinstance(key, str)]
        choose(self._canvas, names, [key for key in keys if isinstance(key, Edge)])
        self._canvas.show_selection()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  (Qt's name)
        """Nothing is seen of it."""

    def visualRect(self, index: Index) -> QRect:  # noqa: N802  (Qt's name)
        """Where the thing is on the canvas."""
        if not index.isValid():
            return QRect()
        return self._canvas.mapFromScene(self._scene_place(index.data(KEY))).boundingRect()

    def _scene_place(self, key: Hashable) -> QRectF:
        scene = self._canvas.scene_
        if isinstance(key, Edge):
            return scene.wires[key].shape().boundingRect() if key in scene.wires else QRectF()
        if isinstance(key, Port):
            if key.card not in scene.cards:
                return QRectF()
            middle = scene.start_of(key.card) if key.number is None else scene.end_of(key.card, key.number)
            return QRectF(middle, middle).adjusted(-PORT_PX, -PORT_PX, PORT_PX, PORT_PX)
        named = scene.items_named()
        shown = scene.shown_as(key) if key in scene.cards else key
        return named[shown].face() if shown in named else QRectF()

    def indexAt(self, place: QPoint) -> QModelIndex:  # noqa: N802  (Qt's name)
        """What lies under a place: a card, comment or block, or else a wire."""
        scene, there = self._canvas.scene_, self._canvas.mapToScene(place)
        key: Hashable = scene.named_at(there)
        if key is None:
            wire = scene.wire_at(there)
            key = wire.edge if wire else None
        return self._items[key].index() if key in self._items else QModelIndex()

    def scrollTo(self, index: Index, hint: object = None) -> None:  # noqa: N802  (Qt's name)
        """The canvas itself shows what is selected."""
