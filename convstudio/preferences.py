"""What somebody prefers, for all windows: it is effective at once, and remembered."""

from __future__ import annotations

import os
from typing import Any

import attrs
from PySide6.QtCore import QObject, QSettings, Signal
from PySide6.QtWidgets import QApplication

from convstudio.look.theme import DARK, LIGHT, SYSTEM, appearance
from engine.data.arrays import DATA_VARIABLE

THREADS_VARIABLE = "NUMBA_NUM_THREADS"  # what the processes that compute look at
MOST_THREADS = 256
COPY_SECONDS = (5, 600)


@attrs.frozen
class Preferences:
    """Every preference with what it is before anybody chose."""

    theme: str = SYSTEM
    still: bool = False
    data_folder: str = ""
    threads: int = 0
    copy_seconds: int = 60


class Preferred(QObject):
    """The application's preferences."""

    changed = Signal(object, object)  # Preferences before and after

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.now = read()
        self._given = {name: os.environ.get(name) for name in (DATA_VARIABLE, THREADS_VARIABLE)}  # from outside

    def set(self, **changes: Any) -> None:
        """Changes some, keeps them for the next start, and makes them effective."""
        before, self.now = self.now, attrs.evolve(self.now, **changes)
        if self.now != before:
            for name, value in attrs.asdict(self.now).items():
                QSettings().setValue(f"preferences/{name}", value)
            self.apply()
            self.changed.emit(before, self.now)

    def read_again(self) -> None:
        """Takes what is remembered."""
        before, self.now = self.now, read()
        self.apply()
        if self.now != before:
            self.changed.emit(before, self.now)

    def apply(self) -> None:
        """Looks, moves and computes as it is preferred; processes that begin from now on see it too."""
        appearance().still = self.now.still
        appearance().choose(self.now.theme)
        self._tell(DATA_VARIABLE, self.now.data_folder)
        self._tell(THREADS_VARIABLE, str(self.now.threads) if self.now.threads else "")

    def _tell(self, variable: str, value: str) -> None:
        """What was given from outside holds where nothing is preferred."""
        wanted = value or self._given[variable]
        if wanted:
            os.environ[variable] = wanted
        else:
            os.environ.pop(variable, None)


def read() -> Preferences:
    """What is remembered, as far as it can be used."""
    settings, usual = QSettings(), Preferences()
    theme = settings.value("preferences/theme")
    folder = settings.value("preferences/data_folder")
    return Preferences(
        theme=str(theme) if theme in (SYSTEM, LIGHT, DARK) else usual.theme,
        still=str(settings.value("preferences/still")).lower() == "true",
        data_folder=folder if isinstance(folder, str) and os.path.isdir(folder) else usual.data_folder,
        threads=_number(settings.value("preferences/threads"), 0, MOST_THREADS, usual.threads),
        copy_seconds=_number(settings.value("preferences/copy_seconds"), *COPY_SECONDS, usual.copy_seconds),
    )


def _number(value: object, low: int, high: int, usual: int) -> int:
    try:
        number = int(str(value))
    except ValueError:
        return usual
    return number if low <= number <= high else usual


_preferred: list[Preferred] = []


def preferred() -> Preferred:
    """The application's one."""
    if not _preferred:
        _preferred.append(Preferred(QApplication.instance()))
        QApplication.instance().destroyed.connect(_preferred.clear)  # type: ignore[union-attr]
    return _preferred[0]
