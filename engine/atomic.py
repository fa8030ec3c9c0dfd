"""Files that are either whole or not there: a killed process or a full disk never harms what was there before."""

from __future__ import annotations

import errno
import os
import stat
import zlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from weakref import WeakValueDictionary

from engine.errors import EngineError

MOST_NAME_BYTES = 255


class SaveError(EngineError):
    """A file that could not be written; the one before it is unharmed."""


def write_atomically(path: Path, pieces: Iterable[bytes]) -> None:
    """Writes a neighbour first, makes sure that it is on the disk, and gives it the name in one go."""
    try:
        target = Path(os.path.realpath(path))  # a link goes on to lead to the file
        with _turn(target):
            _replace(target, pieces)
    except (OSError, ValueError) as problem:  # ValueError: no name of a file can hold a zero
        reason = getattr(problem, "strerror", None) or str(problem)
        raise SaveError(f"{path} could not be saved: {reason}. What was saved before is unharmed.") from problem


_turns: WeakValueDictionary[Path, Lock] = WeakValueDictionary()
_asking = Lock()


def _turn(target: Path) -> Lock:
    """Two windows may save to one file at once: one after the other, as both write the same neighbour."""
    with _asking:
        return _turns.setdefault(target, Lock())


def neighbour(target: Path) -> Path:
    """Where a file is written before it gets its name; in folders of all disks a name has 255 bytes at most."""
    name = target.name + ".part"
    if len(os.fsencode(name)) > MOST_NAME_BYTES:
        name = f"{zlib.crc32(os.fsencode(target.name)):08x}.part"
    return target.with_name(name)


def _replace(target: Path, pieces: Iterable[bytes]) -> None:
    part = neighbour(target)
    is_new = not target.exists()
    if not is_new and not target.is_file() and not target.is_dir():
        raise OSError(errno.EINVAL, "it is a device or a pipe, not a file")  # which would be gone
    try:
        with open(part, "wb") as file:
            if not is_new and not os.access(target, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))  # the system would let it be replaced
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        if not is_new:
            with suppress(OSError):  # some disks know no rights
                part.chmod(stat.S_IMODE(target.stat().st_mode))
        os.replace(part, target)
    except (OSError, ValueError):
        with suppress(OSError, ValueError):  # a name that is too long is so here, too
            part.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    """Makes the new name itself survive a power cut, where the system can; some network disks cannot."""
    if os.name != "posix":
        return
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def write_text(path: Path, text: str) -> None:
    """The same for text; halves of characters, which a clipboard may hold, become question marks."""
    write_atomically(path, [text.encode("utf-8", "replace")])
