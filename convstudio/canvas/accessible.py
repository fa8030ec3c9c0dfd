"""Cards, blocks, comments and wires for screen readers, which know of widgets alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPoint, QRect
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget

from convstudio.canvas.announcing import thing_words, wire_words
from engine.graph import Edge

if TYPE_CHECKING:
    from convstudio.canvas.canvas import Canvas

NAME, DESCRIPTION = QAccessible.Text.Name, QAccessible.Text.Description
Key = str | Edge  # of a thing on the canvas


class CanvasReader(QAccessibleWidget):
    """The canvas as a list of what is on it, in the order of the data; wires come last."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas, QAccessible.Role.List, canvas.accessibleName())
        self._canvas = canvas
        self._items: dict[Key, ItemReader] = {}

    def keys(self) -> list[Key]:
        """Everything that can be seen."""
        scene, document = self._canvas.scene_, self._canvas.document
        ordered = [node.id for node in document.graph.order]
        named = scene.items_named()
        rest = [name for name in named if name not in set(ordered)]
        wires: list[Key] = [edge for edge, wire in scene.wires.items() if wire.isVisible()]
        return [*(name for name in (*ordered, *rest) if named[name].isVisible()), *wires]

    def childCount(self) -> int:  # noqa: N802  (Qt's name)
        return len(self.keys())

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        keys = self.keys()
        return self._item(keys[index]) if 0 <= index < len(keys) else None

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]  # noqa: N802
        place = self._canvas.mapToScene(self._canvas.viewport().mapFromGlobal(QPoint(x, y)))
        name = self._canvas.scene_.named_at(place)
        wire = self._canvas.scene_.wire_at(place) if name is None else None
        key: Key | None = wire.edge if wire is not None else name
        return self._item(key) if key is not None else None

    def indexOfChild(self, child: QAccessibleInterface) -> int:  # noqa: N802
        keys = self.keys()
        return keys.index(child.key) if isinstance(child, ItemReader) and child.key in keys else -1

    def _item(self, key: Key) -> ItemReader:
        if key not in self._items:
            self._items[key] = ItemReader(self._canvas, key)
        return self._items[key]

    def forget_gone(self) -> None:
        """Readers of things that are not there any more go too."""
        there = {*self._canvas.scene_.items_named(), *self._canvas.scene_.wires}
        for key in self._items.keys() - there:
            QAccessible.deleteAccessibleInterface(QAccessible.uniqueId(self._items.pop(key)))


class ItemReader(QAccessibleInterface):
    """One thing on the canvas."""

    def __init__(self, canvas: Canvas, key: Key) -> None:
        super().__init__()
        self._canvas, self.key = canvas, key

    @property
    def _item(self) -> Any:
        scene = self._canvas.scene_
        return scene.wires.get(self.key) if isinstance(self.key, Edge) else scene.items_named().get(self.key)

    def isValid(self) -> bool:  # noqa: N802  (Qt's name)
        return self._item is not None

    def object(self) -> QObject | None:  # type: ignore[override]
        return None

    def parent(self) -> QAccessibleInterface:
        return QAccessible.queryAccessibleInterface(self._canvas)

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        return None

    def childCount(self) -> int:  # noqa: N802
        return 0

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]  # noqa: N802
        return None

    def indexOfChild(self, child: QAccessibleInterface) -> int:  # noqa: N802
        return -1

    def role(self) -> QAccessible.Role:
        return QAccessible.Role.Link if isinstance(self.key, Edge) else QAccessible.Role.ListItem

    def text(self, kind: QAccessible.Text) -> str:
        document, key = self._canvas.document, self.key
        if not self.isValid() or kind not in (NAME, DESCRIPTION):
            return ""
        if isinstance(key, Edge):
            return wire_words(document, key)
        return key if kind == NAME and key in document.graph else thing_words(document, key)

    def setText(self, kind: QAccessible.Text, text: str) -> None:  # noqa: N802
        """Names are written with F2."""

    def rect(self) -> QRect:
        item = self._item
        if item is None:
            return QRect()
        face = item.sceneBoundingRect() if isinstance(self.key, Edge) else item.face()
        seen = self._canvas.mapFromScene(face).boundingRect()
        return QRect(self._canvas.viewport().mapToGlobal(seen.topLeft()), seen.size())

    def state(self) -> QAccessible.State:
        state, item = QAccessible.State(), self._item
        state.invalid = item is None
        state.selectable = state.focusable = True
        state.selected = bool(item is not None and item.isSelected())
        state.focused = state.selected and self._canvas.hasFocus()
        state.offscreen = not self.rect().intersects(
            QRect(self._canvas.viewport().mapToGlobal(QPoint()), self._canvas.viewport().size())
        )
        return state


def reader_of(kind: str, thing: QObject | None) -> QAccessibleInterface | None:
    """What Qt asks for a canvas; it is kept with it, since Qt does not."""
    from convstudio.canvas.canvas import Canvas

    if not isinstance(thing, Canvas):
        return None
    thing.reader = CanvasReader(thing)
    return thing.reader


_installed: list[bool] = []


def install() -> None:
    """Once for the whole program."""
    if not _installed:
        QAccessible.installFactory(reader_of)
        _installed.append(True)
