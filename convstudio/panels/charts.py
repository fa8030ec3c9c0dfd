"""Live charts: loss and accuracy of the run and of earlier ones, smoothed, with a crosshair and marks."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QBuffer, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QImageWriter, QPainter, QShowEvent
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from convstudio.look.theme import appearance, space, theme
from convstudio.panels.chart import SHARES, Chart, Shown
from convstudio.panels.chart_legend import Legend
from convstudio.training.background import Background
from convstudio.training.curves import ACCURACY, AXES, EPOCH, LOSS, STEP, TIME, Curves, to_csv
from convstudio.training.session import Session
from convstudio.wording import thousands, time_text
from engine.atomic import write_atomically
from engine.errors import EngineError
from engine.numerals import written
from engine.protocol import Report

EMPTY = "Nothing was trained yet. Press Train, and the curves grow here."
LEARNED = (
    "This network has learned before. Press Train, and it goes on from there; "
    "tick a run in the table of runs to see its curves."
)
SOON = "The run is on its way. The curves grow here with its first steps."
LIVE_NAME = "this run"
PEAKS = "A few steps were far above all others, and would press these to the ground; untick to see how high they were"
PEAK_DIGITS = 2
EXPORTS = "Picture (*.png);;Drawing (*.svg);;Numbers (*.csv)"
EXPORT_SCALE = 2  # pixels of a picture for each on the screen, for print


class ChartsPanel(QWidget):
    """Loss and accuracy side by side."""

    explanation = (
        "How the loss falls and the accuracy rises while the network learns. Solid is training, smoothed over its "
        "pale raw values; dashed is validation, measured after each epoch. Where training goes on improving and "
        "validation does not, the network learns its samples by heart. Move the mouse over a curve to read its "
        "values, turn the wheel to look closer and drag to move along; a double-click shows the whole of it again. "
        "Dotted lines say where something was changed. Where a few steps were far above all others, the chart is as "
        "high as the others, and a box says so: untick it to see them. Try another learning rate in the middle of a "
        "run, and watch what the curves do behind the dotted line."
    )

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.setProperty("role", "panel")
        self.loss, self.accuracy = Chart(LOSS), Chart(ACCURACY)
        self.accuracy.setXLink(self.loss)
        self.axis, self.logarithmic, self.smoothing = QComboBox(), QCheckBox("Logarithmic loss"), QComboBox()
        self.peaks = QCheckBox()
        self.peaks.setChecked(True)
        self.peaks.setToolTip(PEAKS)
        self.peaks.hide()
        for unit in AXES:
            self.axis.addItem(f"By {unit}", unit)
        self.axis.setAccessibleName("Horizontal axis")
        self.smoothing.addItems(["Raw", "Smooth a little", "Smooth", "Smooth a lot"])
        self.smoothing.setCurrentIndex(2)
        self.smoothing.setAccessibleName("Smoothing")
        self.legend, self.whole, self.export_button = Legend(), QPushButton("Show all"), QPushButton("Export …")
        self.whole.setToolTip("Shows the whole of the runs again (double-click)")
        self.empty = QLabel(EMPTY)
        self.empty.setWordWrap(True)
        self.empty.setProperty("role", "quiet")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._background = Background(self)
        self._lay_out()
        self._listen()
        self.refresh()

    def _lay_out(self) -> None:
        bar, row, column = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(self)
        for choice in (self.axis, self.smoothing, self.logarithmic, self.peaks):
            bar.addWidget(choice)
        bar.addStretch(1)
        for widget in (self.legend, self.whole, self.export_button):
            bar.addWidget(widget)
        bar.setSpacing(space(2))
        row.addWidget(self.loss)
        row.addWidget(self.accuracy)
        column.setContentsMargins(space(4), space(2), space(4), space(2))
        column.addLayout(bar)
        column.addWidget(self.empty, 1)
        column.addLayout(row, 1)

    def _listen(self) -> None:
        self.axis.currentTextChanged.connect(self._measure_otherwise)
        self.smoothing.currentIndexChanged.connect(self.refresh)
        self.logarithmic.toggled.connect(self._scale)
        self.peaks.toggled.connect(self.refresh)
        self.whole.clicked.connect(self.show_all)
        self.export_button.clicked.connect(self.ask_to_export)
        for chart in self._charts:
            chart.pointed.connect(self.point_at)
            chart.all_wanted.connect(self.show_all)
            chart.moved.connect(self._look_closer)
        session = self.session
        session.kept.chosen_changed.connect(self.redraw)
        session.kept.changed.connect(self.redraw)
        session.started.connect(self.redraw)
        session.phase_changed.connect(self.refresh)
        session.reported.connect(self._follow)
        session.marked.connect(self.refresh)
        session.document.weights_changed.connect(self.refresh)
        appearance().changed.connect(self._restyle)

    def _scale(self, logarithmic: bool) -> None:
        self.loss.setLogMode(y=logarithmic)
        self.refresh()

    def _measure_otherwise(self) -> None:
        """Another unit along the axis: what was looked at closely lies elsewhere."""
        self.point_at(float("nan"))
        self.show_all()

    # --- what is shown -----------------------------------------------------------------------------------------------

    @property
    def _charts(self) -> tuple[Chart, Chart]:
        return self.loss, self.accuracy

    @property
    def curves(self) -> Curves:
        """What the run has brought so far."""
        return self.session.curves

    @property
    def runs(self) -> list[Shown]:
        """Everything that is drawn: the run that is under way, and those that are ticked in the table of runs."""
        kept = self.session.kept
        here = Path(self.session.folder) if len(self.curves) else None
        known = kept.summary(here) if here else None
        live = Shown(known.title if known else LIVE_NAME, self.curves, live=True)  # it is drawn once
        ticked = [one for one in kept.summaries if one.folder in kept.chosen and one.folder != here]
        earlier = [Shown(one.title, kept.chosen[one.folder], live=False, number=n) for n, one in enumerate(ticked)]
        return [*earlier, live]

    def _follow(self, report: Report) -> None:
        if len(report.losses) or report.history:
            self.refresh()

    def refresh(self, *_: object) -> None:
        """Draws the curves anew."""
        if not self.isVisible():
            return
        unit, level = self.axis.currentData(), self.smoothing.currentIndex()
        shown = [run.curves for run in self.runs if len(run.curves) or run.curves.history]
        marks = [mark for run in self.runs for mark in run.marks(unit)]
        self.empty.setText(SOON if self.session.running else LEARNED if self.session.has_learned else EMPTY)
        self.empty.setVisible(not shown)
        self.loss.setVisible(bool(shown))
        self.accuracy.setVisible(any(map(_has_accuracy, shown)))
        for widget in (self.legend, self.export_button):
            widget.setEnabled(bool(shown))
        self.whole.setEnabled(self.loss.zoomed)
        for chart in self._charts:
            chart.setLabel("bottom", AXES[unit])
            chart.show_lines(unit, level, zoomed=self.loss.zoomed, peaks=self._with_peaks)
            chart.show_marks(marks)
        self._offer_peaks()

    @property
    def _with_peaks(self) -> bool:
        """Whether the chart is as high as its highest value; where it is logarithmic, there is room for all."""
        return self.logarithmic.isChecked() or not self.peaks.isChecked()

    def _offer_peaks(self) -> None:
        """Whether to leave them out is asked where there are some."""
        peak = None if self.logarithmic.isChecked() else self.loss.peak
        if peak is not None:
            self.peaks.setText(f"Without peaks up to {written(peak, PEAK_DIGITS)}")
        self.peaks.setVisible(peak is not None)

    def redraw(self, *_: object, density: float = 0.0) -> None:
        """Everything: other runs, or another one that is under way."""
        if not self.isVisible():
            return
        runs = self.runs
        for chart in self._charts:
            chart.choose(runs, density)
        self.refresh()

    def _look_closer(self, chart: Chart) -> None:
        """At once: what is seen is drawn with the next picture, and once."""
        if self.loss.zoomed and chart.isVisible() and chart.drawn != tuple(chart.plotItem.vb.viewRange()[0]):
            unit, level = self.axis.currentData(), self.smoothing.currentIndex()
            chart.show_lines(unit, level, zoomed=True, peaks=self._with_peaks)
            self._offer_peaks()
            self.whole.setEnabled(True)

    def show_all(self) -> None:
        """The whole of the runs, whatever was looked at closely."""
        self.loss.enableAutoRange(x=True, y=True)
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802  (Qt's name)
        super().showEvent(event)
        self.redraw()

    def point_at(self, place: float) -> None:
        """Shows the values where the mouse is."""
        if place != place and all(chart.reads_nothing for chart in self._charts):
            return
        unit, level, head = self.axis.currentData(), self.smoothing.currentIndex(), ""
        values: dict[Chart, list[tuple[QColor, str, str]]] = {chart: [] for chart in self._charts}
        runs = self.runs if place == place else []
        for run in reversed(runs):  # the one that is under way first
            index = run.curves.nearest(place, unit)
            if index is None:
                continue
            head = head or _place_words(run.curves, index)
            alone = len([other for other in runs if len(other.curves)]) == 1
            for chart, rows in values.items():
                trained, found = run.curves.at(index, chart.what, level), run.curves.validated(index, chart.what)
                rows.append((run.hue(chart.what), "training" if alone else run.title, _value(chart.what, trained)))
                if found is not None:
                    name = "validation" if alone else f"{run.title}, validation"
                    rows.append((run.hue(chart.what), name, _value(chart.what, found)))
        for chart, rows in values.items():
            chart.read(place if head else float("nan"), head, rows)

    def _restyle(self) -> None:
        for chart in self._charts:
            chart.restyle()
        self.redraw()

    # --- export ------------------------------------------------------------------------------------------------------

    def ask_to_export(self) -> None:
        """A dialog that asks where to."""
        name, chosen = QFileDialog.getSaveFileName(self, "Export the charts", "charts.png", EXPORTS)
        if not name:
            return
        path = Path(name)
        if not path.suffix:  # then the kind that was chosen is meant
            path = path.with_name(path.name + chosen.rpartition("*")[2].rstrip(")"))
        try:
            pieces = self._pieces(path)
        except EngineError as problem:
            self.session.said.emit(str(problem))
            return
        say = self.session.said.emit
        done = f"The charts were exported to {path}."
        self._background.do(lambda: write_atomically(path, pieces), lambda _: say(done), say, "Exporting the charts")

    def export(self, path: Path) -> None:
        """A picture, a drawing, or all numbers."""
        write_atomically(path, self._pieces(path))

    def _pieces(self, path: Path) -> Iterable[bytes]:
        """What is written: pictures are drawn now, numbers are put into words while they are written."""
        runs = [(run.title, run.curves.snapshot()) for run in reversed(self.runs) if len(run.curves)]
        makers = {".csv": lambda: to_csv(runs), ".svg": lambda: [self._drawing()], ".png": lambda: [self._picture()]}
        make = makers.get(path.suffix.lower())
        if make is None:
            raise EngineError(f"{path.name} should end in one of {', '.join(makers)}. The charts were not exported.")
        return make()

    @property
    def _size(self) -> QSize:
        charts = [chart for chart in self._charts if chart.isVisible()]
        return QSize(max(1, sum(chart.width() for chart in charts)), max(1, self.loss.height()))

    def _picture(self) -> bytes:
        """The charts as PNG."""
        image, written = QImage(self._size * EXPORT_SCALE, QImage.Format.Format_RGB32), QBuffer()
        image.fill(theme().color("panel"))
        self.redraw(density=EXPORT_SCALE)
        painter = QPainter(image)
        painter.scale(EXPORT_SCALE, EXPORT_SCALE)
        self._paint(painter)
        painter.end()
        self.redraw()
        QImageWriter(written, b"png").write(image)
        return bytes(written.data().data())

    def _drawing(self) -> bytes:
        """The charts as SVG."""
        drawing, written = QSvgGenerator(), QBuffer()
        drawing.setOutputDevice(written)
        drawing.setTitle("ConvStudio charts")
        drawing.setSize(self._size)
        drawing.setViewBox(QRect(QPoint(), self._size))
        drawing.setResolution(self.logicalDpiX())
        painter = QPainter(drawing)
        self._paint(painter)
        painter.end()
        return bytes(written.data().data())

    def _paint(self, painter: QPainter) -> None:
        left = 0
        for chart in self._charts:
            if chart.isVisible():
                chart.scene().prepareForPaint()
                seen = chart.mapToScene(chart.viewport().rect()).boundingRect()
                chart.scene().render(painter, QRectF(left, 0, chart.width(), chart.height()), seen)
                left += chart.width()


def _has_accuracy(curves: Curves) -> bool:
    """Whether anything is classified; where nothing is known yet, it will be."""
    if any(result.validation_accuracy is not None for result in curves.history):
        return True
    return bool(np.isfinite(curves.accuracies[-1])) if len(curves) else not curves.history


def _place_words(curves: Curves, index: int) -> str:
    step, epoch, seconds = (curves.along(unit, slice(index, index + 1))[0] for unit in (STEP, EPOCH, TIME))
    return f"step {thousands(int(step))} · epoch {epoch:.2f} · {time_text(float(seconds))}"


def _value(what: str, value: float) -> str:
    if value != value:
        return "–"
    return f"{value * SHARES[what]:.2f} %" if what == ACCURACY else f"{value:.4f}".replace("-", "−")
