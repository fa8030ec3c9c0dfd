"""Maps of a network at rest and in training, by mouse and keys."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from convstudio.document import edits
from convstudio.document.project import Project
from convstudio.look.colormaps import GREY, SIGNED, SPECTRUM
from convstudio.look.theme import DARK, LIGHT, appearance
from convstudio.panels.maps.layer_list import FEATURE_PX, SMALL_PX, STRIP_PX, TILE_PX, wanted_px
from convstudio.panels.maps.panel import NO_NETWORK, MapsPanel
from convstudio.training.asking import WhyNumber
from convstudio.training.session import Session
from engine.graph import Graph
from engine.network import Network
from engine.questions.seeing import LayerMaps, Maps
from tests.convstudio.panels.seen_network import CONV, DEEP, DENSE, GRAPH, INPUT, RELU, images
from tests.patience import PATIENCE_MS

LEFT = Qt.MouseButton.LeftButton


def activations(panel: MapsPanel, session: Session, sample: int) -> dict[str, np.ndarray]:
    """The same by the network itself."""
    network = Network(GRAPH, seed=3)
    for name, array in network.parameters.items():
        array[...] = panel._document.weights[name]
    pictures, _ = images()
    shares = pictures / 255
    mean, std = shares.mean(axis=(0, 2, 3), keepdims=True)[0], shares.std(axis=(0, 2, 3), keepdims=True)[0]
    found = network.activations(((shares[sample] - mean) / std)[None].astype(np.float32))
    return {name: array[0] for name, array in found.items()}


def hover(panel: MapsPanel, node: str, plane: int, qtbot: QtBot) -> None:
    grid = panel.list.strips[node].grid
    QTest.mouseMove(grid, grid.tile_rect(plane).center().toPoint())
    qtbot.waitUntil(lambda: panel._under_seen is not None, timeout=PATIENCE_MS)


def open_layer(panel: MapsPanel, node: str, plane: int, qtbot: QtBot) -> None:
    grid = panel.list.strips[node].grid
    panel.list.ensureWidgetVisible(grid)
    QTest.mouseClick(grid, LEFT, pos=grid.tile_rect(plane).center().toPoint())
    qtbot.waitUntil(
        lambda: panel._seen is not None and panel._seen.closer is not None and panel._seen.closer.node == node,
        timeout=PATIENCE_MS,
    )


def test_every_layer_shows_all_its_channels(panel: MapsPanel) -> None:
    assert list(panel.list.strips) == [node.id for node in GRAPH.order]
    tiles = {name: strip.grid.accessibleDescription() for name, strip in panel.list.strips.items()}
    assert (tiles[INPUT], tiles[CONV], tiles[DEEP], tiles[DENSE]) == ("3 tiles", "4 tiles", "5 tiles", "2 tiles")
    assert panel.list.strips[CONV].maps is not None
    assert panel.label.text() == "test · class 0"
    assert panel.sample.maximum() == 255


def test_only_layers_that_can_be_seen_are_asked_for(panel: MapsPanel, qtbot: QtBot) -> None:
    panel.resize(700, 230)
    qtbot.waitUntil(lambda: len(panel.list.in_sight) < 4, timeout=PATIENCE_MS)
    question = panel._question(1)
    assert isinstance(question, Maps)
    assert question.nodes == panel.list.in_sight
    panel._document.select([DENSE])
    assert DENSE in panel.list.in_sight


def test_the_number_under_the_mouse_is_the_engines(panel: MapsPanel, session: Session, qtbot: QtBot) -> None:
    hover(panel, CONV, 2, qtbot)
    value = activations(panel, session, 0)[CONV][2, 4, 4]
    written = panel.under_mouse.text()
    assert written.startswith(f"{CONV} · channel 2 · row 4, column 4 · ")
    assert float(written.rpartition(" · ")[2].replace("−", "-")) == pytest.approx(value, rel=1e-4)
    hover(panel, DENSE, 1, qtbot)
    assert panel.under_mouse.text().startswith(f"{DENSE} · channel 1 · ")


def test_another_sample_is_looked_at_everywhere(panel: MapsPanel, session: Session, qtbot: QtBot) -> None:
    shown = []
    session.shown.connect(shown.append)
    QTest.mouseClick(panel.after, LEFT)
    assert (shown, session.showing) == ([1], 1)
    qtbot.waitUntil(lambda: panel.label.text() == "test · class 1", timeout=PATIENCE_MS)
    QTest.mouseClick(panel.before, LEFT)
    qtbot.waitUntil(lambda: panel.label.text() == "test · class 0", timeout=PATIENCE_MS)
    session.predict(images()[0][5])
    assert panel.label.text() == "your picture"
    open_layer(panel, CONV, 0, qtbot)
    expected = activations(panel, session, 5)[CONV][0]
    assert panel._seen is not None
    assert panel._seen.closer is not None
    assert np.allclose(panel._seen.closer.values, expected, atol=1e-4)
    QTest.mouseClick(panel.after, LEFT)  # back to the samples of the data
    assert session.showing == 0


def test_a_layer_is_shown_large_and_a_pixel_is_explained(panel: MapsPanel, session: Session, qtbot: QtBot) -> None:
    asked = list[WhyNumber]()
    session.why.connect(asked.append)
    open_layer(panel, DEEP, 3, qtbot)
    assert panel.layer.currentText() == DEEP
    assert panel._document.selection == {DEEP}
    assert panel.facts.text() == "5 × 6 × 6 · channel 3"
    values = activations(panel, session, 0)[DEEP]

    def pointed() -> bool:  # once everything has its place
        QTest.mouseMove(panel.large.map, panel.large.map.pixel_rect(2, 5).center().toPoint())
        return "row 2, column 5 · " in panel.under_mouse.text()

    qtbot.waitUntil(pointed, timeout=PATIENCE_MS)
    written = panel.under_mouse.text().rpartition(" · ")[2]
    assert float(written.replace("−", "-")) == pytest.approx(values[3, 2, 5], rel=1e-4)
    QTest.mouseClick(panel.large.map, LEFT, pos=panel.large.map.pixel_rect(2, 5).center().toPoint())
    assert asked == [WhyNumber(DEEP, (3, 2, 5), 0)]
    QTest.keyClick(panel.large.grid, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: panel.large.grid.chosen == 2, timeout=PATIENCE_MS)
    assert panel.facts.text() == "5 × 6 × 6 · channel 2"
    panel._document.select([RELU])
    assert panel.layer.currentText() == RELU
    panel.layer.setCurrentIndex(0)
    panel.layer.activated.emit(0)
    assert panel.pages.currentWidget() is panel.list


def test_the_numbers_of_a_layer_without_maps_are_explained_by_their_tile(
    panel: MapsPanel, session: Session, qtbot: QtBot
) -> None:
    asked = list[WhyNumber]()
    session.why.connect(asked.append)
    open_layer(panel, DENSE, 0, qtbot)
    assert not panel.large.map.isVisible()
    assert not panel.overlay.isVisible()
    QTest.mouseClick(panel.large.grid, LEFT, pos=panel.large.grid.tile_rect(1).center().toPoint())
    assert asked == [WhyNumber(DENSE, (1,), 0)]


def test_a_map_lies_over_the_sample_and_the_histogram_counts_all_numbers(panel: MapsPanel, qtbot: QtBot) -> None:
    open_layer(panel, DEEP, 0, qtbot)
    frame = panel._frame()
    assert frame is not None
    assert (frame.start, frame.step) == ((1.0, 1.0), (1.0, 1.0))  # two of the five rows are before the first centre
    assert panel.large.map._below is None
    QTest.mouseClick(panel.overlay, LEFT)
    assert panel.large.map._below is not None
    assert panel.large.map._below.shape == (8, 8)
    assert int(panel.large.histogram._counts.sum()) == 5 * 6 * 6


def test_colours_suit_what_they_show_unless_one_chooses(panel: MapsPanel, qtbot: QtBot) -> None:
    assert panel._colormap(INPUT, -1.0) == GREY
    assert panel._colormap(CONV, -1.0) == SIGNED
    assert panel._colormap(RELU, 0.0) == SPECTRUM
    panel.colors.setCurrentIndex(panel.colors.findData(GREY))
    panel.colors.activated.emit(panel.colors.currentIndex())
    assert panel._colormap(CONV, -1.0) == GREY
    for look in (DARK, LIGHT):
        appearance().choose(look)
        panel.grab()


def test_how_large_tiles_are(panel: MapsPanel) -> None:
    shapes = {(4, 8, 8): TILE_PX, (4, 40): STRIP_PX, (10,): FEATURE_PX, (400,): SMALL_PX, (8, 1, 1): FEATURE_PX}
    assert {shape: wanted_px(shape) for shape in shapes} == shapes


def test_an_edit_makes_only_the_strips_of_layers_that_changed(panel: MapsPanel) -> None:
    before = dict(panel.list.strips)
    document = panel._document
    document.perform(edits.set_field(document.project, {DEEP}, "out_channels", 7))
    document.perform(edits.delete(document.project, {RELU}))
    after = panel.list.strips
    assert list(after) == [node.id for node in GRAPH.order if node.id != RELU]
    assert [name for name in after if after[name] is before[name]] == [INPUT, CONV, DENSE]
    assert [panel.list._column.indexOf(strip) for strip in after.values()] == list(range(len(after)))
    panel.hide()
    document.undo_stack.undo()
    assert RELU not in panel.list.strips  # nobody sees it
    panel.show()
    assert RELU in panel.list.strips


def test_without_a_network_it_says_so(panel: MapsPanel) -> None:
    panel._document.replace(Project(Graph()))
    assert panel.pages.currentWidget() is panel.says
    assert panel.says.text() == NO_NETWORK
    assert not panel.facts.text()  # there is nothing to click


def test_maps_change_with_every_step_of_training(panel: MapsPanel, session: Session, qtbot: QtBot) -> None:
    for step in (1, 2):
        before = panel.list.strips[CONV].maps
        assert before is not None
        session.step()

        def learned(before: LayerMaps = before, step: int = step) -> bool:
            now = panel.list.strips[CONV].maps
            changed = now is not None and not np.array_equal(now.highs, before.highs)
            return changed and session.report.step == step

        qtbot.waitUntil(learned, timeout=PATIENCE_MS)


def test_a_theme_that_changes_after_the_network_did_is_no_mistake(panel: MapsPanel, session: Session) -> None:
    document = session.document
    document.perform(edits.delete(document.project, {CONV}))
    appearance().choose(DARK)
    appearance().choose(LIGHT)
    appearance().choose("system")
    assert panel._seen is not None
    assert CONV in [maps.node for maps in panel._seen.layers]
