"""The part of the input that one output pixel sees, drawn on a sample image."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from convstudio.look.letters import font
from convstudio.look.theme import space, theme
from convstudio.panels.inspector.sample import own_picture
from convstudio.wording import sizes
from engine.shapes import ReceptiveField
from engine.sight import Box
from engine.spec import Shape

SIDE_PX, THICK_PX = 168, 2
TEXT_PX = 34  # two lines below the picture
UNSEEN = 0.55  # how much of the light that one output pixel does not see is taken away
SMOOTH_FROM = 96  # pixels along an axis: larger pictures are made smaller, where single pixels cannot be told apart


class ReceptiveFieldView(QWidget):
    """Shows the field of the output pixel in the middle; a picture for images only."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shape: Shape = ()
        self._box: Box = ()
        self._text = ""
        self.image = QImage()
        self.setAccessibleName("Receptive field")

    def sizeHint(self) -> QSize:  # noqa: N802  (Qt's name)
        return QSize(SIDE_PX, SIDE_PX + space(1) + TEXT_PX)

    def show_field(self, shape: Shape, field: ReceptiveField | None, box: Box, sample: QImage) -> None:
        """Draws on a sample of this shape, or on a picture of the program's own; the box is in the image's pixels."""
        drawable = len(shape) == 3 and field is not None and len(field.size) == 2 and len(box) == 2
        self.setVisible(drawable)
        if not drawable or field is None:
            return
        self._shape, self._box = shape, box
        self.image = own_picture(shape) if sample.isNull() else sample
        whose = "a picture" if sample.isNull() else "a sample"
        inside = all(high - low >= size for (low, high), size in zip(box, field.size, strict=True))
        cut = "" if inside else f", {sizes(high - low for low, high in box)} of them within it"
        self._text = f"One output pixel sees {sizes(field.size)} px of {whose}{cut}"
        self.setAccessibleDescription(f"One output pixel sees {sizes(field.size)} input pixels")
        self.setFixedHeight(round(self._place().height()) + space(1) + TEXT_PX)
        self.update()

    def _place(self) -> QRectF:
        """Whole pixels of the screen for each of the picture where there is room, so that all are equally large."""
        _, height, width = self._shape
        scale = SIDE_PX / max(height, width)
        scale = float(int(scale)) if scale >= 1 else scale
        return QRectF(0, 0, width * scale, height * scale)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        if not self._box:
            return
        colors, painter, place = theme(), QPainter(self), self._place()
        large = max(self.image.width(), self.image.height()) >= SMOOTH_FROM
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, large)
        painter.drawImage(place, self.image)
        scale = place.width() / self._shape[2]
        (top, bottom), (left, right) = self._box
        area = QRectF(QPointF(left * scale, top * scale), QPointF(right * scale, bottom * scale))
        painter.save()
        painter.setClipRegion(place.toAlignedRect())
        shade = QColor(0, 0, 0)
        shade.setAlphaF(UNSEEN)
        for part in (
            QRectF(0, 0, place.width(), area.top()),
            QRectF(0, area.bottom(), place.width(), place.height()),
            QRectF(0, area.top(), area.left(), area.height()),
            QRectF(area.right(), area.top(), place.width(), area.height()),
        ):
            painter.fillRect(part, shade)
        painter.restore()
        painter.setPen(QPen(colors.color("accent"), THICK_PX))
        painter.drawRect(area.adjusted(1, 1, -1, -1) if area.width() > 2 * THICK_PX else area)
        painter.setPen(colors.color("text_quiet"))
        painter.setFont(font("caption"))
        below = QRectF(0, place.height() + space(1), self.width(), TEXT_PX)
        painter.drawText(below, int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft), self._text)
