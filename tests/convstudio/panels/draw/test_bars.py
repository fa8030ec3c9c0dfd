"""Bars of probabilities: rows that stay where they are, names, and the winner."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from convstudio.look.theme import theme
from convstudio.panels.draw.bars import ProbabilityBars
from convstudio.panels.draw.showing import number, shares
from engine.protocol import Prediction

NAMES = tuple("abc")


@pytest.fixture
def bars(qtbot: QtBot) -> ProbabilityBars:
    made = ProbabilityBars()
    qtbot.addWidget(made)
    made.resize(300, 180)
    made.show()
    return made


def color_at(bars: ProbabilityBars, row: int, share: float) -> QColor:
    place = bars.bar_place(row)
    return bars.grab().toImage().pixelColor(round(place.left() + share * place.width()), round(place.center().y()))


def test_bars_are_as_long_as_classes_are_probable_and_the_best_is_in_the_accent(bars: ProbabilityBars) -> None:
    bars.show_shares(np.array([0.1, 0.6, 0.3], np.float32), NAMES, settled=True)
    assert bars.rows.tolist() == [0, 1, 2]
    assert bars.winner == 1
    assert bars.accessibleDescription() == "b 60.0 %"
    assert color_at(bars, 1, 0.5) == theme().color("accent")
    assert color_at(bars, 1, 0.7) != theme().color("accent")
    assert color_at(bars, 2, 0.2) == theme().color("edge")
    assert color_at(bars, 2, 0.4) not in (theme().color("edge"), theme().color("accent"))
    bars.forget()
    assert color_at(bars, 1, 0.5) != theme().color("accent")


def test_of_many_classes_the_best_are_shown_and_stay_while_the_pen_moves(bars: ProbabilityBars) -> None:
    rng, names = np.random.default_rng(0), [str(k) for k in range(100)]
    first = rng.permutation(100).astype(np.float32)
    bars.show_shares(first, names, settled=False)
    rows = bars.rows.tolist()
    assert rows == np.argsort(-first)[:10].tolist()
    changed = first.copy()
    changed[rows[5]] = 200
    changed[rows[0]] = 0
    bars.show_shares(changed, names, settled=False)
    assert bars.rows.tolist() == rows
    bars.show_shares(changed, names, settled=True)
    assert bars.rows[0] == rows[5]
    assert rows[0] not in bars.rows
    other = np.zeros(100, np.float32)
    other[7] = 1
    bars.show_shares(other, names, settled=False)
    assert bars.rows[0] == 7


def test_pictures_of_classes_and_plain_numbers_are_told_too() -> None:
    scores = np.zeros((3, 2, 2), np.float32)
    scores[2, 0] = scores[0, 1, 0] = scores[1, 1, 1] = 1
    found, names = shares(Prediction(1, scores, classes=("sky", "sea")))
    assert found.tolist() == [0.25, 0.25, 0.5]
    assert names == ("sky", "sea", "2")
    plain = Prediction(1, np.array([-0.12345], np.float32), classifies=False)
    assert number(-0.12345, plain) == "−0.123"
    assert number(0.5, Prediction(1, scores)) == "50.0 %"
