"""Looks for a learning rate, and shows why it is that one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from convstudio.look.number_axis import NumberAxis
from convstudio.look.theme import appearance, space, theme
from convstudio.panels.inspector.parts import quiet
from convstudio.training.session import Session
from engine.numerals import read, written
from engine.questions import NotAnswered
from engine.questions.rates import FindRate, RatesTried

Array = np.ndarray[Any, Any]
SIZE_PX = 480, 340
AXES = "left", "bottom"
RATE_DIGITS = 2  # that a rate is known to
RAW_SHARE, LINE_PX, GRID_SHARE = 0.35, 2, 0.2
EARLY = 4  # of the rates, at which the loss is still where it began: so many parts
ROOM, FLAT, TINY = 0.15, 0.1, 1e-6  # above and below, in shares of the fall; where there is none, of the loss
WAITS = "Trying learning rates on a copy of the network, from tiny to too much …"
FOUND = (
    "Where the line falls, the network learns; where it climbs again, steps are too far. Two thirds of the way down is "
    "a good place: {rate}. Drag the marker to choose another."
)
NONE = "The loss never fell, whatever the rate: look at the network and its data first, or choose a rate yourself."


class RateDialog(QDialog):
    """The loss over the learning rate, with a marker that can be dragged."""

    chosen = Signal(float)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Find a learning rate")
        self.resize(*SIZE_PX)
        self.session, self._number = session, 0
        self.text = quiet(WAITS)
        self.plot = pg.PlotWidget(axisItems={side: NumberAxis(side) for side in AXES})
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setLogMode(x=True)
        self.plot.setLabel("bottom", "learning rate")
        self.plot.setLabel("left", "loss")
        self.plot.setAccessibleName("Loss over the learning rate")
        self.raw, self.line = self.plot.plot(), self.plot.plot()
        self.marker = pg.InfiniteLine(angle=90, movable=True)
        self.marker.hide()
        self.marker.sigPositionChanged.connect(self._show_rate)
        self.plot.addItem(self.marker, ignoreBounds=True)
        self.use, self.again, close = QPushButton("Use"), QPushButton("Try again"), QPushButton("Close")
        self.use.clicked.connect(self._choose)
        self.again.clicked.connect(self.begin)
        close.clicked.connect(self.close)
        for button in (self.again, close):
            button.setAutoDefault(False)  # Enter takes the rate
        self.use.setDefault(True)
        row, column = QHBoxLayout(), QVBoxLayout(self)
        column.setContentsMargins(space(4), space(4), space(4), space(4))
        column.setSpacing(space(3))
        row.addWidget(self.again)
        row.addStretch()
        row.addWidget(close)
        row.addWidget(self.use)
        column.addWidget(self.plot, 1)
        column.addWidget(self.text)
        column.addLayout(row)
        session.answered.connect(self._take)
        appearance().changed.connect(self._restyle)
        self._restyle()

    @property
    def rate(self) -> float:
        """Where the marker is."""
        return float(10 ** self.marker.value())

    def begin(self) -> None:
        """Tries the rates."""
        self.text.setText(WAITS)
        self.marker.hide()
        self.use.setEnabled(False)
        self.use.setText("Use")
        self.again.setEnabled(False)
        for curve in (self.raw, self.line):
            curve.setData([], [])
        self._number = self.session.new_number()
        self.session.ask_about(FindRate(self._number))

    def _take(self, answer: object) -> None:
        if isinstance(answer, NotAnswered) and answer.number == self._number:
            self.text.setText(answer.message)
            self.again.setEnabled(True)
        elif isinstance(answer, RatesTried) and answer.number == self._number:
            self.raw.setData(answer.rates, answer.losses)
            self.line.setData(answer.rates, answer.smoothed)
            self._show_fall(answer.smoothed)
            if answer.done:
                self._end(answer.suggested)

    def _show_fall(self, losses: Array) -> None:
        """Where the loss falls is what one looks for; it may climb out of sight at the end."""
        losses = losses[np.isfinite(losses)]
        if len(losses):
            low, high = float(losses.min()), float(losses[: max(1, len(losses) // EARLY)].max())
            room = ROOM * max(high - low, FLAT * abs(high), TINY)
            self.plot.setYRange(low - room, high + room, padding=0)

    def _end(self, suggested: float | None) -> None:
        self.again.setEnabled(True)
        self.text.setText(NONE if suggested is None else FOUND.format(rate=written(suggested, RATE_DIGITS)))
        if suggested is not None:
            self.marker.setValue(np.log10(suggested))
            self.marker.show()
            self._show_rate()
            self.use.setEnabled(True)
            self.use.setFocus()

    def _show_rate(self) -> None:
        self.use.setText(f"Use {written(self.rate, RATE_DIGITS)}")

    def _choose(self) -> None:
        self.chosen.emit(read(written(self.rate, RATE_DIGITS)))
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802  (Qt's name)
        self.session.forget(self._number)
        self._number = 0
        super().closeEvent(event)

    def _restyle(self) -> None:
        look = theme()
        hue = look.category("convolution")
        self.plot.setBackground(look.color("panel"))
        self.raw.setPen(pg.mkPen(look.faint(hue, RAW_SHARE), width=1))
        self.line.setPen(pg.mkPen(hue, width=LINE_PX))
        self.marker.setPen(pg.mkPen(look.color("accent"), width=LINE_PX, style=Qt.PenStyle.DashLine))
        self.marker.setHoverPen(pg.mkPen(look.color("accent"), width=LINE_PX + 2))
        for name in AXES:
            self.plot.getAxis(name).restyle()
        self.plot.showGrid(x=False, y=True, alpha=GRID_SHARE)
