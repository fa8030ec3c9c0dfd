"""A few steps far above all others do not decide how high a chart is, and can be seen all the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from convstudio.panels.chart_range import heights
from convstudio.panels.charts import ChartsPanel
from convstudio.training.session import Session
from engine.link import InlineLink
from engine.progress import EpochResult
from tests.convstudio.panels.chart_reports import report
from tests.convstudio.tiny import tiny_document, write_samples

NONE = np.zeros(0)
FALL = 2.3 * np.exp(-np.arange(1000) / 80) + 0.05


@pytest.fixture
def charts(tmp_path: Path, qtbot: QtBot) -> Iterator[ChartsPanel]:
    session = Session(tiny_document(write_samples(tmp_path), epochs=3), InlineLink, tmp_path / "runs")
    made = ChartsPanel(session)
    qtbot.addWidget(made)
    made.resize(900, 240)
    made.show()
    yield made
    session.close()


def exploding(first: float) -> np.ndarray:
    """A run whose first steps go far away before it learns."""
    losses = FALL.copy()
    losses[:3] = first, first / 20, first / 300
    return losses


def top(charts: ChartsPanel) -> float:
    """How high the loss's chart is."""
    return float(charts.loss.plotItem.vb.viewRange()[1][1])


def test_an_exploding_first_step_does_not_decide_how_high_the_chart_is(charts: ChartsPanel) -> None:
    charts.session.curves.add(report(exploding(9300.0)))
    charts.redraw()
    assert 2 < top(charts) < 3
    assert charts.peaks.isVisible()
    assert charts.peaks.text() == "Without peaks up to 9300"
    QTest.mouseClick(charts.peaks, Qt.MouseButton.LeftButton, pos=charts.peaks.rect().center())
    assert top(charts) > 9300  # there it is
    QTest.mouseClick(charts.peaks, Qt.MouseButton.LeftButton, pos=charts.peaks.rect().center())
    assert top(charts) < 3


def test_whoever_looks_closely_at_a_peak_sees_it(charts: ChartsPanel, qtbot: QtBot) -> None:
    charts.session.curves.add(report(exploding(9300.0)))
    charts.redraw()
    charts.loss.setXRange(0, 20, padding=0)
    qtbot.waitUntil(lambda: top(charts) > 9300)
    assert not charts.peaks.isVisible()
    QTest.mouseClick(charts.whole, Qt.MouseButton.LeftButton)
    assert top(charts) < 3
    charts.logarithmic.setChecked(True)
    assert top(charts) > np.log10(9300)
    assert not charts.peaks.isVisible()


def test_a_usual_run_is_seen_whole(charts: ChartsPanel) -> None:
    charts.session.curves.add(report(FALL))
    charts.session.curves.history = [EpochResult(1, 100, 0.1, 2.0, 0.5, 1.25, 0.75)]
    charts.redraw()
    assert top(charts) > 2.3
    assert not charts.peaks.isVisible()


def test_only_rare_peaks_that_a_run_came_back_from_are_left_out() -> None:
    def seen(values: np.ndarray, measured: np.ndarray = NONE) -> bool:
        found = heights(values, measured)
        assert found is not None
        return found.seen == found.highest

    long = np.concatenate([FALL, np.full(100_000, 0.002)])
    assert seen(long)  # the fall at the beginning is what one looks for, however long the rest is
    assert seen(exploding(9300.0)[:99])  # few steps: nothing is rare yet
    assert not seen(exploding(9300.0))
    assert seen(np.concatenate([[7.5, 5.0], FALL]))  # higher, but everything else can be seen beside it
    late = FALL.copy()
    late[-3:] = 50, 800, 9000
    assert seen(late)  # it explodes now
    assert not seen(np.concatenate([late, FALL[-200:]]))
    often = FALL.copy()
    often[::20] = 100
    assert seen(often)  # that is how this run is
    assert seen(FALL, np.array([0.5, 5.0]))  # a network that learns by heart
    assert not seen(FALL, np.array([900.0, 1.2, 0.5]))
    assert heights(NONE, NONE) is None
    assert seen(np.append(FALL, np.nan))
