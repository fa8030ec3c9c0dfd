"""The network as a picture, as a table, or as a network file."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QMarginsF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QImage, QImageWriter, QPageSize, QPaintDevice, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

from convstudio.canvas.canvas import Canvas
from convstudio.canvas.first_view import FIT_MARGIN
from convstudio.wording import table
from engine import graph as graphs
from engine.atomic import write_atomically, write_text
from engine.errors import EngineError

KINDS = {
    ".svg": "SVG picture (*.svg)",
    ".png": "PNG picture (*.png)",
    ".pdf": "PDF document (*.pdf)",
    ".txt": "Table as text (*.txt)",
    ".json": "Network file (*.json)",
}
PNG_SCALE, MOST_PIXELS = 2.0, 16_000  # sharp on paper, and no side longer than what pictures can have
MOST_DRAWN = 64_000_000  # pixels in all: a quarter of a gigabyte while they are drawn
POINTS, MOST_POINTS = 72, 14_400  # in an inch; in a page that every program can show
UNWRITABLE = bytes(set(range(32)) - set(b"\t\n\r"))  # marks in pasted text with which an SVG could not be read


class ExportError(EngineError):
    """A picture or table that could not be written."""


def export(canvas: Canvas, path: Path) -> None:
    """Writes the network in the way that the ending of the path names."""
    ending, document = path.suffix.lower(), canvas.document
    if ending not in KINDS:
        raise ExportError(f"{path.name} should end in one of {', '.join(KINDS)}.")
    if ending == ".json":
        write_text(path, graphs.dumps(document.project.unfolded))
    elif ending == ".txt":
        write_text(path, table(document.project.unfolded, document.inference))
    elif canvas.scene_.content().isEmpty():
        raise ExportError("There is nothing to export yet. Add a layer first.")
    else:
        {".svg": _svg, ".png": _png, ".pdf": _pdf}[ending](canvas, path)


def size_of(canvas: Canvas) -> QSizeF:
    """The size of the whole network with its margin."""
    return canvas.scene_.content().size() + QSizeF(2 * FIT_MARGIN, 2 * FIT_MARGIN)


def picture(canvas: Canvas, scale: float = PNG_SCALE) -> QImage:
    """The whole network as an image."""
    size = size_of(canvas)
    fits = MOST_PIXELS / max(size.width(), size.height()), sqrt(MOST_DRAWN / (size.width() * size.height()))
    scaled = size * min(scale, *fits)
    pixels = QSize(int(scaled.width()), int(scaled.height())).expandedTo(QSize(1, 1))
    image = QImage(pixels, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    canvas.render_to(painter, QRectF(image.rect()))
    painter.end()
    return image


def _png(canvas: Canvas, path: Path) -> None:
    _write(path, lambda buffer: QImageWriter(buffer, QByteArray(b"png")).write(picture(canvas)))


def _svg(canvas: Canvas, path: Path) -> None:
    size = size_of(canvas).toSize()
    generator = QSvgGenerator()
    generator.setResolution(canvas.logicalDpiX())  # letters are as large beside the cards as on the canvas
    generator.setSize(size)
    generator.setViewBox(QRectF(0, 0, size.width(), size.height()))
    generator.setTitle(canvas.document.graph.name)

    def draw(buffer: QBuffer) -> bool:
        generator.setOutputDevice(buffer)
        return _drawn(canvas, generator, QRectF(0, 0, size.width(), size.height()))

    _write(path, draw, without=UNWRITABLE)


def _pdf(canvas: Canvas, path: Path) -> None:
    size: QSize = size_of(canvas).toSize()

    def draw(buffer: QBuffer) -> bool:
        writer = QPdfWriter(buffer)
        writer.setResolution(canvas.logicalDpiX())
        scale = min(POINTS / writer.resolution(), MOST_POINTS / max(size.width(), size.height()))
        points = QSizeF(size) * scale
        writer.setPageSize(QPageSize(points, QPageSize.Unit.Point, "network"))
        writer.setPageMargins(QMarginsF(0, 0, 0, 0))
        writer.setTitle(canvas.document.graph.name)
        return _drawn(canvas, writer, QRectF(0, 0, writer.width(), writer.height()))

    _write(path, draw)


def _drawn(canvas: Canvas, device: QPaintDevice, room: QRectF) -> bool:
    painter = QPainter()
    if not painter.begin(device):
        return False
    canvas.render_to(painter, room)
    return painter.end()


def _write(path: Path, draw: Callable[[QBuffer], bool], without: bytes = b"") -> None:
    """Draws in memory first: Qt itself does not notice that a disk is full, and would leave half a file."""
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    if not draw(buffer):
        raise ExportError(f"{path} could not be drawn: there is not enough memory. Export it as text or as SVG.")
    write_atomically(path, [bytes(buffer.data().data()).translate(None, without)])
