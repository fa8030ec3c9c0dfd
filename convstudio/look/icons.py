"""Icons from `resources/icons`, in the theme's colours and crisp at every scale."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from convstudio.look.theme import theme
from engine.resources import read_text, resource_path
from engine.spec import layers

LAYERS, SYMBOLS = "layers", "symbols"
INK = "currentColor"  # what the drawings leave to whoever shows them


def layer_icon(kind: str) -> QIcon:
    """A layer's picture in the hue of its category."""
    return QIcon(_Engine(LAYERS, kind))


def symbol(name: str, role: str = "text") -> QIcon:
    """A sign for an action, in the colour of text or of what it says."""
    return QIcon(_Engine(SYMBOLS, name, role))


def paint_icon(painter: QPainter, folder: str, name: str, place: QRectF, color: QColor) -> None:
    """Draws an icon anywhere."""
    _drawing(folder, name, color.name()).render(painter, place)


@cache
def _drawing(folder: str, name: str, color: str) -> QSvgRenderer:
    text = read_text("icons", folder, f"{name}.svg").replace(INK, color)
    return QSvgRenderer(QByteArray(text.encode()))


def icon_names(folder: str) -> set[str]:
    """Every icon that is there."""
    return {path.stem for path in resource_path("icons", folder).glob("*.svg")}


class _Engine(QIconEngine):
    """Draws in the colours of the theme at the time, so icons change with it."""

    def __init__(self, folder: str, name: str, role: str = "text") -> None:
        super().__init__()
        self._folder, self._name, self._role = folder, name, role

    def paint(self, painter: QPainter, rect: object, mode: QIcon.Mode, state: QIcon.State) -> None:
        colors = theme()
        if mode == QIcon.Mode.Disabled:
            color = colors.color("text_quiet")
        elif self._folder == LAYERS:
            color = colors.category(layers()[self._name].category)
        else:
            color = colors.color(self._role)
        paint_icon(painter, self._folder, self._name, QRectF(rect), color)  # type: ignore[call-overload]

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        made = QPixmap(size)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        self.paint(painter, made.rect(), mode, state)
        painter.end()
        return made

    def clone(self) -> QIconEngine:
        return _Engine(self._folder, self._name, self._role)
