"""Copies of unsaved work: written in the background, found after a crash, gone after a clean close.

Each document has a folder of its own:
session.lock        held while the document is open; a lock whose process is gone marks a crash
recovery.convstudio the project as it stood
weights.convstudio  the same with what training found, written only when that changed
about.json          the file that the document belongs to, its title, and when this was written
"""

from __future__ import annotations

import contextlib
import json
import shutil
import time
import uuid
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import platformdirs
from PySide6.QtCore import QLockFile, QObject, QRunnable, QThreadPool, QTimer, Signal

from convstudio.document import files
from convstudio.document.document import Document
from convstudio.document.files import Stored
from convstudio.document.project import Project
from engine.atomic import write_atomically, write_text
from engine.errors import EngineError
from engine.mishaps import in_words

LOCK, PROJECT, WEIGHTS, ABOUT = "session.lock", "recovery.convstudio", "weights.convstudio", "about.json"
EVERY_MS, AFTER_BURST_MS = 60_000, 2_000
FORMAT, VERSION = "convstudio-recovery", 1
ADVICE = "Save it yourself, or free some room on the disk; it is tried again every minute."


def recovery_folder() -> Path:
    """Where unsaved work is kept."""
    return Path(platformdirs.user_state_dir("convstudio", appauthor=False)) / "recovery"


@attrs.frozen
class Recovery:
    """Unsaved work of a session that crashed."""

    folder: Path
    title: str
    path: Path | None  # the file that it belongs to
    saved_at: float  # seconds since 1970

    def project(self) -> Project:
        """What was on the canvas."""
        return files.read_project(self.folder / PROJECT)

    def load(self) -> Stored:
        """What was on the canvas, with the newest weights that there are."""
        stored = files.read(self.folder / PROJECT)
        for place in (self.folder / WEIGHTS, self.path):
            if place is not None and place.is_file() and files.is_project(place):
                with contextlib.suppress(EngineError):  # the drawing is worth having without them
                    return attrs.evolve(stored, weights=files.read(place).weights)
        return stored

    def discard(self) -> None:
        """Deletes it for good."""
        shutil.rmtree(self.folder, ignore_errors=True)


def recoveries(folder: Path | None = None) -> tuple[Recovery, ...]:
    """What sessions that crashed have left, newest first; what they had saved anyway is cleared away."""
    place = folder or recovery_folder()
    found = []
    for session in sorted(place.iterdir()) if place.is_dir() else ():
        lock = _lock_of(session)
        if not session.is_dir() or not lock.tryLock(0):
            continue  # its window is open
        lock.unlock()
        recovery = _recovery(session) or _nameless(session)
        if recovery:
            found.append(recovery)
        else:
            shutil.rmtree(session, ignore_errors=True)
    return tuple(sorted(found, key=lambda recovery: -recovery.saved_at))


def _lock_of(session: Path) -> QLockFile:
    lock = QLockFile(str(session / LOCK))
    lock.setStaleLockTime(0)  # only a process that is gone makes it stale, however old it is
    return lock


