"""Python's search for cycles of objects, kept to the window's thread.

By itself Python searches in whichever thread happens to make many objects. A dialog or a plot that is part of a cycle
would then end in a thread that only reads a file, while Qt still draws it: the program crashes, rarely and anywhere.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

LOOK_MS = 250  # between two looks at how much there is to search


class Collector(QObject):
    """Searches as often as Python would, between two events of the window."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(collect_what_is_due)
        self._timer.start(LOOK_MS)


def collect_what_is_due() -> None:
    """Searches the oldest generation whose turn it is, and with it those that are younger."""
    for generation, (count, most) in reversed(tuple(enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True)))):
        if 0 < most < count:
            gc.collect(generation)
            return
