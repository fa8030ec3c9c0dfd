"""Classes of samples can be told apart by everybody, in both themes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from convstudio.look.theme import DARK, LIGHT, Theme

Array = np.ndarray[Any, Any]
CLASSES, FURTHEST_ALIKE = 10, 0.1
# What is left of light for those who lack one kind of cone (Machado, Oliveira, Fernandes 2009).
SEEN_BY = {
    "all cones": np.eye(3),
    "no red": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "no green": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "no blue": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
# Oklab: equal distances look equally different.
CONES = [[0.41222, 0.53633, 0.05145], [0.21190, 0.68070, 0.10740], [0.08830, 0.28172, 0.62998]]
SPACE = [[0.21045, 0.79362, -0.00407], [1.97800, -2.42859, 0.45059], [0.02590, 0.78277, -0.80868]]


def light(look: str) -> Array:
    shares = np.array([Theme(look).class_color(number).getRgbF()[:3] for number in range(CLASSES)])
    return np.asarray(np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4))


@pytest.mark.parametrize("look", [LIGHT, DARK])
@pytest.mark.parametrize("who", list(SEEN_BY))
def test_ten_classes_look_different_to_everybody(look: str, who: str) -> None:
    seen = np.clip(light(look) @ np.array(SEEN_BY[who]).T, 0, 1)
    places = np.cbrt(seen @ np.array(CONES).T) @ np.array(SPACE).T
    distances = np.linalg.norm(places[:, None] - places, axis=-1) + np.eye(CLASSES)
    assert distances.min() > FURTHEST_ALIKE


def test_after_ten_the_colours_begin_again() -> None:
    assert Theme(LIGHT).class_color(13) == Theme(LIGHT).class_color(3)
