"""Decoded samples on the disk, so that the next start only opens them: memory-mapped, never larger than they are."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs

from engine.atomic import SaveError, write_atomically

Array = np.ndarray[Any, Any]
DATA_VARIABLE = "CONVSTUDIO_DATA"  # another folder for data sets
FORMAT = "1"  # of what is kept; another one makes everything anew


def data_folder() -> Path:
    """Where data sets are looked for and downloaded to."""
    chosen = os.environ.get(DATA_VARIABLE)
    return Path(chosen) if chosen else _own_folder()


def _own_folder() -> Path:
    return Path(platformdirs.user_cache_dir("convstudio", appauthor=False)) / "data"


def state_of(*paths: Path) -> str:
    """Names files as they are now: another size or time is another state."""
    facts = [(str(path.resolve()), path.stat().st_size, path.stat().st_mtime_ns) for path in paths]
    return repr(sorted(facts))


def kept(label: str, state: str, make: Callable[[], Mapping[str, Array]]) -> dict[str, Array]:
    """Arrays by name, opened where they are; made and kept where they are not, or were made of something else."""
    digest = hashlib.sha256(f"{FORMAT} {state}".encode()).hexdigest()[:20]
    folder = _own_folder() / "arrays" / label / digest
    try:
        return _opened(folder)
    except (OSError, ValueError, EOFError):
        made = dict(make())
    try:
        shutil.rmtree(folder.parent, ignore_errors=True)  # what is left of earlier states
        folder.mkdir(parents=True, exist_ok=True)
        for name, array in made.items():
            buffer = io.BytesIO()
            np.save(buffer, array, allow_pickle=False)
            write_atomically(folder / f"{name}.npy", [buffer.getvalue()])
        write_atomically(folder / "complete", [",".join(made).encode()])
        return _opened(folder)
    except (OSError, ValueError, SaveError):
        return made  # a full disk, or one that cannot be written to: it is made again next time


def _opened(folder: Path) -> dict[str, Array]:
    names = (folder / "complete").read_text().split(",")
    return {name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in names}
