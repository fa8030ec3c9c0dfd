"""Project files: whole, small, the same bytes each time, and safe against whatever else has the name of one."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save as tensors_to_bytes

from convstudio.document import edits, files
from convstudio.document.files import DESCRIPTION, THUMBNAIL, WEIGHTS, Stored
from convstudio.document.project import Project
from engine.data.source import DataSource
from engine.errors import EngineError
from engine.graph import Graph, dumps, save
from engine.settings import TrainingSettings
from engine.templates import template

PNG = b"\x89PNG\r\n\x1a\n picture"
VERSION_1 = Path(__file__).parent / "version_1.convstudio"


def full_project() -> Project:
    project = Project(template("lenet5"))
    project = edits.group(project, {"conv2", "relu2"}, "Stage · 2").project
    project = edits.add_comment(project, (1.5, -2.0), "Größe? 大きさ").project
    project = edits.set_settings(project, TrainingSettings(batch=32, class_weights=(1, 2))).project
    return edits.set_data(project, DataSource("mnist", "/data/mnist", (1, 28, 28))).project


def full() -> Stored:
    return Stored(full_project(), {"conv1.weight": np.arange(4, dtype=np.float32).reshape(2, 2)}, PNG)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "nét.convstudio"
    files.write(path, full())
    stored = files.read(path)
    assert stored.project == full_project()
    assert stored.thumbnail == PNG == files.read_thumbnail(path)
    np.testing.assert_array_equal(stored.weights["conv1.weight"], [[0, 1], [2, 3]])
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_the_same_project_gives_the_same_bytes() -> None:
    assert files.to_bytes(full()) == files.to_bytes(full())


def test_a_file_of_version_1_opens() -> None:
    stored = files.read(VERSION_1)
    assert stored.project == full_project()
    np.testing.assert_array_equal(stored.weights["conv1.weight"], [[0, 1], [2, 3]])
    assert stored.thumbnail == PNG


def test_a_network_file_opens_too(tmp_path: Path) -> None:
    save(template("unet"), tmp_path / "unet.json")
    assert files.read(tmp_path / "unet.json").project == Project(template("unet"))


def test_a_network_file_that_says_nothing_of_places_is_laid_out(tmp_path: Path) -> None:
    path = tmp_path / "unet.json"
    content = json.loads(dumps(template("unet")))
    for node in content["nodes"]:
        del node["position"]
    path.write_text(json.dumps(content), encoding="utf-8")
    assert files.read(path).project == files.read_project(path) == Project(template("unet"))


def test_a_save_that_fails_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "net.convstudio"
    files.write(path, full())
    before = path.read_bytes()

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("engine.atomic.os.fsync", full_disk)
    with pytest.raises(EngineError) as refused:
        files.write(path, Stored(Project()))
    assert str(refused.value) == (
        f"{path} could not be saved: No space left on device. What was saved before is unharmed."
    )
    assert path.read_bytes() == before


# --- broken and hostile ----------------------------------------------------------------------------------------------


def zipped(**members: bytes) -> bytes:
    """An archive; `project` stands for its description."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr({"project": DESCRIPTION, "weights": WEIGHTS}.get(name, name), content)
    return buffer.getvalue()


def described(**changes: Any) -> bytes:
    content = full_project().to_json() | changes
    return zipped(project=json.dumps(content).encode())


def cut_off() -> bytes:
    return files.to_bytes(full())[:-40]


def changed_byte() -> bytes:
    content = bytearray(files.to_bytes(full()))
    content[200] ^= 0xFF
    return bytes(content)


def numbers(array: np.ndarray[Any, Any]) -> bytes:
    return zipped(project=json.dumps(Project().to_json()).encode(), weights=tensors_to_bytes({"w": array}))


def with_weights(content: bytes) -> bytes:
    return zipped(project=json.dumps(Project().to_json()).encode(), weights=content)


def lying_about_its_size() -> bytes:
    """The archive says 10 bytes where there are more."""
    content = bytearray(zipped(project=b"x" * 1000))
    at = content.rindex(b"PK\x01\x02") + 24
    content[at : at + 4] = (10).to_bytes(4, "little")
    return bytes(content)


