"""Digits that nobody wrote: pen strokes of several hands, drawn differently each time and centred like MNIST's."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

from engine.data.strokes import WIDTHS, Hand, hands

Array = np.ndarray[Any, Any]
SIDE, BOX = 28, 20  # pixels of a picture, and of the box that its ink fills
POINTS = 96  # along all strokes of a digit
AT_ONCE = 64  # pictures that are drawn together

# How much hands differ. Lengths are shares of the digit's height unless they say pixels.
WOBBLE, BEND = 0.05, 0.05  # of each point, and of all points together
PROPORTION, TAPER = 0.4, 0.5  # how much higher the lower half is than the upper one, and how much wider
SLANT, LEAN = 0.12, 0.24  # mean and spread of the slope of uprights
TURN = 0.1  # radians
WIDER = 0.2  # spread of the logarithm of the width
PEN, PENS, LIGHTEST, BROADEST = 1.25, 0.3, 0.75, 2.6  # radius in pixels, the spread of its logarithm, and its limits
PRESSURE = 0.25  # how much the radius changes along the strokes
SOFTNESS = 1.1  # pixels over which ink fades into paper


@attrs.frozen(eq=False)
class Skeleton:
    """A hand's way to write a digit, ready to be drawn many times."""

    points: Array  # [K, 2]: control points
    weights: Array  # [POINTS, K]: each point of the line as a mixture of control points


