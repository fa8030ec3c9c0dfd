"""How a layer looks in the palette, and on its way from there to the canvas."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from convstudio.look.icons import LAYERS, paint_icon
from convstudio.look.letters import font
from convstudio.look.theme import radius, space, theme
from engine.spec import layers

KIND = Qt.ItemDataRole.UserRole
HEADER_PX, ICON_PX, RING_PX = 28, 20, 2
CARD_PX = (176, 48)  # of what hangs on the mouse
WRAPPED = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft
NAMED = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
Index = QModelIndex | QPersistentModelIndex


class PaletteRow(QStyledItemDelegate):
    """A category's name; or a layer's icon, name and whole sentence."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.heights: dict[
            tuple[str, int], tuple[int, int]
        ] = {}  # of words in a width: asked for at every change of the list

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802  (Qt's name)
        if not index.data(KIND):
            return QSize(0, HEADER_PX)
        widget = option.widget
        width = widget.viewport().width() if isinstance(widget, QAbstractItemView) else option.rect.width()
        height = space(1) + sum(self._heights_of(index, width)) + space(2)
        return QSize(0, max(height, ICON_PX + 2 * space(2)))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        colors, place, state = theme(), QRect(option.rect), option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(place, colors.color("selection"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(place, colors.color("window"))
        if index.data(KIND):
            self._paint_layer(painter, place, index)
        else:
            painter.setFont(font("caption"))
            painter.setPen(colors.color("text_quiet"))
            painter.drawText(place.adjusted(space(2), 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, str(index.data()))
        if state & QStyle.StateFlag.State_HasFocus and option.widget.hasFocus():
            painter.setPen(QPen(colors.color("accent"), RING_PX))
            painter.drawRoundedRect(QRectF(place).adjusted(1, 1, -1, -1), radius("field"), radius("field"))
        painter.restore()

    def _paint_layer(self, painter: QPainter, place: QRect, index: Index) -> None:
        colors, left = theme(), place.left() + _text_left()
        icon = QIcon(index.data(Qt.ItemDataRole.DecorationRole))
        icon.paint(painter, QRect(place.left() + space(2), place.top() + space(1), ICON_PX, ICON_PX))
        room, (name_high, sentence_high) = place.right() - left - space(2), self._heights_of(index, place.width())
        painter.setFont(font("body"))
        painter.setPen(colors.color("text"))
        painter.drawText(QRect(left, place.top() + space(1), room, name_high), int(NAMED), str(index.data()))
        painter.setFont(font("caption"))
        painter.setPen(colors.color("text_quiet"))
        below = QRect(left, place.top() + space(1) + name_high, room, sentence_high)
        painter.drawText(below, int(WRAPPED), layers()[index.data(KIND)].summary())

    def _heights_of(self, index: Index, width: int) -> tuple[int, int]:
        """Of a layer's name and of its sentence."""
        key = index.data(KIND), width
        if key not in self.heights:
            room, cls = QRect(0, 0, width - 1 - _text_left() - space(2), 1000), layers()[key[0]]
            name = QFontMetrics(font("body")).boundingRect(room, int(NAMED), cls.title).height()
            sentence = QFontMetrics(font("caption")).boundingRect(room, int(WRAPPED), cls.summary()).height()
            self.heights[key] = max(ICON_PX, name), sentence
        return self.heights[key]


def picture_of(kind: str, ratio: float) -> QPixmap:
    """A small card with the layer's icon and name."""
    colors, (wide, high) = theme(), CARD_PX
    picture = QPixmap(round(wide * ratio), round(high * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter, hue = QPainter(picture), colors.category(layers()[kind].category)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colors.color("accent"), 1))
    painter.setBrush(colors.color("panel"))
    painter.drawRoundedRect(QRectF(0.5, 0.5, wide - 1, high - 1), radius("card"), radius("card"))
    paint_icon(painter, LAYERS, kind, QRectF(space(3), (high - ICON_PX) / 2, ICON_PX, ICON_PX), hue)
    painter.setFont(font("strong"))
    painter.setPen(colors.color("text"))
    left = space(3) + ICON_PX + space(2)
    room = QRectF(left, 0, wide - left - space(2), high)
    title = painter.fontMetrics().elidedText(layers()[kind].title, Qt.TextElideMode.ElideRight, int(room.width()))
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, title)
    painter.end()
    return picture


def _text_left() -> int:
    return space(2) + ICON_PX + space(2)
