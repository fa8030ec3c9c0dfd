"""Downloads against a server on this machine that stalls, cuts off, corrupts, redirects and answers nonsense."""

from __future__ import annotations

import errno
import hashlib
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.data import download
from engine.data.download import Cancelled, RemoteFile, fetch
from engine.errors import DataError
from tests.patience import PATIENCE_S

CONTENT = np.random.default_rng(0).bytes(200_000)
FILE = RemoteFile("images.gz", hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))
Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers as the first part of the path says."""

    protocol_version = "HTTP/1.1"
    server: Any

    def do_GET(self) -> None:
        way = self.path.split("/")[1]
        self.server.asked.append((way, self.headers.get("Range")))
        ANSWERS[way](self)
        self.close_connection = True

    def send(self, status: int, body: bytes, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.send_header("Connection", "close")
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


def whole(handler: Handler) -> None:
    handler.send(200, CONTENT)


def resumable(handler: Handler) -> None:
    start = int(handler.headers["Range"].removeprefix("bytes=").rstrip("-"))
    handler.send(206, CONTENT[start:])


def cut(handler: Handler) -> None:
    """Half of it; the rest only for those who ask for it."""
    start = int(handler.headers["Range"].removeprefix("bytes=").rstrip("-"))
    if start:
        handler.send(206, CONTENT[start:])
    else:
        handler.send(200, CONTENT[:90_112], len(CONTENT))


def always_cut(handler: Handler) -> None:
    handler.send(200, CONTENT[:90_112], len(CONTENT))


def corrupt(handler: Handler) -> None:
    handler.send(200, CONTENT[:-1] + b"?")


def endless(handler: Handler) -> None:
    handler.send(200, CONTENT + CONTENT)


def stall(handler: Handler) -> None:
    handler.send(200, CONTENT[:1000], len(CONTENT))
    handler.wfile.flush()
    handler.server.released.wait(PATIENCE_S)


def missing(handler: Handler) -> None:
    handler.send(404, b"no such file")


def broken(handler: Handler) -> None:
    handler.send(500, b"oh")


def away(handler: Handler) -> None:
    handler.send(302, b"", Location="/resumable/images.gz")


def in_circles(handler: Handler) -> None:
    handler.send(302, b"", Location=handler.path)


ANSWERS: dict[str, Answer] = {
    f.__name__: f
    for f in (whole, resumable, cut, always_cut, corrupt, endless, stall, missing, broken, away, in_circles)
}


class Server:
    """The server's address, and what it was asked."""

    def __init__(self) -> None:
        self.http: Any = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.http.asked, self.http.released = [], threading.Event()
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    @property
    def asked(self) -> list[tuple[str, str | None]]:
        return list(self.http.asked)

    def url(self, way: str) -> str:
        return f"http://127.0.0.1:{self.http.server_port}/{way}/"

    def close(self) -> None:
        self.http.released.set()
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()


