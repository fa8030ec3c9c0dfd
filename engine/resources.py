"""Finds the files that come with the app: templates, icons, examples and help."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent


def resource_path(*parts: str) -> Path:
    """The path of a file or folder in `resources/`, in a checkout as in the installed app."""
    installed = _HERE / "_resources"  # where the wheel puts them (pyproject.toml); a checkout has no such folder
    return (installed if installed.is_dir() else _HERE.parent / "resources").joinpath(*parts)


def read_text(*parts: str) -> str:
    """The text of a file in `resources/`."""
    return resource_path(*parts).read_text(encoding="utf-8")
