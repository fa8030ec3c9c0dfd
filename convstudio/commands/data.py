"""The data sets: what is there, fetching one, checking its files, and a picture of its samples.

    convstudio data                            every data set, and where it is
    convstudio data download mnist             fetches it into the program's own folder, once
    convstudio data verify mnist               compares its files with the published hashes
    convstudio data sheet digits sheet.png     samples of every class as one picture
    convstudio data report photos/             which files of a folder of your own could not be read

NAME is a data set's name, or the path of your own images: a folder with a sub-folder for each class, a CSV file with a
path and a label in each line, or an .npz file with arrays x and y. --data-dir names a folder of files that you have.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from convstudio.wording import sizes, thousands
from engine.errors import DataError, EngineError

if TYPE_CHECKING:
    from engine.data.sets import DataSet

PER_CLASS = 12


def arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    for name, (_, text) in ACTIONS.items():
        action = actions.add_parser(name, help=text, description=text)
        action.add_argument("name", metavar="NAME", help="a data set, or the path of images of your own")
        if name == "sheet":
            action.add_argument("out", metavar="OUT.png", help="the picture to write")
            action.add_argument(
                "--per-class", type=int, metavar="N", default=PER_CLASS, help=f"samples in a row ({PER_CLASS})"
            )
            action.add_argument("--part", choices=("train", "test"), default="train", help="which part (train)")
        if name != "download":
            action.add_argument(  # SUPPRESS: or its default would undo a --data-dir before the action
                "--data-dir", metavar="DIR", default=argparse.SUPPRESS, help="the folder that holds the files"
            )
    parser.add_argument("--data-dir", metavar="DIR", default="", help="a folder of files that you have already")


def run(options: argparse.Namespace) -> None:
    ACTIONS[options.action][0](options) if options.action else _list(options)


def _list(options: argparse.Namespace) -> None:
    from rich.console import Console
    from rich.table import Table

    from engine.data.places import place_of
    from engine.data.sets import DATA_SETS

    table = Table(box=None, header_style="bold", pad_edge=False)
    for title, justify in (("Name", "left"), ("Sample", "right"), ("To train", "right"), ("To test", "right")):
        table.add_column(title, justify=justify)  # type: ignore[arg-type]
    table.add_column("Where")
    for data in DATA_SETS.values():
        place = place_of(data, options.data_dir) or place_of(data)
        download = f"not here yet: {data.download_bytes / 1e6:.0f} MB to download"
        where = str(place) if place else ("made by the program" if data.generated else download)
        table.add_row(data.name, sizes(data.shape), *map(thousands, data.samples), where)
    console = Console()
    if not console.is_terminal:
        console = Console(width=140)
    console.print(table, highlight=False)


def _known(name: str) -> DataSet:
    from engine.data.sets import DATA_SETS

    if name not in DATA_SETS:
        raise DataError(f"There is no data set {name!r}; there are {', '.join(DATA_SETS)}.")
    return DATA_SETS[name]


def _download(options: argparse.Namespace) -> None:
    from convstudio.terminal import fetching, noticing_interruption
    from engine.data.catalogue import download

    data = _known(options.name)
    with noticing_interruption() as interruption, fetching(data.title) as told:
        folder = download(data, progress=told, wanted=lambda: not interruption.wanted)
    print(f"{data.title} is in {folder}.")


def _verify(options: argparse.Namespace) -> None:
    from engine.data.catalogue import verify

    data = _known(options.name)
    if not data.files:
        raise EngineError(f"{data.title} is made on your computer; there are no published files to compare with.")
    problems = verify(data, options.data_dir)
    if problems:
        raise EngineError(" ".join(problems))
    print(f"All {len(data.files)} files of {data.title} are as they were published.")


def _sheet(options: argparse.Namespace) -> None:
    from PIL import Image

    from engine.data.catalogue import load
    from engine.data.sheet import sheet

    if options.per_class < 1:
        raise EngineError(f"--per-class must be a whole number from 1; {options.per_class} was given.")
    data = load(options.name, options.data_dir)
    pixels = sheet(data, options.part, options.per_class)
    try:
        Image.fromarray(pixels).save(options.out)
    except (OSError, ValueError) as problem:
        raise EngineError(f"{options.out} could not be written: {problem}. Name a file such as sheet.png.") from problem
    print(f"{options.out} shows {len(data.classes)} classes of {data.title}, one a row: {', '.join(data.classes)}.")


def _report(options: argparse.Namespace) -> None:
    from engine.data.catalogue import load

    data = load(options.name, options.data_dir)
    for sentence in data.report:
        print(sentence)
    train, test = (thousands(len(part.labels)) for part in (data.train, data.test))
    print(f"{data.title}: {train} samples to train and {test} to test with, {sizes(data.shape)} each.")
    for name, count in zip(data.classes, data.histogram("train"), strict=True):
        print(f"{name:20} {thousands(int(count)):>9}")


ACTIONS: dict[str, tuple[Callable[[argparse.Namespace], None], str]] = {
    "download": (_download, "Fetches a data set into the program's own folder, once."),
    "verify": (_verify, "Compares the files of a data set with the hashes that were published."),
    "sheet": (_sheet, "Writes a picture with samples of every class, one class a row."),
    "report": (_report, "Says how many samples each class has, and which files could not be read."),
}
