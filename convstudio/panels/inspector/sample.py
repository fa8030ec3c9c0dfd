"""A picture to show the receptive field on: a sample of the data where they are at hand, else one of the app's own."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from convstudio.training.keeping_up import KeepsUp
from convstudio.training.session import Session
from engine.questions import Look, Looked
from engine.resources import resource_path
from engine.spec import Shape

SMALL = 64  # pixels: smaller pictures in grey are digits, mostly
COLOURS = 3
Array = np.ndarray[Any, Any]


class Sample(QObject):
    """Asks for the sample that the window looks at, once something else has brought the data to the trainer."""

    changed = Signal()

    def __init__(self, session: Session, panel: QWidget) -> None:
        super().__init__(panel)
        self._session, self._panel = session, panel
        self._awake = False  # whether there is a process that has the data: a picture alone is not worth one
        self._of: tuple[object, ...] = ()
        self._asked: tuple[object, ...] = ()
        self.picture = QImage()
        self._question = KeepsUp(session, panel, self._ask, live=False)
        self._question.came.connect(self._take)
        session.answered.connect(self._wake)
        session.reported.connect(self._wake)
        session.shown.connect(lambda what: self._question.renew())

    def picture_for(self, shape: Shape) -> QImage:
        """The sample, where it is known and has this shape; else nothing."""
        fits = (self.picture.height(), self.picture.width()) == shape[1:]
        return self.picture if self._of == self._wanted() and fits else QImage()

    def _wanted(self) -> tuple[object, ...]:
        showing = self._session.showing
        return self._session.source, showing if isinstance(showing, int) else id(showing)

    def _wake(self, message: object) -> None:
        if not self._awake:
            self._awake = True
            self._question.renew()

    def _ask(self, number: int) -> Look | None:
        document, showing = self._session.document, self._session.showing
        entry = next((node for node in document.graph if node.layer.kind == "input"), None)
        if not self._awake or entry is None or self._asked == self._wanted():
            return None
        self._asked = self._wanted()
        if isinstance(showing, int):
            return Look(number, entry.id, sample=showing)
        return Look(number, entry.id, image=showing)

    def _take(self, answer: Looked) -> None:
        self.picture, self._of = picture_of(answer.values), self._asked
        self.changed.emit()


def picture_of(values: Array) -> QImage:
    """Numbers of any range as grey or coloured pixels; nothing for what is no image."""
    if values.ndim != 3 or not values.size:
        return QImage()
    low, high = float(values.min()), float(values.max())
    pixels = (255 * (values - low) / ((high - low) or 1.0)).round().astype(np.uint8)
    coloured = len(pixels) == COLOURS
    rows = np.ascontiguousarray(pixels.transpose(1, 2, 0) if coloured else pixels[0])
    height, width = rows.shape[:2]
    kind = QImage.Format.Format_RGB888 if coloured else QImage.Format.Format_Grayscale8
    return QImage(rows.tobytes(), width, height, width * (COLOURS if coloured else 1), kind).copy()


@cache
def own_picture(shape: Shape) -> QImage:
    """A digit or a boat, both drawn by this program, in grey where the network sees no colours."""
    channels, height, width = shape
    small = channels == 1 and max(height, width) <= SMALL
    picture = QImage(str(resource_path("samples", "digit.png" if small else "photo.png")))
    kind = QImage.Format.Format_RGB888 if channels == COLOURS else QImage.Format.Format_Grayscale8
    return picture.convertToFormat(kind)
