"""What has a layer learned, what does it make of a sample, and which samples move it most?"""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

from engine.sight import Box

Array = np.ndarray[Any, Any]


@attrs.frozen
class Kernels:
    """What do a layer's kernels look like? So many of their input channels, from one of them on."""

    number: int
    node: str
    first: int = 0
    count: int = 1


@attrs.frozen(eq=False)
class KernelsSeen:
    """The answer to `Kernels`: bytes to look at, and what they stand for."""

    number: int
    node: str
    first: int
    tiles: Array  # int8 [kernels, input channels, height, width]
    scales: Array  # float32 [kernels]: the weight that 127 stands for
    norms: Array  # float32 [kernels]: of whole kernels, all input channels together
    kernels: int  # how many there are, where not all fitted in
    inputs: int  # how many input channels a kernel has; those of 3-D kernels count once for each slice
    depth: int  # slices of a 3-D kernel
    row: bool  # a kernel is a row of numbers, and no picture
    seconds: float = 0.0  # that the answer took


@attrs.frozen
class OneKernel:
    """The numbers of one kernel."""

    number: int
    node: str
    kernel: int


@attrs.frozen(eq=False)
class KernelSeen:
    """The answer to `OneKernel`."""

    number: int
    node: str
    kernel: int
    weights: Array  # float32 [input channels, height, width]
    inputs: int  # how many input channels there are, where not all fitted in
    depth: int
    norm: float
    bias: float | None


@attrs.frozen(eq=False)
class Maps:
    """What do layers make of a sample, or of a picture in the data's own units?

    All channels of the nodes as bytes to look at; and one channel of one node with every number.
    """

    number: int
    nodes: tuple[str, ...] = ()
    sample: int = 0
    image: Array | None = None
    closer: str = ""
    channel: int = 0


@attrs.frozen(eq=False)
class LayerMaps:
    """All channels of a layer."""

    node: str
    tiles: Array  # uint8 [channels, height, width]; of large maps every `step`-th pixel
    lows: Array  # float32 [channels]: what 0 stands for
    highs: Array  # float32 [channels]: what 255 stands for
    channels: int  # how many there are, where not all fitted in
    step: int = 1


@attrs.frozen(eq=False)
class CloserMap:
    """One channel with every number, and how all the layer's numbers spread."""

    node: str
    channel: int
    values: Array  # float32 [height, width]
    channels: int
    counts: Array  # int64: the histogram of the whole layer, in steps of equal width
    low: float  # the smallest number of the whole layer
    high: float


@attrs.frozen(eq=False)
class MapsSeen:
    """The answer to `Maps`."""

    number: int
    layers: tuple[LayerMaps, ...]
    closer: CloserMap | None
    picture: Array  # uint8 [channels, height, width] of what the network was given; empty where it is no picture
    label: str  # the name of the sample's class, where it has one
    part: str  # of the data: which part it is in; empty for a picture of one's own
    samples: int  # how many there are to choose from
    seconds: float = 0.0  # that the answer took


@attrs.frozen
class ExcitingSamples:
    """Which training samples move a channel of a layer most, among so many?"""

    number: int
    node: str
    channel: int
    most: int = 12
    among: int = 4096


@attrs.frozen(eq=False)
class Excited:
    """A sample that moves a channel."""

    sample: int  # its number among all samples
    value: float  # the largest number of the channel's map
    at: tuple[int, ...]  # where that is: channel and position
    box: Box  # what that number sees of the sample
    label: str  # the name of its class, where it has one
    image: Array  # in the data's own units


@attrs.frozen(eq=False)
class Exciting:
    """The answer to `ExcitingSamples`; there are some on the way."""

    number: int
    node: str
    channel: int
    samples: tuple[Excited, ...]  # the best first
    looked_at: int
    among: int

    @property
    def done(self) -> bool:
        return self.looked_at >= self.among
