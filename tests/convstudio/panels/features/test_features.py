"""The feature map by mouse and keys: points of the right samples, with their pictures, still and on the move."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from convstudio.document import edits
from convstudio.document.project import Project
from convstudio.look.theme import DARK, LIGHT, appearance, theme
from convstudio.panels.features.panel import LARGE, MOST_BEHIND, NO_NETWORK, FeaturesPanel
from convstudio.training.session import Session
from engine.graph import Graph
from engine.questions.features import PCA, TSNE, MapFeatures
from engine.tsne import ITERATIONS
from tests.convstudio.panels.seen_network import CONV, FLAT, GRAPH, SETTINGS, images
from tests.patience import PATIENCE_MS

LEFT = Qt.MouseButton.LeftButton


def asked(session: Session, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is asked from now on."""
    questions: list[Any] = []
    ask = session.ask_about
    monkeypatch.setattr(session, "ask_about", lambda question: (questions.append(question), ask(question)))
    return questions


def spot(panel: FeaturesPanel, place: int) -> QPoint:
    """Where a point is in the plot's viewport."""
    return panel.plot.mapFromScene(panel.plot.box.mapViewToScene(QPointF(*panel.plot.positions[place])))


def lonely(panel: FeaturesPanel) -> int:
    """The sample that is farthest from all others."""
    positions = panel.plot.positions
    distances = np.linalg.norm(positions[:, None] - positions, axis=-1) + np.eye(len(positions)) * 1e9
    return int(distances.min(axis=1).argmax())


def point_at(panel: FeaturesPanel, place: int) -> None:
    panel.plot._point(panel.plot.mapToScene(spot(panel, place)))


def choose(panel: FeaturesPanel, method: str) -> None:
    panel.method.setCurrentText(method)
    panel.method.activated.emit(panel.method.currentIndex())


def test_the_layer_before_the_decision_is_mapped_at_first(panel: FeaturesPanel) -> None:
    assert panel.layer.currentText() == FLAT
    assert panel._placed is not None
    assert panel.plot.positions.shape == (128, 2)
    assert panel.facts.text() == "128 of 128 test samples · 5 numbers each"
    first, second = (round(share * 100) for share in panel._placed.shares)
    assert panel.plot.getAxis("bottom").labelText == f"first direction, {first} % of the variance"
    assert panel.plot.getAxis("left").labelText == f"second direction, {second} % of the variance"
    assert not panel.perplexity.isVisible()
    drawn = panel.plot.points.data
    assert np.array_equal(np.stack([drawn["x"], drawn["y"]], axis=1), panel.plot.positions)
    assert np.allclose(panel.plot.positions, panel._placed.positions)
    _, labels = images()
    assert panel.plot.classes.tolist() == labels[panel._placed.numbers].tolist()


def test_pointing_shows_the_sample_and_a_click_looks_at_it(panel: FeaturesPanel, session: Session) -> None:
    assert panel._placed is not None
    place = lonely(panel)
    point_at(panel, place)
    assert panel.card.isVisible()
    pictures, labels = images()
    number = int(panel._placed.numbers[place])
    assert panel.card.words.text() == str(labels[number])
    assert panel.card.verdict.text() == f"said {panel._placed.said[place]}"
    assert (panel._pictures[place] == pictures[number].transpose(1, 2, 0)).all()
    QTest.mouseClick(panel.plot.viewport(), LEFT, pos=spot(panel, place))
    assert session.showing == number
    assert panel.plot.chosen == place
    (left, _), (bottom, _) = panel.plot.box.viewRange()
    corner = panel.plot.box.mapViewToScene(QPointF(left, bottom)) + QPointF(2, -2)
    panel.plot._point(corner)  # nothing is near
    assert panel.plot.under == -1
    assert not panel.card.isVisible()


