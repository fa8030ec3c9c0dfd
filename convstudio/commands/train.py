"""Trains a network, and leaves a folder with its history, metrics and checkpoint.

    convstudio train lenet5 --data mnist --data-dir ~/data
    convstudio train deep_mnist --data-dir ~/data --augment digits --epochs 12 --schedule one_cycle --lr 3e-3
    convstudio train my-network.json --data fashion-mnist --data-dir ~/data --epochs 20 --optimizer momentum --lr 0.01
    convstudio train --resume runs/lenet5 --data-dir ~/data

Data sets are fetched when they are first asked for, unless --data-dir names a folder that holds their files; `digits`
needs no network. Ctrl-C saves and ends; --resume goes on with the same bits as if nothing had happened. With --json -
every epoch is one JSON object a line.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from convstudio.terminal import display, load_data, noticing_interruption
from engine.errors import EngineError
from engine.templates import find, template_names, templates

if TYPE_CHECKING:
    from engine.runs import Run
    from engine.trainer import Trainer


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "network", metavar="NETWORK", nargs="?", help="a template's name, or the path of a network file"
    )
    parser.add_argument(
        "--data",
        metavar="NAME",
        help="mnist, fashion-mnist, cifar10, mnist1d, digits, or the path of your own images (what suits the template)",
    )
    parser.add_argument(
        "--data-dir", metavar="DIR", default="", help="a folder that holds its files; else they are fetched once"
    )
    parser.add_argument("--epochs", type=int, metavar="N", default=6, help="how often all samples are seen (6)")
    parser.add_argument("--batch", type=int, metavar="N", default=64, help="samples in a step (64)")
    parser.add_argument("--optimizer", metavar="NAME", default="adam", help="adam (the default), sgd, momentum, ...")
    parser.add_argument(
        "--lr", type=float, metavar="RATE", help="learning rate; the optimiser's own where none is given"
    )
    parser.add_argument("--schedule", metavar="NAME", default="constant", help="constant, step, cosine, one_cycle, ...")
    parser.add_argument(
        "--augment",
        metavar="CHANGES",
        default="none",
        help="how training samples are changed at random: digits, photos, or a list such as shift=2,rotate=10,elastic",
    )
    parser.add_argument(
        "--validation",
        type=float,
        metavar="SHARE",
        default=0.05,
        help="share of the training samples that only measure, to find the best epoch (0.05)",
    )
    parser.add_argument(
        "--patience", type=int, metavar="N", default=0, help="stop after so many epochs without progress; 0: never"
    )
    parser.add_argument(
        "--seed", type=int, metavar="N", default=0, help="the same seed gives the same run, bit for bit"
    )
    parser.add_argument("--threads", type=int, metavar="N", default=0, help="threads that compute; 0: all")
    parser.add_argument("--out", metavar="DIR", help="the run's folder (runs/NETWORK, with a number where it is taken)")
    parser.add_argument("--resume", metavar="DIR", help="go on with the run in this folder")
    parser.add_argument("--json", metavar="-", help="- prints a JSON object a line instead of text")


def run(options: argparse.Namespace) -> None:
    trainer, folder = _resumed(options) if options.resume else _started(options)
    with noticing_interruption() as interruption, display(bool(options.json)) as shown:
        started = time.perf_counter()
        while not trainer.finished:
            result = trainer.step()
            shown.step(trainer, result)
            if result.finished_epoch:
                seconds = time.perf_counter() - started
                started = time.perf_counter()
                rate = trainer.samples_per_epoch / seconds
                folder.end_epoch(trainer, seconds, rate)
                shown.epoch(result.finished_epoch, seconds, rate)
            if interruption.wanted and not trainer.finished:
                folder.save(trainer)
                raise EngineError(f"Stopped and saved. Go on with: convstudio train --resume {folder.folder}")
        shown.end(str(folder.folder))


def _started(options: argparse.Namespace) -> tuple[Trainer, Run]:
    if not options.network:
        raise EngineError("train needs a network, such as convstudio train lenet5; or --resume and a run's folder.")
    from engine.augmentation import parse
    from engine.optimizers import OPTIMIZERS
    from engine.runs import Run, describe
    from engine.schedules import SCHEDULES
    from engine.settings import TrainingSettings
    from engine.trainer import Trainer

    optimizer = _chosen("optimiser", options.optimizer, OPTIMIZERS)
    settings = TrainingSettings(
        learning_rate=optimizer.rate if options.lr is None else options.lr,
        batch=options.batch,
        epochs=options.epochs,
        seed=options.seed,
        threads=options.threads,
        optimizer=optimizer(),
        schedule=_chosen("schedule", options.schedule, SCHEDULES)(),
        augmentation=parse(options.augment),
        validation_fraction=options.validation,
        patience=options.patience,
    )
    graph = find(options.network)
    data = load_data(options.data or _suiting(options.network), options.data_dir, graph)
    _use_threads(settings.threads)
    trainer = Trainer(graph, data, settings)
    place = Path(options.out) if options.out else _free_folder(Path("runs") / Path(options.network).stem)
    return trainer, Run.create(place, graph, settings, describe(data))


def _resumed(options: argparse.Namespace) -> tuple[Trainer, Run]:
    from engine import graph as graphs
    from engine.runs import NETWORK, Run
    from engine.trainer import Trainer

    folder = Run.open(options.resume)
    checkpoint = folder.checkpoint()
    graph = graphs.load(folder.folder / NETWORK)
    data = load_data(str(options.data or folder.about.get("name", "mnist")), options.data_dir, graph)
    _use_threads(options.threads)
    trainer = Trainer(graph, data, checkpoint.settings)
    trainer.restore(checkpoint.state)
    return trainer, folder


def _suiting(network: str) -> str:
    """The data set whose samples a template takes; networks of one's own are tried on MNIST."""
    return (templates()[network].data if network in template_names() else "") or "mnist"


def _use_threads(threads: int) -> None:
    from engine import jit

    jit.set_threads(threads or jit.MAX_THREADS)


def _chosen(what: str, name: str, known: Any) -> Any:
    if name not in known:
        raise EngineError(f"There is no {what} {name!r}; there are {', '.join(known)}.")
    return known[name]


def _free_folder(wanted: Path) -> Path:
    number, place = 1, wanted
    while place.exists():
        number += 1
        place = wanted.with_name(f"{wanted.name}-{number}")
    return place
