"""Which colour each weight has, in which order, on which scale."""

from __future__ import annotations

from math import ceil

import attrs
import numpy as np
import pytest
from PySide6.QtGui import QFontMetricsF
from pytestqt.qtbot import QtBot

from convstudio.look.colormaps import SIGNED, ZERO, pack, packed
from convstudio.look.letters import font
from convstudio.panels.filters.arranging import ALL, BAND, COLOUR, ONE, Wish, arranged, coloured, facts, limits
from convstudio.panels.filters.kernel_view import BREATH_PX, KernelView
from engine.questions.seeing import KernelsSeen


@pytest.fixture
def seen(qapp: object) -> KernelsSeen:
    tiles = np.array([[127, 0], [-127, 64], [127, -127]], np.int8).reshape(3, 1, 1, 2)
    scales, norms = np.array([0.5, 1.0, 0.25], np.float32), np.array([2, 1, 3], np.float32)
    return KernelsSeen(1, "conv1", 0, tiles, scales, norms, 3, 1, 1, False)


def test_on_one_scale_colours_compare_kernels(seen: KernelsSeen) -> None:
    tiles = arranged(seen, Wish())
    assert (tiles.pixels[:, 0] == packed(SIGNED)[np.array([[192, 128], [1, 192], [160, 96]])]).all()
    assert limits(seen, Wish(), -1) == 1.0


def test_on_its_own_scale_each_kernel_uses_all_colours(seen: KernelsSeen) -> None:
    own = Wish(shared=False)
    assert (arranged(seen, own).pixels[:, 0] == packed(SIGNED)[seen.tiles[:, 0, 0].astype(int) + ZERO]).all()
    assert limits(seen, own, -1) is None
    assert limits(seen, own, 2) == 0.25


def test_the_largest_norm_comes_first(seen: KernelsSeen) -> None:
    by_norm = arranged(seen, Wish(by_norm=True))
    assert by_norm.order.tolist() == [2, 0, 1]
    assert (by_norm.pixels[0] == arranged(seen, Wish()).pixels[2]).all()


def test_input_channels_stand_in_rows_and_colours_are_colours(qapp: object) -> None:
    tiles = np.random.default_rng(0).integers(-127, 128, (2, 3, 4, 4)).astype(np.int8)
    seen = KernelsSeen(1, "conv1", 0, tiles, np.ones(2, np.float32), np.ones(2, np.float32), 2, 3, 1, False)
    rows = arranged(seen, Wish(ALL))
    assert (rows.across, rows.order.tolist()) == (3, [0, 0, 0, 1, 1, 1])
    assert (rows.pixels[4] == packed(SIGNED)[tiles[1, 1].astype(int) + ZERO]).all()
    colour = arranged(seen, Wish(COLOUR))
    assert (colour.pixels == pack(np.moveaxis(tiles.astype(int) + ZERO, 1, -1))).all()


def test_rows_of_a_matrix_are_bands(seen: KernelsSeen) -> None:
    matrix = arranged(attrs.evolve(seen, row=True), Wish())
    assert matrix.pixels.shape == (3, BAND, 2)
    assert matrix.across == 1


def test_colours_end_at_the_largest_weight(qapp: object) -> None:
    colors = coloured(np.array([[-9.0, 0.0, 0.5, np.nan]]), 1.0)
    assert (colors == packed(SIGNED)[np.array([[1, 128, 192, 128]])]).all()


@pytest.mark.parametrize(
    ("longest", "words"),
    [
        ("−0.700", ["0.052", "−0.700", "0.000", "0.300"]),
        ("−0.70", ["0.05", "−0.70", "0.00", "0.30"]),
        ("−.70", [".05", "−.70", ".00", ".30"]),
        ("−", []),
    ],
)
def test_numbers_are_written_as_long_as_their_cells_are(qtbot: QtBot, longest: str, words: list[str]) -> None:
    cell = ceil(QFontMetricsF(font("caption")).horizontalAdvance(longest)) + BREATH_PX
    view = KernelView(2 * cell)
    qtbot.addWidget(view)
    view.show_weights(np.array([[0.052, -0.7], [-0.0004, 0.3]], np.float32), 1.5)
    assert view.written() == words


def test_what_is_shown_is_told_and_what_is_not(seen: KernelsSeen) -> None:
    assert facts(seen, ONE) == "3 kernels, 1 × 2"
    deep = attrs.evolve(seen, inputs=12, depth=3, kernels=5)
    assert facts(deep, ONE) == "5 kernels, 3 × 1 × 2 · 4 input channels · the first 3 are shown"
    assert facts(deep, ALL).endswith(" · the first 3 are shown · the first 1 inputs are shown")
    assert facts(attrs.evolve(seen, row=True), ONE) == "3 outputs (rows) of 2 inputs (columns)"
