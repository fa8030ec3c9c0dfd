"""Charts show every step of a run beside earlier ones, are looked into closely, read and written out."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QWheelEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from convstudio.document.document import Document
from convstudio.look.theme import theme
from convstudio.panels.chart import Chart
from convstudio.panels.chart_labels import rows_for, spread
from convstudio.panels.charts import LEARNED, LIVE_NAME, ChartsPanel
from convstudio.training.curves import EPOCH, PIXELS, STEP, TIME, Curves, smoothed, to_csv
from convstudio.training.session import Session
from engine.errors import EngineError
from engine.link import InlineLink
from engine.progress import EpochResult
from engine.protocol import Report
from engine.run_files import Mark, RunSummary
from engine.settings import TrainingSettings
from tests.convstudio.panels.chart_reports import learned, report
from tests.convstudio.tiny import tiny_document, write_samples
from tests.patience import PATIENCE_MS

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def document(tmp_path: Path) -> Document:
    return tiny_document(write_samples(tmp_path), epochs=3)


@pytest.fixture
def session(document: Document, tmp_path: Path, qtbot: QtBot) -> Iterator[Session]:
    made = Session(document, InlineLink, tmp_path / "runs")
    yield made
    made.close()


@pytest.fixture
def charts(session: Session, qtbot: QtBot) -> ChartsPanel:
    made = ChartsPanel(session)
    qtbot.addWidget(made)
    made.resize(900, 240)
    made.show()
    return made


def middle(chart: Chart) -> QPoint:
    return chart.viewport().rect().center()


def turn_wheel(chart: Chart, times: int) -> None:
    """Towards the screen, over the middle."""
    place = QPointF(middle(chart))
    for _ in range(times):
        turned = QWheelEvent(
            place,
            QPointF(chart.viewport().mapToGlobal(place.toPoint())),
            QPoint(0, 120),
            QPoint(0, 120),
            Qt.MouseButton.NoButton,
            NONE,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(chart.viewport(), turned)


def test_charts_show_every_step_and_a_mark_where_the_rate_changed(
    charts: ChartsPanel, session: Session, qtbot: QtBot
) -> None:
    assert charts.empty.isVisible()
    session.step()
    qtbot.waitUntil(lambda: len(charts.curves) == 1, timeout=PATIENCE_MS)
    session.set_learning_rate(0.5)
    with qtbot.waitSignal(session.finished, timeout=PATIENCE_MS):
        session.resume()
    qtbot.waitUntil(lambda: len(charts.curves) == session.report.total_steps, timeout=PATIENCE_MS)
    assert not charts.empty.isVisible()
    assert [mark.label.format for mark in charts.loss.marks] == ["learning rate 0.5"]
    qtbot.waitUntil(lambda: len(charts.curves.validation(EPOCH, "loss")[0]) == 3, timeout=PATIENCE_MS)
    charts.point_at(1.0)
    assert charts.loss.note.toPlainText().startswith("step 1 · epoch 0.25 · ")
    charts.export(Path(session.folder) / "all.csv")
    lines = (Path(session.folder) / "all.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1 + session.report.total_steps
    charts.export(Path(session.folder) / "both.svg")
    drawing = (Path(session.folder) / "both.svg").read_text(encoding="utf-8")
    assert drawing.count("<polyline") + drawing.count("<path") > 20
    for word in ("loss", "accuracy, %", "learning rate 0.5"):
        assert word in drawing
    with pytest.raises(EngineError, match=r"^.*both.svg could not be saved: No such file or directory"):
        charts.export(Path(session.folder) / "nowhere" / "both.svg")


def test_what_is_on_its_way_is_not_asked_for(charts: ChartsPanel, session: Session, qtbot: QtBot) -> None:
    assert charts.empty.text().startswith("Nothing was trained yet.")
    session.start(paused=True)
    assert charts.empty.text() == "The run is on its way. The curves grow here with its first steps."
    session.stop()
    qtbot.waitUntil(lambda: charts.empty.text().startswith("Nothing was trained yet."), timeout=PATIENCE_MS)


def test_a_network_that_was_opened_with_what_it_has_learned_is_not_said_to_be_new(charts: ChartsPanel) -> None:
    document = charts.session.document
    document.set_weights({"dense1.weight": np.zeros((10, 64), np.float32)})
    assert charts.empty.text() == LEARNED
    document.replace(document.project)
    assert charts.empty.text().startswith("Nothing was trained yet.")


def test_smoothing_is_a_mean_of_the_steps_before() -> None:
    values = np.arange(1.0, 101)
    values[95] = np.nan
    assert smoothed(values, 0) is values
    means = smoothed(values, 1)
    assert means[:4].tolist() == [1, 2, 3, 4]  # the beginning is shown as it is
    assert means[9] == pytest.approx(values[7:10].mean())
    assert means[94] == pytest.approx(values[85:95].mean())
    assert means[99] == pytest.approx(np.nanmean(values[90:]))
    curves = Curves()
    steps = np.arange(1, 101)
    curves.add(Report("training", steps=steps, losses=values, accuracies=values, total_steps=100, epochs=1))
    index = curves.nearest(10, STEP)
    assert index == 9
    assert curves.at(index, "loss", 1) == pytest.approx(means[9])


def test_of_a_million_points_few_are_drawn_and_no_peak_is_lost() -> None:
    x = np.arange(1, 1_000_004)
    values = np.ones(len(x))
    values[[123_456, 1_000_002]] = 9, -5
    curves = Curves()
    for part in np.array_split(np.arange(len(x)), 7):  # as it grows
        piece = Report("training", steps=x[part], losses=values[part], accuracies=values[part], total_steps=1, epochs=1)
        curves.add(piece)
        curves.peaks("loss", "step")
    places, heights = curves.peaks("loss", "step")
    assert len(places) == len(heights) <= 2 * PIXELS + 2
    assert sorted(set(heights)) == [-5, 1, 9]
    assert abs(places[np.argmax(heights)] - 123_456) < 1100
    assert places[-1] == 1_000_003
    ends, means = curves.smooth_line("loss", "step", 2)
    assert len(ends) == len(means) <= PIXELS
    whole = Curves()
    whole.add(Report("training", steps=x, losses=values, accuracies=values, total_steps=1, epochs=1))
    for one, other in zip(whole.peaks("loss", "step"), (places, heights), strict=True):
        assert np.array_equal(one, other)  # it is the same however it came
    curves.cut_at(500_000)
    assert curves.peaks("loss", "step")[0][-1] == 500_000
    assert -5 not in curves.peaks("loss", "step")[1]


def test_a_run_that_goes_on_from_a_checkpoint_has_each_step_once() -> None:
    ticks = iter(range(100))
    curves = Curves(lambda: float(next(ticks)))
    numbers = np.arange(1, 3001)
    brought = Report("training", total_steps=6000, epochs=2, steps=numbers, losses=numbers / 10, accuracies=numbers * 0)
    curves.add(brought)
    curves.cut_at(2000)
    assert curves.steps[-1] == 2000
    assert curves.along(EPOCH)[-1] == pytest.approx(2000 / 3000)
    assert curves.along(TIME)[-1] == 1
    index = curves.nearest(10.2, STEP)
    assert index == 9
    assert (curves.at(index, "loss", 0), curves.at(index, "accuracy", 0)) == (1.0, 0.0)


def test_looking_closer_shows_every_step_and_a_double_click_shows_all_again(charts: ChartsPanel, qtbot: QtBot) -> None:
    noise = np.random.default_rng(0).random(100_000)
    charts.session.curves.add(report(noise, total_steps=100_000))
    charts.session.reported.emit(report(noise[:1]))
    drawn = charts.loss.lines[0].raw
    assert drawn is not None
    assert len(drawn.getData()[0]) <= 2 * PIXELS + 2
    turn_wheel(charts.loss, 40)
    qtbot.waitUntil(lambda: charts.whole.isEnabled())
    left, right = charts.loss.plotItem.vb.viewRange()[0]
    assert right - left < 1000
    qtbot.waitUntil(lambda: drawn.getData()[0][0] >= left - 1)
    x, y = drawn.getData()
    assert np.array_equal(np.diff(x), np.ones(len(x) - 1))  # each of them, and no more than can be seen
    assert np.array_equal(y, noise[x.astype(int) - 1])
    assert charts.accuracy.plotItem.vb.viewRange()[0] == pytest.approx([left, right])
    low, high = charts.loss.plotItem.vb.viewRange()[1]
    assert -0.2 < low < high < 1.2  # the height follows what is seen
    charts.session.curves.add(report(noise[:10], first=100_001, total_steps=100_000))
    charts.session.reported.emit(report(noise[:1]))
    assert charts.loss.plotItem.vb.viewRange()[0] == pytest.approx([left, right])  # it stays where one looks
    QTest.mouseDClick(charts.accuracy.viewport(), LEFT, NONE, middle(charts.accuracy))
    assert not charts.loss.zoomed
    assert not charts.whole.isEnabled()
    assert len(drawn.getData()[0]) <= 2 * PIXELS + 2
    turn_wheel(charts.loss, 3)
    qtbot.waitUntil(lambda: charts.whole.isEnabled())
    QTest.mouseClick(charts.whole, LEFT)
    assert not charts.loss.zoomed


def test_keys_read_values_and_look_closer(charts: ChartsPanel, qtbot: QtBot) -> None:
    learned(charts)
    QTest.keyClick(charts.loss, Qt.Key.Key_Right)
    assert charts.loss.cross.isVisible()
    assert charts.accuracy.cross.isVisible()
    before = charts.loss.cross.value()
    QTest.keyClick(charts.loss, Qt.Key.Key_Left)
    assert charts.loss.cross.value() < before
    QTest.keyClick(charts.loss, Qt.Key.Key_Plus)
    assert charts.loss.zoomed
    QTest.keyClick(charts.loss, Qt.Key.Key_0)
    assert not charts.loss.zoomed


def test_the_crosshair_reads_training_and_validation_and_what_was_changed_there(charts: ChartsPanel) -> None:
    charts.smoothing.setCurrentIndex(0)
    losses = learned(charts)
    charts.session.curves.history = [EpochResult(1, 100, 0.1, 2.0, 0.5, 1.25, 0.75)]
    charts.session.curves.marks = [Mark(200, "batch 32")]
    charts.refresh()
    charts.grab()
    charts.point_at(200.2)
    said = charts.loss.note.toPlainText()
    for words in ("step 200", "epoch 2.00", "batch 32", "training", f"{losses[199]:.4f}", "validation", "1.2500"):
        assert words in said
    assert "75.00 %" in charts.accuracy.note.toPlainText()
    charts.point_at(50)
    assert "validation" not in charts.loss.note.toPlainText()  # nothing was measured yet
    charts.point_at(float("nan"))
    assert not charts.loss.note.isVisible()
    charts.point_at(200)
    QApplication.sendEvent(charts.loss, QEvent(QEvent.Type.Leave))
    assert not charts.loss.note.isVisible()


def test_earlier_runs_are_read_too_and_the_same_run_is_drawn_once(charts: ChartsPanel, tmp_path: Path) -> None:
    kept, folder, other = charts.session.kept, tmp_path / "a", Curves()
    other.add(report(np.full(300, 0.5)))
    summaries = [RunSummary(folder, "a", "net", {}, TrainingSettings(), (), 1.0, 1.0, 0.0, True)]
    kept.summaries, kept.chosen = tuple(summaries), {folder: other}
    kept.chosen_changed.emit()
    charts.point_at(100)
    assert "0.5000" in charts.loss.note.toPlainText()  # with no run under way
    learned(charts)
    charts.redraw()
    charts.point_at(100)
    said = charts.loss.note.toPlainText()
    assert LIVE_NAME in said
    assert "a" in said.split()
    charts.point_at(450)
    assert "0.5000" not in charts.loss.note.toPlainText()  # it was over
    charts.session.folder = str(folder)
    charts.redraw()
    assert [(run.title, run.live) for run in charts.runs] == [("a", True)]


def test_where_nothing_is_classified_there_is_no_empty_chart(charts: ChartsPanel) -> None:
    losses = np.ones(10)
    charts.session.curves.add(report(losses, np.full(10, np.nan)))
    charts.session.reported.emit(report(losses))
    assert charts.loss.isVisible()
    assert not charts.accuracy.isVisible()


def test_lines_are_as_wide_on_a_dense_screen_and_in_a_picture(
    charts: ChartsPanel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Chart, "devicePixelRatioF", lambda chart: 1.5)
    learned(charts)
    charts.redraw()
    assert charts.loss.lines[0].line.opts["pen"].widthF() == 3
    widths: list[float] = []
    monkeypatch.setattr(charts, "_paint", lambda _: widths.append(charts.loss.lines[0].line.opts["pen"].widthF()))
    charts.export(tmp_path / "a.png")
    assert widths == [4]
    assert charts.loss.lines[0].line.opts["pen"].widthF() == 3


def test_a_single_step_is_seen(charts: ChartsPanel) -> None:
    learned(charts, 1)
    assert charts.loss.lines[0].line.scatter.isVisible()
    charts.session.curves.add(report(np.ones(9), first=2))
    charts.refresh()
    assert not charts.loss.lines[0].line.scatter.isVisible()


def test_nothing_is_exported_before_anything_was_trained(charts: ChartsPanel) -> None:
    assert not charts.export_button.isEnabled()
    learned(charts)
    assert charts.export_button.isEnabled()


def test_pictures_and_drawings_hold_the_charts_alone(charts: ChartsPanel, tmp_path: Path) -> None:
    learned(charts)
    charts.export(tmp_path / "a.png")
    charts.export(tmp_path / "a.svg")
    picture = QImage(str(tmp_path / "a.png"))
    size = charts.loss.width() + charts.accuracy.width(), charts.loss.height()
    assert (picture.width(), picture.height()) == (2 * size[0], 2 * size[1])
    drawn = QImage(picture.size(), QImage.Format.Format_RGB32)
    drawn.fill(theme().color("panel"))
    painter = QPainter(drawn)
    renderer = QSvgRenderer(str(tmp_path / "a.svg"))
    assert renderer.isValid()
    renderer.render(painter, QRectF(drawn.rect()))
    painter.end()
    for image in (picture, drawn):
        colours = {image.pixel(x, y) for x in range(0, image.width(), 2) for y in range(0, image.height(), 3)}
        assert charts.loss.lines[0].shown.hue("loss").rgb() in colours


def test_numbers_of_all_runs_are_exported_without_waiting(
    charts: ChartsPanel, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned(charts, 250)
    charts.session.curves.history = [EpochResult(1, 100, 0.1, 2.0, 0.5, 1.25, 0.75)]
    chosen = str(tmp_path / "numbers"), "Numbers (*.csv)"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: chosen)
    with qtbot.waitSignal(charts.session.said) as said:
        charts.ask_to_export()
    assert said.args[0] == f"The charts were exported to {tmp_path / 'numbers.csv'}."
    with (tmp_path / "numbers.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 250
    assert rows[99]["validation_loss"] == "1.25"
    assert rows[99]["epoch"] == "1"
    assert rows[98]["validation_loss"] == ""
    assert {row["run"] for row in rows} == {LIVE_NAME}
    two = b"".join(to_csv([('my "run"', charts.curves), ("other", charts.curves)])).decode().splitlines()
    assert len(two) == 501
    assert two[1].startswith('"my ""run""",1,')


