"""Every stage of a picture on its way into a network."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from engine.data.stages import staged
from engine.errors import DataError

DIGITS = (1, 28, 28)


def stroke(paper: int = 255, ink: int = 0) -> np.ndarray:
    image = Image.new("L", (280, 280), paper)
    ImageDraw.Draw(image).line([(60, 40), (200, 40), (110, 230)], fill=ink, width=22)
    return np.asarray(image)


def test_handwriting_is_turned_light_cut_out_made_small_and_centred() -> None:
    made = staged(stroke(), DIGITS, "mnist")
    assert [stage.title for stage in made.stages] == ["Light on dark", "Cut out", "20 × 20", "Centred"]
    light, cut, boxed, centred = (stage.pixels for stage in made.stages)
    assert (int(light[0, 0]), int(light.max())) == (0, 255)
    assert cut.shape < light.shape
    assert cut[0].any()
    assert cut[-1].any()
    assert max(boxed.shape) == 20
    places = np.indices(centred.shape) + 0.5
    middle = (places * centred).sum(axis=(1, 2)) / centred.sum()
    assert np.abs(middle - 14.5).max() <= 0.5
    drawn_here = staged(stroke(), DIGITS, "digits").sample[0]
    middle = (places * drawn_here).sum(axis=(1, 2)) / drawn_here.sum()
    assert np.abs(middle - 14).max() <= 0.5
    assert made.sample.shape == DIGITS
    assert np.array_equal(made.sample[0], centred)


def test_dark_paper_makes_no_difference_and_colours_become_grey_first() -> None:
    plain = staged(stroke(), DIGITS, "digits").sample
    assert np.array_equal(staged(stroke(0, 255), DIGITS, "digits").sample, plain)
    coloured = staged(np.repeat(stroke()[..., None], 3, axis=2), DIGITS, "digits")
    assert coloured.stages[0].title == "Grey"
    assert np.array_equal(coloured.sample, plain)


def test_a_picture_of_the_data_set_itself_stays_as_it_is() -> None:
    own = staged(stroke(), DIGITS, "mnist").sample[0]
    again = staged(own, DIGITS, "mnist")
    assert [stage.title for stage in again.stages] == ["28 × 28"]
    assert np.array_equal(again.sample[0], own)


def test_clothes_are_light_on_dark_and_photographs_stay_as_they_are() -> None:
    fashion = staged(stroke(), DIGITS, "fashion-mnist")
    assert [stage.title for stage in fashion.stages] == ["Light on dark", "28 × 28"]
    assert fashion.sample[0, 0, 0] == 0
    photograph = np.random.default_rng(0).integers(0, 256, (60, 100, 3), np.uint8)
    made = staged(photograph, (3, 32, 32), "cifar10")
    assert [stage.title for stage in made.stages] == ["Cut out", "32 × 32"]
    assert np.array_equal(made.stages[0].pixels, photograph[:, 20:80])
    assert made.sample.shape == (3, 32, 32)
    assert np.array_equal(made.sample, made.stages[-1].pixels.transpose(2, 0, 1))
    drawn = staged(stroke(), (3, 32, 32), "cifar10")
    assert np.array_equal(drawn.sample[0], drawn.sample[2])
    assert drawn.sample[0, 0, 0] == 255


def test_what_cannot_become_a_sample_is_told() -> None:
    with pytest.raises(DataError) as told:
        staged(stroke(), (1, 40))
    assert str(told.value) == (
        "The network takes 1 × 40, which no picture is: it should take 1 or 3 channels of pixels."
    )
    with pytest.raises(DataError, match=r"^The picture is empty: all of its pixels are alike\.$"):
        staged(np.full((30, 30), 9, np.uint8), DIGITS, "mnist")