@pytest.fixture(autouse=True)
def only_those_that_stall_are_given_up_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Others answer, however busy this machine is."""
    one_try = download._one_try

    def tried(file: RemoteFile, url: str, *others: Any) -> None:
        *told, stall_seconds = others
        one_try(file, url, *told, stall_seconds if "/stall/" in url else PATIENCE_S)

    monkeypatch.setattr(download, "_one_try", tried)


def get(server: Server, folder: Path, *ways: str, **more: Any) -> Path:
    return fetch(FILE, [server.url(way) for way in ways], folder, allow_http=True, stall_seconds=0.3, **more)


@pytest.mark.parametrize("way", ["whole", "resumable", "away"])
def test_a_file_is_fetched_once(server: Server, tmp_path: Path, way: str) -> None:
    seen: list[tuple[int, int]] = []
    path = get(server, tmp_path / "new", way, progress=lambda there, total: seen.append((there, total)))
    assert path.read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert [there for there, _ in seen] == sorted(there for there, _ in seen)
    count = len(server.asked)
    get(server, tmp_path / "new", way)
    assert len(server.asked) == count
    assert [p.name for p in path.parent.iterdir()] == [FILE.name]


def test_a_download_that_breaks_goes_on_where_it_was(server: Server, tmp_path: Path) -> None:
    assert get(server, tmp_path, "cut").read_bytes() == CONTENT
    assert server.asked == [("cut", "bytes=0-"), ("cut", "bytes=90112-")]


def test_the_next_mirror_goes_on_where_the_last_one_broke_off(server: Server, tmp_path: Path) -> None:
    assert get(server, tmp_path, "always_cut", "resumable").read_bytes() == CONTENT
    assert server.asked == [("always_cut", "bytes=0-"), ("resumable", "bytes=90112-")]


def test_a_server_that_knows_no_ranges_sends_all_of_it_again(server: Server, tmp_path: Path) -> None:
    assert get(server, tmp_path, "always_cut", "whole").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("way", "reason"),
    [
        ("missing", "127.0.0.1: it answers 404"),
        ("broken", "127.0.0.1: it answers 500"),
        ("stall", "127.0.0.1: it does not answer any more"),
        ("always_cut", "127.0.0.1: the connection broke"),
        ("in_circles", "127.0.0.1: it leads in circles"),
        ("endless", "127.0.0.1: it sends more than the 200000 bytes of images.gz"),
        ("corrupt", "127.0.0.1: what came is not images.gz; it was set aside as images.gz.broken"),
    ],
)
def test_what_went_wrong_is_said_and_the_next_mirror_is_tried(
    server: Server, tmp_path: Path, way: str, reason: str
) -> None:
    with pytest.raises(DataError) as failed:
        get(server, tmp_path / "alone", way)
    assert str(failed.value) == f"images.gz could not be fetched ({reason}). {download.ADVICE}"
    assert not (tmp_path / "alone" / FILE.name).exists()
    assert (tmp_path / "alone" / "images.gz.broken").exists() == (way == "corrupt")
    assert get(server, tmp_path / "two", way, "whole").read_bytes() == CONTENT


def test_without_network_one_learns_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"^images\.gz could not be fetched \(127\.0\.0\.1: it cannot be reached\)\. Check"
    ):
        fetch(FILE, ["http://127.0.0.1:9/"], tmp_path, allow_http=True)


def test_only_https_is_trusted(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match=r"\(127\.0\.0\.1: only HTTPS is trusted\)"):
        fetch(FILE, [server.url("whole")], tmp_path)
    assert server.asked == []


def test_a_redirect_to_plain_http_is_refused(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first hop stands for an HTTPS mirror: this machine has no certificate to show."""
    import requests

    def get_over_https(url: str, *, hooks: Any, **more: Any) -> Any:
        response = requests.Response()
        response.url, response.status_code = url, 302
        response.headers["location"] = server.url("whole") + FILE.name
        hooks["response"](response)
        return response

    monkeypatch.setattr(requests, "get", get_over_https)
    with pytest.raises(
        DataError, match=r"\(mirror\.example: it leads to http://127\.0\.0\.1, and only HTTPS is trusted\)"
    ):
        fetch(FILE, ["https://mirror.example/"], tmp_path)


def test_a_download_can_be_stopped_and_goes_on_later(server: Server, tmp_path: Path) -> None:
    there = [0]

    def told(now: int, total: int) -> None:
        there[0] = now

    with pytest.raises(Cancelled, match=r"^The download of images\.gz was stopped\.$"):
        get(server, tmp_path, "resumable", progress=told, wanted=lambda: there[0] < 50_000)
    assert not (tmp_path / FILE.name).exists()
    assert get(server, tmp_path, "resumable").read_bytes() == CONTENT
    assert server.asked[-1][1] != "bytes=0-"


def test_two_that_want_the_same_file_do_not_spoil_it(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "FRESH_SECONDS", PATIENCE_S)  # it grows still, whenever one looks
    part, seen = tmp_path / "images.gz.part", list[tuple[int, int]]()
    part.write_bytes(CONTENT[:50_000])

    def told(there: int, total: int) -> None:
        seen.append((there, total))
        if len(seen) == 2:  # the other one is there
            part.write_bytes(CONTENT)
            part.rename(tmp_path / FILE.name)

    assert get(server, tmp_path, "whole", progress=told).read_bytes() == CONTENT
    assert seen == [(50_000, 200_000)] * 2
    assert server.asked == []
    part.write_bytes(b"")
    (tmp_path / FILE.name).unlink()
    with pytest.raises(Cancelled, match=r"^The download of images\.gz was stopped\.$"):
        get(server, tmp_path, "whole", wanted=lambda: False)


def test_a_file_with_wrong_bytes_is_set_aside_and_fetched_anew(server: Server, tmp_path: Path) -> None:
    (tmp_path / FILE.name).write_bytes(b"something else")
    assert get(server, tmp_path, "whole").read_bytes() == CONTENT
    assert (tmp_path / "images.gz.broken").read_bytes() == b"something else"


def test_a_full_disk_is_told(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Any, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(download._Receiver, "write", full)
    with pytest.raises(DataError, match=rf"^The disk is full: images\.gz needs 0 MB in {tmp_path}\. Free some room"):
        get(server, tmp_path, "whole")


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(
        DataError,
        match=r"file/data cannot hold images\.gz: Not a directory\. Free it, or choose a folder that holds the files",
    ):
        fetch(FILE, ["https://mirror.example/"], tmp_path / "file" / "data")


@pytest.mark.parametrize("mirror", ["https://localhost:1/", "https://nowhere.invalid/"])
def test_a_mirror_that_cannot_be_reached_is_told(tmp_path: Path, mirror: str) -> None:
    with pytest.raises(DataError, match=r"could not be fetched \((localhost|nowhere\.invalid): it cannot be reached\)"):
        fetch(FILE, [mirror], tmp_path)
