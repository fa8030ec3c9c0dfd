"""What the selected layer has learned, and what it makes of a sample: live while training."""

from __future__ import annotations

from math import ceil

import numpy as np
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QSpinBox, QVBoxLayout, QWidget

from convstudio.document.document import Document
from convstudio.look.theme import space, theme
from convstudio.training.session import Session
from engine.protocol import Picture, Report

GAP_PX = 1  # between tiles, at every zoom
WANTED_PX = {"filters": 40, "activations": 56}  # about how large a tile should be
HIGHEST_SAMPLE = 1_000_000


class MapsPanel(QWidget):
    """Filters and activation maps of one layer."""

    title = "Filters and maps"
    explanation = (
        "The kernels of the selected layer and what it makes of a sample, while the network trains. In filters grey is "
        "zero, light is positive and dark is negative; in maps black is the lowest value of the layer and white the "
        "highest. Select another layer on the canvas, or look at another sample."
    )

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self._document, self._session = document, session
        self.filters, self.maps = Tiles("filters"), Tiles("activations")
        self.says = QLabel()
        self.says.setProperty("role", "quiet")
        self.says.setWordWrap(True)
        self.sample = QSpinBox()
        self.sample.setRange(0, HIGHEST_SAMPLE)
        self.sample.setPrefix("sample ")
        self.sample.lineEdit().setTextMargins(space(1) + 2, 0, 0, 0)
        self.sample.setAccessibleName("Number of the sample")
        self.sample.valueChanged.connect(session.look_at)
        another = QPushButton("Next sample")
        another.clicked.connect(self.sample.stepUp)
        row = QHBoxLayout()
        row.addWidget(self.says, 1)
        row.addWidget(self.sample)
        row.addWidget(another)
        page = QWidget()
        page.setProperty("role", "panel")
        inner = QVBoxLayout(page)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self.filters)
        inner.addWidget(self.maps)
        inner.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(space(4), space(2), space(4), 0)
        column.addLayout(row)
        column.addWidget(area)
        document.selection_changed.connect(self._watch)
        session.reported.connect(self._show)
        self._watch()

    def _watch(self) -> None:
        chosen = sorted(name for name in self._document.selection if name in self._document.graph)
        self._session.watch("maps", tuple(chosen[:1]))
        for tiles in (self.filters, self.maps):
            tiles.show_picture(None)
        self.says.setText(f"{chosen[0]}: train to see it." if chosen else "Select a layer to see what it has learned.")

    def _show(self, report: Report) -> None:
        for picture in report.pictures:
            if picture.node not in self._document.selection:
                continue
            (self.filters if picture.what == "filters" else self.maps).show_picture(picture)
            self.says.setText(picture.node)


class Tiles(QWidget):
    """A grid of small pictures, each pixel drawn as a whole number of pixels."""

    def __init__(self, what: str) -> None:
        super().__init__()
        self._what, self._tiles = what, np.zeros((0, 1, 1), np.uint8)
        self.setAccessibleName("Filters" if what == "filters" else "Activation maps")

    def show_picture(self, picture: Picture | None) -> None:
        """Shows other tiles; None shows nothing."""
        self._tiles = np.zeros((0, 1, 1), np.uint8) if picture is None else picture.tiles
        self.setVisible(len(self._tiles) > 0)
        self.setAccessibleDescription(f"{len(self._tiles)} tiles")
        self._fit()
        self.update()

    def _grid(self) -> tuple[int, int]:
        """How many times each pixel is enlarged, and how many tiles stand in a row."""
        count, _, width = self._tiles.shape
        zoom = max(1, WANTED_PX[self._what] // max(self._tiles.shape[1:]))
        return zoom, max(1, min(count, (self.width() + GAP_PX) // (width * zoom + GAP_PX)))

    def _fit(self) -> None:
        if len(self._tiles):
            zoom, columns = self._grid()
            rows = ceil(len(self._tiles) / columns)
            self.setFixedHeight(rows * (self._tiles.shape[1] * zoom + GAP_PX) + space(2))

    def resizeEvent(self, event: object) -> None:  # noqa: N802  (Qt's name)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        if not len(self._tiles):
            return
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color("panel"))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        zoom, columns = self._grid()
        _, height, width = self._tiles.shape
        for number, tile in enumerate(self._tiles):
            row, column = divmod(number, columns)
            left, top = column * (width * zoom + GAP_PX), row * (height * zoom + GAP_PX)
            pixels = np.ascontiguousarray(tile)
            image = QImage(pixels.data, width, height, width, QImage.Format.Format_Grayscale8)
            painter.drawImage(QRect(left, top, width * zoom, height * zoom), image)
        painter.end()