def test_of_some_samples_the_right_one_is_looked_at(panel: FeaturesPanel, session: Session, qtbot: QtBot) -> None:
    panel.count.setItemData(0, 40)
    panel.count.setCurrentIndex(0)
    panel.count.activated.emit(0)
    qtbot.waitUntil(lambda: len(panel._pictures) == 40, timeout=PATIENCE_MS)
    assert panel.facts.text().startswith("40 of 128 test samples")
    place = lonely(panel)
    QTest.mouseClick(panel.plot.viewport(), LEFT, pos=spot(panel, place))
    number = session.showing
    assert isinstance(number, int)
    assert number != place
    pictures, _ = images()
    assert (panel._pictures[place] == pictures[number].transpose(1, 2, 0)).all()
    session.look_at(int(panel._placed.numbers[3]) if panel._placed else -1)  # by somebody else
    assert panel.plot.chosen == 3


def test_arrow_keys_walk_over_the_points(panel: FeaturesPanel, session: Session) -> None:
    panel.plot.setFocus()
    QTest.keyClick(panel.plot, Qt.Key.Key_Right)
    first = panel.plot.chosen
    assert first >= 0
    for _ in range(3):
        before = panel.plot.positions[panel.plot.chosen]
        QTest.keyClick(panel.plot, Qt.Key.Key_Right)
        assert panel.plot.positions[panel.plot.chosen][0] >= before[0]
    assert panel._placed is not None
    assert session.showing == int(panel._placed.numbers[panel.plot.chosen])


def test_a_class_is_hidden_by_a_click_and_by_the_space_bar(panel: FeaturesPanel) -> None:
    legend = panel.legend
    assert [legend.item(row).text() for row in range(legend.count())] == ["0", "1"]
    QTest.mouseClick(legend.viewport(), LEFT, pos=legend.visualItemRect(legend.item(1)).center())
    assert panel.plot.hidden == {1}
    assert len(panel.plot.points.data) == 64
    zero = int(np.flatnonzero(panel.plot.classes == 0)[0])
    point_at(panel, zero)
    assert panel.plot.classes[panel.plot.under] == 0
    legend.setCurrentRow(1)
    QTest.keyClick(legend, Qt.Key.Key_Space)
    assert panel.plot.hidden == set()
    shift = Qt.KeyboardModifier.ShiftModifier
    QTest.mouseClick(legend.viewport(), LEFT, shift, legend.visualItemRect(legend.item(1)).center())
    assert panel.plot.hidden == {0}


def test_points_have_the_colours_of_their_classes_and_mistakes_an_outline(panel: FeaturesPanel) -> None:
    for look in (DARK, LIGHT):
        appearance().choose(look)
        points = panel.plot.points.points()
        for place in (0, 40, 127):
            assert points[place].brush().color() == theme().class_color(int(panel.plot.classes[place]))
            outlined = points[place].pen().style() != Qt.PenStyle.NoPen
            assert outlined == bool(panel.plot.wrong[place])
    assert panel._placed is not None
    assert panel.plot.wrong.tolist() == (panel._placed.right != panel._placed.said).tolist()


