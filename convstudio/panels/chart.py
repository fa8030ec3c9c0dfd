"""One chart: a quantity over the steps of several runs, marks where something was changed, and a read-out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import attrs
import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QGraphicsItem

from convstudio.look.letters import font, text_scale
from convstudio.look.number_axis import NumberAxis
from convstudio.look.theme import space, theme
from convstudio.panels.chart_labels import rows_for, spread
from convstudio.panels.chart_range import Heights, heights
from convstudio.training.curves import ACCURACY, LOSS, Curves, Span

Array = np.ndarray[Any, Any]
TICK_LEVELS = 1  # lines between lines between lines say nothing, and take as long as the curves
LINE_PX, RAW_SHARE, GRID_SHARE = 2, 0.25, 0.2
HUES = {LOSS: "convolution", ACCURACY: "dense"}
RUN_HUES = ("pooling", "norm", "merge", "activation", "output")  # of earlier runs, in turn
SHARES = {LOSS: 1, ACCURACY: 100}
FEWEST_PIXELS = 256  # that curves are drawn for, before the chart has its size
MARK_Z = 10  # above the curves
WORDS_SHARE = 0.7  # how much of the curves behind them the words of a mark cover
MARK_ROWS = 3  # in which the words of marks stand; where there is no room, the crosshair reads them
KEY_SHARE, KEY_ZOOM = 0.02, 0.8  # of what is seen, that a key moves the crosshair by; and what + and − zoom by
NEAR_PX = 4  # from the crosshair to a mark that it reads


@attrs.frozen(eq=False)
class Shown:
    """A run in the charts: what it is called, its numbers, and whether it is the one that is under way."""

    title: str
    curves: Curves
    live: bool
    number: int = 0  # among the earlier ones

    def hue(self, what: str) -> QColor:
        """Its colour in a chart."""
        return theme().category(HUES[what] if self.live else RUN_HUES[self.number % len(RUN_HUES)])

    def marks(self, unit: str) -> list[ShownMark]:
        """Where something was changed in it, and what; in an earlier run with its name and in its colour."""
        head, hue = ("", theme().color("warning")) if self.live else (f"{self.title}: ", self.hue(LOSS))
        return [ShownMark(self.curves.place(mark.step, unit), head + mark.text, hue) for mark in self.curves.marks]


@attrs.frozen
class ShownMark:
    """A dotted line in a chart."""

    place: float
    text: str
    hue: QColor


class Line(pg.PlotDataItem):
    """A curve that may be higher than what decides how high the chart is."""

    top: float | None = None  # the highest value that counts; None: all do

    def dataBounds(self, ax: int, frac: float = 1.0, orthoRange: Any = None) -> Any:  # noqa: N802  (its names)
        low, high = super().dataBounds(ax, frac, orthoRange)
        return low, high if ax == 0 or self.top is None or high is None else min(high, self.top)


class Lines:
    """What a chart draws of one run: raw and smoothed training values, and validation after each epoch."""

    def __init__(self, chart: Chart, shown: Shown, density: float) -> None:
        self.shown, self._what = shown, chart.what
        self.heights: Heights | None = None
        hue, look = shown.hue(chart.what), theme()
        width = LINE_PX if shown.live else 1
        thin = pg.mkPen(look.faint(hue, RAW_SHARE), width=density)  # the widths of pens are the device's pixels
        self.raw = Line(pen=thin) if shown.live else None
        dots = {"symbolSize": 3 + width, "symbolBrush": hue, "symbolPen": None}
        self.line = Line(pen=pg.mkPen(hue, width=LINE_PX * density), **dots)
        dashed = pg.mkPen(hue, width=width * density, style=Qt.PenStyle.DashLine)
        self.validation = Line(pen=dashed, symbol="o", **dots)
        self.name = pg.TextItem(shown.title, color=hue, anchor=(1, 0.5))
        self.name.setFont(font("caption"))
        self.items = [item for item in (self.raw, self.line, self.validation) if item is not None]
        for item in self.items:
            chart.addItem(item)
        chart.addItem(self.name, ignoreBounds=True)
        self.name.hide()

    def show(self, unit: str, level: int, span: Span | None, pixels: int) -> None:
        """Draws what there is by now, as far as it is seen."""
        drawn: list[Array] = []
        curves, share = self.shown.curves, SHARES[self._what]
        if self.raw is not None:
            x, y = curves.peaks(self._what, unit, span, pixels)
            self.raw.setData(x, y * share)
            drawn.append(y)
        x, y = curves.smooth_line(self._what, unit, level, span, pixels)
        self.line.setData(x, y * share, symbol="o" if len(x) == 1 else None)  # one step is a dot: no line shows it
        drawn.append(y)
        x, y = curves.validation(unit, self._what)
        if span is not None:  # what is drawn decides how high the chart is
            seen = slice(max(0, int(np.searchsorted(x, span[0])) - 1), int(np.searchsorted(x, span[1], "right")) + 1)
            x, y = x[seen], y[seen]
        self.validation.setData(x, y * share)
        self.heights = heights(drawn[0], y) if self._what == LOSS else None  # accuracies have no peaks

    @property
    def end(self) -> tuple[float, float] | None:
        """The last point that can be seen, as the chart counts."""
        for item in (self.line, self.validation):
            x, y = item.getData()
            if x is not None and len(x) and np.isfinite(y[-1]):
                return float(x[-1]), float(y[-1])
        return None

    def remove(self, chart: Chart) -> None:
        """Out of the chart."""
        for item in (*self.items, self.name):
            chart.removeItem(item)


class Axis(NumberAxis):
    """Numbers and lines, drawn without the detour that takes longer than the curves."""

    def __init__(self, side: str) -> None:
        super().__init__(side)
        self.setStyle(maxTickLevel=TICK_LEVELS)
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)

    def paint(self, painter: QPainter, *_: Any) -> None:
        painter.setFont(font("caption"))
        specs = self.generateDrawSpecs(painter)
        if specs is not None:
            self.drawPicture(painter, *specs)


class Chart(pg.PlotWidget):
    """Wheel and drag look closer along the horizontal axis; the vertical one follows what is seen."""

    pointed = Signal(float)  # where the mouse or the keyboard is on the horizontal axis; not a number: nowhere
    moved = Signal(object)  # another part is seen: of this chart
    all_wanted = Signal()  # the whole of it is to be seen again

    def __init__(self, what: str) -> None:
        super().__init__(axisItems={side: Axis(side) for side in ("left", "bottom")})
        self.what, self._place, self._drawing = what, float("nan"), False
        self.setMenuEnabled(False)
        self.hideButtons()
        self.setMouseEnabled(x=True, y=False)
        self.setAccessibleName(f"Chart of the {what}")
        self.setAccessibleDescription("The arrow keys read values, + and − look closer, 0 shows everything")
        self.setLabel("left", "accuracy, %" if what == ACCURACY else what)
        self.lines: list[Lines] = []
        self.drawn: Span | None = None  # the part that was seen when it was drawn; None: the whole
        self.peak: float | None = None  # how high the chart would be, where peaks are so high that they are left out
        self.marks: list[pg.InfiniteLine] = []
        self._marked: list[tuple[str, float, str, QColor]] = []  # what they look like
        self.cross = pg.InfiniteLine(angle=90)
        self.note = pg.TextItem(anchor=(0, 0))
        for height, item in enumerate((self.cross, self.note), MARK_Z + 1):
            item.hide()
            item.setZValue(height)
            self.addItem(item, ignoreBounds=True)
        self.scene().sigMouseMoved.connect(self._point)
        self.plotItem.vb.sigXRangeChanged.connect(lambda *_: self.moved.emit(self))
        self.plotItem.vb.sigRangeChanged.connect(lambda *_: self._place_words())  # it may follow data a frame later
        self.plotItem.vb.sigResized.connect(lambda *_: self._place_words())
        self.restyle()

    def restyle(self) -> None:
        """The theme's colours, and the system's letters."""
        look = theme()
        self.setBackground(look.color("panel"))
        self.cross.setPen(pg.mkPen(look.color("text_quiet")))
        self.note.setFont(font("body"))
        self.note.fill, self.note.border = pg.mkBrush(look.color("panel")), pg.mkPen(look.color("border"))
        for name in ("left", "bottom"):
            self.getAxis(name).restyle()
        for lines in self.lines:
            lines.name.setFont(font("caption"))
        self.showGrid(x=False, y=True, alpha=GRID_SHARE)

    # --- what is shown -----------------------------------------------------------------------------------------------

    @property
    def zoomed(self) -> bool:
        """Whether only a part is seen."""
        return not self.plotItem.vb.autoRangeEnabled()[0]

    def choose(self, runs: Sequence[Shown], density: float = 0.0) -> None:
        """Which runs are drawn from now on, for the screen or for a picture of another density."""
        for lines in self.lines:
            lines.remove(self)
        self.lines = [Lines(self, shown, density or self.devicePixelRatioF()) for shown in runs]

    def show_lines(self, unit: str, level: int, *, zoomed: bool, peaks: bool = False) -> None:
        """Draws what there is by now, in the places where it will be painted; rare peaks may lie above."""
        pixels = max(FEWEST_PIXELS, round(self.plotItem.vb.width()))
        left, right = self.plotItem.vb.viewRange()[0]
        self.drawn, self._drawing = (left, right) if zoomed else None, True
        for lines in self.lines:
            lines.show(unit, level, self.drawn, pixels)
        self._leave_out_peaks(peaks)
        self.plotItem.vb.updateAutoRange()  # now: while it is painted it would be painted once more
        self.plotItem.vb.updateMatrix()
        self._drawing = False
        self._place_words()

    def _leave_out_peaks(self, peaks: bool) -> None:
        known = [lines.heights for lines in self.lines if lines.heights]
        seen, highest = (max((getattr(one, name) for one in known), default=0.0) for name in ("seen", "highest"))
        self.peak = highest if highest > seen else None
        for line in (item for lines in self.lines for item in lines.items):
            line.top = None if peaks or self.peak is None else seen

    def show_marks(self, marks: Sequence[ShownMark]) -> None:
        """Thin lines that say what was changed there."""
        looks = [(theme().name, text_scale(), mark.text, mark.hue) for mark in marks]
        if looks == self._marked:
            for line, mark in zip(self.marks, marks, strict=True):
                line.setValue(mark.place)
            return
        self._marked = looks
        for line in self.marks:
            self.removeItem(line)
        words = {"color": theme().color("text_quiet"), "fill": theme().faint(theme().color("panel"), WORDS_SHARE)}
        self.marks = []
        for mark in marks:
            pen = pg.mkPen(mark.hue, style=Qt.PenStyle.DotLine)
            text = mark.text.replace("{", "{{").replace("}", "}}")  # braces would be filled in with the line's place
            line = pg.InfiniteLine(mark.place, 90, pen=pen, label=text, labelOpts=words)
            line.label.setFont(font("caption"))
            line.setZValue(MARK_Z)
            self.addItem(line, ignoreBounds=True)
            self.marks.append(line)
        self._place_words()

    def _place_words(self) -> None:
        """Words that would stand on each other do not: names of runs beside each other, marks in rows."""
        view = self.plotItem.vb
        (left, right), (low, high) = view.viewRange()
        size = view.size()
        if self._drawing or not size.width() or not size.height() or right <= left or high <= low:
            return
        scale = size.width() / (right - left)
        spans = []
        for line in self.marks:
            at, width = (line.value() - left) * scale, line.label.boundingRect().width()
            spans.append((at, at + width) if at < size.width() / 2 else (at - width, at))
        height = self.fontMetrics().height() / size.height()
        for line, row in zip(self.marks, rows_for(spans, MARK_ROWS), strict=True):
            line.label.setVisible(row is not None)
            edge = height * (0.5 + (row or 0))
            line.label.setPosition(1 - edge if self.what == LOSS else edge)  # where curves seldom are
        self._place_names((high - low) * height, (low, high), lambda x: (x - left) * scale)
        self._place_note()

    def _place_names(self, gap: float, limits: Span, pixels: Callable[[float], float]) -> None:
        low, high = limits
        ends = [(lines, end) for lines in self.lines if (end := lines.end) is not None and len(self.lines) > 1]
        above = gap * (1 if self.what == LOSS else -1)
        heights = spread([end[1] + above for _, end in ends], gap, low + gap / 2, high - gap / 2)
        for lines in self.lines:
            lines.name.hide()
        for (lines, end), height in zip(ends, heights, strict=True):
            room = pixels(end[0]) > lines.name.boundingRect().width()
            lines.name.setAnchor((1 if room else 0, 0.5))
            lines.name.setPos(end[0], height)
            lines.name.show()

    @property
    def reads_nothing(self) -> bool:
        """Whether no crosshair is shown."""
        return self._place != self._place

    # --- reading it --------------------------------------------------------------------------------------------------

    def read(self, place: float, head: str, values: Sequence[tuple[QColor, str, str]]) -> None:
        """Shows the crosshair, and beside it what the curves are there."""
        self._place = place
        if place != place:
            self.cross.hide()
            self.note.hide()
            return
        view = self.plotItem.vb
        left, right = view.viewRange()[0]
        near = NEAR_PX * (right - left) / max(1.0, view.width())
        changes = [line.label.toPlainText() for line in self.marks if abs(line.value() - place) <= near]
        quiet = theme().color("text_quiet").name()
        rows = "".join(
            f"<tr><td style='color:{hue.name()}'>{escape(name)}</td>"
            f"<td align='right' style='color:{theme().color('text').name()}'>&nbsp;&nbsp;{value}</td></tr>"
            for hue, name, value in values
        )
        heads = "<br>".join(escape(text) for text in (head, *changes))
        self.note.setHtml(f"<div style='color:{quiet}'>{heads}</div><table cellspacing='0'>{rows}</table>")
        self.cross.setPos(place)
        self.cross.show()
        self._place_note()

    def _place_note(self) -> None:
        """Beside the crosshair, on the side where there is more room."""
        view = self.plotItem.vb
        (left, right), (low, high) = view.viewRange()
        seen = left <= self._place <= right
        self.note.setVisible(seen)
        if seen:
            self.note.setAnchor((0, 0) if self._place < (left + right) / 2 else (1, 0))
            self.note.setPos(self._place, high - (high - low) * space(1) / max(1.0, view.height()))

    def _point(self, place: QPointF) -> None:
        moves = bool(self.scene().dragButtons)  # who moves along reads nothing, and wants it quick
        inside = not moves and self.plotItem.vb.sceneBoundingRect().contains(place)
        self.pointed.emit(self.plotItem.vb.mapSceneToView(place).x() if inside else float("nan"))

    def leaveEvent(self, event: Any) -> None:  # noqa: N802  (Qt's name)
        super().leaveEvent(event)
        self.pointed.emit(float("nan"))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        super().mouseDoubleClickEvent(event)
        self.all_wanted.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        left, right = self.plotItem.vb.viewRange()[0]
        here = self._place if left <= self._place <= right else (left + right) / 2
        match event.key():
            case Qt.Key.Key_Left | Qt.Key.Key_Right as key:
                step = KEY_SHARE * (right - left) * (1 if key == Qt.Key.Key_Right else -1)
                self.pointed.emit(min(max(here + step, left), right))
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal | Qt.Key.Key_Minus as key:
                zoom = 1 / KEY_ZOOM if key == Qt.Key.Key_Minus else KEY_ZOOM
                self.setXRange(here - (here - left) * zoom, here + (right - here) * zoom, padding=0)
            case Qt.Key.Key_0:
                self.all_wanted.emit()
            case _:
                super().keyPressEvent(event)
