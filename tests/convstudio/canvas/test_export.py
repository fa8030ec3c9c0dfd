"""Pictures of the network look like the canvas, whatever stands on it and however far apart."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QFontInfo, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from pytestqt.qtbot import QtBot

from convstudio.canvas.canvas import Canvas
from convstudio.canvas.export import export, picture, size_of
from convstudio.canvas.first_view import FIT_MARGIN
from convstudio.canvas.note import EMPTY
from convstudio.document import edits
from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.look.letters import card_font
from convstudio.look.theme import theme
from engine.templates import template

MARKS = "form\x0cfeed, \x1b[0m and <b>&</b> 名 \u202e"  # as text from terminals and PDF files has them
LONG = "A comment that is too long for its box. " * 20


@pytest.fixture
def canvas(qtbot: QtBot) -> Canvas:
    document = Document(Project(template("lenet5")))
    made = Canvas(document)
    document.setParent(made)
    qtbot.addWidget(made)
    return made


def svg(canvas: Canvas, tmp_path: Path) -> str:
    export(canvas, tmp_path / "net.svg")
    return (tmp_path / "net.svg").read_text(encoding="utf-8")


def comment(canvas: Canvas, text: str) -> None:
    document = canvas.document
    document.perform(edits.add_comment(document.project, (400.0, 0.0)))
    document.perform(edits.set_comment_text(document.project, document.project.comments[-1].id, text))


def test_words_are_as_large_as_on_the_canvas(canvas: Canvas, tmp_path: Path) -> None:
    sizes = {float(size) for size in re.findall(r'font-size="([\d.]+)"', svg(canvas, tmp_path))}
    shown = {QFontInfo(card_font(what)).pixelSize() for what in ("strong", "caption")}
    assert {round(size) for size in sizes} >= shown
    assert max(sizes) < max(shown) + 1


def test_a_comment_stays_in_its_box(canvas: Canvas, tmp_path: Path) -> None:
    before = svg(canvas, tmp_path).count("<text")
    comment(canvas, LONG)
    drawn = svg(canvas, tmp_path).count("<text") - before
    box = canvas.scene_.notes[canvas.document.project.comments[0].id].face()
    assert 0 < drawn <= box.height() / QFontInfo(card_font("body")).pixelSize()


def test_dots_say_that_a_comment_has_more_lines(canvas: Canvas, tmp_path: Path) -> None:
    letters = "abcdefghijklmnopqrst"
    comment(canvas, "\n".join(letters))
    said = re.findall(r">([^<]*)</text>", svg(canvas, tmp_path))
    lines = [text for text in said if text.split(" ")[0] in letters]
    assert lines == [*letters[: len(lines) - 1], f"{letters[len(lines) - 1]} …"]


def test_corners_of_cards_are_round(canvas: Canvas, tmp_path: Path) -> None:
    drawing = QSvgRenderer(svg(canvas, tmp_path).encode())
    image = QImage(size_of(canvas).toSize(), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    drawing.render(painter)
    painter.end()
    face = canvas.scene_.cards["conv1"].face().translated(-canvas.scene_.content().topLeft())
    corner = (face.topLeft() + QPointF(FIT_MARGIN + 0.5, FIT_MARGIN + 0.5)).toPoint()
    band = theme().category("convolution")
    assert image.pixelColor(corner + QPoint(1, 40)) == band
    assert image.pixelColor(corner).lightness() > band.lightness() + 60


def test_an_empty_comment_says_nothing_in_a_picture(canvas: Canvas, tmp_path: Path) -> None:
    comment(canvas, "")
    assert EMPTY not in svg(canvas, tmp_path)


def test_what_stands_far_apart_is_drawn_all_the_same(canvas: Canvas, tmp_path: Path) -> None:
    document = canvas.document
    document.perform(edits.move(document.project, {"conv2": (20_000.0, 20_000.0)}))
    assert len(svg(canvas, tmp_path)) < 1_000_000
    image = picture(canvas)
    assert image.width() * image.height() <= 64_000_000


def test_a_long_network_is_on_a_page_that_viewers_can_show(canvas: Canvas, tmp_path: Path) -> None:
    canvas.document.replace(Project(template("resnet50")))
    export(canvas, tmp_path / "net.pdf")
    (box,) = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", (tmp_path / "net.pdf").read_bytes())
    wide, high = map(float, box)
    assert high == pytest.approx(14_400, abs=2)
    assert wide / high == pytest.approx(size_of(canvas).width() / size_of(canvas).height(), rel=0.02)


def test_a_drawing_of_pasted_marks_can_be_read(canvas: Canvas, tmp_path: Path) -> None:
    document = canvas.document
    document.perform(edits.add_comment(document.project, (300.0, 0.0), MARKS))
    document.perform(edits.describe(document.project, name=MARKS))
    drawn = svg(canvas, tmp_path)
    assert QSvgRenderer(str(tmp_path / "net.svg")).isValid()
    assert "formfeed" in drawn
    assert "名" in drawn