def test_epochs_have_their_place_where_the_batch_was_changed() -> None:
    curves = Curves()
    curves.add(report(np.ones(100), step=100, epoch=1, history=(EpochResult(1, 100, 0.1, 1.0),)))
    curves.add(report(np.ones(250), first=101, step=350, epoch=2, seen=50, samples_per_epoch=200, total_steps=1900,
                      history=(EpochResult(2, 300, 0.1, 1.0),)))  # fmt: skip
    assert curves.place(100, EPOCH) == 1
    assert curves.place(300, EPOCH) == 2
    assert curves.place(200, EPOCH) == 1.5
    assert curves.along(EPOCH)[-1] == 2.25


def test_steps_of_a_report_are_spread_over_the_time_that_they_took() -> None:
    ticks = iter((0.0, 5.0, 6.0, 60.0))
    curves = Curves(lambda: next(ticks))
    speed = {"samples_per_second": 1000.0, "samples_per_epoch": 1000}  # 10 samples a step
    curves.add(report(np.ones(100), **speed))
    assert curves.seconds[[0, 49, 99]] == pytest.approx([0.01, 0.5, 1.0])  # it began with its first step
    curves.add(report(np.ones(100), first=101, **speed))
    assert curves.seconds[[100, 149, 199]] == pytest.approx([1.01, 1.5, 2.0])
    curves.go_on()  # after a rest of a minute
    assert curves._clock.__name__ == "<lambda>"


