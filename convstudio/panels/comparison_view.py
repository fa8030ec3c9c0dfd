"""Two networks side by side, layer beside layer; what differs is said between them and marked in both."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from convstudio.document.comparison import ADDED, CHANGED, REMOVED, SAME, Comparison, Row
from convstudio.document.edits import field_words, value_text
from convstudio.look.letters import font, roomy
from convstudio.look.theme import Theme, appearance, radius, space, theme
from convstudio.wording import sizes, thousands
from engine.graph import Node

LEFT, MIDDLE, RIGHT = 0, 1, 2
ROW = Qt.ItemDataRole.UserRole
SIGNS = {ADDED: "+", REMOVED: "−", SAME: "=", CHANGED: "≠"}
COLORS = {ADDED: "success", REMOVED: "error", CHANGED: "warning"}
MARK_SHARE = 0.18  # how much of its colour lies behind what differs
LINE_PX, ROW_PX = 20, 52
WIDEST = "≠ settings, shape,"  # a line of the words in the middle
CENTRED = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignCenter
LEAST_PX = 110  # room for less of a piece than this is left empty
Index = QModelIndex | QPersistentModelIndex


@attrs.frozen
class Piece:
    """Some words of a cell, and whether they are others on the other side."""

    text: str
    differs: bool = False


class ComparisonView(QTableWidget):
    """A row for each layer of either network; the arrow keys walk through them."""

    visited = Signal(object)  # Row

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, 3, parent)
        self._rows: tuple[Row, ...] = ()
        self.verticalHeader().hide()
        self.setShowGrid(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setAccessibleName("Layers side by side")
        self.setItemDelegate(_Cells(self))
        header = self.horizontalHeader()
        for column in (LEFT, RIGHT):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(MIDDLE, QHeaderView.ResizeMode.Fixed)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        self.itemSelectionChanged.connect(self._tell)
        appearance().changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        self.verticalHeader().setDefaultSectionSize(roomy(ROW_PX))
        words = QFontMetrics(font("caption")).horizontalAdvance(WIDEST)
        self.horizontalHeader().resizeSection(MIDDLE, words + 2 * space(2) + 2)
        self._give_room()
        self.viewport().update()

    def _give_room(self) -> None:
        """Rows in which much differs are higher: all of it is said in the middle."""
        place = QRect(0, 0, self.columnWidth(MIDDLE) - 2 * space(2), 0)
        for number, row in enumerate(self._rows):
            words = QFontMetrics(_words_font(row)).boundingRect(place, CENTRED, _words(row)).height()
            self.setRowHeight(number, max(roomy(ROW_PX), words + 2 * space(1)))

    def show_comparison(self, comparison: Comparison, names: tuple[str, str], only_differences: bool) -> None:
        """Shows two networks anew; what was marked stays marked."""
        marked = self.marked
        self.blockSignals(True)
        self.setHorizontalHeaderLabels([names[0], "", names[1]])
        self._rows = comparison.differences if only_differences else comparison.rows
        self.setRowCount(len(self._rows))
        for number, row in enumerate(self._rows):
            for column in (LEFT, MIDDLE, RIGHT):
                item = QTableWidgetItem()
                item.setData(ROW, row)
                item.setData(Qt.ItemDataRole.AccessibleTextRole, sentence(row))
                item.setToolTip("\n".join(changes(row)))
                self.setItem(number, column, item)
            if marked is not None and _names(row) == _names(marked):
                self.selectRow(number)
        self._give_room()
        self.blockSignals(False)

    @property
    def marked(self) -> Row | None:
        """The row that is selected."""
        places = self.selectionModel().selectedRows()
        return self._rows[places[0].row()] if places and places[0].row() < len(self._rows) else None

    def go(self, step: int) -> bool:
        """To the next difference, or with -1 to the one before; round at the ends. False where there is none."""
        count = len(self._rows)
        here = self.currentRow() if self.marked is not None else (-1 if step > 0 else count)
        for distance in range(1, count + 1):
            number = (here + step * distance) % count
            if self._rows[number].state != SAME:
                self.selectRow(number)
                self.scrollTo(self.model().index(number, LEFT), QAbstractItemView.ScrollHint.PositionAtCenter)
                return True
        return False

    def _tell(self) -> None:
        if self.marked is not None:
            self.visited.emit(self.marked)


def sentence(row: Row) -> str:
    """A row for those who listen: conv2 changed: kernel size 5×5 → 3×3; shape ..."""
    name, told = " → ".join(dict.fromkeys(_names(row))), "; ".join(changes(row))
    return f"{name} {row.state}: {told}" if told and row.state == CHANGED else f"{name} {row.state}"


def changes(row: Row) -> list[str]:
    """What differs, each with the value before and the one after."""
    if row.before is None or row.after is None:
        return []
    before, after = row.before, row.after
    told = [] if before.id == after.id else [f"name {before.id} → {after.id}"]
    if before.layer.kind != after.layer.kind:
        told.append(f"{before.layer.title} → {after.layer.title}")
    told += [f"{field_words(after.layer, c.field)} {value_text(c.before)} → {value_text(c.after)}" for c in row.fields]
    if row.rewired:
        told.append(f"fed by {' and '.join(row.inputs[0]) or 'nothing'} → {' and '.join(row.inputs[1]) or 'nothing'}")
    if row.shapes[0] != row.shapes[1]:
        told.append(f"shape {' → '.join(sizes(shape) if shape else 'none' for shape in row.shapes)}")
    for name, counts in (("parameters", row.parameters), ("multiply-adds", row.multiply_adds)):
        if counts[0] != counts[1]:
            told.append(f"{name} {thousands(counts[0])} → {thousands(counts[1])}")
    return told


def _names(row: Row) -> tuple[str, ...]:
    return tuple(node.id for node in (row.before, row.after) if node)


def lines(row: Row, side: int) -> tuple[list[Piece], list[Piece]]:
    """The two lines of a cell: what the layer is, and what it makes; nothing where there is no such layer."""
    node = row.before if side == 0 else row.after
    if node is None:
        return [], []
    differs = set(row.words) if row.state == CHANGED else set()
    brief = node.layer.brief()
    first = [Piece(node.id, "name" in differs)]
    if "layer" in differs or not brief:
        first.append(Piece(node.layer.title, "layer" in differs))
    if brief:
        first.append(Piece(brief, "settings" in differs))
    elif "settings" in differs:
        first += [Piece(_setting(node, change.field), True) for change in row.fields]
    shape, parameters, work = row.shapes[side], row.parameters[side], row.multiply_adds[side]
    second = [Piece(sizes(shape) if shape else "no shape", "shape" in differs)]
    if parameters or "parameters" in differs:
        second.append(Piece(f"{thousands(parameters)} parameters", "parameters" in differs))
    if work or "multiply-adds" in differs:
        second.append(Piece(f"{thousands(work)} multiply-adds", "multiply-adds" in differs))
    return first, second


def _setting(node: Node, field: str) -> str:
    return f"{field_words(node.layer, field)} {value_text(node.layer.settings().get(field))}"


class _Cells(QStyledItemDelegate):
    """Paints two lines for a layer, and between the sides what differs."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802  (Qt's name)
        return QSize(0, roomy(ROW_PX))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        colors, place, row = theme(), QRect(option.rect), index.data(ROW)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(place, colors.color("selection"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(place, colors.color("window"))
        inner = place.adjusted(space(2), roomy(ROW_PX - 2 * LINE_PX) // 2, -space(2), 0)
        if index.column() == MIDDLE:
            _paint_words(painter, colors, row, place.adjusted(space(2), 0, -space(2), 0))
        else:
            _paint_side(painter, colors, row, inner, 0 if index.column() == LEFT else 1)
        painter.setPen(colors.color("grid"))
        painter.drawLine(place.bottomLeft(), place.bottomRight())
        painter.restore()


def _words(row: Row) -> str:
    """What the middle says of a row."""
    return f"{SIGNS[row.state]} {', '.join(row.words) if row.state == CHANGED else row.state}"


def _words_font(row: Row) -> QFont:
    return font("caption" if row.state in (SAME, CHANGED) else "strong")


def _paint_words(painter: QPainter, colors: Theme, row: Row, place: QRect) -> None:
    painter.setPen(colors.color("text_quiet" if row.state == SAME else COLORS[row.state]))
    painter.setFont(_words_font(row))
    painter.drawText(place, int(CENTRED), _words(row))


def _paint_side(painter: QPainter, colors: Theme, row: Row, place: QRect, side: int) -> None:
    first, second = lines(row, side)
    if not first:
        painter.setPen(colors.color("text_quiet"))
        painter.setFont(font("caption"))
        painter.drawText(place.adjusted(0, 0, 0, roomy(3 * LINE_PX - ROW_PX)), Qt.AlignmentFlag.AlignVCenter, "–")
        return
    whole = row.state in (ADDED, REMOVED)
    if whole:
        around = place.adjusted(-space(1), -2, space(1), roomy(2 * LINE_PX) - place.height() + 2)
        _paint_mark(painter, colors, around, colors.color(COLORS[row.state]))
    _paint_line(painter, colors, first, place, "strong")
    _paint_line(painter, colors, second, place.translated(0, roomy(LINE_PX)), "caption")


def _paint_line(painter: QPainter, colors: Theme, pieces: Sequence[Piece], place: QRect, first_font: str) -> None:
    left = place.left()
    for number, piece in enumerate(pieces):
        style = font(first_font if number == 0 else "caption")
        metrics, room = QFontMetrics(style), place.right() - left
        if number and room < min(metrics.horizontalAdvance(piece.text), LEAST_PX):
            return  # the words in the middle and the tip say it all the same
        text = metrics.elidedText(piece.text, Qt.TextElideMode.ElideRight, room)
        area = QRect(left, place.top(), metrics.horizontalAdvance(text), roomy(LINE_PX))
        if piece.differs:
            _paint_mark(painter, colors, area.adjusted(-3, 1, 3, -1), colors.color("warning"))
        painter.setFont(style)
        painter.setPen(colors.color("text" if number == 0 or piece.differs else "text_quiet"))
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, text)
        left = area.right() + space(3)


def _paint_mark(painter: QPainter, colors: Theme, area: QRect, color: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colors.faint(color, MARK_SHARE))
    painter.drawRoundedRect(area, radius("field") / 2, radius("field") / 2)
