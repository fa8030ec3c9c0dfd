"""Where runs are kept, and what a run found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
from safetensors import SafetensorError
from safetensors.numpy import load_file

from engine.run_files import BEST, LAST

MOST_BYTES = 8 << 30  # of a checkpoint: more is not ours
LONGEST_NAME = 100  # letters; systems take 255 bytes
NETWORK_PREFIX = "network/"  # of a checkpoint's tensors that belong to the network


def runs_folder() -> Path:
    """The user's runs."""
    return Path(platformdirs.user_data_dir("convstudio", appauthor=False)) / "runs"


def free_folder(name: str, inside: Path) -> Path:
    """A folder for a new run of a network of this name; made at once, so that no other window takes it meanwhile."""
    stem = re.sub(r"[^\w-]+", "-", name.lower()).strip("-_")[:LONGEST_NAME] or "run"
    number, place = 1, inside / stem
    while not _is_ours_now(place):
        number += 1
        place = inside / f"{stem}-{number}"
    return place


def _is_ours_now(place: Path) -> bool:
    """Makes the folder; one that cannot be made at all is told by whoever writes into it."""
    try:
        place.mkdir(parents=True)
    except FileExistsError:
        return not place.exists()  # what is in the way is above it
    except OSError:
        return True
    return True


def give_back(folder: str) -> None:
    """Removes a run's folder that nothing was written into."""
    with suppress(OSError):  # which is raised where there is anything
        Path(folder).rmdir()  # fails where there is anything


def can_go_on(folder: str) -> bool:
    """Whether there is a checkpoint."""
    return bool(folder) and (Path(folder) / LAST).is_file()


def found_weights(folder: str) -> Mapping[str, np.ndarray[Any, Any]]:
    """The numbers of a run's best epoch, else of its last checkpoint; none where there is nothing to read."""
    best, last = Path(folder) / BEST, Path(folder) / LAST
    found = _numbers(best) if best.is_file() else {}
    if found or not last.is_file():
        return found
    return {k.removeprefix(NETWORK_PREFIX): v for k, v in _numbers(last).items() if k.startswith(NETWORK_PREFIX)}


def _numbers(path: Path) -> dict[str, np.ndarray[Any, Any]]:
    """The tensors of a file; none where it is not ours: too large, cut off, or with numbers that no training makes."""
    try:
        tensors = load_file(path) if path.stat().st_size <= MOST_BYTES else {}
    except (OSError, ValueError, SafetensorError, MemoryError):
        return {}
    fine = all(array.dtype == np.float32 and np.isfinite(array).all() for array in tensors.values())
    return tensors if fine else {}