def _recovery(session: Path) -> Recovery | None:
    try:
        about = json.loads((session / ABOUT).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    kind = isinstance(about, dict) and about.get("format") == FORMAT
    if not kind or not (session / PROJECT).is_file():
        return None
    title, path, saved_at = about.get("title"), about.get("path"), about.get("saved_at")
    if not isinstance(title, str) or not isinstance(path, str | None) or not isinstance(saved_at, int | float):
        return None
    return Recovery(session, title, Path(path) if path else None, float(saved_at))


def _nameless(session: Path) -> Recovery | None:
    """Work of which nothing is known but that it is there: it is worth having, too."""
    project = session / PROJECT
    try:
        if not zipfile.is_zipfile(project):
            return None
        return Recovery(session, "a network", None, project.stat().st_mtime)
    except OSError:
        return None


class _Wanted:
    """Whether copies are still wanted; they are not once the file is saved."""

    def __init__(self) -> None:
        self.yes = True


class _NotWantedError(EngineError):
    """Ends the writing of a copy that nobody needs."""


class _Writing(QRunnable):
    """Writes values that never change, so that nobody has to wait or to lock."""

    def __init__(
        self,
        folder: Path,
        stored: Stored,
        about: str,
        with_weights: bool,
        wanted: _Wanted,
        ended: Callable[[str], None],
    ) -> None:
        super().__init__()
        self._folder, self._stored, self._about = folder, stored, about
        self._with_weights, self._wanted, self._ended = with_weights, wanted, ended

    def run(self) -> None:
        plain = attrs.evolve(self._stored, weights={})
        problem = ""
        try:
            if self._with_weights:
                write_atomically(self._folder / WEIGHTS, self._pieces(self._stored))
            write_atomically(self._folder / PROJECT, self._pieces(plain))
            write_text(self._folder / ABOUT, self._about)
        except _NotWantedError:
            return
        except Exception as mishap:  # noqa: BLE001  (whoever relies on copies has to know)
            problem = in_words("The copy", mishap)
        if problem or self._wanted.yes:  # a copy that nobody needs any more stands for nothing
            self._ended(problem)

    def _pieces(self, stored: Stored) -> Iterator[bytes]:
        for piece in files.pieces(stored):
            if not self._wanted.yes:
                raise _NotWantedError
            yield piece


class _Removing(QRunnable):
    """Takes the copies away, after what was being written."""

    def __init__(self, folder: Path, lock: QLockFile) -> None:
        super().__init__()
        self._folder, self._lock = folder, lock

    def run(self) -> None:
        self._lock.unlock()
        shutil.rmtree(self._folder, ignore_errors=True)


class Autosave(QObject):
    """Keeps a copy of a document's unsaved work: after each burst of edits, and once a minute."""

    failed = Signal(str)  # said once, until a copy was written again
    written = Signal()  # the newest copy is whole
    _ended = Signal(str)  # from the thread: a copy was written, or why not

    def __init__(self, document: Document, folder: Path | None = None) -> None:
        super().__init__(document)
        self._document = document
        self._place = folder or recovery_folder()
        self._session, self._wanted = self._place / uuid.uuid4().hex, _Wanted()
        self._lock: QLockFile | None = None
        self._written: tuple[object, object] | None = None  # project and weights of the newest copy
        self._failing = self._with_weights = False
        self._ended.connect(self._note)
        self._writer = QThreadPool(self)
        self._writer.setMaxThreadCount(1)  # in order
        self._minute, self._burst = QTimer(self), QTimer(self)
        self._minute.setInterval(EVERY_MS)
        self._burst.setInterval(AFTER_BURST_MS)
        self._burst.setSingleShot(True)
        for timer in (self._minute, self._burst):
            timer.timeout.connect(self.write)
        document.project_changed.connect(self._wait_for_a_rest)
        document.weights_changed.connect(self._wait_for_a_rest)
        document.modified_changed.connect(self._follow_modified)
        self._minute.start()

    @property
    def session(self) -> Path:
        """The folder of this document's copies."""
        return self._session

    def set_interval(self, seconds: int) -> None:
        """How often there is a copy, whatever happens."""
        self._minute.setInterval(1000 * seconds)

    def write(self) -> None:
        """Begins to write the copy, if there is anything new; returns at once."""
        document = self._document
        now = document.project, document.weights
        if not document.modified or (self._written and all(a is b for a, b in zip(now, self._written, strict=True))):
            return
        if not self._prepared():
            self._note(f"{self._place} cannot be written to.")
            return
        weights_changed = bool(document.weights) and (not self._written or self._written[1] is not document.weights)
        about = {
            "format": FORMAT,
            "version": VERSION,
            "title": document.title,
            "path": str(document.path.resolve()) if document.path else None,
            "saved_at": time.time(),
        }
        stored = Stored(document.project, document.weights)
        with_weights = weights_changed and (document.weights_differ or self._with_weights)  # no older ones beside it
        self._with_weights |= with_weights
        ended, text = self._ended.emit, json.dumps(about)
        self._writer.start(_Writing(self._session, stored, text, with_weights, self._wanted, ended))
        self._written = now

    def _note(self, problem: str) -> None:
        """A disk that is full now may have room in a minute: then the copy is written all the same."""
        if problem:
            self._written = None
            if not self._failing:
                self.failed.emit(f"Your unsaved work has no copy for the case of a crash. {problem} {ADVICE}")
        self._failing = bool(problem)
        if not problem:
            self.written.emit()

    def wait(self) -> None:
        """Returns when all copies are on the disk."""
        self._writer.waitForDone()

    def close(self) -> None:
        """The document is closed: its copies are not needed any more."""
        self._minute.stop()
        self._burst.stop()
        self._forget()
        self.wait()  # no more than a megabyte

    def _wait_for_a_rest(self) -> None:
        self._burst.start()

    def _follow_modified(self, modified: bool) -> None:
        if modified:
            self._wait_for_a_rest()
        else:
            self._burst.stop()
            self._forget()

    def _forget(self) -> None:
        """Nobody waits: the copies go when the writer comes to it, and newer ones get a folder of their own."""
        self._wanted.yes = False
        if self._lock is not None:
            self._writer.start(_Removing(self._session, self._lock))
        self._lock = self._written = None
        self._with_weights = False
        self._session, self._wanted = self._place / uuid.uuid4().hex, _Wanted()

    def _prepared(self) -> bool:
        """A folder of one's own, and a lock in it that says whose it is."""
        if self._lock is not None:
            return True
        try:
            self._session.mkdir(parents=True, exist_ok=True)
        except OSError:
            return False
        lock = _lock_of(self._session)
        if not lock.tryLock(0):
            return False
        self._lock = lock
        return True
