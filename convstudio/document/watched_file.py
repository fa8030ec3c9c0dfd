"""The file that a window shows: told when another window, or another program, writes or removes it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

Stamp = tuple[int, int, int] | None
SETTLES_MS = 200  # whoever writes a file may remove it first


def stamp_of(path: Path) -> Stamp:
    """What changes when somebody writes a file; None where there is none."""
    try:
        state = path.stat()
    except (OSError, ValueError):
        return None
    return state.st_mtime_ns, state.st_size, state.st_ino


class WatchedFile(QObject):
    """Knows a file as its window has read or written it."""

    changed = Signal()  # it is not what it was when this was said last

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path: Path | None = None
        self._known: Stamp = None
        self._seen: Stamp = None
        self._watcher: QFileSystemWatcher | None = None  # made for the first file: the window is there sooner
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(SETTLES_MS)
        self._settled.timeout.connect(self._look)

    def know(self, path: Path | None, stamp: Stamp = None) -> None:
        """Which file it is now, and how it was when it was read or written."""
        self._path, self._known, self._seen = path, stamp, stamp
        if self._watcher is not None and (paths := self._watcher.files() + self._watcher.directories()):
            self._watcher.removePaths(paths)
        self._watch()
        self._settled.start()  # somebody may have written it since

    def is_another(self, path: Path) -> bool:
        """Whether a file that is there is not the one that the window knows."""
        now = stamp_of(path)
        return self._path == path and now is not None and now != self._known

    def _watch(self) -> None:
        """The folder, too: a file that is replaced, as it is when it is saved, is no longer looked at."""
        if self._path is None:
            return
        if self._watcher is None:
            self._watcher = QFileSystemWatcher(self)
            self._watcher.fileChanged.connect(self._wait)
            self._watcher.directoryChanged.connect(self._wait)
        there = [str(place) for place in (self._path, self._path.parent) if stamp_of(place) is not None]
        watched = {*self._watcher.files(), *self._watcher.directories()}
        if new := [place for place in there if place not in watched]:
            self._watcher.addPaths(new)

    def _wait(self) -> None:
        """In a folder where something happens all the time one has to look all the same."""
        if not self._settled.isActive():
            self._settled.start()

    def _look(self) -> None:
        if self._path is None:
            return
        self._watch()
        now = stamp_of(self._path)
        if now != self._seen:
            self._seen = now
            self.changed.emit()
