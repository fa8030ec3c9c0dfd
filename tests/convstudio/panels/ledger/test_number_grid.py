"""Numbers stand in their cells as long as they fit, and agree with the grids beside them."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QFontMetrics
from pytestqt.qtbot import QtBot

from convstudio.look.letters import font
from convstudio.panels.ledger.number_grid import NumberGrid, cell_for

FIVE = np.array([[0.12, -0.5, 0.031, 0.0, -0.004]])


def grid_of(qtbot: QtBot, values: np.ndarray, cell: int) -> NumberGrid:
    grid = NumberGrid("tip")
    qtbot.addWidget(grid)
    grid.show_values(values, cell)
    return grid


def test_numbers_of_a_five_by_five_kernel_are_written_in_a_small_window(qtbot: QtBot) -> None:
    metrics = QFontMetrics(font("caption"))
    wide, tight = metrics.horizontalAdvance("−0.88") + 3, metrics.horizontalAdvance("−888") + 3
    assert grid_of(qtbot, FIVE, wide).written() == ["0.12", "−0.50", "0.03", "0", "0.00"]
    narrow = grid_of(qtbot, FIVE, tight)
    assert narrow.with_numbers
    assert narrow.written() == [".12", "−.50", ".03", "0", ".00"]
    assert grid_of(qtbot, np.array([[-3.21, 4.0, 0.28]]), tight).written() == ["−3.2", "4.00", ".28"]
    assert grid_of(qtbot, np.array([[-321.0, np.nan]]), tight).written() == ["−321", ""]
    assert not grid_of(qtbot, FIVE, tight - 1).with_numbers


def test_what_is_not_finite_is_drawn_too(qtbot: QtBot) -> None:
    grid = grid_of(qtbot, np.array([[np.inf, -2.0, np.nan]]), 40)
    assert grid.written() == ["inf", "−2.00", ""]
    assert not grid.grab().isNull()


def test_cells_are_as_wide_as_there_is_room_and_text_needs() -> None:
    assert cell_for(10_000, 3) >= QFontMetrics(font("caption")).horizontalAdvance("−0.88")
    assert cell_for(50, 3) == 16
    assert cell_for(0, 3) == 4
