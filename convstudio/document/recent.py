"""The files that were opened last, in the user's folder for settings."""

from __future__ import annotations

import json
from pathlib import Path

import platformdirs

from engine.atomic import SaveError, write_text

MOST = 12
FILE = "recent.json"


class RecentFiles:
    """Remembers which files were used last, newest first; all windows and sessions share it."""

    def __init__(self, folder: Path | None = None) -> None:
        place = folder or Path(platformdirs.user_config_dir("convstudio", appauthor=False))
        self._file = place / FILE

    def paths(self) -> tuple[Path, ...]:
        """Those that are still there; nothing where the list cannot be read."""
        return tuple(path for path in self._all() if _is_file(path))

    def add(self, path: Path) -> None:
        """Puts a file first."""
        known = path.resolve()
        self._write([known, *(other for other in self._all() if other != known)])

    def remove(self, path: Path) -> None:
        """Forgets a file."""
        self._write([other for other in self._all() if other != path.resolve()])

    def clear(self) -> None:
        """Forgets all of them."""
        self._write([])

    def _all(self) -> list[Path]:
        try:
            content = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return []
        names = content if isinstance(content, list) else []
        return [Path(name) for name in names if isinstance(name, str) and name and "\0" not in name][:MOST]

    def _write(self, paths: list[Path]) -> None:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_text(self._file, json.dumps([str(path) for path in paths[:MOST]], indent=1))
        except (OSError, SaveError, UnicodeEncodeError):
            return  # a list of conveniences is not worth a message


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
