"""Pictures that are dropped, pasted or opened, and what is told of those that cannot be read."""

from __future__ import annotations

import struct
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from convstudio.panels.draw.loading import LARGEST_SIDE, from_file, from_image
from convstudio.panels.draw.panel import DrawPanel
from engine.errors import DataError
from tests.convstudio.panels.draw.conftest import LEFT, PLAIN, strokes
from tests.patience import PATIENCE_MS

LEVEL_SAMPLE = strokes(2, 5)[0][1]


def picture(zoom: int = 10) -> np.ndarray:
    """A level stroke as one would photograph it: dark on light, larger than the network's input."""
    return 255 - np.kron(LEVEL_SAMPLE, np.ones((zoom, zoom), np.uint8))


def drop(panel: DrawPanel, mime: QMimeData) -> None:
    everything = Qt.DropAction.CopyAction, mime, LEFT, PLAIN
    entering = QDragEnterEvent(QPoint(50, 50), *everything)
    QApplication.sendEvent(panel.pad, entering)
    assert entering.isAccepted() == (mime.hasUrls() or mime.hasImage())
    if entering.isAccepted():
        QApplication.sendEvent(panel.pad, QDropEvent(QPointF(50, 50), *everything))


def files(*paths: object) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl(path) if str(path).startswith("http") else QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def test_a_file_is_dropped_and_predicted(panel: DrawPanel, tmp_path: Path, qtbot: QtBot) -> None:
    Image.fromarray(picture()).save(tmp_path / "seven.png")
    drop(panel, files(tmp_path / "seven.png"))
    qtbot.waitUntil(lambda: panel.verdict.text() == "7", timeout=PATIENCE_MS)
    assert np.array_equal(panel.pad.page.pixels(), picture())
    qtbot.waitUntil(lambda: bool(panel.nearest.cells), timeout=PATIENCE_MS)
    QTest.mouseClick(panel.undo, LEFT)
    assert panel.pad.drawing.is_empty


def test_a_picture_of_the_data_set_itself_is_pasted_and_stays_as_it_is(panel: DrawPanel, qtbot: QtBot) -> None:
    rows = np.ascontiguousarray(LEVEL_SAMPLE)
    QGuiApplication.clipboard().setImage(QImage(rows.data, 28, 28, 28, QImage.Format.Format_Grayscale8).copy())
    panel.pad.setFocus()
    QTest.keyClick(panel.pad, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: panel.verdict.text() == "7", timeout=PATIENCE_MS)
    assert [cell.words for cell in panel.stages.cells] == ["28 × 28", "Normalised"]
    assert panel._made is not None
    assert np.array_equal(panel._made.sample[0], LEVEL_SAMPLE)
    QGuiApplication.clipboard().clear()


def test_a_file_is_opened(panel: DrawPanel, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.fromarray(picture()).save(tmp_path / "seven.jpg")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(tmp_path / "seven.jpg"), ""))
    QTest.mouseClick(panel.open, LEFT)
    qtbot.waitUntil(lambda: panel.verdict.text() == "7", timeout=PATIENCE_MS)


def test_where_it_is_transparent_paper_shows_through() -> None:
    for ink, paper in ((0, 255), (255, 0)):
        pixels = np.full((20, 20, 4), (ink, ink, ink, 0), np.uint8)
        pixels[5:15, 9:11, 3] = 255
        rows = np.ascontiguousarray(pixels)
        flat = from_image(QImage(rows.data, 20, 20, 80, QImage.Format.Format_RGBA8888))
        assert (flat[0, 0], flat[10, 10]) == (paper, ink)


def test_large_pictures_are_made_small_and_colours_kept(tmp_path: Path) -> None:
    Image.new("RGB", (2000, 1000), (200, 100, 50)).save(tmp_path / "large.png")
    read = from_file(str(tmp_path / "large.png"))
    assert read.shape == (LARGEST_SIDE // 2, LARGEST_SIDE, 3)
    assert tuple(read[100, 100]) == (200, 100, 50)
    assert from_image(QImage(3000, 30, QImage.Format.Format_RGB32)).shape[:2] == (5, LARGEST_SIDE)


def _bomb() -> bytes:
    """The head of a picture that would take ten gigabytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")


def test_files_that_are_no_pictures_are_refused_in_a_sentence(panel: DrawPanel, tmp_path: Path, qtbot: QtBot) -> None:
    whole = tmp_path / "whole.png"
    Image.fromarray(picture()).save(whole)
    for name, content in (("text.png", b"no picture"), ("bomb.png", _bomb()), ("cut.png", whole.read_bytes()[:90])):
        path = tmp_path / name
        path.write_bytes(content)
        drop(panel, files(path))
        qtbot.waitUntil(lambda n=name: n in panel.says.text(), timeout=PATIENCE_MS)
        assert panel.says.text().startswith(f"{name} cannot be read as a picture: ")
        assert str(tmp_path) not in panel.says.text()
        assert panel.pad.drawing.is_empty
    drop(panel, files(tmp_path))
    sentence = f"{tmp_path.name} is not a file. Drop a picture file, one at a time."
    qtbot.waitUntil(lambda: panel.says.text() == sentence, timeout=PATIENCE_MS)


def test_what_is_no_picture_at_all_is_said(panel: DrawPanel) -> None:
    drop(panel, files("https://example.org/seven.png"))
    assert panel.says.text() == ("Only pictures on this computer can be read. Save it first, then drop the file here.")
    words = QMimeData()
    words.setText("seven")
    drop(panel, words)
    QGuiApplication.clipboard().setText("seven")
    panel.pad.setFocus()
    QTest.keyClick(panel.pad, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert panel.says.text() == (
        "There is no picture on the clipboard. Copy one in another program first, or drop a file here."
    )
    QGuiApplication.clipboard().clear()


@pytest.mark.parametrize("seed", range(8))
def test_damaged_files_never_bring_anything_but_a_sentence(tmp_path: Path, seed: int) -> None:
    rng, path = np.random.default_rng(seed), tmp_path / "damaged"
    for kind in ("png", "gif", "bmp", "tiff", "webp", "jpeg", "ico", "tga"):
        Image.fromarray(picture(4)).save(path, format=kind)
        content = bytearray(path.read_bytes())
        for place in rng.integers(0, min(200, len(content)), 6):
            content[place] = rng.integers(256)
        path.write_bytes(content)
        with suppress(DataError):
            assert from_file(str(path)).dtype == np.uint8
