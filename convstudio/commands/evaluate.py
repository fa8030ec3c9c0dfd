"""Measures a trained network: loss, accuracy, and for each class how often it is found and how often guessed rightly.

RUN is the folder of a run; its best epoch is measured. The data are those of the run, or others with --data.

    convstudio evaluate runs/lenet5 --data-dir ~/data
    convstudio evaluate runs/lenet5 --data mnist --data-dir ~/data --part train --json
"""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from convstudio.terminal import load_data
from convstudio.wording import class_names
from engine.errors import EngineError

if TYPE_CHECKING:
    from engine.metrics import Evaluation


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="RUN", help="the folder of a run")
    parser.add_argument("--data", metavar="NAME", help="the data set; the run's own where none is named")
    parser.add_argument("--data-dir", metavar="DIR", default="", help="the folder that holds its files")
    parser.add_argument("--part", choices=("test", "train"), default="test", help="which part is measured (test)")
    parser.add_argument("--json", action="store_true", help="print a JSON object instead of tables")


def run(options: argparse.Namespace) -> None:
    from engine.evaluation import evaluate
    from engine.runs import Run

    trained = Run.open(options.folder)
    name = options.data or trained.about.get("name")
    if not name:
        raise EngineError(f"{options.folder} does not say what it was trained on. Name the data set with --data.")
    network, about = trained.network(), trained.about
    data = load_data(str(name), options.data_dir, network.graph)
    part = data.train if options.part == "train" else data.test
    mean, std = about.get("mean", data.mean), about.get("std", data.std)  # what the network was trained with
    result = evaluate(network, part, mean, std, trained.settings().make_loss())
    if options.json:
        print(json.dumps({"run": str(options.folder), "data": data.name, "part": options.part, **result.to_json()}))
    else:
        _print_tables(result, data.classes, f"{options.folder} on the {options.part} part of {data.title}")


def _print_tables(result: Evaluation, classes: tuple[str, ...], title: str) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    accuracy = "" if result.top1 is None else f" · accuracy {100 * result.top1:.2f} %"
    top5 = "" if result.top5 is None or len(classes) <= 5 else f" · among the best five {100 * result.top5:.2f} %"
    console.print(f"{title}: loss {result.loss:.4f}{accuracy}{top5} · {result.samples} samples", highlight=False)
    if result.confusion is None:
        return
    table = Table(box=None, header_style="bold", pad_edge=False, title="Right class below, guessed class across")
    names = class_names(classes, len(result.confusion))
    for column in ("Class", *(name[:8] for name in names), "Recall", "Precision"):
        table.add_column(column, justify="left" if column == "Class" else "right")
    for k, row in enumerate(result.confusion):
        shares = (result.recall()[k], result.precision()[k])
        cells = [str(n) if n else "·" for n in row]
        table.add_row(names[k], *cells, *("" if share is None else f"{100 * share:.1f} %" for share in shares))
    console.print(table)
