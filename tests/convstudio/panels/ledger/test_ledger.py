"""The ledger: click a pixel, read its arithmetic, go deeper and back, with a network in training."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from convstudio.document.document import Document
from convstudio.document.project import Project
from convstudio.panels.ledger.panel import EMPTY, LedgerPanel
from convstudio.panels.ledger.map_view import MapView, picture
from engine import chain, graph, make
from engine.batches import ArrayData, ArrayPart
from engine.explained import number
from engine.link import InlineLink
from engine.protocol import Start
from engine.questions import ANSWERS
from engine.settings import TrainingSettings

LEFT = Qt.MouseButton.LeftButton
GRAPH = chain(
    make("input", shape=(1, 8, 8)),
    make("conv2d", out_channels=3, kernel_size=3, padding=1),
    make("relu"),
    make("max_pool2d"),
    make("flatten"),
    make("dense", out_features=4),
    name="tiny",
)
INPUT, CONV, RELU, POOL, FLAT, DENSE = (node.id for node in GRAPH.order)


class Asked(QObject):
    """A trainer that rests before its first step, and answers at once."""

    answered = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.number = 0
        rng = np.random.default_rng(4)
        part = ArrayPart(rng.integers(0, 255, (60, 1, 8, 8), dtype=np.uint8), np.arange(60) % 4)
        data = ArrayData(part, None, part, mean=(0.5,), std=(0.3,))
        self.link = InlineLink()
        self.link.send(Start(graph.dumps(GRAPH), TrainingSettings(batch=20, epochs=1, threads=1), data, paused=True))
        for _ in range(200):
            self.link.poll()

    def new_number(self) -> int:
        self.number += 1
        return self.number

    def ask_about(self, question: Any) -> None:
        self.link.send(question)
        for message in self.link.poll():
            if isinstance(message, ANSWERS):
                self.answered.emit(message)


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[LedgerPanel]:
    session = Asked()
    made = LedgerPanel(Document(Project(GRAPH)), session)
    qtbot.addWidget(made)
    made.resize(1000, 420)
    made.show()
    yield made
    session.link.kill()


def click(view: MapView, row: int, column: int) -> None:
    QTest.mouseClick(view, LEFT, pos=view.centre(row, column).center())


def cells(panel: LedgerPanel, row: int) -> list[str]:
    return [str(panel.terms.index(row, column).data()) for column in range(6)]


def choose(panel: LedgerPanel, row: int) -> None:
    rect = panel.table.visualRect(panel.terms.index(row, 0))
    QTest.mouseClick(panel.table.viewport(), LEFT, pos=rect.center())


def test_nothing_chosen_says_what_to_do(panel: LedgerPanel) -> None:
    assert panel.says.text() == EMPTY
    assert not panel.back.isEnabled()
    assert not panel.again.isEnabled()


def test_a_click_shows_every_product_and_their_sum(panel: LedgerPanel) -> None:
    panel._document.select([CONV])
    assert panel.says.text() == "Click a pixel to see how it was made."
    panel.channel.setValue(1)
    click(panel.map, 4, 5)
    assert panel.says.text().startswith(f"{CONV}, channel 1, at 4, 5 = ")
    assert panel.terms.rowCount() == 9
    value = panel.says.text().rpartition(" = ")[2]
    assert panel.lines.text().endswith((f"= {value}", f" has {value}"))
    rows = [cells(panel, row) for row in range(9)]
    parts = [abs(float(row[5].replace("−", "-"))) for row in rows]
    assert parts == sorted(parts, reverse=True)
    assert {row[2] for row in rows} == {f"{r}, {c}" for r in (3, 4, 5) for c in (4, 5, 6)}


def test_the_header_sorts_the_terms(panel: LedgerPanel) -> None:
    panel._document.select([CONV])
    click(panel.map, 4, 5)
    header = panel.table.horizontalHeader()
    QTest.mouseClick(header.viewport(), LEFT, pos=QPoint(header.sectionViewportPosition(3) + 20, 10))
    values = [float(cells(panel, row)[3].replace("−", "-")) for row in range(9)]
    assert values in (sorted(values), sorted(values, reverse=True))


def test_one_goes_deeper_to_the_input_and_back(panel: LedgerPanel) -> None:
    panel._document.select([DENSE])
    click(panel.map, 0, 1)
    assert panel.terms.rowCount() == 48
    for node in (FLAT, POOL, RELU, CONV, INPUT):
        value = cells(panel, 0)[3]
        choose(panel, 0)
        assert panel.name.text() == node
        assert panel.says.text().endswith(f" = {value}")
    assert panel.lines.text() == "This is where data enters: the number comes from the sample itself."
    for node in (CONV, RELU, POOL, FLAT, DENSE):
        QTest.mouseClick(panel.back, LEFT)
        assert panel.name.text() == node
    assert not panel.back.isEnabled()


def test_the_receptive_field_is_framed_in_every_layer_below(panel: LedgerPanel, qtbot: QtBot) -> None:
    panel._document.select([POOL])
    click(panel.map, 1, 2)

    def seen() -> list[MapView]:
        return [view for view in panel._area.findChildren(MapView) if view.isVisible()]

    qtbot.waitUntil(lambda: len(seen()) == 3)
    assert {v.accessibleName(): v._box for v in seen()} == {
        f"{RELU} · 2 × 2 px": ((2, 4), (4, 6)),
        f"{CONV} · 2 × 2 px": ((2, 4), (4, 6)),
        f"{INPUT} · 4 × 4 px": ((1, 5), (3, 7)),
    }


def test_layers_below_scroll_rather_than_lie_on_each_other(panel: LedgerPanel, qtbot: QtBot) -> None:
    panel._document.select([DENSE])
    panel.resize(1000, 300)
    click(panel.map, 0, 0)

    def seen() -> list[MapView]:
        return [view for view in panel._area.findChildren(MapView) if view.isVisible()]

    qtbot.waitUntil(lambda: len(seen()) == 5)
    views = sorted((view.geometry() for view in seen()), key=lambda rect: rect.top())
    assert all(above.bottom() < below.top() for above, below in itertools.pairwise(views))
    assert panel._area.verticalScrollBar().maximum() > 0


def test_keys_move_on_the_map_and_the_value_under_the_mouse_is_told(panel: LedgerPanel) -> None:
    panel._document.select([CONV])
    click(panel.map, 2, 2)
    QTest.keyClick(panel.map, Qt.Key.Key_Down)
    assert ", at 3, 2 = " in panel.says.text()
    QTest.mouseMove(panel.map, panel.map.centre(1, 6).center())
    assert panel.under_mouse.text() == f"channel 0, at 1, 6: {number(float(panel._values[0, 1, 6]))}"


def test_another_sample_has_other_numbers(panel: LedgerPanel) -> None:
    panel._document.select([CONV])
    click(panel.map, 4, 4)
    before = panel.says.text()
    panel.sample.setFocus()
    QTest.keyClick(panel.sample, Qt.Key.Key_Up)
    assert panel.sample.value() == 1
    assert panel.says.text() != before


def test_zero_has_the_panels_colour_and_signs_have_their_own(qtbot: QtBot) -> None:
    from convstudio.look.theme import theme

    image = picture(np.array([[-2.0, 0.0, 2.0]], np.float32))
    colors = [image.pixelColor(column, 0).name() for column in range(3)]
    assert colors == [theme().category("pooling").name(), theme().color("panel").name(), theme().color("accent").name()]
