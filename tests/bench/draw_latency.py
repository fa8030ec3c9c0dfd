#!/usr/bin/env python3
"""How soon after a movement of the mouse the bars of the draw panel are painted, while a network trains at full speed.

    xvfb-run -a -s "-screen 0 1700x1100x24" python tests/bench/draw_latency.py [--data FOLDER] [--seconds 5]

Opens the whole window with the panels of "See" around the canvas, trains LeNet-5 and a larger network in the real
process, and moves a mouse of 125 Hz over the pad.  A movement is answered when the bars are painted with what the
network says to the drawing as it was then, or later.  Without FOLDER the digits are those that the program draws.
Fails where the 99th percentile is above 30 ms.
"""

import argparse
import itertools
import math
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

MOST_MS, EVENT_MS = 30.0, 8
NETWORKS = ("lenet5", "mnist_cnn")
PATIENCE_S = 300
WARM_STEPS = 30
STROKE = 40  # movements


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="", help="the folder that holds MNIST")
    parser.add_argument("--seconds", type=float, default=5.0)
    options = parser.parse_args()
    from PySide6.QtCore import QCoreApplication, QSettings, QStandardPaths
    from PySide6.QtWidgets import QApplication

    from convstudio import app

    QStandardPaths.setTestModeEnabled(True)
    QCoreApplication.setApplicationName("convstudio-bench")
    application = QApplication(sys.argv[:1])
    QSettings().clear()
    app.dress(application)
    slow = []
    with tempfile.TemporaryDirectory() as folder:
        for name in NETWORKS:
            times = measured(application, name, options.data, options.seconds, Path(folder))
            middle, late = statistics.median(times), statistics.quantiles(times, n=100)[-1]
            print(
                f"{name:10} {len(times)} movements: median {middle:.1f} ms, 99th percentile {late:.1f} ms, "
                f"the slowest {max(times):.1f} ms",
                flush=True,
            )
            slow += [f"{name} ({late:.1f} ms)"] if late > MOST_MS else []
    raise SystemExit(f"Too late: {', '.join(slow)}" if slow else 0)


def measured(application: Any, name: str, data: str, seconds: float, folder: Path) -> list[float]:
    """Milliseconds from each movement to the bars."""
    from convstudio.document import edits
    from convstudio.document.document import Document
    from convstudio.document.project import Project
    from convstudio.main_window import MainWindow
    from engine.data.source import DataSource
    from engine.settings import TrainingSettings
    from engine.templates import template

    source = DataSource("mnist", data) if data else DataSource("digits")
    document = Document(
        edits.lay_out(Project(template(name), data=source, settings=TrainingSettings(epochs=1000))).project
    )
    window = MainWindow(document)
    window.session.kept.folder = folder
    window.resize(1600, 1000)
    window.show()
    window.canvas.show_start()
    window.workspace.show("draw")
    window.workspace.show("maps")
    window.session.start()
    wait(application, lambda: window.session.report.step >= WARM_STEPS)
    hand = Hand(window.panels["draw"])
    hand.begin(1.0)  # what is drawn for the first time costs more
    before = window.session.report.step, time.perf_counter()
    times = hand.begin(seconds)
    steps = (window.session.report.step - before[0]) / (time.perf_counter() - before[1])
    print(f"{name:10} trained {steps:.1f} steps a second meanwhile", flush=True)
    window.session.close()
    document.replace(document.project)
    window.close()
    application.processEvents()
    return times


def wait(application: Any, until: Callable[[], bool]) -> None:
    """Lets the window live until something is true."""
    end = time.monotonic() + PATIENCE_S
    while not until():
        application.processEvents()
        time.sleep(0.01)
        if time.monotonic() > end:
            raise SystemExit("The training does not begin.")


class Hand:
    """Moves a mouse over the pad, and notes when the bars have followed."""

    def __init__(self, panel: Any) -> None:
        self._panel, self._pad = panel, panel.pad
        self._sent: list[tuple[int, float]] = []  # number of the prediction that a movement asks for, and when
        self._shown: list[tuple[int, float]] = []
        painted, bars = type(panel.bars).paintEvent, panel.bars

        def paint(event: Any) -> None:
            painted(bars, event)
            if panel._said is not None:
                self._shown.append((panel._said.number, time.perf_counter()))

        bars.paintEvent = paint

    def begin(self, seconds: float) -> list[float]:
        """Draws for so long, and waits until the bars have followed."""
        from PySide6.QtCore import QEventLoop, Qt, QTimer

        self._sent.clear()
        self._shown.clear()
        loop, mouse, number, end = QEventLoop(), QTimer(), itertools.count(), time.perf_counter() + seconds

        def tick() -> None:
            if time.perf_counter() < end:
                self._move(next(number))
            elif not self._pad.is_drawing and self._shown and self._shown[-1][0] >= self._sent[-1][0]:
                loop.quit()
            else:
                self._lift()

        mouse.setTimerType(Qt.TimerType.PreciseTimer)
        mouse.timeout.connect(tick)
        mouse.start(EVENT_MS)
        loop.exec()
        mouse.stop()
        return self._times()

    def _move(self, number: int) -> None:
        from PySide6.QtCore import QEvent, QPointF, Qt
        from PySide6.QtGui import QMouseEvent
        from PySide6.QtWidgets import QApplication

        turn, place = 2 * math.pi * (number % STROKE) / STROKE, self._pad.page_place()
        point = QPointF(
            place.center().x() + 0.25 * place.width() * math.sin(turn + number / 97),
            place.center().y() - 0.3 * place.height() * math.cos(turn),
        )
        left, none, plain = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
        if number % STROKE == 0:
            self._lift()
            self._pad.clear()
            event = QMouseEvent(QEvent.Type.MouseButtonPress, point, self._pad.mapToGlobal(point), left, left, plain)
        else:
            event = QMouseEvent(QEvent.Type.MouseMove, point, self._pad.mapToGlobal(point), none, left, plain)
        began = time.perf_counter()  # clearing the page is no movement, what it leaves to be painted is in the way
        QApplication.sendEvent(self._pad, event)
        if self._panel._asked:
            self._sent.append((max(self._panel._asked), began))

    def _lift(self) -> None:
        self._pad._end()

    def _times(self) -> list[float]:
        found, place = [], 0
        for number, began in self._sent:
            while self._shown[place][0] < number:
                place += 1
            found.append(1e3 * (self._shown[place][1] - began))
        assert all(a[0] <= b[0] for a, b in itertools.pairwise(self._shown))
        return found


if __name__ == "__main__":
    main()
