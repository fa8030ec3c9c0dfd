"""Bytes of maps in colour: on the layer's scale or on each channel's, zero always at its place."""

from __future__ import annotations

import numpy as np
import pytest

from convstudio.look.colormaps import SIGNED, SPECTRUM, ZERO, packed, table
from convstudio.panels.maps.colouring import FAINTEST, STRONGEST, coloured, see_through
from engine.questions.seeing import LayerMaps


@pytest.fixture
def maps(qapp: object) -> LayerMaps:
    tiles = np.array([[[0, 255]], [[0, 255]]], np.uint8)
    return LayerMaps("conv1", tiles, np.array([0, -1], np.float32), np.array([4, 1], np.float32), 2)


def test_one_scale_compares_channels(maps: LayerMaps) -> None:
    colors = coloured(maps, SPECTRUM, shared=True)  # from -1 to 4
    assert (colors[:, 0] == packed(SPECTRUM)[np.array([[51, 255], [0, 102]])]).all()
    signed = coloured(maps, SIGNED, shared=True)  # from -4 to 4
    assert signed[0, 0].tolist() == packed(SIGNED)[[128, 255]].tolist()
    assert signed[1, 0].tolist() == packed(SIGNED)[[96, 159]].tolist()


def test_own_scales_show_each_channel_in_full(maps: LayerMaps) -> None:
    colors = coloured(maps, SPECTRUM, shared=False)
    assert (colors[:, 0] == packed(SPECTRUM)[np.array([[0, 255], [0, 255]])]).all()


def test_what_is_far_from_zero_covers_what_is_below(qapp: object) -> None:
    pixels = see_through(np.array([[0, ZERO, 255]], np.uint8), SIGNED, ZERO)
    assert (pixels >> 24).tolist() == [[STRONGEST, FAINTEST, 229]]
    assert (pixels[0, 2] >> 16 & 255) == table(SIGNED)[255, 0]
