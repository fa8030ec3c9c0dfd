"""Picture files and drawings, prepared as the samples of a data set are."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from engine.data import pictures
from engine.data.centring import centred
from engine.data.pictures import open_picture, picture_like
from engine.errors import DataError


def seven(size: tuple[int, int] = (300, 400), ink: int = 20, paper: int = 240) -> Image.Image:
    image = Image.new("L", size, paper)
    ImageDraw.Draw(image).line([(80, 90), (220, 90), (130, 320)], fill=ink, width=18)
    return image


def test_a_drawing_becomes_a_box_of_20_with_its_mass_in_the_middle() -> None:
    made = centred(np.asarray(seven()))
    assert made.image.shape == (28, 28)
    assert made.image.dtype == np.uint8
    assert max(made.boxed.shape) == 20
    rows, columns = np.mgrid[:28, :28] + 0.5
    for middle in (rows, columns):
        assert abs((made.image * middle).sum() / made.image.sum() - 14) <= 0.51
    assert made.image[0].max() == made.image[-1].max() == 0
    assert made.image.max() > 200


def test_ink_may_be_dark_or_light_and_paper_need_not_be_clean() -> None:
    dark, light = (centred(np.asarray(seven(ink=i, paper=p))).image for i, p in ((20, 240), (240, 20)))
    assert np.array_equal(dark, light)
    spotted = np.asarray(seven()).copy()
    spotted[5:8, 5:8] -= 12  # fainter than a tenth of the ink
    assert np.array_equal(centred(spotted).image, dark)


def test_an_empty_drawing_is_told() -> None:
    with pytest.raises(DataError, match=r"^The picture is empty: all of its pixels are alike\.$"):
        centred(np.full((30, 30), 7, np.uint8))


def test_a_line_at_the_edge_stays_inside() -> None:
    grey = np.zeros((40, 40), np.uint8)
    grey[2:38, 19:22] = 255
    grey[2:5, 5:22] = 255
    assert centred(grey).image.sum() > 0


def test_pictures_of_digits_are_centred_and_those_of_the_data_set_left_alone(tmp_path: Path) -> None:
    seven().save(tmp_path / "seven.png")
    made = picture_like(tmp_path / "seven.png", (1, 28, 28), "mnist")
    assert np.array_equal(made[0], centred(np.asarray(seven()), 14.5).image)
    Image.fromarray(made[0]).save(tmp_path / "sample.png")
    assert np.array_equal(picture_like(tmp_path / "sample.png", (1, 28, 28), "digits"), made)


def test_other_pictures_are_scaled_and_cut_to_the_network_s_shape(tmp_path: Path) -> None:
    image = Image.new("RGB", (60, 30), (255, 0, 0))
    image.paste((0, 0, 255), (30, 0, 60, 30))
    image.save(tmp_path / "halves.jpg", quality=95)
    made = picture_like(tmp_path / "halves.jpg", (3, 10, 10))
    assert made.shape == (3, 10, 10)
    assert made.dtype == np.uint8
    assert made[0, :, 0].min() > 200
    assert made[2, :, -1].min() > 200
    assert picture_like(tmp_path / "halves.jpg", (1, 10, 10)).shape == (1, 10, 10)


def test_a_picture_is_turned_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held sideways
    Image.new("L", (20, 10)).save(tmp_path / "sideways.jpg", exif=exif)
    assert open_picture(tmp_path / "sideways.jpg", "L").size == (10, 20)


def test_what_is_no_picture_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "note.png"
    path.write_text("not a picture")
    with pytest.raises(
        DataError, match=r"note\.png cannot be read as a picture: it is none of a known format\. PNG, JPEG"
    ):
        open_picture(path, "L")
    seven().save(path)
    path.write_bytes(path.read_bytes()[:-300])
    with pytest.raises(DataError, match=r"note\.png cannot be read as a picture: "):
        open_picture(path, "L")
    seven().save(path)
    monkeypatch.setattr(pictures, "MOST_PIXELS", 1000)
    with pytest.raises(DataError, match=r"note\.png has 300 × 400 pixels; at most 1 000 are read\. Make it smaller"):
        open_picture(path, "L")
    with pytest.raises(DataError, match=r"^The network takes 1 × 40, which no picture is: it should take 1 or 3"):
        picture_like(path, (1, 40))
