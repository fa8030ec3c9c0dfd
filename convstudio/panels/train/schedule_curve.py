"""The learning rate over the run, drawn before it begins."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QVBoxLayout, QWidget

from convstudio.look.theme import appearance, space, theme
from convstudio.panels.inspector.parts import quiet
from engine.numerals import written
from engine.schedules import Schedule

HEIGHT_PX, POINTS, HEADROOM = 72, 240, 1.1
RATE_DIGITS = 2
USUAL_STEPS = 5000  # of a run whose samples nobody has counted


class ScheduleCurve(QWidget):
    """A curve, and what it says in words."""

    def __init__(self) -> None:
        super().__init__()
        self.plot = pg.PlotWidget()
        self.plot.setFixedHeight(HEIGHT_PX)
        self.plot.setMenuEnabled(False)
        self.plot.setMouseEnabled(False, False)
        self.plot.hideButtons()
        self.plot.setAccessibleName("Learning rate over the run")
        for axis in ("left", "bottom"):
            self.plot.hideAxis(axis)
        self.text = quiet("")
        self._rates = np.ones(POINTS)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space(1))
        column.addWidget(self.plot)
        column.addWidget(self.text)
        appearance().changed.connect(self._draw)

    def show_schedule(self, rate: float, schedule: Schedule, steps: int) -> None:
        """Draws what a schedule makes of the learning rate in so many steps; 0: nobody knows how many."""
        total = steps or USUAL_STEPS
        places = sorted({round(place * (total - 1) / (POINTS - 1)) for place in range(POINTS)})
        self._rates = np.array([rate * schedule.factor(step, total) for step in places])
        ends_and_top = self._rates[0], self._rates[-1], self._rates.max()
        first, last, highest = (written(float(rate), RATE_DIGITS) for rate in ends_and_top)
        if self._rates.max() == self._rates.min():
            words = f"The learning rate stays at {first}."
        elif self._rates.max() > max(self._rates[0], self._rates[-1]):
            words = f"Learning rate from {first} up to {highest}, and down to {last} at the last step."
        else:
            words = f"Learning rate from {first} at the first step to {last} at the last."
        self.text.setText(words)
        self.plot.setVisible(bool(self._rates.max() != self._rates.min()))
        self._draw()

    def _draw(self) -> None:
        self.plot.setBackground(theme().color("panel"))
        self.plot.clear()
        self.plot.plot(np.linspace(0, 1, len(self._rates)), self._rates, pen=pg.mkPen(theme().color("accent"), width=2))
        self.plot.setYRange(0, float(self._rates.max()) * HEADROOM or 1.0)
