"""Grids of small pictures: whole pixels, even gaps, and the right tile under the mouse at every scale."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from convstudio.look.mosaic import Grid, drawn, filling, fitted, in_groups, in_rows, thick
from convstudio.look.mosaic_view import MARGIN_PX, Filled, MosaicView

LEFT = Qt.MouseButton.LeftButton


def test_every_pixel_is_drawn_as_a_whole_number_of_pixels_with_even_gaps() -> None:
    rng = np.random.default_rng(0)
    tiles = rng.integers(1, 1 << 32, (7, 2, 3), np.uint32)
    grid = Grid(7, 2, 3, zoom=4, across=3, gap=2)
    image = drawn(tiles, grid, background=0)
    assert image.shape == (3 * (2 * 4 + 2), 3 * (3 * 4 + 2))
    expected = np.zeros_like(image)
    for tile, pixels in enumerate(tiles):
        y, x = grid.place(tile)
        expected[y : y + 8, x : x + 12] = pixels.repeat(4, axis=0).repeat(4, axis=1)
    assert (image == expected).all()
    assert (drawn(tiles, grid, 0, first_row=1, rows=1) == expected[10:20]).all()
    assert (drawn(tiles, grid, 0, first_row=2, rows=1) == expected[20:]).all()  # not a whole row of tiles


def test_what_is_under_a_point_is_found() -> None:
    grid = Grid(5, 2, 3, zoom=4, across=3, gap=2)
    for tile in range(5):
        y, x = grid.place(tile)
        assert grid.at(y + 5, x + 9) == (tile, 1, 2)
    assert grid.at(8.5, 3) is None  # in the gap
    assert grid.at(12, 30) is None  # the row has ended
    assert grid.at(-1, 3) is None


def test_tiles_stand_in_rows_of_equal_length() -> None:
    assert fitted(16, 5, 5, room=14 * 51, wanted=50, gap=1).across == 8  # and not 14 and 2
    assert in_rows(12, 3, 3, across=6, room=200, wanted=99, gap=1).zoom == 10
    assert filling(6, (5, 5), 0, (640, 700), (28, 112), 4) == 110
    assert filling(512, (3, 3), 0, (640, 700), (20, 112), 4) == 24
    assert filling(4000, (3, 3), 0, (640, 700), (28, 112), 4) == 28  # the smallest; the rest scrolls


def test_short_rows_stand_beside_each_other_and_use_the_width() -> None:
    grid = in_groups(24, 5, 5, group=3, room=700, wanted=50, gap=4, aside=16)
    assert (grid.zoom, grid.across, grid.rows) == (10, 12, 2)  # eight kernels of three inputs, four in each row
    assert grid.size == (2 * 54 - 4, 12 * 54 + 3 * 16 - 4)
    assert grid.place(3) == (0, 3 * 54 + 16)
    assert grid.place(14) == (54, 2 * 54)
    for tile in range(24):
        y, x = grid.place(tile)
        assert grid.at(y + 12, x + 49) == (tile, 1, 4)
        assert grid.at(y, x + 50) is None
    assert grid.at(0, 3 * 54 + 8) is None  # between two kernels
    narrow = in_groups(24, 5, 5, group=3, room=100, wanted=50, gap=4, aside=16)
    assert (narrow.across, narrow.zoom) == (3, 6)  # one below the other, as small as they must be
    assert filling(24, (5, 5), 3, (640, 700), (28, 224), 4, 16) > 60  # larger than in eight rows


def test_groups_are_drawn_where_they_are_pointed_at() -> None:
    tiles = np.random.default_rng(0).integers(1, 1 << 32, (12, 2, 2), np.uint32)
    grid = in_groups(12, 2, 2, group=2, room=100, wanted=8, gap=2, aside=6)
    image = drawn(tiles, grid, background=0)
    for tile, pixels in enumerate(tiles):
        y, x = grid.place(tile)
        assert (image[y : y + 8, x : x + 8] == np.kron(pixels, np.ones((4, 4), np.uint32))).all()
        image[y : y + 8, x : x + 8] = 0
    assert not image.any()


def test_lines_are_bands() -> None:
    assert thick(np.zeros((3, 1, 40), np.uint32)).shape == (3, 5, 40)
    assert thick(np.zeros((3, 1, 1), np.uint32)).shape == (3, 1, 1)
    assert thick(np.zeros((3, 4, 4), np.uint32)).shape == (3, 4, 4)


@pytest.fixture
def view(qtbot: QtBot) -> MosaicView:
    made = MosaicView(20)
    qtbot.addWidget(made)
    made.resize(200, 100)
    made.show_tiles(np.arange(1, 37, dtype=np.uint32).reshape(9, 2, 2) | np.uint32(0xFF000000))
    made.show()
    return made


def test_tiles_are_pointed_at_clicked_and_walked_through(view: MosaicView, qtbot: QtBot) -> None:
    clicked, pointed = [], []
    view.clicked.connect(lambda *place: clicked.append(place))
    view.pointed.connect(lambda *place: pointed.append(place))
    rect = view.tile_rect(4)
    inside = (rect.topLeft() + rect.center()).toPoint() / 2
    QTest.mouseClick(view, LEFT, pos=inside)
    QTest.mouseMove(view, rect.center().toPoint() + QPoint(3, 3))
    assert clicked == [(4, 0, 0)]
    assert pointed[-1] == (4, 1, 1)
    view.choose(4)
    QTest.keyClick(view, Qt.Key.Key_Right)
    QTest.keyClick(view, Qt.Key.Key_Down)  # there is no tile below
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert clicked[1:] == [(5, 0, 0)]  # one row holds them all but one


def test_each_pixel_of_the_screen_has_its_tiles_colour(view: MosaicView) -> None:
    image = view.grab().toImage()
    zoom = view.grid_.zoom
    assert zoom == 10
    for tile, row, column in ((0, 0, 0), (3, 1, 0), (8, 1, 1)):
        rect = view.tile_rect(tile)
        for corner in (0, zoom - 1):
            x, y = int(rect.x()) + column * zoom + corner, int(rect.y()) + row * zoom + corner
            assert image.pixelColor(x, y).blue() == tile * 4 + row * 2 + column + 1


def test_a_room_is_filled(qtbot: QtBot) -> None:
    grid = MosaicView(10)
    room = Filled(grid)
    qtbot.addWidget(room)
    room.resize(400, 300)
    room.show()
    grid.show_tiles(np.zeros((6, 5, 5), np.uint32))
    room.fill(20, 100)
    assert grid.grid_.zoom == 20
    room.resize(150, 120)
    assert grid.grid_.zoom == 9
    assert grid.height() == 2 * 45 + 1 + 2 * MARGIN_PX
