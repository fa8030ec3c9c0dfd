"""A watch on everything that may go wrong while somebody plays with the window."""

from __future__ import annotations

import os
import sys
import threading
import time
import traceback
from types import TracebackType

from PySide6.QtCore import QTimer, qInstallMessageHandler

OFFSCREEN = "This plugin does not support"  # what Qt's platform without a screen says of many things
LOOK_S, LASTING_S = 0.5, 1.0  # between two looks at memory; when the window is asked what keeps it


class Watch:
    """Notes what Python and Qt complain about, how long the window does nothing, and how memory grows."""

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self.longest_gap_s = 0.0
        self._beat, self._beaten_at = QTimer(), 0.0
        self._beat.timeout.connect(self._note_gap)
        self.memory_mb: list[float] = []
        self._looked_at = 0.0
        self._ended = threading.Event()
        self._main = threading.get_ident()
        self._dog = threading.Thread(target=self._see_what_lasts, name="monkey's watch", daemon=True)
        self.lasting: list[str] = []  # where the window was when it did nothing for long

    def __enter__(self) -> Watch:
        self._hooks = sys.excepthook, sys.unraisablehook, threading.excepthook
        sys.excepthook = self._raised
        sys.unraisablehook = lambda seen: self._raised(seen.exc_type, seen.exc_value, seen.exc_traceback)  # type: ignore[arg-type]
        threading.excepthook = lambda seen: self._raised(seen.exc_type, seen.exc_value, seen.exc_traceback)  # type: ignore[arg-type]
        self._before = qInstallMessageHandler(lambda kind, context, text: self._said(text))
        self._beat.start(10)
        self._dog.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._beat.stop()
        self._ended.set()
        self._dog.join()
        sys.excepthook, sys.unraisablehook, threading.excepthook = self._hooks
        qInstallMessageHandler(self._before)

    def _said(self, text: str) -> None:
        if OFFSCREEN not in text:
            self.complaints.append(f"Qt: {text}")

    def _raised(self, kind: type[BaseException], problem: BaseException, trace: TracebackType | None) -> None:
        self.complaints.append("".join(traceback.format_exception(kind, problem, trace)))

    def _note_gap(self) -> None:
        now = time.monotonic()
        if self._beaten_at:
            self.longest_gap_s = max(self.longest_gap_s, now - self._beaten_at)
        self._beaten_at = now
        if now - self._looked_at > LOOK_S:
            self._looked_at = now
            self.memory_mb.append(_memory_mb())

    def _see_what_lasts(self) -> None:
        said_at = 0.0
        while not self._ended.wait(0.05):
            beaten = self._beaten_at
            if beaten and beaten != said_at and time.monotonic() - beaten > LASTING_S:
                said_at = beaten
                frame = sys._current_frames().get(self._main)
                self.lasting.append("".join(traceback.format_stack(frame)[-8:]))

    def growth(self) -> str:
        half = len(self.memory_mb) // 2
        return " → ".join(f"{self.memory_mb[place]:.0f}" for place in (0, half, -1)) + " MB" if half else ""

    def problems(self, longest_gap_s: float, most_growth_mb: float) -> list[str]:
        """Everything that was wrong, once."""
        found = list(dict.fromkeys(self.complaints))
        if self.longest_gap_s > longest_gap_s:
            found.append(f"The window did nothing for {self.longest_gap_s:.1f} s.")
            found += self.lasting
        half = len(self.memory_mb) // 2
        if half and self.memory_mb[-1] - self.memory_mb[half] > most_growth_mb:
            found.append(f"Memory grows: {self.growth()}.")
        return found


def _memory_mb() -> float:
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except OSError:
        return 0.0
