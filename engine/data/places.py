"""Where the files of a data set are, without reading any of them."""

from __future__ import annotations

from pathlib import Path

from engine.data.arrays import data_folder
from engine.data.cifar import find_files
from engine.data.sets import CIFAR, IDX, DataSet


def place_of(declared: DataSet, data_dir: Path | str = "") -> Path | None:
    """The folder that holds the files of a data set, in a folder of the user's or in the one of downloads."""
    if not declared.folders:
        return None
    base = Path(data_dir) if data_dir else data_folder()
    candidates = [base / folder for folder in declared.folders] + ([base] if data_dir else [])
    return next((place for place in candidates if place.is_dir() and _has_files(declared, place)), None)


def _has_files(declared: DataSet, place: Path) -> bool:
    if declared.format == IDX:
        return all(idx_file(place, file.name) for file in declared.files)
    if declared.format == CIFAR:
        return find_files(place) is not None
    return (place / "mnist1d.npz").is_file()


def idx_file(place: Path, name: str) -> Path | None:
    """A file as it was fetched, or unpacked."""
    return next((p for p in (place / name.removesuffix(".gz"), place / name) if p.is_file()), None)
