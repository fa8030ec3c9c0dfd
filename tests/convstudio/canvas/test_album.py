"""Cards are shown by pictures of themselves: drawn once, sharp once the hand rests, and always what they are now."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PySide6.QtCore import QRectF, QSizeF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from convstudio.canvas import album as albums
from convstudio.canvas.canvas import Canvas
from convstudio.canvas.card import Card
from convstudio.document import edits
from convstudio.document.project import Project
from convstudio.look.theme import DARK, appearance
from engine.graph import Edge
from engine.templates import template

CLEARLY = 40  # of 255


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of cards, each time one is drawn."""
    names: list[str] = []
    draw = Card.draw

    def noted(card: Card, painter: QPainter, detail: float) -> None:
        names.append(card.node.id)
        draw(card, painter, detail)

    monkeypatch.setattr(Card, "draw", noted)
    return names


def frame(canvas: Canvas) -> QImage:
    return canvas.viewport().grab().toImage()


def settled(canvas: Canvas, qtbot: QtBot) -> QImage:
    """The window as it is once everything in it is sharp."""

    def sharp() -> bool:
        frame(canvas)
        return canvas.scene_.album.sharp

    qtbot.waitUntil(sharp)
    return frame(canvas)


def differing(a: QImage, b: QImage, place: QRectF) -> int:
    """How many pixels of a place are clearly not the same."""
    first, second = (np.asarray(_bytes(image.copy(place.toAlignedRect()))).astype(int) for image in (a, b))
    return int((np.abs(first - second).max(axis=-1) > CLEARLY).sum())


def _bytes(image: QImage) -> np.ndarray:
    plain = image.convertToFormat(QImage.Format.Format_RGBA8888)
    return np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.width(), 4)


def test_a_card_that_stays_what_it_is_is_drawn_once(lenet: Canvas, drawn: list[str], qtbot: QtBot) -> None:
    settled(lenet, qtbot)
    drawn.clear()
    for step in range(4):
        lenet.horizontalScrollBar().setValue(lenet.horizontalScrollBar().value() + step)
        frame(lenet)
    assert drawn == []
    lenet.document.perform(edits.set_field(lenet.document.project, {"conv1"}, "bias", False))
    frame(lenet)
    assert drawn == ["conv1"]


def test_a_picture_looks_as_the_card_that_is_drawn_directly(
    lenet: Canvas, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    lenet.document.select(["conv1"])
    pictured = settled(lenet, qtbot)
    for card in lenet.scene_.cards.values():
        monkeypatch.setattr(card, "album", None)
    lenet.viewport().update()
    card = lenet.scene_.cards["conv1"]
    place = QRectF(lenet.mapFromScene(card.sceneBoundingRect()).boundingRect())
    assert differing(pictured, frame(lenet), place) == 0
    card.draw = lambda painter, detail: None  # type: ignore[method-assign]
    assert differing(pictured, frame(lenet), place) > 100  # the comparison sees a card that is not there


CHANGES: dict[str, Callable[[Canvas], object]] = {
    "selected": lambda c: c.document.select(["conv1"]),
    "another name": lambda c: c.document.perform(edits.rename(c.document.project, "conv1", "first")),
    "another shape": lambda c: c.document.perform(edits.set_field(c.document.project, {"conv1"}, "out_channels", 9)),
    "another theme": lambda c: appearance().choose(DARK),
    "a problem": lambda c: c.document.perform(
        edits.disconnect(c.document.project, c.document.graph.incoming("conv1")[0])
    ),
    "nearer": lambda c: c.zoom_by(1.1),
}


SHOWN_BY = {"another name": "first", "another shape": "relu1"}  # where it is not seen in conv1 alone


@pytest.fixture
def theme_afterwards() -> Iterator[None]:
    before = appearance().choice
    yield
    appearance().choose(before)


@pytest.mark.usefixtures("theme_afterwards")
@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changes_what_a_card_looks_like_is_shown(
    lenet: Canvas, drawn: list[str], change: str, qtbot: QtBot
) -> None:
    settled(lenet, qtbot)
    drawn.clear()
    CHANGES[change](lenet)
    settled(lenet, qtbot)
    assert SHOWN_BY.get(change, "conv1") in drawn


def test_while_one_zooms_pictures_are_stretched_and_sharp_when_the_hand_rests(
    lenet: Canvas, drawn: list[str], qtbot: QtBot
) -> None:
    settled(lenet, qtbot)
    lenet.zoom_by(1.02)
    frame(lenet)
    drawn.clear()
    for _ in range(5):
        lenet.zoom_by(1.02)
        frame(lenet)
    assert drawn == []
    assert not lenet.scene_.album.sharp
    settled(lenet, qtbot)
    assert "conv1" in drawn


def test_a_frame_draws_what_it_has_time_for_and_the_next_ones_the_rest(
    lenet: Canvas, drawn: list[str], monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    settled(lenet, qtbot)
    monkeypatch.setattr(albums, "FRAME_MS", 0.1)  # one card
    for card in lenet.scene_.cards.values():
        card.picture = None
    lenet.viewport().update()
    drawn.clear()
    settled(lenet, qtbot)
    seen = [c.node.id for c in lenet.scene_.cards.values() if c.picture is not None]
    assert "conv1" in seen
    assert len(seen) > 2


def test_cards_out_of_sight_get_a_small_picture_while_nothing_else_is_to_be_done(lenet: Canvas, qtbot: QtBot) -> None:
    last = lenet.document.graph.order[-1].id
    lenet.document.perform(edits.move(lenet.document.project, {last: (9_000.0, 9_000.0)}))
    card = lenet.scene_.cards[last]
    settled(lenet, qtbot)
    qtbot.waitUntil(lambda: card.picture is not None and card.picture.zoom == albums.SMALL)


def test_on_paper_cards_are_lines(lenet: Canvas, qtbot: QtBot) -> None:
    settled(lenet, qtbot)
    shown: list[Card] = []
    lenet.scene_.album.show = lambda item, painter: shown.append(item)  # type: ignore[method-assign]
    page = QImage(400, 400, QImage.Format.Format_ARGB32)
    painter = QPainter(page)
    lenet.render_to(painter, QRectF(0, 0, 400, 400))
    painter.end()
    QApplication.processEvents()
    assert shown == []


def test_shapes_that_an_edit_changed_are_tinted_for_a_while(lenet: Canvas, qtbot: QtBot) -> None:
    cards, document = lenet.scene_.cards, lenet.document
    plain = settled(lenet, qtbot)
    document.perform(edits.set_field(document.project, {"conv1"}, "out_channels", 9))
    qtbot.waitUntil(lambda: cards["relu1"].fresh > 0)
    place = QRectF(lenet.mapFromScene(cards["relu1"].face()).boundingRect())
    assert differing(plain, frame(lenet), place.adjusted(8, 60, -8, -4)) > 100
    assert cards["input"].fresh == 0
    qtbot.waitUntil(lambda: cards["relu1"].fresh == 0)
    document.replace(Project(template("googlenet")))
    document.replace(Project(template("lenet5")))
    assert not lenet.scene_._fresh


def test_wires_are_seen_from_afar(lenet: Canvas, qtbot: QtBot) -> None:
    lenet.zoom_by(0.1)
    lenet.centerOn(lenet.scene_.wires[Edge("input", "conv1")].end())
    seen, wire = settled(lenet, qtbot), lenet.scene_.wires[Edge("input", "conv1")]
    wire.setVisible(False)
    end = QRectF(lenet.mapFromScene(wire.end()), QSizeF(1, 1))
    assert differing(seen, frame(lenet), end.adjusted(-2, -5, 2, 0)) > 2
