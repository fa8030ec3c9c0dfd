"""The pattern that most networks of the textbooks follow, built from a few numbers."""

from __future__ import annotations

import attrs

from engine.architectures import Builder
from engine.errors import GraphError
from engine.graph import Graph
from engine.spec import Declared, Shape, flag, sizes, whole

MAX_CHANNELS = 4096


@attrs.frozen(kw_only=True)
class Pattern(Declared):
    """[(CONV-RELU)*N-POOL?]*M-(FC-RELU)*K-SOFTMAX, with widths."""

    shape: Shape = sizes((1, 28, 28), low=1, high=4096, help="What goes in: channels, then one to three sizes.")
    convolutions: int = whole(2, low=1, high=8, help="N: convolutions in each block, each with a ReLU.")
    blocks: int = whole(2, low=0, high=8, help="M: blocks of convolutions.")
    pooling: bool = flag(True, help="Whether each block ends with max pooling, which halves the image.")
    channels: int = whole(16, low=1, high=1024, help="Channels that the first block makes.")
    doubling: bool = flag(True, help="Whether each block makes twice as many channels as the one before.")
    kernel_size: int = whole(3, low=1, high=15, unit="px", help="Size of all kernels; odd ones keep the image's size.")
    hidden: int = whole(1, low=0, high=8, help="K: dense layers before the last, each with a ReLU.")
    features: int = whole(128, low=1, high=16384, help="Outputs of each of those dense layers.")
    classes: int = whole(10, low=2, high=100_000, help="Classes that the network tells apart.")

    @property
    def formula(self) -> str:
        """The pattern with its numbers, as textbooks write it."""
        pool = "-POOL" if self.pooling else ""
        return f"[(CONV-RELU)*{self.convolutions}{pool}]*{self.blocks}-(FC-RELU)*{self.hidden}-SOFTMAX"

    def width(self, block: int) -> int:
        """How many channels a block makes, counted from 0."""
        return min(self.channels << block, MAX_CHANNELS) if self.doubling else self.channels


def build(pattern: Pattern) -> Graph:
    """The network of a pattern; blocks that shrink the image to nothing are left to `infer` to explain."""
    axes = len(pattern.shape) - 1
    if not axes and pattern.blocks:
        raise GraphError(
            f"Convolutions need an image or a signal, but the input is a row of {pattern.shape[0]} numbers. "
            "Set the number of blocks to 0, or give the input one to three sizes after its channels."
        )
    b = Builder.start(pattern.formula, "Built from the pattern builder's numbers.", pattern.shape)
    for block in range(pattern.blocks):
        for _ in range(pattern.convolutions):
            width, size = pattern.width(block), pattern.kernel_size
            b.add(f"conv{axes}d", out_channels=width, kernel_size=size, padding=size // 2)
            b.add("relu")
        if pattern.pooling:
            b.add(f"max_pool{axes}d")
    if axes:
        b.add("flatten")
    for _ in range(pattern.hidden):
        b.dense(pattern.features, relu=True)
    b.dense(pattern.classes)
    b.add("softmax")
    return b.done()
