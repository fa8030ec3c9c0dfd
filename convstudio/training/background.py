"""Work that would keep the window waiting, done in a thread, one piece after the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QThreadPool, Signal

from engine.mishaps import in_words

Then = Callable[[Any], None]
DOING = "Work in the background"


class Background(QObject):
    """Does work in the order in which it was given; what comes of it is told in the window's thread."""

    failed = Signal(str)
    _done = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._done.connect(self._tell)

    def do(
        self, work: Callable[[], Any], then: Then | None = None, otherwise: Then | None = None, doing: str = DOING
    ) -> None:
        """Calls `work` in the thread, and here `then` with its result, or `otherwise` with why it failed.

        Without `otherwise` the sentence goes to `failed`. Whatever happens, one of them is called: nobody waits on.
        """
        self._pool.start(lambda: self._work(work, then, otherwise or self.failed.emit, doing))

    def wait(self) -> None:
        """Until everything is done: for the moment before the program ends."""
        self._pool.waitForDone()

    def _work(self, work: Callable[[], Any], then: Then | None, otherwise: Then, doing: str) -> None:
        try:
            result = work()
        except Exception as problem:  # noqa: BLE001  (whatever it was, whoever waits is told)
            self._done.emit(otherwise, in_words(doing, problem))
        else:
            self._done.emit(then, result)

    def _tell(self, then: Then | None, result: Any) -> None:
        if then is not None:
            then(result)
