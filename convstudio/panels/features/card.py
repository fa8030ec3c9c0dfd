"""What a point stands for: the sample's picture, what it is, and what the network says."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from convstudio.look.letters import wear
from convstudio.look.theme import space

Array = np.ndarray[Any, Any]
PICTURE_PX = 96  # about how large a sample is shown
AWAY_PX = 16  # from the mouse


class Picture(QWidget):
    """A sample without smoothing, a whole number of the screen's pixels for each of its own."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image = QImage()

    def show_picture(self, picture: Array | None) -> None:
        self._image = QImage()
        if picture is not None:
            pixels, colours = np.ascontiguousarray(picture), picture.ndim == 3
            height, width = pixels.shape[:2]
            kind = QImage.Format.Format_RGB888 if colours else QImage.Format.Format_Grayscale8
            self._image = QImage(pixels.data, width, height, width * (3 if colours else 1), kind).copy()
        self.setFixedSize(self.sizeHint())
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802  (Qt's name)
        ratio, height, width = self.devicePixelRatioF(), self._image.height(), self._image.width()
        if not height:
            return QSize(PICTURE_PX, PICTURE_PX)
        zoom = max(1, round(PICTURE_PX * ratio / max(height, width / 2)))
        return QSize(round(width * zoom / ratio), round(height * zoom / ratio))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.drawImage(QRect(QPoint(0, 0), self.size()), self._image)
        painter.end()


class Card(QFrame):
    """Floats beside the mouse, within the plot."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._around = parent
        self.setProperty("role", "floating")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.picture, self.words, self.verdict = Picture(), QLabel(), QLabel()
        wear(self.words, "strong")
        column = QVBoxLayout(self)
        column.setContentsMargins(space(2), space(2), space(2), space(2))
        column.setSpacing(space(1))
        column.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.words, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.verdict, 0, Qt.AlignmentFlag.AlignHCenter)
        self.hide()

    def show_sample(self, picture: Array | None, words: str, verdict: str, right: bool, place: QPoint) -> None:
        """Near a place of its parent."""
        self.picture.show_picture(picture)
        self.words.setText(words)
        self.words.setVisible(bool(words))
        self.verdict.setText(verdict)
        self.verdict.setVisible(bool(verdict))
        self.verdict.setProperty("role", "quiet" if right else "error")
        self.verdict.style().unpolish(self.verdict)
        self.verdict.style().polish(self.verdict)
        self.adjustSize()
        room = self._around.rect()
        x, y = place.x() + AWAY_PX, place.y() + AWAY_PX
        x = x if x + self.width() <= room.width() else place.x() - AWAY_PX - self.width()
        y = y if y + self.height() <= room.height() else place.y() - AWAY_PX - self.height()
        self.move(max(0, x), max(0, y))
        self.show()
        self.raise_()
