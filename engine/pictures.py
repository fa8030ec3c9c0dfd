"""What layers make of a sample, as small pictures: bytes that a window only has to show."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from engine import limits
from engine.errors import EngineError
from engine.network import Network
from engine.plan import Plan
from engine.protocol import REPORT_BYTES, Picture

Array = np.ndarray[Any, Any]
PICTURE_BYTES = REPORT_BYTES - 128 * 1024  # the rest is for curves and tables
LARGEST_SIDE = 64  # pixels
ROOM = 44  # pixels of a screen where nothing is enlarged: how many channels fit beside each other
MOST_FEATURES = ROOM * ROOM
COST_SHARE = 0.05  # of the time, while a run goes on
TOP, ZERO = 255, 128
COLOURS = 3


def pictures(network: Network, sample: Array, watch: Collection[str], *, busy: bool = False) -> tuple[Picture, ...]:
    """Pictures of the watched nodes for one normalised sample; sometimes none where training is `busy`."""
    return _glances.setdefault(network, Glances()).take(network, sample, watch, busy=busy)


class Glances:
    """Looks at layers for one sample after the other, as often as the cost allows."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._plan: Plan | None = None
        self._last, self._cost = -1.0, 0.0

    def take(self, network: Network, sample: Array, watch: Collection[str], *, busy: bool) -> tuple[Picture, ...]:
        """Pictures of the watched nodes; none where training is `busy` and there were some a moment ago."""
        known = [name for name in watch if name in network.graph]
        start = self._clock()
        if not known or (busy and self._last >= 0 and (start - self._last) * COST_SHARE < self._cost):
            return ()
        try:
            plan = self._planned(network, frozenset(known))
        except EngineError:  # not enough memory to look as well
            return ()
        network.load(plan, {next(iter(network.input_shapes)): sample[None]})
        plan.forward()
        share = PICTURE_BYTES // len(known)
        found = tuple(_picture(network, name, network.read(plan, plan.values[name], name)[0], share) for name in known)
        self._last, self._cost = start, self._clock() - start
        return found

    def _planned(self, network: Network, watch: frozenset[str]) -> Plan:
        """The newest plan alone is kept: what is watched changes with every scroll."""
        plan = self._plan
        if plan is None or plan.store is not network.store or plan.watch != watch:
            limits.check_memory(network.inference, 1, training=False)
            self._plan = None
            plan = Plan(network.graph, network.inference, network.store, 1, watch=watch)
            self._plan = plan
        return plan


_glances: WeakKeyDictionary[Network, Glances] = WeakKeyDictionary()


def _picture(network: Network, node: str, values: Array, most_bytes: int) -> Picture:
    """Zero is black, or in the middle where there are negative numbers; a sample itself is as it was."""
    if not network.graph[node].layer.ports:
        return _sample_picture(node, values, most_bytes)
    finite = np.nan_to_num(_tiles(values, most_bytes), posinf=0.0, neginf=0.0)
    low, high = min(0.0, float(finite.min())), max(0.0, float(finite.max()))
    span, zero = (max(-low, high), ZERO) if low < 0 else (high or 1.0, 0)
    shades = zero + finite / span * (TOP - zero)
    return Picture(node, np.rint(shades).astype(np.uint8), signed=low < 0)


def _sample_picture(node: str, values: Array, most_bytes: int) -> Picture:
    """From its darkest to its brightest pixel; three channels are red, green and blue, each with its own limits."""
    colours = values.ndim == COLOURS and len(values) == COLOURS
    tiles = _fitted(values, most_bytes) if colours else _tiles(values, most_bytes)
    axes = (1, 2) if colours else None  # normalising has moved each channel by itself
    low, high = tiles.min(axis=axes, keepdims=True), tiles.max(axis=axes, keepdims=True)
    shades = (tiles - low) / np.where(high > low, high - low, 1) * TOP
    return Picture(node, np.rint(shades).astype(np.uint8), signed=False, is_sample=True)


def _tiles(values: Array, most_bytes: int) -> Array:
    """The strongest channel, or the first ones where they are small; of volumes the middle layer."""
    if values.ndim == 1:
        return values[None, None, : min(MOST_FEATURES, most_bytes)]
    if values.ndim == 4:
        values = values[:, values.shape[1] // 2]
    images = values[None] if values.ndim == 2 else values
    beside = (ROOM + 1) // (2 * max(images.shape[1:]) + 1)
    if beside > 1:
        chosen = images[: beside * beside]
    else:
        strength = np.abs(np.nan_to_num(images)).reshape(len(images), -1).sum(1)
        chosen = images[[int(strength.argmax())]]
    return _fitted(chosen, most_bytes)


def _fitted(images: Array, most_bytes: int) -> Array:
    """Large ones with pixels left out."""
    side = max(1, min(LARGEST_SIDE, int((most_bytes // len(images)) ** 0.5)))
    rows, columns = (-(-length // side) for length in images.shape[1:])
    return np.asarray(images[:, ::rows, ::columns])


def probabilities(scores: Array) -> Array:
    """Softmax over the classes of one sample."""
    shifted = np.exp(scores.astype(np.float64) - scores.max(axis=0, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=0, keepdims=True), np.float32)