def digits(count: int, seed: int) -> tuple[Array, Array]:
    """Pictures [N, 1, 28, 28] of bytes and their classes; as many of each as can be. The same seed, the same bytes."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(count) % len(WIDTHS))
    images = np.empty((count, 1, SIDE, SIDE), np.uint8)
    known = hands()
    for label in range(len(WIDTHS)):
        ways, chosen = [hand for hand in known if hand.digit == label], np.flatnonzero(labels == label)
        shares = np.array([hand.share for hand in ways])
        which = rng.choice(len(ways), len(chosen), p=shares / shares.sum())
        for number, hand in enumerate(ways):
            skeleton, places = _skeleton(hand), chosen[which == number]
            for start in range(0, len(places), AT_ONCE):
                some = places[start : start + AT_ONCE]
                images[some, 0] = _drawn(_written(skeleton, len(some), rng), rng)
    return images, labels.astype(np.int64)


# --- the line --------------------------------------------------------------------------------------------------------


def _skeleton(hand: Hand) -> Skeleton:
    """Splits strokes at their corners, and shares the points of the line out by length."""
    curves: list[list[int]] = []
    points: list[tuple[float, float]] = []
    for stroke in hand.strokes:
        curve: list[int] = []
        for point in stroke:
            points.append(((point.x - 0.5) * WIDTHS[hand.digit], point.y - 0.5))
            curve.append(len(points) - 1)
            if point.corner:
                curves.append(curve)
                curve = [len(points) - 1]
        curves.append(curve)
    control = np.array(points)
    lengths = [np.hypot(*np.diff(control[curve], axis=0).T).sum() for curve in curves]
    counts = np.maximum(2, np.round(POINTS * np.array(lengths) / sum(lengths)).astype(int))
    counts[np.argmax(counts)] += POINTS - counts.sum()
    weights = np.concatenate([_curve(curve, count, len(points)) for curve, count in zip(curves, counts, strict=True)])
    return Skeleton(control, weights)


def _curve(curve: list[int], count: int, points: int) -> Array:
    """A Catmull-Rom spline through these control points, as weights of all of them."""
    weights = np.zeros((count, points))
    places = np.linspace(0, len(curve) - 1, count)
    for row, place in zip(weights, places, strict=True):
        k = min(int(place), len(curve) - 2)
        t = place - k
        near = [curve[min(max(k + step, 0), len(curve) - 1)] for step in (-1, 0, 1, 2)]
        shares = (
            (-(t**3) + 2 * t**2 - t) / 2,
            (3 * t**3 - 5 * t**2 + 2) / 2,
            (-3 * t**3 + 4 * t**2 + t) / 2,
            (t**3 - t**2) / 2,
        )
        for point, share in zip(near, shares, strict=True):
            row[point] += share
    return weights


def _written(skeleton: Skeleton, count: int, rng: np.random.Generator) -> Array:
    """The line of each of so many digits, [count, POINTS, 2]: wobbling, bent, wide or narrow, leaning and turned."""
    wobble = WOBBLE * rng.standard_normal((count, *skeleton.points.shape))
    lines = np.asarray(skeleton.weights @ (skeleton.points + wobble))
    phases = rng.uniform(0, 2 * np.pi, (4, count, 1))
    speeds = rng.uniform(2, 7, (4, count, 1))
    sizes = BEND * rng.standard_normal((4, count, 1))
    x, y = lines[..., 0], lines[..., 1]
    waves = [
        size * np.sin(speed * place + phase)
        for size, speed, place, phase in zip(sizes, speeds, (y, x, x, y), phases, strict=True)
    ]
    x, y = x + waves[0] + waves[2], y + waves[1] + waves[3]
    y = y + PROPORTION * rng.standard_normal((count, 1)) * (y**2 - 0.25)
    x = x * np.exp(np.clip(TAPER * rng.standard_normal((count, 1)), -0.9, 0.9) * y)
    x = x * np.exp(WIDER * rng.standard_normal((count, 1)))
    x = x - (SLANT + LEAN * rng.standard_normal((count, 1))) * y
    turn = TURN * rng.standard_normal((count, 1))
    return np.stack([x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)], axis=-1)


# --- the ink ---------------------------------------------------------------------------------------------------------


def _drawn(lines: Array, rng: np.random.Generator) -> Array:
    """Pictures of lines: scaled so that the ink fills the box, its mass in the middle."""
    count = len(lines)
    radius = np.clip(PEN * np.exp(PENS * rng.standard_normal((count, 1))), LIGHTEST, BROADEST)
    along = np.linspace(0, np.pi, POINTS) * rng.uniform(0.5, 3, (count, 1)) + rng.uniform(0, 2 * np.pi, (count, 1))
    radii = radius * (1 + PRESSURE * np.clip(rng.standard_normal((count, 1)), -2, 2) * np.sin(along))
    low, high = lines.min(axis=1, keepdims=True), lines.max(axis=1, keepdims=True)
    room = BOX - 2 * radii.max(axis=1)[:, None, None]
    places = (lines - (low + high) / 2) * (room / np.maximum((high - low).max(axis=2, keepdims=True), 1e-6)) + SIDE / 2
    return _centred(_inked(places.astype(np.float32), radii.astype(np.float32)))


def _centred(images: Array) -> Array:
    """Moved by whole pixels until the mass is in the middle; the box leaves just as much room around it."""
    most, middles = (SIDE - BOX) // 2, np.arange(SIDE) + 0.5
    mass = images.sum(axis=(1, 2), dtype=np.float64)
    for axis in (2, 1):
        centre = images.sum(axis=axis, dtype=np.float64) @ middles / mass
        steps = np.clip(np.round(SIDE / 2 - centre), -most, most).astype(np.int64)
        source = (np.arange(SIDE) - steps[:, None]) % SIDE
        images = np.take_along_axis(images, source[:, :, None] if axis == 2 else source[:, None, :], axis=3 - axis)
    return images


def _inked(places: Array, radii: Array) -> Array:
    """Ink around each point of the line, fading at its rim: the distance of every pixel to the nearest rim decides."""
    pixels = np.arange(SIDE, dtype=np.float32) + np.float32(0.5)
    across = (pixels - places[:, :, None, 0]) ** 2  # [count, POINTS, SIDE]
    down = (pixels - places[:, :, None, 1]) ** 2
    nearest = np.full((len(places), SIDE, SIDE), -np.inf, np.float32)
    for point in range(POINTS):
        distance = np.sqrt(down[:, point, :, None] + across[:, point, None, :])
        np.maximum(nearest, radii[:, point, None, None] - distance, out=nearest)
    return np.asarray(np.clip(nearest / SOFTNESS + 0.5, 0, 1) * 255 + 0.5, np.uint8)
