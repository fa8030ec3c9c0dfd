"""Files that are replaced stay what they were to everybody else: where links lead, who may read them, whole."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import atomic
from engine.atomic import SaveError, write_atomically
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links and rights are told otherwise here")


@pytest.mark.parametrize("before", [b"before", None], ids=["a file", "nothing yet"])
def test_a_link_still_leads_to_the_file(tmp_path: Path, before: bytes | None) -> None:
    (tmp_path / "cloud").mkdir()
    file, link = tmp_path / "cloud" / "net", tmp_path / "link"
    if before is not None:
        file.write_bytes(before)
    link.symlink_to(file)
    write_atomically(link, [b"after"])
    assert link.is_symlink()
    assert file.read_bytes() == b"after"
    assert [path.name for path in sorted(tmp_path.rglob("*"))] == ["cloud", "net", "link"]


def test_what_was_private_stays_so(tmp_path: Path) -> None:
    path = tmp_path / "net"
    path.write_bytes(b"before")
    path.chmod(0o600)
    write_atomically(path, [b"after"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_is_protected_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "net"
    path.write_bytes(b"before")
    monkeypatch.setattr(atomic.os, "access", lambda path, mode: mode != os.W_OK)  # for root nothing is protected
    with pytest.raises(SaveError) as caught:
        write_atomically(path, [b"after"])
    assert str(caught.value) == f"{path} could not be saved: Permission denied. What was saved before is unharmed."
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_cannot_be_synchronised_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some network disks cannot: the file is there all the same."""
    sync = os.fsync

    def only_files(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(22, "Invalid argument")
        sync(handle)

    monkeypatch.setattr(atomic.os, "fsync", only_files)
    write_atomically(tmp_path / "net", [b"after"])
    assert (tmp_path / "net").read_bytes() == b"after"


@pytest.mark.parametrize("name", ["n" * 255, "ñ" * 127, "n" * 250])
def test_every_name_that_a_folder_takes_can_be_saved(tmp_path: Path, name: str) -> None:
    write_atomically(tmp_path / name, [b"after"])
    assert [path.name for path in tmp_path.iterdir()] == [name]
    with pytest.raises(SaveError, match="File name too long"):
        write_atomically(tmp_path / ("n" * 256), [b"after"])


def test_two_that_write_one_file_at_once_leave_one_of_theirs(tmp_path: Path) -> None:
    path, begun, goes_on = tmp_path / "net", threading.Event(), threading.Event()

    def slow() -> Iterator[bytes]:
        yield b"one" * 10_000
        begun.set()
        assert goes_on.wait(PATIENCE_S)
        yield b"one"

    def quick() -> None:
        write_atomically(path, [b"two"])

    threads = [threading.Thread(target=lambda: write_atomically(path, slow())), threading.Thread(target=quick)]
    threads[0].start()
    assert begun.wait(PATIENCE_S)
    threads[1].start()
    threads[1].join(0.2)  # it has to wait; without the other's leave it would be done by now
    goes_on.set()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert path.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_a_pipe_or_device_is_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(SaveError, match="it is a device or a pipe, not a file"):
        write_atomically(pipe, [b"content"])
    assert pipe.is_fifo()
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]
