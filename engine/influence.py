"""Where a parameter's number takes part: the outputs it goes into, and what it is multiplied by there.

Its gradient is the sum of dy × factor over all of these places.  A layer says how in `Layer.reach`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import attrs
import numpy as np

if TYPE_CHECKING:
    from engine.spec import Layer, Shape

Array = np.ndarray[Any, Any]
Places = tuple[Array, ...]  # along each axis of a sample: which channels, which rows, ...
INPUT, NORMAL, ONE, BELOW_ZERO, SLOPE = "x", "x̂", "1", "min(x, 0)", "slope"


class Numbers(Protocol):
    """The numbers of a layer for every sample of a batch, read in parts."""

    @property
    def shape(self) -> Shape:
        """Of one sample."""

    @property
    def samples(self) -> int:
        """How many there are."""

    def pick(self, places: Places) -> Array:
        """float32 [samples, ...]: every combination of these places along the axes."""


@attrs.frozen(eq=False)
class Reach:
    """The outputs that a parameter's number takes part in, and what it is multiplied by."""

    places: Places  # of outputs
    factors: Array  # [samples, ...], one for each of them
    what: str  # the factor's name: the input, the normalised input, or 1
    sources: Places = ()  # where the factors stand in the input, place by place; none where they are not its numbers


def everywhere(shape: Sequence[int], *first: int) -> Places:
    """All places along every axis but the first ones, which are given."""
    given = tuple(np.array([at]) for at in first)
    return given + tuple(np.arange(size) for size in shape[len(first) :])


def of_input(x: Numbers, channel: int, source: int, axes: Sequence[Sequence[tuple[int, int]]]) -> Reach:
    """A weight from one channel to another: along each axis the pairs of output and input positions that it joins."""
    sides = [np.array(pairs, np.intp).reshape(-1, 2).T for pairs in axes]
    places = np.array([channel]), *(outputs for outputs, _ in sides)
    sources = np.array([source]), *(inputs for _, inputs in sides)
    return Reach(places, x.pick(sources), INPUT, sources)


def of_bias(x: Numbers, y: Shape, at: Shape) -> Reach:
    """A number that is added: to a whole channel, or to one output where each has its own."""
    places = everywhere(y, *at)
    return Reach(places, np.ones((x.samples, *map(len, places)), np.float32), ONE)


def of_scale(x: Numbers, places: Places, group: Places, axes: tuple[int, ...], eps: float) -> Reach:
    """A number that scales what was normalised among a group; `axes` says over which of [samples, ...]."""
    among = x.pick(group)
    mean, variance = (f(among, axis=axes, keepdims=True, dtype=np.float64) for f in (np.mean, np.var))
    return Reach(places, (x.pick(places) - mean) / np.sqrt(variance + eps), NORMAL)


def by_reference(layer: Layer, parameters: Mapping[str, Array], name: str, at: Shape, *xs: Numbers) -> Reach:
    """For layers whose outputs change evenly with every parameter: how much each changes when this one does by 1."""
    batch = [x.pick(everywhere(x.shape)).astype(np.float64) for x in xs]
    zero = {key: np.zeros(array.shape) for key, array in parameters.items()}
    one = zero | {name: np.zeros(parameters[name].shape)}
    one[name][at] = 1
    factors = layer.reference(one, *batch)[0] - layer.reference(zero, *batch)[0]
    return Reach(everywhere(factors.shape[1:]), factors, SLOPE)
