"""The data sets that are known by name, each declared once."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from engine.data.download import RemoteFile
from engine.spec import Shape

DIGITS = tuple("0123456789")
CLOTHES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip
THINGS = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
IDX, CIFAR, SIGNALS, DRAWN = "idx", "cifar", "signals", "drawn"  # how a set is read or made


@attrs.frozen
class DataSet:
    """What is known of a data set before any of it is on the disk."""

    name: str
    title: str
    summary: str
    classes: tuple[str, ...]
    shape: Shape
    samples: tuple[int, int]  # to train and to test with
    format: str
    files: tuple[RemoteFile, ...] = ()
    mirrors: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()  # sub-folders of a data folder in which its files are looked for
    licence: str = ""
    citation: str = ""

    @property
    def generated(self) -> bool:
        """Whether it is made here, so that it needs no network."""
        return self.format in (DRAWN, SIGNALS)

    @property
    def download_bytes(self) -> int:
        return sum(file.size for file in self.files)


DATA_SETS: Mapping[str, DataSet] = {
    data.name: data
    for data in (
        DataSet(
            "digits",
            "Digits",
            "Digits drawn by the program in several hands, like MNIST's: there without any network.",
            DIGITS,
            (1, 28, 28),
            (10_000, 2_000),
            DRAWN,
            licence="made on your computer",
        ),
        DataSet(
            "mnist",
            "MNIST",
            "Handwritten digits of 500 people: the data set of most first networks.",
            DIGITS,
            (1, 28, 28),
            (60_000, 10_000),
            IDX,
            (
                RemoteFile(
                    "train-images-idx3-ubyte.gz",
                    "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                    9_912_422,
                ),
                RemoteFile(
                    "train-labels-idx1-ubyte.gz",
                    "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
                    28_881,
                ),
                RemoteFile(
                    "t10k-images-idx3-ubyte.gz",
                    "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
                    1_648_877,
                ),
                RemoteFile(
                    "t10k-labels-idx1-ubyte.gz",
                    "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
                    4_542,
                ),
            ),
            ("https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/"),
            ("mnist",),
            licence="CC BY-SA 3.0",
            citation="LeCun, Bottou, Bengio, Haffner 1998",
        ),
        DataSet(
            "fashion-mnist",
            "Fashion-MNIST",
            "Clothes instead of digits in MNIST's format, and harder to tell apart.",
            CLOTHES,
            (1, 28, 28),
            (60_000, 10_000),
            IDX,
            (
                RemoteFile(
                    "train-images-idx3-ubyte.gz",
                    "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                    26_421_880,
                ),
                RemoteFile(
                    "train-labels-idx1-ubyte.gz",
                    "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                    29_515,
                ),
                RemoteFile(
                    "t10k-images-idx3-ubyte.gz",
                    "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
                    4_422_102,
                ),
                RemoteFile(
                    "t10k-labels-idx1-ubyte.gz",
                    "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
                    5_148,
                ),
            ),
            (
                "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
                "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
            ),
            ("fashion-mnist",),
            licence="MIT",
            citation="Xiao, Rasul, Vollgraf 2017",
        ),
        DataSet(
            "cifar10",
            "CIFAR-10",
            "Small colour photos of ten kinds of animals and vehicles.",
            THINGS,
            (3, 32, 32),
            (50_000, 10_000),
            CIFAR,
            (
                RemoteFile(
                    "cifar-10-binary.tar.gz",
                    "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
                    170_052_171,
                ),
            ),
            (
                "https://www.cs.toronto.edu/~kriz/",
                "https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/",
            ),
            ("cifar10", "cifar-10", "cifar-10-batches-bin", "cifar10-subset"),
            licence="none stated by the authors",
            citation="Krizhevsky 2009",
        ),
        DataSet(
            "mnist1d",
            "MNIST-1D",
            "Digits as signals of 40 numbers, made by the published recipe: made for 1-D convolutions.",
            DIGITS,
            (1, 40),
            (4_000, 1_000),
            SIGNALS,
            folders=("mnist-1d", "mnist1d"),
            licence="Apache-2.0",
            citation="Greydanus, Kobak 2024",
        ),
    )
}
