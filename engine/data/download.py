"""Fetches files over HTTPS from a list of mirrors; a file has its name only once its hash is right."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import attrs

from engine.errors import DataError

STALL_SECONDS = 20.0  # without a byte, after which the next mirror is tried
FRESH_SECONDS, LOOK_SECONDS = 1.5, 0.1  # a file that was written to so lately still grows; between two looks at it
ROUNDS = 2  # how often all mirrors are tried: a break in the middle is often gone a moment later
ADVICE = (
    "Check the network connection and try again, choose a folder that holds the files, "
    "or use the data set digits, which needs no network."
)

Progress = Callable[[int, int], None]  # bytes that are there, and bytes in all


class Cancelled(DataError):  # noqa: N818  (nothing went wrong)
    """The user stopped a download; what is there already stays."""


@attrs.frozen
class RemoteFile:
    """A file that is the same wherever it is fetched from."""

    name: str
    sha256: str
    size: int


class _Failed(Exception):  # noqa: N818  (it is caught here and never seen by users)
    """One mirror did not deliver."""


class _Receiver:
    """The file that pooch writes into: goes on where an earlier try broke off, and ends one that never ends."""

    def __init__(self, file: RemoteFile, part: Path, told: Progress, wanted: Callable[[], bool]) -> None:
        self._file, self._told, self._wanted = file, told, wanted
        self._stream = open(part, "ab")  # noqa: SIM115  (closed by `close`)
        self.there = self._stream.tell()
        if self.there >= file.size:
            self.start_anew()

    @property
    def headers(self) -> dict[str, str]:
        # "identity": some mirrors call a .gz file compressed on the way, and it would arrive unpacked, as other bytes.
        return {"User-Agent": "ConvStudio", "Range": f"bytes={self.there}-", "Accept-Encoding": "identity"}

    def start_anew(self) -> None:
        self._stream.truncate(0)
        self.there = 0

    def write(self, data: bytes) -> None:
        if not self._wanted():
            raise Cancelled(f"The download of {self._file.name} was stopped.")
        if self.there + len(data) > self._file.size:
            self.start_anew()
            raise _Failed(f"it sends more than the {self._file.size} bytes of {self._file.name}")
        self._stream.write(data)
        self.there += len(data)
        self._told(self.there, self._file.size)

    def flush(self) -> None:
        self._stream.flush()

    def close(self) -> None:
        self._stream.close()


def fetch(
    file: RemoteFile,
    mirrors: Sequence[str],
    folder: Path,
    *,
    progress: Progress = lambda there, total: None,
    wanted: Callable[[], bool] = lambda: True,
    allow_http: bool = False,
    stall_seconds: float = STALL_SECONDS,
) -> Path:
    """The file in this folder: the one that is there, or a new one from the first mirror that has the right bytes."""
    path, part = folder / file.name, folder / f"{file.name}.part"
    _let_finish(file, part, progress, wanted)
    if path.is_file() and has_hash(path, file.sha256):
        return path
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if path.exists():
            set_aside(path)
    except OSError as problem:
        raise DataError(
            f"{folder} cannot hold {file.name}: {problem.strerror}. Free it, or choose a folder that holds the files."
        ) from problem
    failures = list[str]()
    for mirror in (*mirrors,) * ROUNDS:
        url = urljoin(mirror, file.name)
        try:
            _one_try(file, url, part, (progress, wanted), allow_http, stall_seconds)
        except _Failed as failed:
            failures.append(f"{urlsplit(url).hostname}: {failed}")
            continue
        os.replace(part, path)
        return path
    reasons = "; ".join(dict.fromkeys(failures))
    raise DataError(f"{file.name} could not be fetched ({reasons}). {ADVICE}")


def _let_finish(file: RemoteFile, part: Path, told: Progress, wanted: Callable[[], bool]) -> None:
    """Waits while another process fetches the same file: two that write into it would spoil it."""
    while (there := _size_while_growing(part)) is not None:
        if not wanted():
            raise Cancelled(f"The download of {file.name} was stopped.")
        told(there, file.size)
        time.sleep(LOOK_SECONDS)


def _size_while_growing(part: Path) -> int | None:
    try:
        state = part.stat()
    except OSError:
        return None
    return state.st_size if 0 <= time.time() - state.st_mtime < FRESH_SECONDS else None


def _one_try(
    file: RemoteFile, url: str, part: Path, told: tuple[Progress, Callable[[], bool]], allow_http: bool, patience: float
) -> None:
    import pooch
    import requests

    if not allow_http and urlsplit(url).scheme != "https":
        raise _Failed("only HTTPS is trusted")
    receiver: _Receiver | None = None

    def check(response: Any, *args: Any, **more: Any) -> None:
        target = urlsplit(urljoin(response.url, response.headers.get("location", "")))
        if not allow_http and target.scheme != "https":
            raise _Failed(f"it leads to {target.scheme}://{target.hostname}, and only HTTPS is trusted")
        if receiver is not None and response.status_code == requests.codes.ok:  # all of it instead of the rest
            receiver.start_anew()

    try:
        receiver = _Receiver(file, part, *told)
        get = pooch.HTTPDownloader(timeout=patience, hooks={"response": check}, headers=receiver.headers)
        get(url, receiver, None)
    except requests.exceptions.RequestException as problem:
        if (
            receiver is not None
            and getattr(problem.response, "status_code", 0) == requests.codes.requested_range_not_satisfiable
        ):
            receiver.start_anew()
        raise _Failed(_in_short(problem)) from problem
    except OSError as problem:
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            room = f"{file.name} needs {file.size / 1e6:.0f} MB in {part.parent}"
            raise DataError(f"The disk is full: {room}. Free some room and try again.") from problem
        raise _Failed(str(problem)) from problem
    finally:
        if receiver is not None:
            with suppress(OSError):  # a full disk fails once more here, which must not hide the sentence about it
                receiver.close()
    if part.stat().st_size < file.size:
        raise _Failed("the connection broke")
    if not has_hash(part, file.sha256):
        set_aside(part, part.with_name(f"{file.name}.broken"))
        raise _Failed(f"what came is not {file.name}; it was set aside as {file.name}.broken")


def _in_short(problem: Exception) -> str:
    import requests

    if isinstance(problem, requests.exceptions.HTTPError) and problem.response is not None:
        return f"it answers {problem.response.status_code}"
    if isinstance(problem, requests.exceptions.TooManyRedirects):
        return "it leads in circles"
    if isinstance(problem, (requests.exceptions.ReadTimeout, requests.exceptions.ConnectTimeout)):
        return "it does not answer any more"
    if isinstance(problem, requests.exceptions.ChunkedEncodingError):
        return "the connection broke"
    if isinstance(problem, requests.exceptions.SSLError):
        return "its certificate is not trusted, perhaps since a proxy is in between or this computer's clock is wrong"
    if isinstance(problem, requests.exceptions.ProxyError):
        return "the proxy does not let it through"
    if isinstance(problem, requests.exceptions.ConnectionError):
        if "resolve" in str(problem) or "Connection refused" in str(problem):
            return "it cannot be reached"
        return "the connection broke" if "Read timed out" not in str(problem) else "it does not answer any more"
    return str(problem)


def has_hash(path: Path, sha256: str) -> bool:
    """Whether a file holds exactly the bytes that were published."""
    import pooch

    return str(pooch.file_hash(str(path), alg="sha256")) == sha256


def set_aside(path: Path, name: Path | None = None) -> Path:
    """Keeps a file that is not what it should be, for whoever wants to look at it, out of everyone's way."""
    broken = name or path.with_name(f"{path.name}.broken")
    os.replace(path, broken)
    return broken
