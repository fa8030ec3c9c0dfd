#!/usr/bin/env python3
"""How soon the window is there, and how long its pictures take with 200 layers on the canvas.

    xvfb-run -a -s "-screen 0 1600x1000x24" python tests/bench/window.py [--runs 5]

Starts the window in a new process for each run, and leaves once its first picture is drawn.  Nothing is remembered of
earlier windows, and Python's byte code is on the disk, as after any first start, also where PYTHONDONTWRITEBYTECODE is
set.  Then a hand zooms with the wheel, pans with the middle button and drags a card in a whole window, on two networks:
GoogLeNet, arranged, and 200 layers side by side, all of them in sight.  A frame is what lies between an event and the
end of the painting that follows.  Without a display it runs on Qt's offscreen platform.  Fails where the window takes
longer than 1.5 s, or one frame in a hundred longer than 16.7 ms.
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QSettings, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from convstudio import app
from convstudio.canvas.canvas import Canvas
from convstudio.collecting import Collector
from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.main_window import MainWindow
from engine.graph import Graph
from engine.spec import make
from engine.templates import template

START_S, FRAME_MS = 1.5, 16.7
FRAMES, REST_S, ZOOM = 240, 1.5, 0.4  # of each gesture; until the next one begins; where words can be read, just so
MOST_S = 0.1  # that a frame may take, else there is none
NOTCH, ONWARD = 20, 60  # of the wheel, and how many of them in one direction
CARDS, COLUMNS = 200, 20
LEFT, MIDDLE, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.NoButton
STARTED = """
import gc, time, sys
began = float(sys.argv[1])
gc.disable()  # as the program does before it loads the window
from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication
from convstudio import app
application = QApplication(["convstudio"])
QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, sys.argv[2])
app.dress(application)
window = app.Windows(application).open()
QTimer.singleShot(0, lambda: (window.grab(), print(time.time() - began), application.quit()))
application.exec()
"""


class Paintings(QObject):
    """Counts how often a widget was painted."""

    count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        self.count += event.type() == QEvent.Type.Paint
        return False


class Hand:
    """Does one thing on the canvas, and waits until it can be seen."""

    def __init__(self, application: QApplication, canvas: Canvas) -> None:
        self._application, self._canvas, self._paintings = application, canvas, Paintings()
        canvas.viewport().installEventFilter(self._paintings)

    def rest(self) -> None:
        """Until everything is sharp, and nothing is left to be done."""
        ends = time.perf_counter() + REST_S
        while time.perf_counter() < ends:
            self._application.processEvents()
            time.sleep(0.002)

    def frame_ms(self, event: QEvent) -> float | None:
        """None where nothing was to be drawn."""
        before, began = self._paintings.count, time.perf_counter()
        QApplication.sendEvent(self._canvas.viewport(), event)
        while self._paintings.count == before and time.perf_counter() < began + MOST_S:
            self._application.processEvents()
        return 1e3 * (time.perf_counter() - began) if self._paintings.count > before else None

    def zoom(self) -> list[float]:
        """With the wheel, nearer and back again."""
        place = QPointF(self._canvas.viewport().rect().center())
        keys, phase = Qt.KeyboardModifier.ControlModifier, Qt.ScrollPhase.NoScrollPhase
        turns = [QPoint(0, NOTCH if step % (2 * ONWARD) < ONWARD else -NOTCH) for step in range(FRAMES)]
        return self._frames(QWheelEvent(place, place, QPoint(), turn, NONE, keys, phase, False) for turn in turns)

    def drag(self, button: Qt.MouseButton, place: QPointF, step: QPointF) -> list[float]:
        """With one button held, there and back again."""
        ways = [place + step * min(number, FRAMES - number) for number in range(1, FRAMES)]
        QApplication.sendEvent(self._canvas.viewport(), self._mouse(QEvent.Type.MouseButtonPress, place, button))
        times = self._frames(self._mouse(QEvent.Type.MouseMove, way, button) for way in ways)
        QApplication.sendEvent(self._canvas.viewport(), self._mouse(QEvent.Type.MouseButtonRelease, place, button))
        return times

    def _frames(self, events: Iterable[QEvent]) -> list[float]:
        found = [time for time in map(self.frame_ms, events) if time is not None]
        assert len(found) > FRAMES / 2, "Most of what the hand did could not be seen"
        return found

    def _mouse(self, kind: QEvent.Type, place: QPointF, button: Qt.MouseButton) -> QMouseEvent:
        changed = NONE if kind == QEvent.Type.MouseMove else button
        held = NONE if kind == QEvent.Type.MouseButtonRelease else button
        whole = QPointF(self._canvas.viewport().mapToGlobal(place.toPoint()))
        return QMouseEvent(kind, place, whole, changed, held, Qt.KeyboardModifier.NoModifier)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "" if os.environ.get("DISPLAY") else "offscreen")
    slow = []
    if options.runs:
        starts = list(started(options.runs + 1))[1:]  # the first one fills the caches
        start = statistics.median(starts)
        print(f"the window is there after {start:.2f} s (median of {options.runs}; the slowest {max(starts):.2f} s)")
        slow += [f"the window ({start:.2f} s)"] if start > START_S else []
    application = QApplication(["convstudio"])
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, tempfile.mkdtemp())
    app.dress(application)
    Collector(application)
    networks = {"googlenet": edits.lay_out(Project(template("googlenet"))).project, "200 relu": Project(side_by_side())}
    for network, project in networks.items():
        for gesture, times in frames(application, project).items():
            middle, late = statistics.median(times), statistics.quantiles(times, n=100)[-1]
            figures = f"median {middle:.1f} ms, 99th percentile {late:.1f}, longest {max(times):.1f}"
            print(f"{network}, {gesture:4} ({len(times)} frames): {figures}")
            slow += [f"{network}, {gesture}"] if late > FRAME_MS else []
    raise SystemExit(f"Too slow: {', '.join(slow)}" if slow else 0)


def started(runs: int) -> Iterator[float]:
    """Seconds until the window is there."""
    with tempfile.TemporaryDirectory() as folder:  # of byte code, and of what is remembered: nothing
        known = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        known["PYTHONPYCACHEPREFIX"] = folder
        for _ in range(runs):
            command = [sys.executable, "-c", STARTED, str(time.time()), folder]
            yield float(subprocess.run(command, env=known, check=True, capture_output=True, text=True).stdout)


def side_by_side() -> Graph:
    """As many layers in sight as there can be."""
    graph = Graph(name="200 layers").add(make("input", shape=(16, 20, 20)), id="input1", position=(0.0, 0.0))
    before = "input1"
    for number in range(1, CARDS):
        row, column = divmod(number, COLUMNS)
        name, place = f"relu{number}", (column * 190.0, row * 110.0)
        graph = graph.add(make("relu"), before, id=name, position=place)
        before = name
    return graph


def frames(application: QApplication, project: Project) -> dict[str, list[float]]:
    """Milliseconds of each frame while a hand moves."""
    window = MainWindow(Document(project))
    window.resize(1600, 1000)
    window.show()
    canvas, found = window.canvas, {}
    hand = Hand(application, canvas)
    canvas.zoom_to_fit()
    hand.rest()
    gc.collect()
    gc.freeze()  # as the program does
    found["zoom"] = hand.zoom()
    canvas.zoom_by(ZOOM / canvas.zoom)
    canvas.centerOn(canvas.scene_.content().center())
    hand.rest()
    print(f"{sum(canvas.scene_.cards[n].isVisible() for n in canvas.scene_.cards)} cards, zoom {canvas.zoom:.2f}")
    middle = canvas.viewport().rect().center()
    found["pan"] = hand.drag(MIDDLE, QPointF(middle), QPointF(2, 3))
    hand.rest()
    cards = canvas.scene_.cards.values()
    nearest = min(cards, key=lambda card: (card.face().center() - canvas.visible_centre()).manhattanLength())
    found["drag"] = hand.drag(LEFT, QPointF(canvas.mapFromScene(nearest.face().center())), QPointF(1, 1))
    window.document.replace(window.document.project)
    window.close()
    return found


if __name__ == "__main__":
    main()
