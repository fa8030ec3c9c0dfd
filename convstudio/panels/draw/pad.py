"""Where one draws: with mouse or pen, the right button or the pen's other end erases."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QFocusEvent,
    QGuiApplication,
    QHideEvent,
    QImage,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPointingDevice,
    QTabletEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from convstudio.look.letters import font
from convstudio.look.theme import radius, space, theme
from convstudio.panels.draw.drawing import Dab, Drawing, Page, longer_side, place_in
from convstudio.panels.draw.loading import acceptable

LEAST_PX = 150
SHADES = 256
INVITATION, ALSO = "Draw a digit here", "or drop or paste a picture"
UNDO, REDO, PASTE = QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo, QKeySequence.StandardKey.Paste
CLEARING = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)


class Pad(QWidget):
    """Holds a drawing, and every earlier one."""

    changed = Signal()  # a stroke has grown, or there is another drawing
    settled = Signal()  # the pen is lifted
    offered = Signal(object)  # QMimeData that was dropped or pasted

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.page = Page(Drawing())
        self.erases = False  # whether the left button does
        self._before: list[Drawing] = []
        self._after: list[Drawing] = []
        self._button = Qt.MouseButton.NoButton  # what draws just now
        self._pen_draws = False
        self.setAccessibleName("Drawing")
        self.setAccessibleDescription(f"{INVITATION}, {ALSO}")
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setAcceptDrops(True)
        self.setMinimumSize(LEAST_PX, LEAST_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:  # noqa: N802  (Qt's name)
        return QSize(LEAST_PX, LEAST_PX)  # it takes all the room that there is

    # --- the drawing and its past ------------------------------------------------------------------------------------

    @property
    def drawing(self) -> Drawing:
        return self.page.drawing

    @property
    def is_drawing(self) -> bool:
        return self._pen_draws or self._button != Qt.MouseButton.NoButton

    @property
    def can_undo(self) -> bool:
        return bool(self._before)

    @property
    def can_redo(self) -> bool:
        return bool(self._after)

    def begin_with(self, drawing: Drawing) -> None:
        """Another drawing, which can be undone."""
        self._before.append(self.drawing)
        self._after.clear()
        self._show(drawing)

    def clear(self) -> None:
        """An empty page."""
        if self.drawing.base is not None or self.drawing.strokes:
            self.begin_with(Drawing())

    def undo(self) -> None:
        """Takes the newest stroke back."""
        if self._before and not self.is_drawing:
            self._after.append(self.drawing)
            self._show(self._before.pop())

    def redo(self) -> None:
        """And makes it again."""
        if self._after and not self.is_drawing:
            self._before.append(self.drawing)
            self._show(self._after.pop())

    def _show(self, drawing: Drawing) -> None:
        self._button, self._pen_draws = Qt.MouseButton.NoButton, False
        self.page = Page(drawing)
        self.update()
        self.changed.emit()
        self.settled.emit()

    # --- strokes -----------------------------------------------------------------------------------------------------

    def page_place(self) -> QRectF:
        """Where the page is drawn."""
        image, margin = self.page.image, space(1)
        room = QRectF(self.rect()).adjusted(margin, margin, -margin, -margin)
        return place_in(room, image.width(), image.height())

    def _dab(self, point: QPointF, pressure: float = 1.0) -> Dab:
        place = self.page_place()
        unit = max(place.width(), place.height())
        return Dab((point.x() - place.left()) / unit, (point.y() - place.top()) / unit, pressure)

    def _begin(self, dab: Dab, *, erases: bool) -> None:
        self.page.begin(dab, erases=erases)
        self._grow()

    def _extend(self, dab: Dab) -> None:
        self.page.extend(dab)
        self._grow()

    def _end(self) -> None:
        """The stroke is finished, wherever the pen is."""
        if not self.is_drawing:
            return
        self._button, self._pen_draws = Qt.MouseButton.NoButton, False
        self._before.append(self.drawing)
        self._after.clear()
        self.page.end()
        self._grow()
        self.settled.emit()

    def _grow(self) -> None:
        self.update()
        self.changed.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self.is_drawing or event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            return
        self._button = event.button()
        self._begin(self._dab(event.position()), erases=self.erases or self._button == Qt.MouseButton.RightButton)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self.mousePressEvent(event)  # two strokes that follow each other quickly

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self._button != Qt.MouseButton.NoButton:
            self._extend(self._dab(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() == self._button:
            self._end()

    def tabletEvent(self, event: QTabletEvent) -> None:  # noqa: N802
        event.accept()  # else it would come again as a mouse's
        dab = self._dab(event.position(), event.pressure())
        match event.type():
            case QEvent.Type.TabletPress if not self.is_drawing:
                self._pen_draws = True
                upside_down = event.pointerType() == QPointingDevice.PointerType.Eraser
                self._begin(dab, erases=self.erases or upside_down or event.button() == Qt.MouseButton.RightButton)
            case QEvent.Type.TabletMove if self._pen_draws:
                self._extend(dab)
            case QEvent.Type.TabletRelease if self._pen_draws:
                self._end()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        self._end()

    # --- keys, dropping and pasting ----------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._takes(event):
            event.accept()  # the window's own undo and paste are for the network
            return True
        return super().event(event)

    @staticmethod
    def _takes(event: QKeyEvent) -> bool:
        return event.key() in CLEARING or any(event.matches(key) for key in (UNDO, REDO, PASTE))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() in CLEARING:
            self.clear()
        elif event.matches(UNDO):
            self.undo()
        elif event.matches(REDO):
            self.redo()
        elif event.matches(PASTE):
            self.paste()
        else:
            super().keyPressEvent(event)

    def paste(self) -> None:
        """What another program has copied."""
        self.offered.emit(QGuiApplication.clipboard().mimeData())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        if acceptable(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        event.acceptProposedAction()
        self.offered.emit(event.mimeData())

    # --- painting ----------------------------------------------------------------------------------------------------

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter, place, image = QPainter(self), self.page_place(), self.page.image
        smaller = longer_side(image) * 2 > max(place.width(), place.height()) * self.devicePixelRatioF()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smaller)  # enlarged pixels stay sharp
        painter.drawImage(place, image if self.page.is_picture else _in_theme(image))
        if self.drawing.is_empty and not self.is_drawing:
            self._invite(painter, place)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focused = self.hasFocus()
        painter.setPen(QPen(theme().color("accent" if focused else "border"), 2 if focused else 1))
        inset = 0.0 if focused else 0.5
        painter.drawRoundedRect(place.adjusted(-inset, -inset, inset, inset), radius("field"), radius("field"))
        painter.end()

    @staticmethod
    def _invite(painter: QPainter, place: QRectF) -> None:
        middle = place.center().y()
        upper = place.adjusted(space(2), 0, -space(2), 0)
        lower = QRectF(upper)
        upper.setBottom(middle)
        lower.setTop(middle + space(1))
        painter.setPen(theme().color("text_quiet"))
        painter.setFont(font("strong"))
        across = Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(upper, across | Qt.AlignmentFlag.AlignBottom, INVITATION)
        painter.setFont(font("caption"))
        painter.drawText(lower, across | Qt.AlignmentFlag.AlignTop, ALSO)


def _in_theme(image: QImage) -> QImage:
    """Grey as a way from the colour of ink to that of paper."""
    shown = QImage(
        image.constBits(), image.width(), image.height(), image.bytesPerLine(), QImage.Format.Format_Indexed8
    )
    shown.setColorTable(_colors_between(theme().color("text").rgb(), theme().color("canvas").rgb()))
    return shown


@cache
def _colors_between(ink: int, paper: int) -> list[int]:
    """Red, green and blue of every shade, as one number each."""
    found = []
    for shade in range(SHADES):
        share = shade / (SHADES - 1)
        mixed = 0xFF000000
        for bits in (16, 8, 0):
            low, high = ink >> bits & 0xFF, paper >> bits & 0xFF
            mixed |= round(low + (high - low) * share) << bits
        found.append(mixed)
    return found
