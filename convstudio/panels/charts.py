"""Live charts: loss and accuracy of the run, smoothed over their raw values, with a crosshair and marks."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QBuffer, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QShowEvent
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QGraphicsItem,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from convstudio.look.theme import appearance, font, space, theme
from convstudio.training.curves import ACCURACY, AXES, LOSS, STEP, Curves
from convstudio.training.session import Mark, Session
from convstudio.wording import thousands
from engine.atomic import write_atomically
from engine.errors import EngineError
from engine.protocol import Report

Array = np.ndarray[Any, Any]
LINE_PX, RAW_SHARE, GRID_SHARE = 2, 0.25, 0.2
EMPTY = "Nothing was trained yet. Press Train, and the curves grow here."
HUES = {LOSS: "convolution", ACCURACY: "dense"}
RUN_HUES = ("pooling", "norm", "merge", "activation", "output")  # of earlier runs, in turn
SHARES = {LOSS: 1, ACCURACY: 100}
LIVE_NAME = "this run"
EXPORTS = "Picture (*.png);;Drawing (*.svg);;Numbers (*.csv)"


class Chart(pg.PlotWidget):
    """One quantity: raw and smoothed training values, and validation at the end of each epoch."""

    pointed = Signal(float)  # where the mouse is on the horizontal axis

    def __init__(self, what: str) -> None:
        super().__init__()
        self.what = what
        self.setMenuEnabled(False)
        self.hideButtons()
        self.setAccessibleName(f"Chart of the {what}")
        self.setLabel("left", "accuracy, %" if what == ACCURACY else what)
        self.raw, self.line = self.plot(), self.plot()
        self.validation = self.plot(symbol="o", symbolSize=5)
        self.name = self._make_name(LIVE_NAME, theme().category(HUES[what]))
        self.addItem(self.name, ignoreBounds=True)
        self.cross = pg.InfiniteLine(angle=90)
        self.cross.hide()
        self.addItem(self.cross, ignoreBounds=True)
        self.marks: list[pg.InfiniteLine] = []
        self.others: list[pg.GraphicsObject] = []  # the curves of earlier runs, and their names
        self.scene().sigMouseMoved.connect(self._point)
        self.restyle()

    def restyle(self) -> None:
        """The theme's colours."""
        look = theme()
        hue, ink = look.category(HUES[self.what]), look.color("text_quiet")
        self.setBackground(look.color("panel"))
        self.raw.setPen(pg.mkPen(look.faint(hue, RAW_SHARE), width=1))
        self.line.setPen(pg.mkPen(hue, width=LINE_PX))
        self.validation.setPen(pg.mkPen(hue, width=LINE_PX, style=Qt.PenStyle.DashLine))
        self.validation.setSymbolBrush(hue)
        self.validation.setSymbolPen(None)
        self.name.setColor(hue)
        self.cross.setPen(pg.mkPen(ink))
        for name in ("left", "bottom"):
            axis = self.getAxis(name)
            axis.setPen(pg.mkPen(look.color("border")))
            axis.setTextPen(ink)
            axis.setTickFont(font("caption"))
            axis.enableAutoSIPrefix(False)
            axis.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)  # its texts take longer than the curves
        self.showGrid(x=False, y=True, alpha=GRID_SHARE)

    def mark(self, place: float, text: str) -> None:
        """A thin line that says what was changed there."""
        pen = pg.mkPen(theme().color("warning"), style=Qt.PenStyle.DotLine)
        line = pg.InfiniteLine(place, 90, pen=pen, label=text)
        line.label.setColor(theme().color("text_quiet"))
        line.label.setPosition(0.95)
        self.addItem(line, ignoreBounds=True)
        self.marks.append(line)

    def show_live(self, curves: Curves, unit: str, level: int) -> None:
        """Draws the run that is under way."""
        share = SHARES[self.what]
        lines = (self.raw, curves.peaks(self.what, unit)), (self.line, curves.smooth_line(self.what, unit, level))
        for curve, (places, heights) in lines:
            curve.setData(places, heights * share)
        ends, measured = curves.validation(unit, self.what)
        self.validation.setData(ends, measured * share)
        if self.others and len(curves):
            self.name.setPos(*_end(self.line))
        self.name.setVisible(bool(self.others) and len(curves) > 0)

    def show_others(self, runs: Iterable[tuple[str, Curves]], unit: str, level: int) -> None:
        """Draws earlier runs, each with its name at its end."""
        for item in self.others:
            self.removeItem(item)
        self.others, share = [], SHARES[self.what]
        for number, (title, curves) in enumerate(runs):
            color = theme().category(RUN_HUES[number % len(RUN_HUES)])
            x, y = curves.smooth_line(self.what, unit, level)
            ends, measured = curves.validation(unit, self.what)
            line = pg.PlotDataItem(x, y * share, pen=pg.mkPen(color, width=LINE_PX))
            pen = pg.mkPen(color, width=1, style=Qt.PenStyle.DashLine)
            dots = {"symbol": "o", "symbolSize": 4, "symbolBrush": color, "symbolPen": None}
            validation = pg.PlotDataItem(ends, measured * share, pen=pen, **dots)
            longest = line if len(x) else validation
            self._add_other(line)
            self._add_other(validation)
            if len(x) or len(ends):
                name = self._make_name(title, color)
                name.setPos(*_end(longest))
                self._add_other(name)

    def _make_name(self, title: str, color: QColor) -> pg.TextItem:
        name = pg.TextItem(title, color=color, anchor=(1, 1 if self.what == LOSS else 0))
        name.setFont(font("caption"))
        return name

    def _add_other(self, item: pg.GraphicsObject) -> None:
        self.addItem(item, ignoreBounds=isinstance(item, pg.TextItem))
        self.others.append(item)

    def forget(self) -> None:
        """No marks."""
        for line in self.marks:
            self.removeItem(line)
        self.marks = []

    def _point(self, place: QPointF) -> None:
        inside = self.plotItem.vb.sceneBoundingRect().contains(place)
        self.pointed.emit(self.plotItem.vb.mapSceneToView(place).x() if inside else float("nan"))