def test_what_is_seen_closely_is_what_the_whole_curve_shows() -> None:
    values = np.random.default_rng(1).random(40_000)
    curves = Curves()
    curves.add(report(values, total_steps=40_000))
    x, y = curves.smooth_line("loss", STEP, 3, (20_000, 20_500))
    whole = smoothed(values, 3)
    assert y == pytest.approx(whole[x.astype(int) - 1])
    for span in ((0.0, 40_000.0), (10_000.0, 15_000.0), (39_000.0, 50_000.0), (-9.0, -5.0)):
        places, heights = curves.peaks("loss", STEP, span)
        seen = values[max(0, int(span[0]) - 1) : max(0, int(span[1]))]
        assert len(places) == len(heights) <= 2 * PIXELS + 2
        if len(seen):
            assert heights.max() >= seen.max()
            assert heights.min() <= seen.min()
    assert curves.along(TIME).shape == (40_000,)


def test_words_have_rows_and_names_have_room() -> None:
    assert rows_for([(0, 10), (5, 15), (12, 20), (6, 9), (7, 8)], 3) == [0, 1, 0, 2, None]
    assert spread([1.0, 1.0, 5.0], 1.0, 0.0, 10.0) == [1.0, 2.0, 5.0]
    assert spread([9.8, 9.9], 1.0, 0.0, 10.0) == [9.0, 10.0]
    assert spread([], 1.0, 0.0, 10.0) == []
