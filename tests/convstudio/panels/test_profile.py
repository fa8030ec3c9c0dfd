"""The profile panel: it measures when it is seen, sorts, selects, and says why it cannot."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from convstudio.document.document import Document
from convstudio.document.project import Block, Project
from convstudio.panels.profile.costs import BAR, BARS, MEMORY, NAME, SHARE, SPEED, milliseconds, span, speed
from convstudio.panels.profile.panel import EMPTY, MEASURING, ProfilePanel
from engine import chain, make
from engine.profile import LayerCost, Profile
from engine.questions import MeasureLayers, NotAnswered, Profiled

LEFT = Qt.MouseButton.LeftButton
GRAPH = chain(
    make("input", shape=(1, 8, 8)),
    make("conv2d", out_channels=3, kernel_size=3),
    make("relu"),
    make("flatten"),
    make("dense", out_features=4),
    name="tiny",
)
INPUT, CONV, RELU, FLAT, DENSE = (node.id for node in GRAPH.order)
COSTS = (
    LayerCost(INPUT, 0.0, 0.0, 0.0, 0.0, 4096, 0),
    LayerCost(CONV, 1.0, 2.0, 60.0, 30.0, 20_000, 1_000),
    LayerCost(RELU, 0.0, 0.0, 0.0, 0.0, 0, 0),
    LayerCost(FLAT, 0.0, 0.0, 0.0, 0.0, 0, 0),
    LayerCost(DENSE, 0.25, 0.75, 4.0, 8.0, 2_000, 90_000),
)
PROFILE = Profile(COSTS, 64, 2, 0.5, 0.5, 100.0, 200, 12_800, 30_000)


class Asked(QObject):
    """A session that remembers what it is asked."""

    answered = Signal(object)
    network_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.number = 0
        self.questions: list[Any] = []

    def new_number(self) -> int:
        self.number += 1
        return self.number

    def ask_about(self, question: Any) -> None:
        self.questions.append(question)


@pytest.fixture
def panel(qtbot: QtBot) -> ProfilePanel:
    made = ProfilePanel(Document(Project(GRAPH)), Asked())  # type: ignore[arg-type]
    qtbot.addWidget(made)
    made.resize(1000, 320)
    return made


def asked(panel: ProfilePanel) -> list[Any]:
    session: Any = panel.session
    return session.questions


def answer(panel: ProfilePanel, *, finished: bool = True) -> None:
    panel.session.answered.emit(Profiled(asked(panel)[-1].number, PROFILE, finished))


def cells(panel: ProfilePanel, column: int) -> list[str]:
    return [str(panel.costs.index(row, column).data()) for row in range(panel.costs.rowCount())]


def click_head(panel: ProfilePanel, column: int) -> None:
    header = panel.table.horizontalHeader()
    QTest.mouseClick(header.viewport(), LEFT, pos=QPoint(header.sectionViewportPosition(column) + 20, 10))


def click_row(panel: ProfilePanel, row: int) -> None:
    rect = panel.table.visualRect(panel.costs.index(row, SHARE))
    QTest.mouseClick(panel.table.viewport(), LEFT, pos=rect.center())


def test_nothing_is_measured_until_somebody_looks(panel: ProfilePanel) -> None:
    panel.session.network_changed.emit()
    assert asked(panel) == []
    assert panel.says.text() == EMPTY
    panel.show()
    assert asked(panel) == [MeasureLayers(1)]
    assert panel.says.text() == MEASURING
    assert not panel.button.isEnabled()
    assert panel.table.isHidden()


def test_what_was_measured(panel: ProfilePanel) -> None:
    panel.show()
    answer(panel)
    assert panel.says.text() == (
        "A step with 64 samples takes 5.00 ms, so 12\u202f800 samples a second; an epoch will take about 1.1 s."
    )
    assert panel.total.text() == (
        "All layers 4.00 ms: forward 1.25 ms, backward 2.75 ms · loading samples 0.500 ms · optimiser 0.500 ms · "
        "121 kB of memory, since layers take turns"
    )
    assert cells(panel, NAME) == [INPUT, CONV, RELU, FLAT, DENSE]
    assert cells(panel, 2) == ["–", "1.00 ms", "–", "–", "0.250 ms"]
    assert cells(panel, 3) == ["–", "2.00 ms", "–", "–", "0.750 ms"]
    assert cells(panel, SHARE) == ["–", "75.0 %", "–", "–", "25.0 %"]
    assert cells(panel, SPEED) == ["–", "40", "–", "–", "7.0"]
    assert cells(panel, MEMORY) == ["4 kB", "21 kB", "–", "–", "92 kB"]
    assert cells(panel, BARS)[2] == "nothing of its own to compute"
    assert panel.costs.index(1, BARS).data(BAR) == (pytest.approx(1 / 3), pytest.approx(2 / 3))
    assert panel.costs.index(4, BARS).data(BAR) == (pytest.approx(1 / 12), pytest.approx(1 / 4))


def test_a_first_answer_is_shown_while_the_rest_is_measured(panel: ProfilePanel) -> None:
    panel.show()
    answer(panel, finished=False)
    assert panel.costs.rowCount() == 5
    assert not panel.button.isEnabled()
    answer(panel)
    assert panel.button.isEnabled()


def test_the_button_measures_again(panel: ProfilePanel) -> None:
    panel.show()
    answer(panel)
    QTest.mouseClick(panel.button, LEFT)
    assert [question.number for question in asked(panel)] == [1, 2]


def test_another_network_is_measured_when_it_is_seen(panel: ProfilePanel) -> None:
    panel.show()
    answer(panel)
    panel.hide()
    panel.session.network_changed.emit()
    assert len(asked(panel)) == 1
    panel.show()
    assert len(asked(panel)) == 2
    answer(panel)
    panel.hide()
    panel.show()
    assert len(asked(panel)) == 2
    panel.session.network_changed.emit()
    assert len(asked(panel)) == 3


def test_a_reason_is_said(panel: ProfilePanel) -> None:
    panel.show()
    panel.session.answered.emit(NotAnswered(99, "Another question's reason."))
    assert panel.says.text() == MEASURING
    panel.session.answered.emit(NotAnswered(1, "dense1 has no input."))
    assert panel.says.text() == "dense1 has no input."
    assert panel.button.isEnabled()


def test_the_heads_sort(panel: ProfilePanel) -> None:
    panel.show()
    answer(panel)
    click_head(panel, MEMORY)
    ascending = cells(panel, MEMORY)
    click_head(panel, MEMORY)
    assert cells(panel, MEMORY) == ["92 kB", "21 kB", "4 kB", "–", "–"]
    assert ascending == ["–", "–", "4 kB", "21 kB", "92 kB"]
    answer(panel)  # a new measurement keeps the order
    assert cells(panel, NAME)[:2] == [DENSE, CONV]
    click_head(panel, NAME)
    assert cells(panel, NAME) == [INPUT, CONV, RELU, FLAT, DENSE]


def test_a_row_selects_its_layer_and_a_layer_its_row(panel: ProfilePanel) -> None:
    panel.show()
    answer(panel)
    click_row(panel, 4)
    assert panel.document.selection == {DENSE}
    panel.document.select([CONV])
    assert [index.row() for index in panel.table.selectionModel().selectedRows()] == [1]
    panel.document.select([])
    assert panel.table.selectionModel().selectedRows() == []
    panel.document.select([RELU])
    answer(panel)
    assert [index.row() for index in panel.table.selectionModel().selectedRows()] == [2]


def test_a_copy_stands_for_the_layer_that_is_drawn(panel: ProfilePanel) -> None:
    block = Block("b", "twice", (RELU,), repeat=2)
    panel.document.replace(Project(GRAPH, blocks=(block,)))
    panel.show()
    copy = LayerCost(f"{RELU}·2", 0.1, 0.1, 0.0, 0.0, 10, 0)
    doubled = Profile((*COSTS[:3], copy, *COSTS[3:]), 64, 2, 0.5, 0.5, 100.0, 200, 12_800, 30_000)
    panel.session.answered.emit(Profiled(1, doubled, True))
    assert panel.costs.rowCount() == 6
    click_row(panel, 3)
    assert panel.document.selection == {RELU}
    assert [index.row() for index in panel.table.selectionModel().selectedRows()] == [3]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (milliseconds(0.0123), "0.012 ms"),
        (milliseconds(123.4), "123.4 ms"),
        (speed(0.0), "–"),
        (speed(3.14), "3.1"),
        (span(9.4), "9.4 s"),
        (span(42.0), "42 s"),
        (span(200.0), "3 min 20 s"),
        (span(7500.0), "2 h 5 min"),
    ],
)
def test_numbers_are_said_in_units_that_fit(said: str, expected: str) -> None:
    assert said == expected


def test_it_fits_the_strip_below_the_canvas(panel: ProfilePanel) -> None:
    panel.show()
    answer(panel)
    assert panel.minimumSizeHint().height() <= 200
    assert panel.minimumSizeHint().width() <= 700