def encrypted() -> bytes:
    content = bytearray(zipped(project=b"{}"))
    content[content.index(b"PK\x03\x04") + 6] |= 1
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


BLOCK = {"id": "b", "title": "B", "members": ["conv1"], "repeat": 1, "collapsed": False}
COMMENT = {"id": "c", "text": "", "position": [0, 0], "size": [1, 1]}
NO_COMMENT = "{path} cannot be opened. A comment of the project needs an id, a text, a position and a size."

BROKEN: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (bytes, "{path} is no ConvStudio project, or it is damaged: File is not a zip file."),
    "text": (lambda: b"hello", "{path} is no ConvStudio project, or it is damaged: File is not a zip file."),
    "cut off": (cut_off, "{path} is no ConvStudio project, or it is damaged: File is not a zip file."),
    "no description": (lambda: zipped(readme=b""), "{path} is no ConvStudio project: it holds no project.json."),
    "many files": (
        lambda: zipped(**{str(i): b"" for i in range(65)}),
        "{path} holds 65 files; a project holds at most 64.",
    ),
    "path outside": (
        lambda: zipped(**{"../evil": b""}),
        "{path} holds '../evil', a path that leads out of the project. It was not opened.",
    ),
    "absolute path": (
        lambda: zipped(**{"/etc/passwd": b""}),
        "{path} holds '/etc/passwd', a path that leads out of the project. It was not opened.",
    ),
    "other drive": (
        lambda: zipped(**{"C:\\x": b""}),
        "{path} holds 'C:\\\\x', a path that leads out of the project. It was not opened.",
    ),
    "description bomb": (
        lambda: zipped(project=b" " * (33 << 20)),
        "project.json in {path} is larger than 32 MB, which no project's is.",
    ),
    "weights bomb": (
        lambda: with_weights(bytes(40 << 20)),
        "weights.safetensors in {path} would unpack to 40 MB, far more than it holds.",
    ),
    "encrypted": (encrypted, "{path} is damaged: project.json is encrypted."),
    "deep JSON": (
        lambda: zipped(project=b"[" * 200_000),
        "project.json in {path} is not JSON: maximum recursion depth exceeded while decoding a JSON array from a "
        "unicode string.",
    ),
    "other JSON": (
        lambda: zipped(project=b"[1]"),
        "{path} cannot be opened. This is no ConvStudio project: its description is of another kind.",
    ),
    "newer": (
        lambda: described(version=2),
        "{path} cannot be opened. The project has version 2; this program reads versions 1 to 1.",
    ),
    "version is no number": (
        lambda: described(version=True),
        "{path} cannot be opened. The project has version True; this program reads versions 1 to 1.",
    ),
    "no network": (
        lambda: described(network=None),
        '{path} cannot be opened. This is not a network file: it should be a JSON object with "format": '
        '"convstudio-network".',
    ),
    "wrong setting": (
        lambda: described(training={"batch": 0}),
        "{path} cannot be opened. batch must be a whole number from 1 to 65536 samples; 0 was given.",
    ),
    "wrong data": (
        lambda: described(data={"name": 3}),
        "{path} cannot be opened. The project's data set must be a name and a folder.",
    ),
    "wrong shape of data": (
        lambda: described(data={"name": "own", "shape": [0]}),
        "{path} cannot be opened. The shape of the project's data set must be up to four whole numbers from 1.",
    ),
    "blocks are no list": (
        lambda: described(blocks={}),
        '{path} cannot be opened. "blocks" of the project must be a list of at most 10000 objects.',
    ),
    "block of nobody": (
        lambda: described(blocks=[BLOCK | {"members": [["conv1"]]}]),
        "{path} cannot be opened. Block 'b' of the project names a layer that the network does not have.",
    ),
    "blocks share": (
        lambda: described(blocks=[BLOCK, BLOCK | {"id": "d"}]),
        "{path} cannot be opened. Block 'd' of the project holds a layer that is in a block already.",
    ),
    "endless block": (
        lambda: described(blocks=[BLOCK | {"repeat": 10**9}]),
        "{path} cannot be opened. Block 'b' of the project must repeat from 1 to 64 times.",
    ),
    "block without a name": (
        lambda: described(blocks=[BLOCK | {"id": 3}]),
        "{path} cannot be opened. A block of the project needs an id and a title.",
    ),
    "two of a name": (
        lambda: described(comments=[COMMENT | {"id": "conv1"}]),
        "{path} cannot be opened. Two things in the project are named 'conv1'; names must differ.",
    ),
    "comment nowhere": (lambda: described(comments=[COMMENT | {"position": [float("nan"), 0]}]), NO_COMMENT),
    "comment far away": (lambda: described(comments=[COMMENT | {"position": [10**400, 0]}]), NO_COMMENT),
    "half a letter": (lambda: described(comments=[COMMENT | {"text": "\ud800"}]), NO_COMMENT),
    "weights are text": (
        lambda: with_weights(b"hello hello"),
        "The weights in {path} are damaged: the header is cut off.",
    ),
    "double weights": (
        lambda: numbers(np.ones(2)),
        "The weights in {path} are damaged: w holds more than finite float32 numbers.",
    ),
    "endless weights": (
        lambda: numbers(np.array([np.inf], np.float32)),
        "The weights in {path} are damaged: w holds more than finite float32 numbers.",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_gives_a_sentence(tmp_path: Path, name: str) -> None:
    make, sentence = BROKEN[name]
    path = tmp_path / "net.convstudio"
    path.write_bytes(make())
    with pytest.raises(EngineError) as refused:
        files.read(path)
    assert str(refused.value) == sentence.format(path=path)


@pytest.mark.parametrize("make", [changed_byte, lying_about_its_size], ids=["changed byte", "wrong size"])
def test_damage_inside_is_noticed(tmp_path: Path, make: Callable[[], bytes]) -> None:
    path = tmp_path / "net.convstudio"
    path.write_bytes(make())
    with pytest.raises(EngineError):
        files.read(path)


def test_a_missing_file_and_a_folder_give_sentences(tmp_path: Path) -> None:
    with pytest.raises(EngineError) as refused:
        files.read(tmp_path / "net.convstudio")
    assert str(refused.value) == f"There is no file {tmp_path / 'net.convstudio'}."
    with pytest.raises(EngineError) as refused:
        files.read(tmp_path)
    assert str(refused.value) == f"{tmp_path} cannot be read: Is a directory."


def test_a_file_without_a_picture_is_still_a_project(tmp_path: Path) -> None:
    path = tmp_path / "net.convstudio"
    path.write_bytes(zipped(**{"project": json.dumps(Project().to_json()).encode(), THUMBNAIL: b"GIF89a"}))
    assert files.read(path).thumbnail == b""
    assert files.read_thumbnail(tmp_path / "missing.convstudio") == b""


def test_any_bytes_changed_or_missing_never_crash(tmp_path: Path) -> None:
    whole = files.to_bytes(full())
    path = tmp_path / "net.convstudio"
    for at in range(0, len(whole), 29):
        for content in (whole[:at], whole[:at] + bytes([whole[at] ^ 0x5A]) + whole[at + 1 :]):
            path.write_bytes(content)
            try:
                files.read(path)
            except EngineError as problem:
                assert str(problem).endswith(".")  # noqa: PT017  (most of them are refused, some hit nothing)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "net.json")
    for read in (files.read, files.read_project):
        with pytest.raises(EngineError, match=r"net\.json is no file\. Choose a project or a network file\.$"):
            read(tmp_path / "net.json")


def test_a_text_larger_than_any_network_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "net.json").touch()
    os.truncate(tmp_path / "net.json", 64 << 20)
    with pytest.raises(EngineError, match=r"net\.json is larger than 32 MB, which no network file is\.$"):
        files.read(tmp_path / "net.json")


def test_a_name_that_no_disk_can_have_is_a_sentence() -> None:
    with pytest.raises(EngineError, match=r"cannot be read: File name too long\.$"):
        files.read(Path("a" * 5000 + ".json"))


def test_half_a_character_keeps_nothing_from_being_saved(tmp_path: Path) -> None:
    graph = template("lenet5")
    project = Project(Graph(graph.nodes, graph.edges, name="a\ud800"))
    files.write(tmp_path / "a.convstudio", Stored(project))
    assert files.read_project(tmp_path / "a.convstudio").graph.name == "a?"
