"""Files that are either whole or not there: a killed process or a full disk never harms what was there before."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from engine.errors import EngineError


class SaveError(EngineError):
    """A file that could not be written; the one before it is unharmed."""


def write_atomically(path: Path, pieces: Iterable[bytes]) -> None:
    """Writes a neighbour first, makes sure that it is on the disk, and gives it the name in one go."""
    part = path.with_name(path.name + ".part")
    try:
        with open(part, "wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
        _sync_folder(path.parent)
    except (OSError, ValueError) as problem:  # ValueError: no name of a file can hold a zero
        with suppress(OSError, ValueError):  # a name that is too long is so here, too
            part.unlink(missing_ok=True)
        reason = getattr(problem, "strerror", None) or str(problem)
        raise SaveError(f"{path} could not be saved: {reason}. What was saved before is unharmed.") from problem


def _sync_folder(folder: Path) -> None:
    """Makes the new name itself survive a power cut, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_text(path: Path, text: str) -> None:
    """The same for text; halves of characters, which a clipboard may hold, become question marks."""
    write_atomically(path, [text.encode("utf-8", "replace")])
