"""Small pictures of what layers make of a sample: the right bytes, few of them, and not too often."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

from engine import chain, limits, make
from engine.graph import Graph
from engine.network import Network
from engine.pictures import COST_SHARE, LARGEST_SIDE, MOST_FEATURES, PICTURE_BYTES, Glances

SAMPLE = np.random.default_rng(0).standard_normal((1, 8, 8)).astype(np.float32)


def small() -> Graph:
    return chain(
        make("input", shape=(1, 8, 8)),
        make("conv2d", out_channels=6, kernel_size=3, padding=1),
        make("relu"),
        make("flatten"),
        make("dense", out_features=3),
    )


class Clock:
    """Stands still unless it is moved; each look at it takes as long as one says."""

    def __init__(self, each: float = 0.0) -> None:
        self.now, self.each = 0.0, each

    def __call__(self) -> float:
        self.now += self.each
        return self.now


def test_signed_numbers_have_their_zero_in_the_middle() -> None:
    network = Network(small())
    conv, scores = Glances().take(network, SAMPLE, ("conv1", "dense1", "nobody"), busy=False)
    values = network.activations(SAMPLE[None], ["conv1"])["conv1"][0]
    assert (conv.node, conv.tiles.shape, conv.tiles.dtype, conv.signed) == ("conv1", (4, 8, 8), np.uint8, True)
    shown = values[:4]
    assert abs(int(conv.tiles.ravel()[np.abs(shown).argmax()]) - 128) == 127
    clear = np.abs(shown) > 0.05
    np.testing.assert_array_equal(np.sign(conv.tiles.astype(int) - 128)[clear], np.sign(shown)[clear])
    assert scores.tiles.shape == (1, 1, 3)


def test_others_begin_with_zero() -> None:
    network = Network(small())
    (relu,) = Glances().take(network, SAMPLE, ("relu1",), busy=False)
    values = network.activations(SAMPLE[None], ["relu1"])["relu1"][0][:4]
    assert not relu.signed
    assert (relu.tiles[values == 0] == 0).all()
    assert relu.tiles.ravel()[values.argmax()] == 255


def test_of_large_images_the_strongest_channel_is_shown() -> None:
    network = Network(
        chain(make("input", shape=(1, 100, 30)), make("conv2d", out_channels=5, kernel_size=1, bias=False))
    )
    network.parameters["conv1.weight"][...] = np.array([1, 2, -9, 3, 0]).reshape(5, 1, 1, 1)
    sample = np.arange(3000, dtype=np.float32).reshape(1, 100, 30)
    (shown,) = Glances().take(network, sample, ("conv1",), busy=False)
    assert shown.tiles.shape == (1, 50, 30)  # every second row
    np.testing.assert_allclose(shown.tiles[0], 128 - sample[0, ::2] / 2969 * 127, atol=0.51)


@pytest.mark.parametrize(
    ("shape", "tiles"),
    [((5000,), (1, 1, MOST_FEATURES)), ((3, 20), (1, 3, 20)), ((2, 5, 40, 40), (1, 40, 40)), ((30, 5, 5), (16, 5, 5))],
    ids=["features", "signal", "volume", "many small ones"],
)
def test_every_kind_of_data_has_a_picture(shape: tuple[int, ...], tiles: tuple[int, ...]) -> None:
    network = Network(chain(make("input", shape=shape), make("relu")))
    sample = np.random.default_rng(1).random(shape, dtype=np.float32)
    (shown,) = Glances().take(network, sample, ("input1",), busy=False)
    assert shown.tiles.shape == tiles


def test_they_fit_into_a_report_however_many_there_are() -> None:
    entry = make("input", shape=(3, 96, 96))
    network = Network(chain(entry, *[make("relu") for _ in range(60)]))
    sample = np.random.default_rng(1).standard_normal((3, 96, 96)).astype(np.float32)
    names = [node.id for node in network.graph]
    found = Glances().take(network, sample, names, busy=False)
    assert [picture.node for picture in found] == names
    assert sum(picture.tiles.nbytes for picture in found) <= PICTURE_BYTES
    assert max(found[0].tiles.shape) <= LARGEST_SIDE


def test_a_busy_trainer_is_seldom_disturbed() -> None:
    network, clock = Network(small()), Clock(each=0.01)
    glances = Glances(clock)
    assert glances.take(network, SAMPLE, ("relu1",), busy=True)
    clock.now += 0.01 / COST_SHARE - 0.03
    assert not glances.take(network, SAMPLE, ("relu1",), busy=True)
    assert glances.take(network, SAMPLE, ("relu1",), busy=False)
    clock.now += 0.01 / COST_SHARE
    assert glances.take(network, SAMPLE, ("relu1",), busy=True)


def test_one_plan_is_kept_at_most() -> None:
    network, glances = Network(small()), Glances()
    glances.take(network, SAMPLE, ("relu1",), busy=False)
    first = weakref.ref(glances._plan)
    glances.take(network, SAMPLE, ("relu1",), busy=False)
    assert glances._plan is first()
    glances.take(network, SAMPLE, ("conv1",), busy=False)
    gc.collect()
    assert first() is None
    assert not network._predicting
    (other,) = glances.take(Network(small(), seed=5), SAMPLE, ("conv1",), busy=False)
    assert not np.array_equal(other.tiles, glances.take(network, SAMPLE, ("conv1",), busy=False)[0].tiles)


def test_without_memory_there_is_nothing_to_see(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "available_bytes", lambda: 0)
    assert Glances().take(Network(small()), SAMPLE, ("conv1",), busy=False) == ()


def test_numbers_that_are_not_finite_are_black() -> None:
    network = Network(chain(make("input", shape=(4,)), make("relu")))
    (shown,) = Glances().take(network, np.array([1, 2, 4, 0], np.float32), ("relu1",), busy=False)
    assert shown.tiles.ravel().tolist() == [64, 128, 255, 0]
    network = Network(chain(make("input", shape=(4,)), make("dense", out_features=2)))
    network.parameters["dense1.bias"][0] = np.nan
    (shown,) = Glances().take(network, np.ones(4, np.float32), ("dense1",), busy=False)
    assert shown.tiles[0, 0, 0] in (0, 128)


def test_a_sample_is_shown_as_it_was() -> None:
    network = Network(chain(make("input", shape=(3, 60, 60)), make("relu")))
    sample = np.random.default_rng(1).standard_normal((3, 60, 60)).astype(np.float32)
    sample[1] *= 3
    (shown,) = Glances().take(network, sample, ("input1",), busy=False)
    assert (shown.tiles.shape, shown.signed, shown.is_sample) == ((3, 60, 60), False, True)
    assert [(tile.min(), tile.max()) for tile in shown.tiles] == [(0, 255)] * 3
    flat = Glances().take(network, np.full((3, 60, 60), 2, np.float32), ("input1",), busy=False)[0]
    assert not flat.tiles.any()