def _end(line: pg.PlotDataItem) -> tuple[float, float]:
    x, y = line.getData()
    return float(x[-1]), float(y[-1])


class ChartsPanel(QWidget):
    """Loss and accuracy side by side."""

    title = "Charts"
    explanation = (
        "How the loss falls and the accuracy rises while the network learns. Solid is training, smoothed over its "
        "pale raw values; dashed is validation, measured after each epoch. Where training goes on improving and "
        "validation does not, the network learns its samples by heart. Move the mouse over a curve to read its values."
    )

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.setProperty("role", "panel")
        self.loss, self.accuracy = Chart(LOSS), Chart(ACCURACY)
        self.accuracy.setXLink(self.loss)
        self.axis, self.logarithmic, self.smoothing = QComboBox(), QCheckBox("Logarithmic loss"), QComboBox()
        self.axis.addItems(list(AXES))
        self.axis.setAccessibleName("Horizontal axis")
        self.smoothing.addItems(["Raw", "Smooth a little", "Smooth", "Smooth a lot"])
        self.smoothing.setCurrentIndex(2)
        self.smoothing.setAccessibleName("Smoothing")
        self.export_button = QPushButton("Export…")
        self.values = QLabel()
        self.values.setFont(font("mono"))
        self.empty = QLabel(EMPTY)
        self.empty.setProperty("role", "quiet")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._lay_out()
        self._listen()
        self.refresh()

    def _lay_out(self) -> None:
        bar, row, column = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(self)
        bar.addWidget(self.axis)
        bar.addWidget(self.smoothing)
        bar.addWidget(self.logarithmic)
        bar.addWidget(self.values, 1)
        bar.addWidget(self.export_button)
        row.addWidget(self.loss)
        row.addWidget(self.accuracy)
        column.setContentsMargins(space(4), space(2), space(4), space(2))
        column.addLayout(bar)
        column.addWidget(self.empty, 1)
        column.addLayout(row, 1)

    def _listen(self) -> None:
        self.axis.currentTextChanged.connect(self.redraw)
        self.smoothing.currentIndexChanged.connect(self.redraw)
        self.logarithmic.toggled.connect(self._scale)
        self.export_button.clicked.connect(self.ask_to_export)
        for chart in (self.loss, self.accuracy):
            chart.pointed.connect(self.point_at)
        session = self.session
        session.kept.chosen_changed.connect(self.redraw)
        session.kept.changed.connect(self.redraw)
        session.started.connect(self._begin)
        session.reported.connect(self._follow)
        session.marked.connect(self._mark)
        appearance().changed.connect(self._restyle)

    def _scale(self, logarithmic: bool) -> None:
        self.loss.setLogMode(y=logarithmic)
        self.redraw()

    # --- what is shown -----------------------------------------------------------------------------------------------

    def _begin(self, goes_on: bool) -> None:
        if not goes_on:
            for chart in (self.loss, self.accuracy):
                chart.forget()
        self.refresh()

    @property
    def curves(self) -> Curves:
        """What the run has brought so far."""
        return self.session.curves

    def _follow(self, report: Report) -> None:
        if len(report.losses) or report.history:
            self.refresh()

    def refresh(self) -> None:
        """Draws the curves anew."""
        if not self.isVisible():
            return
        unit, level = self.axis.currentText(), self.smoothing.currentIndex()
        live, named = len(self.curves) > 0, bool(self.session.kept.chosen)
        self.empty.setVisible(not live and not named)
        for chart in (self.loss, self.accuracy):
            chart.setVisible(live or named)
            chart.show_live(self.curves, unit, level)

    def redraw(self) -> None:
        """Everything: another axis, or other runs beside the live one."""
        if not self.isVisible():
            return
        unit, level, kept = self.axis.currentText(), self.smoothing.currentIndex(), self.session.kept
        named = [(one.title, kept.chosen[one.folder]) for one in kept.summaries if one.folder in kept.chosen]
        for chart in (self.loss, self.accuracy):
            chart.setLabel("bottom", AXES[unit])
            chart.show_others(named, unit, level)
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802  (Qt's name)
        super().showEvent(event)
        self.redraw()

    def _mark(self, mark: Mark) -> None:
        place = self.curves.place(mark.step, self.axis.currentText())
        for chart in (self.loss, self.accuracy):
            chart.mark(place, mark.text)

    def point_at(self, place: float) -> None:
        """Shows the values where the mouse is."""
        known = place == place and len(self.curves) > 0
        for chart in (self.loss, self.accuracy):
            chart.cross.setVisible(known)
            if known:
                chart.cross.setPos(place)
        self.values.setText(self._read_out(place) if known else "")

    def _read_out(self, place: float) -> str:
        step, loss, accuracy = self.curves.at(place, self.axis.currentText(), self.smoothing.currentIndex())
        share = f"   accuracy {accuracy:7.2%}" if accuracy == accuracy else ""
        return f"{STEP} {thousands(step)}   loss {loss:8.4f}{share}"

    def _restyle(self) -> None:
        for chart in (self.loss, self.accuracy):
            chart.restyle()
        self.redraw()

    # --- export ------------------------------------------------------------------------------------------------------

    def ask_to_export(self) -> None:
        """A dialog that asks where to."""
        name, _ = QFileDialog.getSaveFileName(self, "Export the charts", "charts.png", EXPORTS)
        if name:
            try:
                self.export(Path(name))
            except EngineError as problem:
                self.session.said.emit(str(problem))

    def export(self, path: Path) -> None:
        """A picture, a drawing, or all numbers."""
        makers = {".csv": lambda: self.curves.to_csv().encode(), ".svg": self._drawing, ".png": self._picture}
        make = makers.get(path.suffix.lower())
        if make is None:
            raise EngineError(f"{path.name} should end in one of {', '.join(makers)}. The charts were not exported.")
        write_atomically(path, [make()])

    def _picture(self) -> bytes:
        """What one sees, as PNG."""
        written = QBuffer()
        self.grab().save(written, "PNG")
        return bytes(written.data().data())

    def _drawing(self) -> bytes:
        """Both charts as SVG."""
        drawing, charts, written = QSvgGenerator(), (self.loss, self.accuracy), QBuffer()
        drawing.setOutputDevice(written)
        drawing.setTitle("ConvStudio charts")
        size = QSize(sum(chart.width() for chart in charts), self.loss.height())
        drawing.setSize(size)
        drawing.setViewBox(QRect(QPoint(), size))
        drawing.setResolution(self.logicalDpiX())
        painter, left = QPainter(drawing), 0
        for chart in charts:
            chart.scene().prepareForPaint()
            seen = chart.mapToScene(chart.viewport().rect()).boundingRect()
            chart.scene().render(painter, QRectF(left, 0, chart.width(), chart.height()), seen)
            left += chart.width()
        painter.end()
        return bytes(written.data().data())
