"""Files that lie about their size, disks that are really full, mirrors that repack: a sentence, and no more memory."""

from __future__ import annotations

import gzip
import hashlib
import io
import struct
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine.data import cifar, npz
from engine.data.catalogue import load, load_own
from engine.data.download import RemoteFile, fetch
from engine.data.pictures import open_picture
from engine.data.sheet import sheet
from engine.errors import DataError

PACKED = gzip.compress(bytes(3000))
FILE = RemoteFile("images.gz", hashlib.sha256(PACKED).hexdigest(), len(PACKED))


class Handler(BaseHTTPRequestHandler):
    """Says of a .gz file that it was compressed on the way, as soon as a client allows that."""

    def do_GET(self) -> None:
        self.send_response(206)
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(PACKED)))
        self.end_headers()
        self.wfile.write(PACKED)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def mirror() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def refusal(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        load_own(path)
    return str(caught.value)


def test_a_disk_without_room_is_told_in_a_sentence(mirror: str, tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full, which takes no byte")
    (tmp_path / "images.gz.part").symlink_to(full)
    with pytest.raises(DataError, match=r"^The disk is full: images\.gz needs 0 MB in .* Free some room and try again"):
        fetch(FILE, [mirror], tmp_path, allow_http=True)


def test_a_mirror_may_not_unpack_on_the_way(mirror: str, tmp_path: Path) -> None:
    assert fetch(FILE, [mirror], tmp_path, allow_http=True).read_bytes() == PACKED


def test_an_array_may_not_claim_more_than_it_has(tmp_path: Path) -> None:
    claim = b"{'descr': '|u1', 'fortran_order': False, 'shape': (9999999999999,), }".ljust(117) + b"\n"
    path = tmp_path / "data.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(claim)) + claim)
    assert refusal(path) == (
        f"{path} cannot be read as arrays: an array claims the shape (9999999999999,) and has 128 bytes."
    )


def test_what_unpacks_to_too_much_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "data.npz"
    np.savez_compressed(path, x=np.zeros((10, 100), np.uint8), y=np.arange(10) % 2)
    monkeypatch.setattr(npz, "MOST_BYTES", 1000)
    assert refusal(path) == f"{path} unpacks to 1336 bytes; at most 1000 are read. Make it smaller."


def test_members_that_are_no_arrays_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x", b"hello")
        archive.writestr("y.npy", b"hello, hello")
    assert refusal(path).startswith(f"{path} cannot be read as arrays: the magic string is not correct")


def test_a_single_label_cannot_ask_for_billions_of_classes(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    np.savez(path, x=np.zeros((3, 4, 4), np.uint8), y=[0, 1, 65_536])
    assert refusal(path) == f"A label in {path} is 65536; classes are counted from 0 to 65535."


def test_an_archive_of_too_many_batches_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cifar, "MOST_IMAGES", 5)
    with tarfile.open(tmp_path / cifar.ARCHIVE, "w:gz") as archive:
        for number in range(3):
            member = tarfile.TarInfo(f"data_batch_{number}.bin")
            member.size = 2 * cifar.RECORD
            archive.addfile(member, io.BytesIO(bytes(member.size)))
    with pytest.raises(DataError, match=r"holds more than 5 images, which CIFAR-10 does not\.$"):
        cifar.read_records([tmp_path / cifar.ARCHIVE], test=False)


def test_sixteen_bits_a_pixel_keep_their_shades(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0, 257 * 100, 65535]], np.uint16)).save(tmp_path / "deep.png")
    assert np.asarray(open_picture(tmp_path / "deep.png", "L")).tolist() == [[0, 100, 255]]


def paint(folder: Path, count: int, ending: str = "png") -> None:
    folder.mkdir(parents=True)
    for number in range(count):
        Image.new("L", (8, 8), 9 * number).save(folder / f"{number}.{ending}", format="PNG")


def test_the_first_line_of_a_table_is_no_heading_where_it_names_a_file(tmp_path: Path) -> None:
    paint(tmp_path / "all", 10, "picture")
    table = tmp_path / "list.csv"
    table.write_text("\n".join(f"all/{number}.picture,{number % 2}" for number in range(10)))
    data = load_own(table)
    assert len(data.train.labels) + len(data.test.labels) == 10


def test_too_few_images_are_told_what_would_be_enough(tmp_path: Path) -> None:
    for name in "ab":
        paint(tmp_path / "few" / name, 1)
    assert refusal(tmp_path / "few") == (
        f"{tmp_path / 'few'} holds too few images to train and to test with; a class should have 3."
    )


def test_two_folders_of_one_name_are_both_kept(tmp_path: Path) -> None:
    for place in ("one", "two"):
        for name in "ab":
            paint(tmp_path / place / "photos" / name, 5)
    first, second = (load_own(tmp_path / place / "photos").train.images for place in ("one", "two"))
    for images in (first, second):
        assert isinstance(images, np.memmap)
        assert images.filename is not None
        assert Path(images.filename).is_file()


def test_a_sheet_is_no_wider_than_there_are_samples(tmp_path: Path) -> None:
    for name in "ab":
        paint(tmp_path / "photos" / name, 5)
    data = load_own(tmp_path / "photos")
    assert sheet(data, "train", 10**9).shape == sheet(data, "train", 4).shape


def test_no_name_is_not_this_folder() -> None:
    with pytest.raises(DataError, match=r"^There is no data set ''; there are digits, mnist"):
        load("")
