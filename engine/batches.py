"""Which samples a step trains on, and how they get into the network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import attrs
import numpy as np

from engine.errors import DataError, InputError
from engine.kernels.packing import pack_picked
from engine.memory import Tensor
from engine.plan import five

Array = np.ndarray[Any, Any]
BYTE = 255.0  # bytes stand for 0 to 1


class Part(Protocol):
    """Samples with their labels: training, validation or test."""

    @property
    def images(self) -> Array:
        """[N, C, H, W] bytes, or numbers for signals; fewer or more axes of space are welcome."""

    @property
    def labels(self) -> Array:
        """[N] classes, [N, H, W] classes of pixels, or numbers in the shape of the network's output."""


class Data(Protocol):
    """A data set as training sees it."""

    @property
    def train(self) -> Part: ...

    @property
    def validation(self) -> Part | None: ...

    @property
    def test(self) -> Part | None: ...

    @property
    def mean(self) -> Any:
        """For each channel; of the shares from 0 to 1 where images are bytes."""

    @property
    def std(self) -> Any: ...


@attrs.frozen(eq=False)
class ArrayPart:
    """Samples that are in memory."""

    images: Array
    labels: Array


@attrs.frozen(eq=False)
class ArrayData:
    """A data set made of arrays."""

    train: Part
    validation: Part | None = None
    test: Part | None = None
    mean: Any = (0.0,)
    std: Any = (1.0,)

    def load(self, **_: Any) -> ArrayData:
        """It is there already."""
        return self


class Batches:
    """A part of the data in the order of each epoch, a pure function of seed and epoch: nothing needs to be saved."""

    def __init__(self, part: Part, mean: Any, std: Any, *, pool: Array | None = None, seed: int | None = None) -> None:
        self.part = part
        images = part.images
        self.images = images.reshape(five(images.shape[1:], len(images)))
        if len(images) != len(part.labels):
            raise DataError(f"There are {len(images)} samples and {len(part.labels)} labels; each sample needs one.")
        if not len(images):
            raise DataError("The data set holds no samples.")
        self.pool = np.arange(len(images)) if pool is None else pool
        self._seed = seed
        unit = BYTE if images.dtype == np.uint8 else 1.0
        channels = self.images.shape[1]
        means, deviations = (np.broadcast_to(np.asarray(v, np.float64), channels) for v in (mean, std))
        if not (np.isfinite(means).all() and np.isfinite(deviations).all() and (deviations > 0).all()):
            raise DataError("A channel of the data never changes, so it cannot be normalised; leave it out.")
        self.scale = (1 / (deviations * unit)).astype(np.float32)
        self.shift = (-means / deviations).astype(np.float32)
        self._order: tuple[int, Array] = (-1, self.pool)
        self._packers: dict[Any, Callable[..., None]] = {}

    def __len__(self) -> int:
        return len(self.pool)

    def order(self, epoch: int) -> Array:
        """All samples in this epoch's order: shuffled where there is a seed."""
        if self._seed is None:
            return self.pool
        if self._order[0] != epoch:
            generator = np.random.default_rng((self._seed, epoch))
            self._order = epoch, self.pool[generator.permutation(len(self.pool))]
        return self._order[1]

    def picks(self, epoch: int, start: int, count: int) -> Array:
        """Up to so many samples from a place of an epoch on; the last batch may be smaller."""
        return np.ascontiguousarray(self.order(epoch)[start : start + count], np.int64)

    def pack(self, picks: Array, samples: Array, x: Tensor, changed: Array | None = None) -> None:
        """Lays samples, normalised, into the lanes of a network's input; `changed` holds augmented ones."""
        samples[0] = len(picks)
        images = self.images if changed is None else changed
        which = picks if changed is None else np.arange(len(picks))
        arguments = images, which, samples, self.scale, self.shift, x.array
        if images.dtype not in self._packers:  # looking the machine code up takes longer than running it
            self._packers[images.dtype] = pack_picked.compiled(*arguments)
        self._packers[images.dtype](*arguments)

    def normalised(self, picks: Array) -> Array:
        """The same samples as everyone outside the engine sees them: [n, C, D, H, W]."""
        shape = (1, -1, 1, 1, 1)
        return np.asarray(self.images[picks] * self.scale.reshape(shape) + self.shift.reshape(shape), np.float32)


def check_fits(part: Part, shape: tuple[int, ...]) -> None:
    """Refuses data whose samples the network does not take."""
    if part.images.shape[1:] != shape:
        given, wanted = (" × ".join(map(str, s)) for s in (part.images.shape[1:], shape))
        raise InputError(
            f"The samples of the data set are {given} (channels first); the network takes {wanted}. "
            f"Change the shape of its input, or choose other data."
        )
