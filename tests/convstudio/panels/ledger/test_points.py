"""The points of a column of numbers stand below each other, and every number reads as everywhere else."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from convstudio.panels.ledger.table import TermsTable
from convstudio.panels.ledger.terms import amounts, decimals
from engine.explained import number


@pytest.mark.parametrize(
    ("values", "most"),
    [
        ([1.0, 2.0, 30.0], 0),
        ([0.5, 12.25], 2),
        ([0.00012345, -12.345], 8),
        ([1e-7, 2.5e9], 0),  # powers of ten stand for themselves
        ([1e-7, 0.25], 2),
        ([0.0, float("nan"), 99999.6], 0),
        ([], 0),
    ],
)
def test_a_column_has_room_for_the_digits_that_its_numbers_have(values: list[float], most: int) -> None:
    assert decimals(np.array(values)) == most


def test_no_number_has_more_digits_than_there_is_room_for() -> None:
    values = np.random.default_rng(1).normal(size=500) * 10.0 ** np.random.default_rng(2).integers(-4, 4, 500)
    written = [len(number(value).partition(".")[2]) for value in values if "×" not in number(value)]
    assert decimals(values) == max(written)


def test_a_power_of_ten_far_down_in_a_long_table_is_not_cut(qtbot: QtBot) -> None:
    table, values = TermsTable("Terms"), np.linspace(1, 2, 1280).round(2)
    values[305] = -1.2346e-5
    qtbot.addWidget(table)
    table.resize(60, 300)  # no room to spare
    table.show_columns([amounts("x", values), amounts("y", values)], values)
    assert table.horizontalHeader().sectionSize(0) >= table.sizeHintForIndex(table.terms.index(1279, 0)).width()
    assert table.terms.term(1279) == 305


def test_points_are_drawn_below_each_other(qtbot: QtBot) -> None:
    table, values = TermsTable("Terms"), np.array([0.5, -12.25, 3.0, 0.0001, 1e-9])
    qtbot.addWidget(table)
    table.show_columns([amounts("Value", values)], values)
    metrics, behind = QFontMetricsF(table.font()), []
    for row in range(len(values)):
        index, option = table.terms.index(row, 0), QStyleOptionViewItem()
        table.itemDelegate().initStyleOption(option, index)
        assert index.data() == number(float(values[table.terms.term(row)]))  # what is copied, and read aloud
        if "×" not in index.data():
            whole = index.data().partition(".")[0]
            behind.append(metrics.horizontalAdvance(option.text) - metrics.horizontalAdvance(whole))
    assert behind == pytest.approx([behind[0]] * 4, abs=1)
