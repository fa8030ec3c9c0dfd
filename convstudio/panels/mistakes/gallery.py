"""Samples as pictures in a grid, each with what it is, what was said, and how surely."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetricsF, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from convstudio.look.letters import font
from convstudio.look.theme import radius, space, theme
from engine.numerals import written
from engine.questions.mistakes import Samples

Array = np.ndarray[Any, Any]
Place = QModelIndex | QPersistentModelIndex
PICTURE_PX = 64  # about how large a sample is shown
LEAST_WORDS_PX, MOST_WORDS_PX = 84, 150  # room below it
RING_PX = 2
ARROW = "→"


def percent(share: float) -> str:
    """A probability as people read it: 100 % only where it is."""
    value = share * 100
    return f"{value:.0f} %" if value < 99 or value == 100 else f"{min(value, 99.9):.1f} %"


def image_of(picture: Array) -> QImage:
    """Bytes as an image, grey or in colour."""
    pixels, colours = np.ascontiguousarray(picture), picture.ndim == 3
    height, width = pixels.shape[:2]
    kind = QImage.Format.Format_RGB888 if colours else QImage.Format.Format_Grayscale8
    return QImage(pixels.data, width, height, width * (3 if colours else 1), kind).copy()


class SamplesModel(QAbstractListModel):
    """The samples of a list."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.samples: Samples | None = None
        self.names: list[str] = []
        self.words_px = 0  # of what is written below the widest sample
        self._images: dict[int, QImage] = {}

    def show_samples(self, samples: Samples | None, names: list[str]) -> None:
        self.beginResetModel()
        self.samples, self.names, self._images = samples, names, {}
        metrics = QFontMetricsF(font("body"))
        widths = (metrics.horizontalAdvance(self.words(row)[0]) for row in range(self.rowCount()))
        self.words_px = round(max(widths, default=0)) + 1
        self.endResetModel()

    def rowCount(self, parent: Place = QModelIndex()) -> int:  # noqa: N802
        return 0 if parent.isValid() or self.samples is None else len(self.samples)

    def number(self, row: int) -> int:
        """What the session calls the sample."""
        assert self.samples is not None
        return int(self.samples.numbers[row])

    def row_of(self, number: int) -> int:
        found = np.flatnonzero(self.samples.numbers == number) if self.samples is not None else np.zeros(0)
        return int(found[0]) if len(found) else -1

    def image(self, row: int) -> QImage:
        assert self.samples is not None
        if row not in self._images:
            self._images[row] = image_of(self.samples.pictures[row])
        return self._images[row]

    def words(self, row: int) -> tuple[str, str, bool]:
        """What it is and what was said, how surely, and whether that is right."""
        assert self.samples is not None
        right, said = int(self.samples.right[row]), int(self.samples.said[row])
        names = self.names[right], self.names[said]
        both = names[0] if right == said else f"{names[0]} {ARROW} {names[1]}"
        return both, percent(float(self.samples.confidence[row])), right == said

    def data(self, index: Place, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if self.samples is None or role not in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return None
        row = index.row()
        right, said = (self.names[int(k)] for k in (self.samples.right[row], self.samples.said[row]))
        sure, loss = percent(float(self.samples.confidence[row])), float(self.samples.losses[row])
        return f"Sample {self.number(row)}\ntrue {right}, said {said} with {sure}\nloss {written(loss, 3)}"


class _Cards(QStyledItemDelegate):
    """Draws a sample on a card."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Place) -> QSize:  # noqa: N802
        model, ratio = index.model(), self._ratio
        assert isinstance(model, SamplesModel)
        size = self._picture_size(model.image(0), ratio)
        words = QFontMetricsF(font("body")).height() + QFontMetricsF(font("caption")).height()
        return QSize(
            max(LEAST_WORDS_PX, min(MOST_WORDS_PX, model.words_px), size.width()) + 2 * space(1),
            size.height() + int(words) + 3 * space(1) + 2,
        )

    @property
    def _ratio(self) -> float:
        parent = self.parent()
        return parent.devicePixelRatioF() if isinstance(parent, QWidget) else 1.0

    @staticmethod
    def _picture_size(image: QImage, ratio: float) -> QSize:
        """A whole number of the screen's pixels for each of its own."""
        zoom = max(1, round(PICTURE_PX * ratio / max(image.height(), image.width() / 2)))
        return QSize(round(image.width() * zoom / ratio), round(image.height() * zoom / ratio))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Place) -> None:
        model, look = index.model(), theme()
        assert isinstance(model, SamplesModel)
        place: QRect = option.rect
        state: QStyle.StateFlag = option.state
        chosen, under = (bool(state & f) for f in (QStyle.StateFlag.State_Selected, QStyle.StateFlag.State_MouseOver))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        card = QRectF(place).adjusted(1, 1, -1, -1)
        if chosen or under:
            painter.setPen(QPen(look.color("accent"), RING_PX) if chosen else Qt.PenStyle.NoPen)
            painter.setBrush(look.color("selection" if chosen else "window"))
            painter.drawRoundedRect(card, radius("field"), radius("field"))
        image = model.image(index.row())
        size = self._picture_size(image, self._ratio)
        corner = QPoint(place.left() + (place.width() - size.width()) // 2, place.top() + space(1) + 1)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.drawImage(QRect(corner, size), image)
        self._paint_words(painter, place, corner.y() + size.height() + space(1), model.words(index.row()))
        painter.restore()

    @staticmethod
    def _paint_words(painter: QPainter, place: QRect, top: int, words: tuple[str, str, bool]) -> None:
        both, sure, right = words
        look, middle = theme(), Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
        for what, text, role in (("body", both, "text" if right else "error"), ("caption", sure, "text_quiet")):
            painter.setFont(font(what))
            painter.setPen(look.color(role))
            metrics = painter.fontMetrics()
            short = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, place.width() - 2 * space(1))
            painter.drawText(QRect(place.left(), top, place.width(), metrics.height()), middle, short)
            top += metrics.height()


