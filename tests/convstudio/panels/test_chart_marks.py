"""What was changed in the middle of a run is marked, kept and written out; numbers at the axes read well."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from convstudio.look.number_axis import NumberAxis
from convstudio.look.theme import DARK, appearance, theme
from convstudio.panels.charts import ChartsPanel
from convstudio.training.curves import EPOCH, Curves, to_csv
from convstudio.training.session import Session
from engine.link import InlineLink
from engine.run_files import Mark, RunSummary
from engine.settings import TrainingSettings
from tests.convstudio.panels.chart_reports import learned, report
from tests.convstudio.tiny import tiny_document, write_samples


@pytest.fixture
def session(tmp_path: Path, qtbot: QtBot) -> Iterator[Session]:
    made = Session(tiny_document(write_samples(tmp_path), epochs=3), InlineLink, tmp_path / "runs")
    yield made
    made.close()


@pytest.fixture
def charts(session: Session, qtbot: QtBot) -> ChartsPanel:
    made = ChartsPanel(session)
    qtbot.addWidget(made)
    made.resize(900, 240)
    made.show()
    return made


def test_marks_stay_at_their_step_whatever_the_axis_and_in_the_colours_of_the_theme(charts: ChartsPanel) -> None:
    learned(charts)
    charts.session.curves.marks = [Mark(200, "learning rate 0.5"), Mark(205, "batch 8")]
    charts.refresh()
    assert [mark.value() for mark in charts.loss.marks] == [200, 205]
    charts.axis.setCurrentIndex(charts.axis.findData(EPOCH))
    assert [mark.value() for mark in charts.loss.marks] == pytest.approx([2, 2.05])
    charts.grab()
    charts.refresh()
    assert len({mark.label.orthoPos for mark in charts.loss.marks}) == 2  # their words stand below each other
    appearance().choose(DARK)
    assert charts.loss.marks[0].pen.color() == theme().color("warning")
    appearance().choose("system")
    charts.session.curves.marks = []
    charts.session.started.emit(True)  # another run is gone on with
    assert charts.loss.marks == []


def test_marks_of_a_kept_run_stand_beside_those_of_this_one(charts: ChartsPanel, tmp_path: Path) -> None:
    kept, folder, other = charts.session.kept, tmp_path / "a", Curves()
    other.add(report(np.full(300, 0.5)))
    other.marks = [Mark(100, "batch 32")]
    kept.summaries = (RunSummary(folder, "the {first}", "net", {}, TrainingSettings(), (), 1.0, 1.0, 0.0, True),)
    kept.chosen = {folder: other}
    learned(charts)
    charts.session.curves.marks = [Mark(200, "network edited")]
    kept.chosen_changed.emit()
    earlier, live = charts.loss.marks
    assert [line.label.toPlainText() for line in (earlier, live)] == ["the {first}: batch 32", "network edited"]
    assert [line.value() for line in (earlier, live)] == [100, 200]
    assert earlier.pen.color() == charts.runs[0].hue("loss") != live.pen.color()
    charts.point_at(100.2)
    assert "the {first}: batch 32" in charts.loss.note.toPlainText()
    kept.chosen = {}
    kept.chosen_changed.emit()
    assert [line.label.toPlainText() for line in charts.loss.marks] == ["network edited"]


def test_what_was_changed_stands_in_the_table_of_numbers() -> None:
    curves = Curves()
    curves.add(report(np.ones(5)))
    curves.marks = [Mark(0, "batch 8"), Mark(3, "learning rate 0.5"), Mark(3, 'network "edited"'), Mark(9, "batch 4")]
    rows = list(csv.DictReader(b"".join(to_csv([("a", curves)])).decode().splitlines()))
    assert [row["change"] for row in rows] == ["batch 8", "", 'learning rate 0.5; network "edited"', "", "batch 4"]


def test_marks_that_a_run_has_not_come_to_again_are_forgotten() -> None:
    curves = Curves()
    curves.add(report(np.ones(20)))
    curves.marks = [Mark(5, "batch 8"), Mark(15, "batch 4")]
    curves.add(report(np.ones(5), first=11))  # goes on from the checkpoint after step 10
    assert curves.marks == [Mark(5, "batch 8")]


def test_a_number_that_is_turned_leaves_one_mark_a_step(session: Session) -> None:
    for text in ("learning rate 0.1", "learning rate 0.2", "batch 8", "batch 16"):
        session._mark(text)
    session.report = report(np.ones(1), step=7)
    session._mark("batch 32")
    assert session.curves.marks == [Mark(0, "learning rate 0.2"), Mark(0, "batch 16"), Mark(7, "batch 32")]


def test_numbers_at_the_axes_read_like_all_others() -> None:
    axis = NumberAxis("left")
    assert axis.tickStrings([0, 0.5, 1], 1, 0.5) == ["0", "0.5", "1.0"]
    assert axis.tickStrings([0, 20000.0, 1e6], 1, 20000.0) == ["0", "20\u202f000", "1\u202f×\u202f10⁶"]
    assert axis.tickStrings([-5e-6, 1e-20, 5e-6], 1, 5e-6) == ["−5\u202f×\u202f10⁻⁶", "0", "5\u202f×\u202f10⁻⁶"]
    axis.setLogMode(y=True)
    assert axis.tickStrings([-6, -1, 0, 500], 1, 1)[:3] == ["1\u202f×\u202f10⁻⁶", "0.1", "1"]
