"""Changes training samples in the engine's threads, just before they are packed."""

from __future__ import annotations

from math import ceil, log1p, radians
from typing import Any

import attrs
import numpy as np

from engine.augmentation import BOTH, HORIZONTAL, VERTICAL, Augmentation
from engine.batches import BYTE, Batches
from engine.kernels import augmenting

Array = np.ndarray[Any, Any]
MIXING_LOTS = 2  # a stream of its own beside that of shuffling
FINITE = 3.0e38


@attrs.frozen(eq=False)
class Blend:
    """For each sample of a batch the one it was blended with, and its own share of the two: half or more."""

    partners: Array
    shares: Array


@attrs.frozen(eq=False)
class Augmented:
    """A batch's samples, changed."""

    images: Array
    blend: Blend | None


class Augmenter:
    """Draws a new version of each sample for every epoch; the same seed, epoch and sample give the same version."""

    def __init__(self, augmentation: Augmentation, batches: Batches, seed: int) -> None:
        images = batches.images
        self._flat, self._sample = images.reshape(-1), images.shape[1:]
        self._seed, self._mix_up = seed, augmentation.mix_up
        bytes_ = images.dtype == np.uint8
        self._kind = np.dtype(np.uint8 if bytes_ else np.float32)
        self._strengths = _strengths(augmentation)
        spreads = 1 / batches.scale.astype(np.float64)
        self._fills = np.asarray(-batches.shift * spreads, np.float32)  # the channel's mean: zero once normalised
        self._unit = BYTE if bytes_ else float(spreads.mean())
        self._store = np.array([0, BYTE, 0.5] if bytes_ else [-FINITE, FINITE, 0], np.float32)
        self._buffers: dict[int, tuple[tuple[Array, Array, Array], Array, Array]] = {}

    def __call__(self, picks: Array, epoch: int, place: int) -> Augmented:
        """The picked samples of an epoch; `place` says how many samples of it came before. The arrays are lent."""
        room, changed, blended = self._room(len(picks))
        key = np.array([self._seed, epoch], np.int64)
        how = self._strengths, self._fills, self._unit, self._store
        augmenting.augment(self._flat, picks, *self._sample, key, *how, *room, changed.reshape(-1))
        if not self._mix_up:
            return Augmented(changed, None)
        blend = self._drawn(len(picks), epoch, place)
        augmenting.blend(changed, blend.partners, blend.shares, self._store, blended)
        return Augmented(blended, blend)

    def _drawn(self, count: int, epoch: int, place: int) -> Blend:
        generator = np.random.default_rng((self._seed, epoch, place, MIXING_LOTS))
        shares = generator.beta(self._mix_up, self._mix_up, count)
        return Blend(generator.permutation(count), np.maximum(shares, 1 - shares).astype(np.float32))

    def _room(self, count: int) -> tuple[tuple[Array, Array, Array], Array, Array]:
        if count not in self._buffers:
            height, width = self._sample[-2:]
            spacing = float(self._strengths[augmenting.SPACING])
            across, down = (ceil(side / spacing) + 4 for side in (width, height))
            sizes = (count, 2, down, across), (count, 2, across), (count, 3, width)
            fields, rows, places = (np.empty(size, np.float32) for size in sizes)
            changed = np.empty((count, *self._sample), self._kind)
            blended = np.empty_like(changed) if self._mix_up else changed
            self._buffers[count] = (fields, rows, places), changed, blended
        return self._buffers[count]


def _strengths(a: Augmentation) -> Array:
    flips = a.flip in (HORIZONTAL, BOTH), a.flip in (VERTICAL, BOTH)
    strengths = np.zeros(12, np.float32)
    strengths[augmenting.SHIFT] = a.shift
    strengths[augmenting.ROTATE] = radians(a.rotate)
    strengths[augmenting.SCALE] = log1p(a.scale)
    strengths[augmenting.SHEAR] = radians(a.shear)
    strengths[augmenting.ELASTIC] = a.elastic
    strengths[augmenting.SPACING] = a.smoothness
    strengths[augmenting.FLIP_X], strengths[augmenting.FLIP_Y] = (0.5 if flip else 0.0 for flip in flips)
    strengths[augmenting.BRIGHTNESS] = a.brightness
    strengths[augmenting.CONTRAST] = log1p(a.contrast)
    strengths[augmenting.NOISE] = a.noise
    strengths[augmenting.CUTOUT] = a.cutout
    return strengths