class Gallery(QListView):
    """A click, or the arrow keys, choose a sample to look at."""

    chosen = Signal(int)  # the number of a sample

    def __init__(self, name: str, empty: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.empty = empty  # what is said where there are no samples
        self.model_ = SamplesModel(self)
        self.setModel(self.model_)
        self.setItemDelegate(_Cards(self))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setSpacing(0)
        self.setMouseTracking(True)
        self.setSelectionMode(QListView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(name)
        self._quiet = False
        self.selectionModel().selectionChanged.connect(self._tell)

    def show_samples(self, samples: Samples | None, names: list[str]) -> None:
        """Other samples; one that was chosen stays so where it is among them."""
        current = self.selectionModel().selectedIndexes()
        number = self.model_.number(current[0].row()) if current else -1
        scrolled = self.verticalScrollBar().value()
        self._quiet = True  # what was looked at before is looked at still
        self.model_.show_samples(samples, names)
        self.mark(number)
        self.verticalScrollBar().setValue(scrolled)
        self._quiet = False

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  (Qt's name)
        super().paintEvent(event)
        if self.model_.samples is not None and not len(self.model_.samples):
            painter = QPainter(self.viewport())
            painter.setPen(theme().color("text_quiet"))
            painter.setFont(font("body"))
            middle = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.viewport().rect(), middle, self.empty)
            painter.end()

    def mark(self, number: int) -> None:
        """Chooses a sample without telling anybody; none where it is not here."""
        was, self._quiet = self._quiet, True
        row = self.model_.row_of(number)
        if row >= 0:
            self.setCurrentIndex(self.model_.index(row))
        else:
            self.clearSelection()
        self._quiet = was

    def _tell(self) -> None:
        current = self.selectionModel().selectedIndexes()
        if current and not self._quiet:
            self.chosen.emit(self.model_.number(current[0].row()))
