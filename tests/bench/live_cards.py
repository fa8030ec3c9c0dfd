"""How long a window with 200 cards is busy with one report of a network in training; a picture has 16 ms.

    QT_QPA_PLATFORM=offscreen .venv/bin/python tests/bench/live_cards.py

Every report brings new pictures for all cards in sight, the epoch's line on all cards, and new numbers; everything is
drawn at once. Prints median and slowest, at full size and with many cards in sight.
"""

from __future__ import annotations

import os
import statistics
import sys
import time

import numpy as np
from PySide6.QtWidgets import QApplication

from convstudio.canvas.canvas import Canvas
from convstudio.canvas.live import LEGIBLE, Numbers
from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.live_cards import drawn
from engine.graph import Graph
from engine.protocol import Picture
from engine.spec import make

CARDS, COLUMNS = 200, 10
FRAME_MS, REPORTS = 16.0, 120


def grid() -> Graph:
    graph = Graph(name="200 layers").add(make("input", shape=(16, 20, 20)), id="input1", position=(0.0, 0.0))
    before = "input1"
    for number in range(1, CARDS):
        row, column = divmod(number, COLUMNS)
        name = f"relu{number}"
        graph = graph.add(make("relu"), before, id=name, position=(column * 224.0, row * 132.0))
        before = name
    return graph


def report_ms(app: QApplication, canvas: Canvas, number: int, rng: np.random.Generator) -> float:
    """The processor's time for one report, from its pictures to the screen."""
    live, room = canvas.live, canvas.live.picture_room_px
    names = live.in_sight()
    pictures = [Picture(name, rng.integers(0, 255, (1, 20, 20), dtype=np.uint8), signed=False) for name in names]
    start = time.process_time()
    live.show_pictures({picture.node: drawn(picture, room) for picture in pictures})
    live.show_progress(number / 1000)
    if number % 20 == 0:  # once a second
        live.show_numbers({name: Numbers(rng.random(), f"{rng.random():.1e}") for name in canvas.scene_.cards})
    app.processEvents()
    return (time.process_time() - start) * 1e3


def main() -> int:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication([])
    canvas, rng = Canvas(Document(Project(grid()))), np.random.default_rng(0)
    canvas.resize(1600, 1000)
    canvas.show()
    slow = 0.0
    for zoom in (1.0, LEGIBLE):
        canvas.show_start()
        canvas.zoom_by(zoom / canvas.zoom)
        canvas.centerOn(1000, 800)
        app.processEvents()
        times = [report_ms(app, canvas, number, rng) for number in range(REPORTS)][5:]
        median = statistics.median(times)
        slow = max(slow, median)
        print(
            f"{len(canvas.live.in_sight())} pictures at {zoom:g}: median {median:.1f} ms, slowest {max(times):.1f} ms"
        )
    return 0 if slow < FRAME_MS else 1


if __name__ == "__main__":
    sys.exit(main())
