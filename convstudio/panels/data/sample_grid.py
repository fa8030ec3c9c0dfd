"""Any number of samples as a grid that scrolls: only those in sight are fetched and drawn."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QHelpEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip

from convstudio.look.theme import space, theme
from convstudio.panels.data.tiles import draw_ring, draw_tile, image_of, tile_size
from convstudio.wording import thousands
from engine.browsing import Page, page_size
from engine.spec import Shape

TILE_PX = 48  # about how large a sample is drawn
MOST_PAGES = 48  # that are kept: some 10 MB
LEAST_PX = 160


class SampleGrid(QAbstractScrollArea):
    """Shows samples; a click or the arrow keys choose one."""

    page_wanted = Signal(int, int, int)  # from which sample on, how many, and how many pixels wide at most
    chosen = Signal(int, int)  # its place in the part, and its class

    def __init__(self) -> None:
        super().__init__()
        self._pages: OrderedDict[int, tuple[Page, list[QImage]]] = OrderedDict()
        self._shape: Shape = ()
        self.total, self.current, self._asked, self._waits = 0, -1, -1, False
        self.describe: Callable[[int, int], str] = lambda place, label: f"Sample {thousands(place)}"
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Samples")
        self.setMinimumWidth(LEAST_PX)
        self.verticalScrollBar().valueChanged.connect(self._ask)

    def show_samples(self, total: int, shape: Shape) -> None:
        """So many other samples, from the first one on; their pictures are asked for."""
        self._pages.clear()
        self._shape, self.total, self.current, self._asked, self._waits = shape, total, -1, -1, False
        self.verticalScrollBar().setValue(0)
        self._fit()
        self._tell()

    def take(self, page: Page) -> None:
        """Pictures have come."""
        self._asked = -1
        if not len(page.pictures) or page.start % self._page_size:
            return
        images = [image_of(picture) for picture in page.pictures] if page.pictures.shape[2] > 1 else []
        self._pages[page.start // self._page_size] = page, images
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
        self._show_row(number // self._across)
        self.viewport().update()
        if not self._waits:
            self._tell()

    # --- where things are --------------------------------------------------------------------------------------------

    @property
    def _side(self) -> int:
        return round(TILE_PX * self.devicePixelRatioF())

    @property
    def _page_size(self) -> int:
        return min(256, page_size(self._shape, self._side)) if self._shape else 1

    @property
    def _tile(self) -> QSizeF:
        return tile_size(self._shape, TILE_PX, self.devicePixelRatioF())

    @property
    def _across(self) -> int:
        return max(1, int((self.viewport().width() - space(1)) // (self._tile.width() + space(1))))

    @property
    def _step(self) -> float:
        return self._tile.height() + space(1)

    def place(self, number: int) -> QRectF:
        """Where a sample is drawn now."""
        row, column = divmod(number, self._across)
        top = space(1) + row * self._step - self.verticalScrollBar().value()
        return QRectF(space(1) + column * (self._tile.width() + space(1)), top, self._tile.width(), self._tile.height())

    def _in_sight(self) -> range:
        """The samples of the rows that can be seen."""
        top = self.verticalScrollBar().value()
        first = int(top // self._step) * self._across
        last = (int((top + self.viewport().height()) // self._step) + 1) * self._across
        return range(min(first, self.total), min(last, self.total))

    def _number_at(self, point: QPoint) -> int:
        column = int((point.x() - space(1)) // (self._tile.width() + space(1)))
        row = int((point.y() - space(1) + self.verticalScrollBar().value()) // self._step)
        number = row * self._across + column
        inside = 0 <= column < self._across and 0 <= number < self.total
        return number if inside and self.place(number).contains(point) else -1

    def _page_of(self, number: int) -> tuple[Page, list[QImage]] | None:
        return self._pages.get(number // self._page_size)

    def _fit(self) -> None:
        bar = self.verticalScrollBar()
        rows = -(-self.total // self._across) if self._shape else 0
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(round(self._step) if self._shape else 1)
        height = rows * self._step + space(1) if self._shape else 0
        bar.setRange(0, max(0, round(height - self.viewport().height())))
        self.viewport().update()
        self._ask()

    def _show_row(self, row: int) -> None:
        bar, top = self.verticalScrollBar(), row * self._step
        if top < bar.value():
            bar.setValue(round(top))
        elif top + self._step + space(1) > bar.value() + self.viewport().height():
            bar.setValue(round(top + self._step + space(1) - self.viewport().height()))

    # --- asking and telling ------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        """Wants the first page that is missing in sight, or the next one; one at a time."""
        if self._asked >= 0 or not self._shape or not self.total or not self.isVisible():
            return
        seen = self._in_sight()
        if not seen:
            return
        first, last = seen[0] // self._page_size, min(seen[-1] + len(seen), self.total - 1) // self._page_size
        missing = next((page for page in range(first, last + 1) if page not in self._pages), -1)
        if missing >= 0:
            self._asked = missing
            self.page_wanted.emit(missing * self._page_size, self._page_size, self._side)

    def ask_again(self) -> None:
        """What was asked for does not come."""
        self._asked = -1
        self._ask()

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

    # --- events ------------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  (Qt's name)
        self._fit()

    def showEvent(self, event: object) -> None:  # noqa: N802
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), theme().color("panel"))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        for number in self._in_sight() if self._shape else ():
            place, known = self.place(number), self._page_of(number)
            at = number % self._page_size
            if known is None or at >= len(known[0].pictures):
                painter.fillRect(place, theme().color("grid"))
            else:
                draw_tile(painter, place, known[0].pictures[at], known[1][at] if known[1] else None)
        if self.current >= 0:
            draw_ring(painter, self.place(self.current), theme().color("accent" if self.hasFocus() else "edge"))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() == Qt.MouseButton.LeftButton:
            self.choose(self._number_at(event.position().toPoint()))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        rows = max(1, int(self.viewport().height() // self._step)) if self._shape else 1
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -self._across,
            Qt.Key.Key_Down: self._across,
            Qt.Key.Key_PageUp: -self._across * rows,
            Qt.Key.Key_PageDown: self._across * rows,
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
