"""What goes wrong, as a sentence; the details of what nobody foresaw go into a file for whoever mends it."""

from __future__ import annotations

import os
import time
import traceback
from contextlib import suppress
from pathlib import Path

import platformdirs

from engine.errors import EngineError

MOST_BYTES = 1 << 20  # of the file; then it begins anew beside the one before
LONGEST = 200  # letters of what a mistake says of itself


def log_file() -> Path:
    """Where the details are."""
    return Path(platformdirs.user_log_dir("convstudio", appauthor=False)) / "convstudio.log"


def in_words(doing: str, problem: BaseException) -> str:
    """A sentence for the user about any exception; `doing` is what failed, as its first words where it has none."""
    if isinstance(problem, EngineError):
        return str(problem)
    if isinstance(problem, MemoryError):
        return f"{doing} failed: there is not enough memory. Close other programs and try again."
    if isinstance(problem, OSError) and problem.strerror:
        what = f"{problem.filename}: {problem.strerror}" if problem.filename else problem.strerror
        return f"{doing} failed ({what}). Check the disk and its rights, and try again."
    return unforeseen(doing, problem)


def unforeseen(doing: str, problem: BaseException) -> str:
    """A sentence about a mistake of the program itself."""
    place = note(doing, problem)
    details = f" The details are in {place}." if place else ""
    what = " ".join(str(problem).split())[:LONGEST]
    name = type(problem).__name__
    return f"{doing} failed for a reason that nobody foresaw ({f'{name}: {what}' if what else name}).{details}"


def note(doing: str, problem: BaseException) -> Path | None:
    """Writes the details; None where that is impossible, which is no reason to fail once more."""
    path = log_file()
    lines = "".join(traceback.format_exception(problem))
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file() and path.stat().st_size > MOST_BYTES:
            os.replace(path, path.with_suffix(".old.log"))
        with open(path, "a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} (process {os.getpid()}) {doing}\n{lines}\n")
        return path
    return None
