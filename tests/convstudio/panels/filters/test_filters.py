"""Filters with a network at rest and in training, by mouse and keys."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from convstudio.document.project import Project
from convstudio.look.theme import DARK, LIGHT, appearance
from convstudio.panels.filters.arranging import ALL, COLOUR, ONE
from convstudio.panels.filters.panel import NONE_LEARNS, WAITING, FiltersPanel
from convstudio.training.asking import WhyNumber
from convstudio.training.session import Session
from engine.graph import chain
from engine.questions.seeing import Exciting
from engine.spec import make
from tests.convstudio.panels.seen_network import CONV, DEEP, DENSE, RELU
from tests.patience import PATIENCE_MS

LEFT = Qt.MouseButton.LeftButton


def choose(combo: QComboBox, data: object) -> None:
    combo.setCurrentIndex(combo.findData(data))
    combo.activated.emit(combo.currentIndex())


def click_kernel(panel: FiltersPanel, kernel: int) -> None:
    assert panel._tiles is not None
    tile = int(np.flatnonzero(panel._tiles.order == kernel)[0])
    QTest.mouseClick(panel.grid, LEFT, pos=panel.grid.tile_rect(tile).center().toPoint())


def open_kernel(panel: FiltersPanel, kernel: int, qtbot: QtBot) -> None:
    click_kernel(panel, kernel)
    qtbot.waitUntil(lambda: panel.detail.title.text() == f"Kernel {kernel}", timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: panel.detail._map is not None and bool(panel.detail._excited), timeout=PATIENCE_MS)


def test_kernels_of_colour_pictures_are_in_colour_and_fill_their_room(panel: FiltersPanel) -> None:
    assert panel.layer.currentText() == CONV
    assert panel.facts.text() == "4 kernels, 3 × 3 · 3 input channels"
    assert [panel.what.itemData(i) for i in range(panel.what.count())] == [COLOUR, ONE, ALL]
    assert panel.grid.accessibleDescription() == "4 tiles"
    assert panel.grid.grid_.zoom == 74  # 224 px at most
    assert not panel.bar.isVisible()


def test_deep_kernels_show_one_input_channel_or_all(panel: FiltersPanel, qtbot: QtBot) -> None:
    panel._document.select([DEEP])
    qtbot.waitUntil(lambda: panel.facts.text() == "5 kernels, 3 × 3 · 4 input channels", timeout=PATIENCE_MS)
    weight = panel._document.weights[f"{DEEP}.weight"]
    panel.input.setFocus()
    QTest.keyClick(panel.input, Qt.Key.Key_Up)
    qtbot.waitUntil(lambda: panel._seen is not None and panel._seen.first == 1, timeout=PATIENCE_MS)
    assert panel._seen is not None
    assert np.allclose(panel._seen.scales, np.abs(weight[:, 1]).max(axis=(1, 2)))
    choose(panel.what, ALL)
    qtbot.waitUntil(lambda: panel.grid.accessibleDescription() == "20 tiles", timeout=PATIENCE_MS)
    assert not panel.input.isVisible()
    panel.resize(1000, 320)
    qtbot.waitUntil(lambda: panel.grid.grid_.across > 4)  # one below the other they would leave most of it empty
    assert panel.grid.sizeHint().width() > 0.55 * panel.grid.width()
    click_kernel(panel, 2)
    assert (panel.grid.chosen, panel.grid._span) == (8, 4)  # the whole row


def test_a_dense_layer_is_a_matrix_and_its_layer_is_chosen_by_the_list_too(panel: FiltersPanel, qtbot: QtBot) -> None:
    panel.layer.setCurrentText(DENSE)
    panel.layer.activated.emit(panel.layer.currentIndex())
    words = "2 outputs (rows) of 5 inputs (columns)"
    qtbot.waitUntil(lambda: panel.facts.text() == words, timeout=PATIENCE_MS)
    assert panel._document.selection == {DENSE}
    QTest.mouseMove(panel.grid, panel.grid.tile_rect(1).center().toPoint())
    assert panel.under_mouse.text().startswith("kernel 1, column 2 · norm ")
    panel._document.select([RELU])  # it learns nothing: what one looks at stays
    assert panel.layer.currentText() == DENSE


def test_the_order_by_norm_and_the_scale_are_a_choice(panel: FiltersPanel) -> None:
    weight = panel._document.weights[f"{CONV}.weight"]
    norms = np.sqrt((weight**2).sum(axis=(1, 2, 3)))
    choose(panel.order, True)
    assert panel._tiles is not None
    assert panel._tiles.order.tolist() == np.argsort(-norms).tolist()
    choose(panel.what, ONE)
    choose(panel.scale, False)
    assert panel.bar.accessibleName() == "Colours from −max to max"


def test_a_kernel_is_shown_with_its_numbers_its_map_and_what_excites_it(panel: FiltersPanel, qtbot: QtBot) -> None:
    open_kernel(panel, 2, qtbot)
    weight = panel._document.weights[f"{CONV}.weight"][2]
    channel = int(np.abs(weight).max(axis=(1, 2)).argmax())
    assert panel.detail.channel.value() == channel
    words = panel.detail.kernel.written()
    assert [float(word.replace("−", "-")) for word in words] == pytest.approx(weight[channel].ravel(), abs=0.006)
    assert panel.detail.facts.text().startswith("norm ")
    assert len(panel.detail._excited) == 12
    assert panel.detail.samples.accessibleDescription() == "12 tiles"
    assert panel.detail.samples_words.text() == "Most exciting of 128 samples"
    assert not panel.detail.progress.isVisible()
    QTest.mouseMove(panel.detail.kernel, panel.detail.kernel.tile_rect(0).center().toPoint())
    value = f"{weight[channel, 1, 1]:.6g}".replace("-", "−")
    assert panel.detail.says.text() == f"row 1, column 1: {value}"
    QTest.mouseClick(panel.detail.close_button, LEFT)
    assert not panel.detail.isVisible()
    assert panel.grid.chosen == -1


def test_a_pixel_of_the_map_is_explained_and_a_sample_is_looked_at(
    panel: FiltersPanel, session: Session, qtbot: QtBot
) -> None:
    open_kernel(panel, 1, qtbot)
    asked = list[WhyNumber]()
    session.why.connect(asked.append)
    grid, corner = panel.detail.map.grid_, panel.detail.map.tile_rect(0).topLeft().toPoint()
    spot = corner.x() + 5 * grid.zoom + 1, corner.y() + 3 * grid.zoom + 1
    QTest.mouseClick(panel.detail.map, LEFT, pos=type(corner)(*spot))
    assert asked == [WhyNumber(CONV, (1, 3, 5), 0)]
    best = panel.detail._excited[0]
    QTest.mouseClick(panel.detail.samples, LEFT, pos=panel.detail.samples.tile_rect(0).center().toPoint())
    assert session.showing == best.sample
    assert best.sample >= 128  # the test part's numbers come first
    row, column = best.at[1:]
    qtbot.waitUntil(
        lambda: panel.detail._map is not None and panel.detail._map.values[row, column] == pytest.approx(best.value),
        timeout=PATIENCE_MS,
    )


def test_a_search_shows_what_it_has_found_so_far(panel: FiltersPanel) -> None:
    panel.detail.show_samples(Exciting(1, CONV, 0, (), 40, 128))
    assert (panel.detail.progress.value(), panel.detail.progress.maximum()) == (40, 128)
    assert panel.detail.progress.isVisibleTo(panel.detail)


def test_kernels_change_while_training(panel: FiltersPanel, session: Session, qtbot: QtBot) -> None:
    before = panel._seen
    assert before is not None
    with qtbot.waitSignal(session.finished, timeout=PATIENCE_MS):
        session.start()

    def learned() -> bool:
        return panel._seen is not None and not np.array_equal(panel._seen.norms, before.norms)

    qtbot.waitUntil(learned, timeout=PATIENCE_MS)


def test_while_the_network_is_prepared_it_says_so(panel: FiltersPanel) -> None:
    panel._seen = None
    panel._asks.late.emit()
    assert panel.says.isVisible()
    assert panel.says.text() == WAITING
    assert not panel.grid.isVisible()


def test_without_weights_it_says_so_and_the_theme_may_change(panel: FiltersPanel, qtbot: QtBot) -> None:
    for look in (DARK, LIGHT):
        appearance().choose(look)
        panel.grab()
    panel._document.replace(Project(chain(make("input", shape=(3, 8, 8)), make("relu"))))
    assert panel.says.text() == NONE_LEARNS
    assert not panel.grid.isVisible()
    assert not panel.layer.isEnabled()
