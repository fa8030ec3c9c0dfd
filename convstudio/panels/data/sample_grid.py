"""Any number of samples as a grid that scrolls: only those in sight are fetched and drawn."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip

from convstudio.look.mosaic import Grid, as_image, drawn
from convstudio.look.theme import space, theme
from convstudio.panels.data.geometry import NOBODY, measured
from convstudio.panels.data.tiles import draw_ring, draw_tile, inked
from convstudio.wording import thousands
from engine.browsing import Page, page_size
from engine.spec import Shape

TILE_PX = 48  # about how large a sample is drawn
MOST_PAGES, LONGEST_PAGE = 48, 256  # that are kept, and how many samples are asked for at a time
LEAST_PX = 160


class SampleGrid(QAbstractScrollArea):
    """Shows samples; a click or the arrow keys choose one."""

    page_wanted = Signal(int, int, int)  # from which sample on, how many, and how many pixels wide at most
    chosen = Signal(int, int)  # its place in the part, and its class

    def __init__(self) -> None:
        super().__init__()
        self._pages: OrderedDict[int, tuple[Page, np.ndarray]] = OrderedDict()
        self._shape: Shape = ()
        self.total, self.current, self._asked, self._waits = 0, NOBODY, -1, False
        self.describe: Callable[[int, int], str] = lambda place, label: f"Sample {thousands(place)}"
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Samples")
        self.setMinimumWidth(LEAST_PX)
        self.verticalScrollBar().valueChanged.connect(self._ask)
        self._fit()

    def show_samples(self, total: int, shape: Shape) -> None:
        """So many other samples, from the first one on; their pictures are asked for."""
        self._pages.clear()
        self._shape, self.total, self.current, self._asked, self._waits = shape, total, NOBODY, -1, False
        self.verticalScrollBar().setValue(0)
        self._fit()
        self._tell()

    def take(self, page: Page) -> None:
        """Pictures have come."""
        self._asked = -1
        if not len(page.pictures) or page.start % self._page_size:
            return
        self._pages[page.start // self._page_size] = page, inked(page.pictures)
        while len(self._pages) > MOST_PAGES:
            self._pages.popitem(last=False)
        self.viewport().update()
        if self._waits and self._page_of(self.current) is not None:
            self._waits = False
            self._tell()
        self._ask()

    def choose(self, number: int) -> None:
        """Frames a sample and tells of it as soon as it is there."""
        if not 0 <= number < self.total:
            return
        self.current, self._waits = number, self._page_of(number) is None
        self._show_row_of(number)
        self.viewport().update()
        if not self._waits:
            self._tell()

    # --- where things are --------------------------------------------------------------------------------------------

    def place(self, number: int) -> QRectF:
        """Where a sample is drawn now."""
        return self._geometry.place(number).translated(0, -self.verticalScrollBar().value())

    def _rows(self) -> range:
        return self._geometry.rows(self.verticalScrollBar().value(), self.viewport().height())

    def in_sight(self) -> range:
        """The samples of the rows that can be seen."""
        return self._geometry.samples(self._rows())

    def _number_at(self, point: QPoint) -> int:
        return self._geometry.at(QPointF(point.x(), point.y() + self.verticalScrollBar().value()))

    def _page_of(self, number: int) -> tuple[Page, np.ndarray] | None:
        return self._pages.get(number // self._page_size)

    def _fit(self) -> None:
        self._ratio = self.devicePixelRatioF()
        self._side = round(TILE_PX * self._ratio)
        shape = self._shape or (1, 1, 1)
        self._page_size = min(LONGEST_PAGE, page_size(shape, self._side))
        self._geometry = measured(self.total, shape, TILE_PX, self.viewport().width(), self._ratio)
        bar, height = self.verticalScrollBar(), self.viewport().height()
        bar.setPageStep(height)
        bar.setSingleStep(round(self._geometry.step))
        bar.setRange(0, max(0, round(self._geometry.length) - height))
        self.viewport().update()
        self._ask()

    def _show_row_of(self, number: int) -> None:
        bar, place = self.verticalScrollBar(), self._geometry.place(number)
        top, bottom = round(place.top()) - space(1), round(place.bottom()) + space(1)
        if top < bar.value():
            bar.setValue(top)
        elif bottom > bar.value() + self.viewport().height():
            bar.setValue(bottom - self.viewport().height())

    # --- asking and telling ------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        """Wants the first page that is missing in sight, or the next one; one at a time."""
        seen = self.in_sight() if self.total and self.isVisible() and self._asked < 0 else range(0)
        if not seen:
            return
        first, last = seen[0] // self._page_size, min(seen[-1] + len(seen), self.total - 1) // self._page_size
        missing = next((page for page in range(first, last + 1) if page not in self._pages), -1)
        if missing >= 0:
            self._asked = missing
            self.page_wanted.emit(missing * self._page_size, self._page_size, self._side)

    def _tell(self) -> None:
        found = self._facts_of(self.current)
        self.setAccessibleDescription(self.describe(*found) if found else f"{thousands(self.total)} samples")
        if found:
            self.chosen.emit(*found)

    def _facts_of(self, number: int) -> tuple[int, int] | None:
        known = self._page_of(number) if number >= 0 else None
        if known is None:
            return None
        at = number % self._page_size
        return int(known[0].places[at]), int(known[0].labels[at])

    # --- drawing -----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  (Qt's name)
        if self._ratio != self.devicePixelRatioF():
            self._fit()
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), theme().color("panel"))
        if self.total and len(self._shape) >= 3:
            self._paint_pictures(painter)
        elif self.total:
            self._paint_signals(painter)
        if self.current >= 0:
            draw_ring(painter, self.place(self.current), theme().color("accent" if self.hasFocus() else "edge"))
        painter.end()

    def _paint_pictures(self, painter: QPainter) -> None:
        """All in one image: many small ones would take many times longer."""
        rows, geometry, ratio = self._rows(), self._geometry, self._ratio
        seen, paper = geometry.samples(rows), theme().color("panel").rgb()
        known = {page: self._pages[page][1] for page in self._pages if self._is_in(page, seen)}
        height, width = next(iter(known.values())).shape[1:] if known else (1, 1)
        tiles = np.full((len(rows) * geometry.across, height, width), theme().color("grid").rgb(), np.uint32)
        tiles[len(seen) :] = paper
        for page, inks in known.items():
            start, stop = page * self._page_size, page * self._page_size + len(inks)
            first, last = max(start, seen.start), min(stop, seen.stop)
            tiles[first - seen.start : last - seen.start] = inks[first - start : last - start]
        zoom = round(geometry.height * ratio / height)
        grid = Grid(len(tiles), height, width, zoom, geometry.across, round(geometry.gap * ratio))
        image = as_image(drawn(tiles, grid, paper)) if known else None
        if image is None:
            for number in seen:
                painter.fillRect(self.place(number), theme().color("grid"))
            return
        image.setDevicePixelRatio(ratio)
        top = self.place(seen.start).top()
        painter.drawImage(QPointF(geometry.margin, round(top * ratio) / ratio), image)

    def _is_in(self, page: int, seen: range) -> bool:
        return page * self._page_size < seen.stop and (page + 1) * self._page_size > seen.start

    def _paint_signals(self, painter: QPainter) -> None:
        for number in self.in_sight():
            place, known = self.place(number), self._page_of(number)
            if known is None:
                painter.fillRect(place, theme().color("grid"))
            else:
                draw_tile(painter, place, known[0].pictures[number % self._page_size])

    # --- events ------------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        self._fit()

    def showEvent(self, event: object) -> None:  # noqa: N802
        self._fit()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() == Qt.MouseButton.LeftButton:
            self.choose(self._number_at(event.position().toPoint()))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        across = self._geometry.across
        page = across * max(1, int(self.viewport().height() // self._geometry.step))
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -across,
            Qt.Key.Key_Down: across,
            Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_Home: -self.total,
            Qt.Key.Key_End: self.total,
        }
        step = steps.get(Qt.Key(event.key()))
        if step is None or not self.total:
            super().keyPressEvent(event)
            return
        nowhere = self.current < 0 and abs(step) < self.total
        self.choose(0 if nowhere else min(max(self.current + step, 0), self.total - 1))

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            found = self._facts_of(self._number_at(event.pos()))
            QToolTip.showText(event.globalPos(), self.describe(*found) if found else "", self)
            return True
        return bool(super().viewportEvent(event))