def test_the_selected_layer_is_mapped_and_the_list_selects(
    panel: FeaturesPanel, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions = asked(session, monkeypatch)
    session.document.select([CONV])
    qtbot.waitUntil(lambda: panel._placed is not None and panel._placed.node == CONV, timeout=PATIENCE_MS)
    assert panel.facts.text() == "128 of 128 test samples · 256 numbers each"
    assert [question.pictures for question in questions if isinstance(question, MapFeatures)] == [False]
    panel.layer.setCurrentText(FLAT)
    panel.layer.activated.emit(panel.layer.currentIndex())
    assert session.document.selection == {FLAT}
    qtbot.waitUntil(lambda: panel._placed is not None and panel._placed.node == FLAT, timeout=PATIENCE_MS)


def test_t_sne_moves_the_points_and_says_how_far_it_is(panel: FeaturesPanel, qtbot: QtBot) -> None:
    start, words = panel.plot.positions.copy(), set[str]()
    panel._play.timeout.connect(lambda: words.add(panel.state.text()))  # of each frame, however fast they come
    choose(panel, TSNE)
    assert panel.perplexity.isVisible()
    qtbot.waitUntil(lambda: panel.state.text() == f"step {ITERATIONS} of {ITERATIONS}", timeout=PATIENCE_MS)
    assert len(words) > 5
    assert panel.plot.positions.shape == start.shape
    assert not panel.plot.getAxis("bottom").isVisible()
    low, high = panel.plot.positions.min(axis=0), panel.plot.positions.max(axis=0)
    (left, right), (bottom, top) = panel.plot.box.viewRange()
    assert left <= low[0] <= high[0] <= right
    assert bottom <= low[1] <= high[1] <= top
    choose(panel, PCA)
    qtbot.waitUntil(lambda: panel.plot.getAxis("bottom").isVisible(), timeout=PATIENCE_MS)
    assert panel.state.text() == ""


def test_the_wheel_zooms_and_a_click_shows_everything_again(panel: FeaturesPanel, qtbot: QtBot) -> None:
    whole = panel.plot.box.viewRange()
    panel.plot.box.scaleBy((0.2, 0.2))
    panel.plot.box.sigRangeChangedManually.emit((True, True))
    panel.plot.place(panel.plot.positions)  # new places do not pull one back
    assert panel.plot.box.viewRange() != whole
    QTest.mouseClick(panel.whole, LEFT)
    assert np.allclose(panel.plot.box.viewRange(), whole)


def test_the_newest_frame_is_shown_however_far_an_animation_is_behind(panel: FeaturesPanel) -> None:
    for step in range(3 * MOST_BEHIND):
        panel._push(panel.plot.positions, str(step))
        assert panel._frames[-1][1] == str(step)
        assert len(panel._frames) <= MOST_BEHIND


def test_every_epoch_moves_the_points_of_pca_but_not_of_t_sne(
    panel: FeaturesPanel, session: Session, qtbot: QtBot
) -> None:
    document, places = session.document, set[bytes]()
    document.perform(edits.set_settings(document.project, attrs.evolve(SETTINGS, epochs=100_000)))
    session.start()

    def moved() -> bool:
        assert panel._placed is not None
        places.add(panel._placed.positions.tobytes())
        return len(places) > 3

    qtbot.waitUntil(moved, timeout=PATIENCE_MS)
    choose(panel, TSNE)
    qtbot.waitUntil(lambda: panel.state.text().startswith(f"step {ITERATIONS}"), timeout=PATIENCE_MS)
    epoch = session.report.epoch
    qtbot.waitUntil(lambda: session.report.epoch > epoch + 2, timeout=PATIENCE_MS)
    assert not panel._asks._stale
    session.stop()
    qtbot.waitUntil(lambda: not session.running, timeout=PATIENCE_MS)


def test_a_hidden_panel_asks_nothing_and_catches_up(
    panel: FeaturesPanel, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions = asked(session, monkeypatch)
    panel.hide()
    session.document.select([CONV])
    session.network_changed.emit()
    qtbot.wait(1)
    assert not questions
    panel.show()
    qtbot.waitUntil(lambda: panel._placed is not None and panel._placed.node == CONV, timeout=PATIENCE_MS)


def test_without_a_network_there_is_a_sentence(panel: FeaturesPanel, session: Session) -> None:
    session.document.replace(Project(Graph(name="Untitled")))
    assert panel.says.text() == NO_NETWORK
    assert panel.pages.currentWidget() is panel.says
    session.document.replace(Project(GRAPH))
    assert panel.layer.currentText() == FLAT


def test_a_large_network_waits_for_a_wish(
    panel: FeaturesPanel, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("convstudio.panels.features.panel.LARGEST_OPENED", 10)
    session.network_changed.emit()
    qtbot.waitUntil(lambda: panel.says.text() == LARGE, timeout=PATIENCE_MS)
    QTest.mouseClick(panel.again, LEFT)
    qtbot.waitUntil(lambda: panel.pages.currentWidget() is panel.map_, timeout=PATIENCE_MS)
