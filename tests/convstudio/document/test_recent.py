"""The files that were used last."""

from __future__ import annotations

from pathlib import Path

import pytest

from convstudio.document.recent import MOST, RecentFiles


def made(folder: Path, *names: str) -> list[Path]:
    for name in names:
        (folder / name).touch()
    return [folder / name for name in names]


def test_the_newest_comes_first_and_each_once(tmp_path: Path) -> None:
    a, b = made(tmp_path, "a", "b")
    recent = RecentFiles(tmp_path / "settings")
    for path in (a, b, a):
        recent.add(path)
    assert recent.paths() == (a, b)
    assert RecentFiles(tmp_path / "settings").paths() == (a, b)
    recent.remove(a)
    assert recent.paths() == (b,)
    recent.clear()
    assert recent.paths() == ()


def test_files_that_are_gone_are_left_out_and_the_list_stays_short(tmp_path: Path) -> None:
    recent = RecentFiles(tmp_path / "settings")
    paths = made(tmp_path, *(f"{i}" for i in range(MOST + 3)))
    for path in paths:
        recent.add(path)
    assert len(recent.paths()) == MOST
    paths[-1].unlink()
    assert recent.paths()[0] == paths[-2]


@pytest.mark.parametrize("content", [b"", b"{}", b"[3, null]", b'["\\u0000"]', b"\xff"])
def test_a_broken_list_is_no_list(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "recent.json").write_bytes(content)
    assert RecentFiles(tmp_path).paths() == ()


def test_a_folder_that_cannot_be_written_disturbs_nobody(tmp_path: Path) -> None:
    (path,) = made(tmp_path, "file")
    RecentFiles(path / "settings").add(path)
    assert RecentFiles(path / "settings").paths() == ()
