"""Work that would keep the window waiting, done in a thread, one piece after the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QThreadPool, Signal

from engine.errors import EngineError


class Background(QObject):
    """Does work in the order in which it was given; what comes of it is told in the window's thread."""

    failed = Signal(str)
    _done = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._done.connect(self._tell)

    def do(self, work: Callable[[], Any], then: Callable[[Any], None] | None = None) -> None:
        """Calls `work` in the thread, and `then` with its result here; a sentence that it raises goes to `failed`."""
        self._pool.start(lambda: self._work(work, then))

    def wait(self) -> None:
        """Until everything is done: for the moment before the program ends."""
        self._pool.waitForDone()

    def _work(self, work: Callable[[], Any], then: Callable[[Any], None] | None) -> None:
        try:
            result = work()
        except (EngineError, OSError) as problem:
            self._done.emit(self.failed.emit, str(problem))
        else:
            self._done.emit(then, result)

    def _tell(self, then: Callable[[Any], None] | None, result: Any) -> None:
        if then is not None:
            then(result)
