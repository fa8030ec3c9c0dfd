"""Digits that are drawn by the program: repeatable, in MNIST's frame, and worth learning from."""

import hashlib

import numpy as np
import pytest

from engine.batches import ArrayData, ArrayPart
from engine.data.digits import digits
from engine.data.strokes import WIDTHS, hands
from engine.settings import TrainingSettings
from engine.templates import template
from engine.trainer import Trainer


def test_every_digit_is_written_in_several_hands() -> None:
    for digit in range(10):
        assert sum(hand.digit == digit for hand in hands()) >= 3
    points = [point for hand in hands() for stroke in hand.strokes for point in stroke]
    assert all(-0.5 <= point.x <= 1.5 and -0.1 <= point.y <= 1.1 for point in points)
    assert all(len(stroke) >= 2 for hand in hands() for stroke in hand.strokes)
    assert len(WIDTHS) == 10


def test_the_same_seed_gives_the_same_bytes() -> None:
    first, again, other = (digits(300, seed) for seed in (3, 3, 4))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert hashlib.sha256(first[0]).digest() != hashlib.sha256(other[0]).digest()


def test_pictures_are_those_of_mnist_in_form_and_frame() -> None:
    images, labels = digits(2000, 0)
    assert images.shape == (2000, 1, 28, 28)
    assert images.dtype == np.uint8
    assert np.bincount(labels).tolist() == [200] * 10
    assert images[:, 0, [0, -1]].mean() < 0.1  # hardly anything reaches the edge
    assert images.reshape(2000, -1).max(axis=1).min() > 200
    inked = images[:, 0] > 64
    heights, widths = (np.ptp(np.stack([np.where(f.any(axis))[0][[0, -1]] for f in inked]), axis=1) for axis in (1, 0))
    assert np.maximum(heights, widths).min() >= 16  # the longer side fills the box of 20 pixels, soft rims aside
    assert np.maximum(heights, widths).max() <= 20
    shares = images / 255
    assert shares.mean() == pytest.approx(0.1307, abs=0.01)  # MNIST's own numbers
    assert shares.std() == pytest.approx(0.3081, abs=0.015)
    rows, columns = np.mgrid[:28, :28] + 0.5
    mass = shares.sum(axis=(1, 2, 3))
    for places in (rows, columns):
        middles = (shares[:, 0] * places).sum(axis=(1, 2)) / mass
        assert np.quantile(np.abs(middles - 14), 0.9) < 1.1


def test_a_network_learns_them_and_tells_new_ones_apart() -> None:
    images, labels = digits(3000, 1)
    parts = ArrayPart(images[:2500], labels[:2500]), None, ArrayPart(images[2500:], labels[2500:])
    settings = TrainingSettings(learning_rate=3e-3, epochs=5, threads=2, validation_fraction=0.0)
    trainer = Trainer(template("lenet5"), ArrayData(*parts, (0.13,), (0.31,)), settings)
    while not trainer.finished:
        trainer.step()
    assert trainer.history[-1].test_accuracy > 0.75  # with 2500 of them, in five epochs
