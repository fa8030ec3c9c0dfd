"""Well-known networks, built from layers; `resources/templates` holds what these functions make."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import attrs

from engine.graph import Graph
from engine.layout import laid_out
from engine.spec import Layer, make


@attrs.define
class Builder:
    """A graph that grows at its end; every method returns the name of the node that it added."""

    graph: Graph
    last: str = ""

    @classmethod
    def start(cls, title: str, description: str, shape: tuple[int, ...]) -> Builder:
        graph = Graph(name=title, description=description).add(make("input", shape=shape), id="input")
        return cls(graph, "input")

    def add(self, kind: str, *sources: str, id: str = "", **settings: Any) -> str:
        return self.put(make(kind, **settings), *sources, id=id)

    def put(self, layer: Layer, *sources: str, id: str = "") -> str:
        self.graph = self.graph.add(layer, *(sources or (self.last,)), id=id or self.graph.free_id(layer.kind))
        self.last = self.graph.nodes[-1].id
        return self.last

    def conv(
        self, channels: int, kernel: int, *, norm: bool = False, relu: bool = True, name: str = "", **settings: Any
    ) -> str:
        """A convolution with what usually follows it."""
        self.add("conv2d", id=name, out_channels=channels, kernel_size=kernel, bias=not norm, **settings)
        if norm:
            self.add("batch_norm", id=f"{name}_bn" if name else "")
        if relu:
            self.add("relu", id=f"{name}_relu" if name else "")
        return self.last

    def dense(self, features: int, *, relu: bool = False, initial: str = "he_normal") -> str:
        self.add("dense", out_features=features, initial=initial)
        return self.add("relu") if relu else self.last

    def done(self) -> Graph:
        return laid_out(self.graph)


def mlp() -> Graph:
    b = Builder.start(
        "MLP", "Two dense layers, no convolution: what networks were before they looked at images.", (1, 28, 28)
    )
    b.add("flatten")
    b.dense(300, relu=True)
    b.dense(10)
    return b.done()


def lenet5() -> Graph:
    b = Builder.start(
        "LeNet-5", "LeCun's network of 1998 that read cheques, with today's ReLU and max pooling.", (1, 28, 28)
    )
    b.conv(6, 5, padding=2)
    b.add("max_pool2d")
    b.conv(16, 5)
    b.add("max_pool2d")
    b.add("flatten")
    b.dense(120, relu=True)
    b.dense(84, relu=True)
    b.dense(10)
    return b.done()


def mnist_cnn() -> Graph:
    b = Builder.start("MNIST CNN", "Two convolutions, two dropouts: the first network of many tutorials.", (1, 28, 28))
    b.conv(32, 3)
    b.conv(64, 3)
    b.add("max_pool2d")
    b.add("dropout", p=0.25)
    b.add("flatten")
    b.dense(128, relu=True)
    b.add("dropout", p=0.5)
    b.dense(10)
    return b.done()


def deep_mnist() -> Graph:
    b = Builder.start("Deep MNIST", "Four convolutions with batch norm, small enough to train in minutes.", (1, 28, 28))
    for channels, kernel in ((32, 5), (64, 3)):
        b.conv(channels, kernel)
        b.conv(channels, kernel)
        b.add("batch_norm")
        b.add("max_pool2d")
    b.add("flatten")
    b.dense(10, initial="zeros")  # it begins undecided: batch norm's large numbers would make it sure of wrong answers
    return b.done()


def all_convolutional() -> Graph:
    b = Builder.start(
        "All-convolutional",
        "Strides instead of pooling, a 1 × 1 convolution and a mean instead of dense layers.",
        (3, 32, 32),
    )
    for channels in (96, 192):
        b.conv(channels, 3, padding=1)
        b.conv(channels, 3, padding=1)
        b.conv(channels, 3, padding=1, stride=2)
    b.conv(192, 3, padding=1)
    b.conv(192, 1)
    b.conv(10, 1)
    b.add("global_avg_pool")
    b.add("flatten")
    return b.done()


def mnist1d_cnn() -> Graph:
    b = Builder.start("MNIST-1D CNN", "Four 1-D convolutions with batch norm for signals of 40 values.", (1, 40))
    for kernel, stride in ((5, 1), (5, 2), (3, 1), (3, 2)):
        b.add("conv1d", out_channels=32, kernel_size=kernel, stride=stride, padding=kernel // 2, bias=False)
        b.add("batch_norm")
        b.add("relu")
    b.add("flatten")
    b.add("dropout", p=0.3)
    b.dense(10)
    return b.done()


def alexnet() -> Graph:
    b = Builder.start("AlexNet", "The network that won ImageNet in 2012, in its single-tower form.", (3, 224, 224))
    b.conv(64, 11, stride=4, padding=2)
    b.add("max_pool2d", kernel_size=3, stride=2)
    b.conv(192, 5, padding=2)
    b.add("max_pool2d", kernel_size=3, stride=2)
    for channels in (384, 256, 256):
        b.conv(channels, 3, padding=1)
    b.add("max_pool2d", kernel_size=3, stride=2)
    b.add("adaptive_avg_pool2d", output_size=6)
    b.add("flatten")
    for _ in range(2):
        b.add("dropout", p=0.5)
        b.dense(4096, relu=True)
    b.dense(1000)
    return b.done()


def _vgg(title: str, blocks: Iterable[tuple[int, int]]) -> Graph:
    b = Builder.start(title, "Nothing but 3 × 3 convolutions and pooling, one after the other (2014).", (3, 224, 224))
    for channels, count in blocks:
        for _ in range(count):
            b.conv(channels, 3, padding=1)
        b.add("max_pool2d")
    b.add("flatten")
    for _ in range(2):
        b.dense(4096, relu=True)
        b.add("dropout", p=0.5)
    b.dense(1000)
    return b.done()


def vgg11() -> Graph:
    return _vgg("VGG-11", ((64, 1), (128, 1), (256, 2), (512, 2), (512, 2)))


def vgg16() -> Graph:
    return _vgg("VGG-16", ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)))


def _skip(b: Builder, entry: str, body: str, channels: int, stride: int, name: str, project: bool) -> None:
    """The way round a residual block: the input itself, or a 1 x 1 convolution where shapes differ."""
    if project:
        b.last = entry
        entry = b.conv(channels, 1, stride=stride, norm=True, relu=False, name=f"{name}_skip")
    b.add("add", body, entry, id=f"{name}_add")
    b.add("relu", id=f"{name}_out")


def _basic_blocks(b: Builder, stages: Iterable[tuple[int, int, int]], width: int) -> None:
    for stage, (channels, count, first) in enumerate(stages, 1):
        for k in range(count):
            name, entry, stride = f"block{stage}_{k + 1}", b.last, first if k == 0 else 1
            b.conv(channels, 3, stride=stride, padding=1, norm=True, name=f"{name}_conv1")
            body = b.conv(channels, 3, padding=1, norm=True, relu=False, name=f"{name}_conv2")
            _skip(b, entry, body, channels, stride, name, stride != 1 or width != channels)
            width = channels


def resnet20() -> Graph:
    b = Builder.start(
        "ResNet-20", "Residual blocks for small images: each block learns what to add to its input.", (3, 32, 32)
    )
    b.conv(16, 3, padding=1, norm=True, name="conv1")
    _basic_blocks(b, ((16, 3, 1), (32, 3, 2), (64, 3, 2)), 16)
    b.add("global_avg_pool")
    b.add("flatten")
    b.dense(10)
    return b.done()


def _resnet_start(title: str) -> Builder:
    b = Builder.start(title, "Residual blocks for photographs: ImageNet's winner of 2015.", (3, 224, 224))
    b.conv(64, 7, stride=2, padding=3, norm=True, name="conv1")
    b.add("max_pool2d", kernel_size=3, stride=2, padding=1)
    return b


def _resnet_end(b: Builder) -> Graph:
    b.add("global_avg_pool")
    b.add("flatten")
    b.dense(1000)
    return b.done()


def resnet18() -> Graph:
    b = _resnet_start("ResNet-18")
    _basic_blocks(b, ((64, 2, 1), (128, 2, 2), (256, 2, 2), (512, 2, 2)), 64)
    return _resnet_end(b)


def resnet50() -> Graph:
    b = _resnet_start("ResNet-50")
    for stage, (channels, count, first) in enumerate(((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)), 1):
        for k in range(count):
            name, entry, stride = f"block{stage}_{k + 1}", b.last, first if k == 0 else 1
            b.conv(channels, 1, norm=True, name=f"{name}_conv1")
            b.conv(channels, 3, stride=stride, padding=1, norm=True, name=f"{name}_conv2")
            body = b.conv(4 * channels, 1, norm=True, relu=False, name=f"{name}_conv3")
            _skip(b, entry, body, 4 * channels, stride, name, k == 0)
    return _resnet_end(b)


INCEPTIONS = {  # 1x1; 3x3 reduced, 3x3; 5x5 reduced, 5x5; pooled (torchvision's branches, whose "5x5" is a 3x3)
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}


def _inception(b: Builder, name: str) -> None:
    one, three_in, three, five_in, five, pooled = INCEPTIONS[name]
    entry, name = b.last, f"inception{name}"
    ends = [b.conv(one, 1, norm=True, name=f"{name}_1x1")]
    for branch, reduced, channels in (("3x3", three_in, three), ("5x5", five_in, five)):
        b.last = entry
        b.conv(reduced, 1, norm=True, name=f"{name}_{branch}_reduce")
        ends.append(b.conv(channels, 3, padding=1, norm=True, name=f"{name}_{branch}"))
    b.last = entry
    b.add("max_pool2d", id=f"{name}_pool", kernel_size=3, stride=1, padding=1, ceil_mode=True)
    ends.append(b.conv(pooled, 1, norm=True, name=f"{name}_pooled"))
    b.add("concatenate", *ends, id=f"{name}_join")


def googlenet() -> Graph:
    b = Builder.start(
        "GoogLeNet", "Inception v1: kernels of several sizes side by side, with batch norm (2014).", (3, 224, 224)
    )
    b.conv(64, 7, stride=2, padding=3, norm=True, name="conv1")
    b.add("max_pool2d", kernel_size=3, stride=2, ceil_mode=True)
    b.conv(64, 1, norm=True, name="conv2")
    b.conv(192, 3, padding=1, norm=True, name="conv3")
    b.add("max_pool2d", kernel_size=3, stride=2, ceil_mode=True)
    for name in INCEPTIONS:
        if name == "4a":
            b.add("max_pool2d", kernel_size=3, stride=2, ceil_mode=True)
        if name == "5a":
            b.add("max_pool2d", kernel_size=2, stride=2, ceil_mode=True)
        _inception(b, name)
    b.add("global_avg_pool")
    b.add("flatten")
    b.add("dropout", p=0.2)
    b.dense(1000)
    return b.done()


def mobilenet() -> Graph:
    b = Builder.start("MobileNet v1", "Depthwise separable convolutions: a ninth of the work (2017).", (3, 224, 224))
    b.conv(32, 3, stride=2, padding=1, norm=True, name="conv1")
    width = 32
    plan = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *((512, 1),) * 5, (1024, 2), (1024, 1))
    for k, (channels, stride) in enumerate(plan, 1):
        b.conv(width, 3, stride=stride, padding=1, groups=width, norm=True, name=f"block{k}_depthwise")
        b.conv(channels, 1, norm=True, name=f"block{k}_pointwise")
        width = channels
    b.add("global_avg_pool")
    b.add("flatten")
    b.dense(1000)
    return b.done()


def unet() -> Graph:
    b = Builder.start(
        "U-Net", "Shrinks, grows again, and hands details across: one answer for every pixel (2015).", (1, 64, 64)
    )
    levels = []
    for k, channels in enumerate((16, 32, 64), 1):
        b.conv(channels, 3, padding=1, name=f"down{k}_conv1")
        levels.append((channels, b.conv(channels, 3, padding=1, name=f"down{k}_conv2")))
        b.add("max_pool2d", id=f"down{k}_pool")
    b.conv(128, 3, padding=1, name="bottom_conv1")
    b.conv(128, 3, padding=1, name="bottom_conv2")
    for k, (channels, level) in reversed(list(enumerate(levels, 1))):
        grown = b.add("transposed_conv2d", id=f"up{k}_grow", out_channels=channels)
        b.add("concatenate", level, grown, id=f"up{k}_join")
        b.conv(channels, 3, padding=1, name=f"up{k}_conv1")
        b.conv(channels, 3, padding=1, name=f"up{k}_conv2")
    b.add("conv2d", id="classes", out_channels=2, kernel_size=1)
    return b.done()


def autoencoder() -> Graph:
    b = Builder.start(
        "Convolutional autoencoder", "Squeezes a digit into 16 × 4 × 4 numbers and draws it again.", (1, 28, 28)
    )
    b.conv(16, 3, stride=2, padding=1)
    b.conv(32, 3, stride=2, padding=1)
    b.conv(16, 3, stride=2, padding=1)
    b.add("transposed_conv2d", out_channels=32, kernel_size=3, stride=2, padding=1)
    b.add("relu")
    b.add("transposed_conv2d", out_channels=16, kernel_size=2, stride=2)
    b.add("relu")
    b.add("transposed_conv2d", out_channels=1, kernel_size=2, stride=2)
    return b.done()


ARCHITECTURES: dict[str, Callable[[], Graph]] = {
    f.__name__: f
    for f in (
        mlp, lenet5, mnist_cnn, deep_mnist, all_convolutional, mnist1d_cnn, alexnet, vgg11, vgg16, resnet18, resnet20,
        resnet50, googlenet, mobilenet, unet, autoencoder,
    )
}  # fmt: skip
