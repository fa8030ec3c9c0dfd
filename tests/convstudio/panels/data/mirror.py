"""A mirror of MNIST on this machine: real HTTPS with a certificate of its own (localhost.pem, worth nothing elsewhere).

`/redirect/` leads away from HTTPS, `/good/` delivers: a wrong file once, and hardly more than half while it is slow.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import ssl
import struct
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from engine.data.download import RemoteFile
from engine.data.sets import DATA_SETS, DataSet

PEM = Path(__file__).with_name("localhost.pem")
PORT = "CONVSTUDIO_TEST_PORT"  # tells the process that reads data where the mirror is
TRAIN, TEST, SIDE = 900, 100, 28
SLOWLY, CHUNK = 0.01, 4096
CRAWLING, BIT = 0.2, 1024  # seconds for as much as a client reads at once: no machine is so busy that it misses the end
WRONG_ONCE = "t10k-labels-idx1-ubyte.gz"


def _idx(array: np.ndarray[Any, Any]) -> bytes:
    header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    return gzip.compress(header + array.tobytes(), mtime=0)


def contents() -> dict[str, bytes]:
    """The four files: classes that are a bright column each, in noise that cannot be packed."""
    rng, found = np.random.default_rng(0), {}
    for prefix, count in (("train", TRAIN), ("t10k", TEST)):
        labels = np.arange(count, dtype=np.uint8) % 10
        images = rng.integers(0, 200, (count, SIDE, SIDE), dtype=np.uint8)
        images[np.arange(count), :, 2 * labels] = 255
        found[f"{prefix}-images-idx3-ubyte.gz"] = _idx(images)
        found[f"{prefix}-labels-idx1-ubyte.gz"] = _idx(labels)
    return found


def as_published(port: int) -> DataSet:
    """MNIST's declaration with the files of this mirror."""
    files = tuple(RemoteFile(n, hashlib.sha256(data).hexdigest(), len(data)) for n, data in contents().items())
    mirrors = tuple(f"https://localhost:{port}/{way}/" for way in ("redirect", "good"))
    return attrs.evolve(DATA_SETS["mnist"], files=files, mirrors=mirrors)


class Mirror(ThreadingHTTPServer):
    """Notes what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(PEM)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.files, self.asked, self.wrong = contents(), list[tuple[str, str]](), True
        self.slow = threading.Event()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Those who hang up are expected."""


class _Handler(BaseHTTPRequestHandler):
    server: Mirror

    def do_GET(self) -> None:
        way, name = self.path.strip("/").split("/")
        self.server.asked.append((self.path, self.headers.get("Range", "")))
        if way == "redirect":
            self.send_response(302)
            self.send_header("Location", f"http://localhost:{self.server.port}/good/{name}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        content, start = self.server.files[name], int(self.headers["Range"].removeprefix("bytes=").rstrip("-"))
        if name == WRONG_ONCE and self.server.wrong:
            self.server.wrong, content = False, content[:-1] + b"?"
        self.send_response(206)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        at = start
        while at < len(content):
            slow = self.server.slow.is_set()
            crawls = slow and at > len(content) // 2
            if slow:
                threading.Event().wait(CRAWLING if crawls else SLOWLY)
            size = BIT if crawls else CHUNK
            self.wfile.write(content[at : at + size])
            at += size

    def log_message(self, *_: Any) -> None:
        pass


def read_from_here(connection: Connection) -> None:
    """The process that reads data, with this mirror as MNIST's."""
    from engine.browser import main

    publish(DATA_SETS, int(os.environ[PORT]))
    main(connection)


def train_from_here(connection: Connection) -> None:
    """The trainer's process, with the same."""
    from engine.trainer_process import main

    publish(DATA_SETS, int(os.environ[PORT]))
    main(connection)


def publish(sets: Mapping[str, DataSet], port: int) -> None:
    """From now on MNIST is what this mirror has."""
    assert isinstance(sets, dict)
    sets["mnist"] = as_published(port)
