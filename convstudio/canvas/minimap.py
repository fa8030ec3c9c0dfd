"""All of the network in a corner, with a frame around what is seen; a click goes there."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from convstudio.look.letters import roomy
from convstudio.look.theme import radius, space, theme

if TYPE_CHECKING:
    from convstudio.canvas.canvas import Canvas

LEAST_ROOM = 3.5  # times its width; in less it would lie on the cards
WIDTH_PX, HEIGHT_PX = 132, 176
LOW_PX = 88  # its height where a network is wider than high
GROUND_SHARE = 0.9  # how much of what is behind it the map hides


class Minimap(QWidget):
    """Shown where the network is larger than what is seen of it."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas.viewport())
        self._canvas = canvas
        self._drawn: tuple[tuple[Hashable, ...], QPixmap] | None = None
        self.setAccessibleName("Map of the network")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.resize(WIDTH_PX, HEIGHT_PX)

    def sizeHint(self) -> QSize:  # noqa: N802  (Qt's name)
        return QSize(WIDTH_PX, HEIGHT_PX)

    def follow(self) -> None:
        """Takes its place, or hides where all is seen anyway."""
        seen = self._canvas.mapToScene(self._canvas.viewport().rect()).boundingRect()
        content = self._canvas.scene_.content()
        room = self._canvas.width() > LEAST_ROOM * roomy(WIDTH_PX)
        self.setVisible(room and not content.isEmpty() and not seen.contains(content))
        edge, lying = space(3), content.width() > content.height()
        self.resize(*((HEIGHT_PX, LOW_PX) if lying else (WIDTH_PX, HEIGHT_PX)))
        self.move(self._canvas.width() - self.width() - edge, self._canvas.height() - self.height() - edge)
        self.update()

    def _scale(self) -> tuple[QRectF, float, QPointF]:
        content = self._canvas.scene_.content()
        inner = QRectF(self.rect()).adjusted(space(2), space(2), -space(2), -space(2))
        scale = min(inner.width() / max(content.width(), 1.0), inner.height() / max(content.height(), 1.0))
        offset = inner.center() - content.center() * scale
        return content, scale, offset

    def _network(self) -> QPixmap:
        """Everything but the frame: drawn when something has moved, and shown as often as one likes."""
        scene, ratio = self._canvas.scene_, self.devicePixelRatioF()
        key = scene.arrangement, theme().name, self.size(), ratio
        if self._drawn is None or self._drawn[0] != key:
            pixmap = QPixmap(self.size() * ratio)
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_network(painter)
            painter.end()
            self._drawn = key, pixmap
        return self._drawn[1]

    def _paint_network(self, painter: QPainter) -> None:
        colors = theme()
        painter.setPen(QPen(colors.color("border"), 1))
        painter.setBrush(colors.faint(colors.color("panel"), GROUND_SHARE))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius("card"), radius("card"))
        _, scale, offset = self._scale()
        painter.setClipRect(self.rect().adjusted(2, 2, -2, -2))
        painter.translate(offset)
        painter.scale(scale, scale)
        for card in self._canvas.scene_.cards.values():
            if card.isVisible():
                painter.fillRect(card.face(), colors.category(card.node.layer.category))
        for block in self._canvas.scene_.blocks.values():
            if block.block.collapsed:
                painter.fillRect(block.face(), colors.color("text_quiet"))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        colors, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawPixmap(QPointF(), self._network())
        _, scale, offset = self._scale()
        painter.setClipRect(self.rect().adjusted(2, 2, -2, -2))
        painter.translate(offset)
        painter.scale(scale, scale)
        pen = QPen(colors.color("accent"), 2)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.setBrush(colors.faint(colors.color("accent"), 0.12))
        painter.drawRect(self._canvas.mapToScene(self._canvas.viewport().rect()).boundingRect())

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._go(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._go(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        event.accept()  # else the canvas below would take it for the end of a gesture

    def _go(self, event: QMouseEvent) -> None:
        _, scale, offset = self._scale()
        self._canvas.centerOn((event.position() - offset) / scale)
        event.accept()
