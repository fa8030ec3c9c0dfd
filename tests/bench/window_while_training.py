#!/usr/bin/env python3
"""How smooth the window stays while mnist_cnn trains at full speed, and how much of that speed it leaves.

    xvfb-run -a -s "-screen 0 1600x1000x24" python tests/bench/window_while_training.py [--rounds 3]

A real window with charts, filters and activation maps in sight, and the trainer in its process.  A frame is what lies
between two pictures of the canvas, asked for every 8 ms by a timer.  Then, by turns, an epoch with this window in
sight, one with it minimised, and one by `convstudio train`: their speeds are compared as ratios.  It trains on
`digits`, so it needs no data.  Fails where the median frame takes 16 ms or more, the 99th percentile 33 ms or more,
where the window leaves less than 80 % of the speed, or minimised less than 95 %.
"""

from __future__ import annotations

import argparse
import csv
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import attrs
from PySide6.QtCore import QEvent, QEventLoop, QObject, QSettings, Qt, QTimer
from PySide6.QtWidgets import QApplication

from convstudio import app
from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.main_window import MainWindow
from engine.data.source import DataSource
from engine.progress import TRAINING
from engine.settings import TrainingSettings
from engine.templates import template

NETWORK, ASKED_MS, WATCHED_S, EPOCHS = "mnist_cnn", 8, 12.0, 3
MEDIAN_MS, LATE_MS, VISIBLE_SHARE, MINIMISED_SHARE = 16.0, 33.0, 0.80, 0.95


class Frames(QObject):
    """Milliseconds between two pictures of a widget."""

    def __init__(self) -> None:
        super().__init__()
        self.times: list[float] = []
        self._last = 0.0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.Paint:
            now = time.perf_counter()
            if self._last:
                self.times.append(1e3 * (now - self._last))
            self._last = now
        return False


def wait(ms: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


def wait_until(met: object) -> None:
    while not met():  # type: ignore[operator]
        wait(20)


def open_window(runs: Path, picture: str) -> MainWindow:
    """A window with all three panels in sight."""
    settings = TrainingSettings(epochs=EPOCHS, validation_fraction=0.05)
    window = MainWindow(Document(Project(template(NETWORK), settings=settings, data=DataSource("digits"))))
    window.session.kept.folder = runs
    window.resize(1600, 1000)
    window.show()
    window.canvas.show_start()
    docks = window.workspace.docks
    for dock in docks.values():
        window.removeDockWidget(dock)
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, docks["filters"])
    window.splitDockWidget(docks["filters"], docks["maps"], Qt.Orientation.Vertical)
    window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, docks["charts"])
    for name in ("charts", "filters", "maps"):
        docks[name].show()
    window.resizeDocks([docks["filters"]], [560], Qt.Orientation.Horizontal)
    window.document.select(["conv2"])
    wait(2000)
    if picture:
        window.grab().save(picture)
    for name in ("charts", "filters", "maps"):
        assert not docks[name].visibleRegion().isEmpty(), f"{name} cannot be seen"
    return window


def frames(window: MainWindow) -> list[float]:
    """Of some seconds in the middle of a run."""
    settings = attrs.evolve(window.document.project.settings, epochs=1000)
    window.document.project = attrs.evolve(window.document.project, settings=settings)
    window.session.start()
    wait_until(lambda: window.session.phase == TRAINING and window.session.report.step > 20)
    found, timer, view = Frames(), QTimer(), window.canvas.viewport()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(view.update)
    view.installEventFilter(found)
    timer.start(ASKED_MS)
    wait(int(1000 * WATCHED_S))
    timer.stop()
    view.removeEventFilter(found)
    window.session.stop()
    wait_until(lambda: not window.session.running and window.session.phase == "stopped")
    return found.times


def trained_in_window(window: MainWindow) -> float:
    """Seconds of an epoch, the first left out."""
    settings = attrs.evolve(window.document.project.settings, epochs=EPOCHS)
    window.document.project = attrs.evolve(window.document.project, settings=settings)
    ended: list[object] = []
    window.session.finished.connect(ended.append)
    window.session.start()
    wait_until(lambda: bool(ended))
    with (Path(window.session.folder) / "history.csv").open(encoding="utf-8") as file:
        return statistics.median(float(line["seconds"]) for line in list(csv.DictReader(file))[1:])


def trained_by_command(folder: Path) -> float:
    """The same by `convstudio train`."""
    command = [sys.executable, "-m", "convstudio", "train", NETWORK, "--data", "digits", "--epochs", str(EPOCHS)]
    done = subprocess.run([*command, "--out", str(folder), "--json", "-"], check=True, capture_output=True, text=True)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return statistics.median(line["seconds"] for line in [line for line in lines if "seconds" in line][1:EPOCHS])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--picture", default="", help="where to write what the window looks like")
    options = parser.parse_args()
    application = QApplication(["convstudio"])
    missed = []
    with tempfile.TemporaryDirectory() as place:
        QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, place)
        app.dress(application)
        window = open_window(Path(place) / "runs", options.picture)
        times = frames(window)
        median, late = statistics.median(times), statistics.quantiles(times, n=100)[-1]
        print(f"{len(times)} frames: median {median:.1f} ms, 99th percentile {late:.1f}, longest {max(times):.0f}")
        missed += [f"median {median:.1f} ms"] if median >= MEDIAN_MS else []
        missed += [f"99th percentile {late:.1f} ms"] if late >= LATE_MS else []
        found: dict[str, list[float]] = {"command": [], "visible": [], "minimised": []}
        for number in range(options.rounds):
            found["command"].append(trained_by_command(Path(place) / f"run-{number}"))
            found["visible"].append(trained_in_window(window))
            window.session.set_visible(False)
            window.showMinimized()
            found["minimised"].append(trained_in_window(window))
            window.showNormal()
            window.session.set_visible(True)
            wait(500)
        for name, share in (("visible", VISIBLE_SHARE), ("minimised", MINIMISED_SHARE)):
            ratios = [theirs / ours for theirs, ours in zip(found["command"], found[name], strict=True)]
            middle = statistics.median(ratios)
            print(f"{name:9}: {middle:.0%} of the speed of convstudio train ({', '.join(f'{r:.2f}' for r in ratios)})")
            missed += [f"{name} {middle:.0%}"] if middle < share else []
        window.session.close()
        window.document.replace(window.document.project)
        window.close()
    raise SystemExit(f"Missed: {', '.join(missed)}" if missed else 0)


if __name__ == "__main__":
    main()
