"""A run's folder, made for other tools to read.

config.json   what was asked for: network, settings, data
network.json  the network file
history.csv   one line an epoch
last.safetensors, best.safetensors   checkpoint to go on from, and the best epoch's numbers alone
metrics.json  how the best epoch did: accuracy, confusion matrix, precision and recall for each part
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file
from safetensors.numpy import save as tensors_to_bytes

from engine import checkpoint as checkpoints
from engine import graph as graphs
from engine.atomic import SaveError, write_atomically, write_text
from engine.checkpoint import Checkpoint
from engine.errors import EngineError
from engine.graph import Graph
from engine.network import Network
from engine.progress import EpochResult
from engine.settings import TrainingSettings, settings_from_json
from engine.trainer import Trainer

CONFIG, NETWORK, HISTORY, METRICS = "config.json", "network.json", "history.csv", "metrics.json"
LAST, BEST = "last.safetensors", "best.safetensors"
FORMAT, VERSION = "convstudio-run", 1
TIMING = ("seconds", "samples_per_second")  # measured by whoever drives the trainer, which has no clock
COLUMNS = (*(field.name for field in attrs.fields(EpochResult)), *TIMING)


class RunError(EngineError):
    """A folder that is no run, or holds one already."""


def describe(data: Any) -> dict[str, Any]:
    """What a run remembers of its data, so that its network can be used without them."""
    images = data.train.images
    facts: dict[str, Any] = {"samples": len(images), "shape": list(images.shape[1:]), "bytes": images.dtype == np.uint8}
    for name in ("mean", "std"):
        facts[name] = [float(v) for v in np.broadcast_to(np.asarray(getattr(data, name)), images.shape[1])]
    known = {"name": getattr(data, "name", ""), "classes": list(getattr(data, "classes", ()))}
    return {**{key: value for key, value in known.items() if value}, **facts}


def _config(place: Path) -> dict[str, Any]:
    try:
        config = json.loads((place / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as problem:
        raise RunError(f"{place} is no folder of a run: its {CONFIG} cannot be read.") from problem
    if not isinstance(config, dict) or config.get("format") != FORMAT or not isinstance(config.get("data"), dict):
        raise RunError(f"{place} is no folder of a run: its {CONFIG} describes something else.")
    return config


class Run:
    """The folder of one run."""

    def __init__(self, folder: Path, about: Mapping[str, Any]) -> None:
        self.folder, self.about = folder, about
        self._timings: dict[int, tuple[float, float]] = {}

    @classmethod
    def create(cls, folder: Path | str, graph: Graph, settings: TrainingSettings, data: Mapping[str, Any]) -> Run:
        """A new folder with what was asked for; `data` describes the data set in plain values."""
        place = Path(folder)
        if (place / CONFIG).exists():
            raise RunError(f"{place} holds a run already. Resume it, or choose another folder.")
        try:
            place.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise SaveError(f"The folder {place} could not be made: {problem.strerror}.") from problem
        config = {
            "format": FORMAT,
            "version": VERSION,
            "network": NETWORK,
            "network_name": graph.name,
            "data": dict(data),
            "training": settings.to_json(),
        }
        write_text(place / NETWORK, graphs.dumps(graph))
        write_text(place / CONFIG, json.dumps(config, indent=2, ensure_ascii=False) + "\n")
        return cls(place, dict(data))

    @classmethod
    def open(cls, folder: Path | str) -> Run:
        """A run that is there."""
        place = Path(folder)
        run = cls(place, _config(place)["data"])
        run._read_timings()
        return run

    def settings(self) -> TrainingSettings:
        """How the network was trained."""
        return settings_from_json(_config(self.folder).get("training"))

    def checkpoint(self) -> Checkpoint:
        """Where the run can be taken up again."""
        if not (self.folder / LAST).exists():
            raise RunError(f"{self.folder} has no checkpoint yet, so there is nothing to go on from. Start it anew.")
        return checkpoints.load(self.folder / LAST)

    def network(self) -> Network:
        """The trained network: of the best epoch, or of the last where no best was kept."""
        graph = graphs.load(self.folder / NETWORK)
        network = Network(graph)
        if (self.folder / BEST).exists():
            try:
                arrays = load_file(self.folder / BEST)
            except (OSError, ValueError, SafetensorError) as problem:
                raise RunError(f"{self.folder / BEST} is damaged: {problem}.") from problem
        else:
            arrays = self.checkpoint().arrays
        missing = checkpoints.put_arrays(network.store.arrays, arrays)
        if missing:
            raise RunError(f"{self.folder} holds no numbers for {missing[0]}, which its network has.")
        return network

    def save(self, trainer: Trainer) -> None:
        """Writes the checkpoint to go on from."""
        checkpoints.save(checkpoints.capture(trainer, self.about), self.folder / LAST)

    def end_epoch(self, trainer: Trainer, seconds: float, samples_per_second: float) -> None:
        """Writes history, the numbers and metrics of an epoch that was the best so far, and the checkpoint.

        The checkpoint comes last: whoever goes on from the one before it writes all of this again, with the same bits.
        """
        captured = checkpoints.capture(trainer, self.about)
        epoch = trainer.progress.epoch
        self._timings[epoch] = seconds, samples_per_second
        write_text(self.folder / HISTORY, self._history(trainer.history))
        if trainer.progress.best_epoch == epoch:
            if trainer.settings.keep_best:
                data = tensors_to_bytes(trainer.best_arrays, metadata={"epoch": str(epoch)})
                write_atomically(self.folder / BEST, [data])
            self._write_metrics(trainer)
        checkpoints.save(captured, self.folder / LAST)

    def _write_metrics(self, trainer: Trainer) -> None:
        parts = {name: evaluation.to_json() for name, evaluation in trainer.best_evaluations.items()}
        metrics = {"epoch": trainer.progress.best_epoch, "steps": trainer.progress.steps, **parts}
        write_text(self.folder / METRICS, json.dumps(metrics, indent=2) + "\n")

    def _history(self, results: list[EpochResult]) -> str:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(COLUMNS)
        for result in results:
            times = self._timings.get(result.epoch, ("", ""))
            writer.writerow(["" if value is None else value for value in (*attrs.astuple(result), *times)])
        return text.getvalue()

    def _read_timings(self) -> None:
        """Earlier epochs keep their times; lines that somebody changed by hand lose them."""
        try:
            lines = list(csv.DictReader((self.folder / HISTORY).read_text(encoding="utf-8").splitlines()))
        except (OSError, UnicodeDecodeError, csv.Error):
            return
        for line in lines:
            try:
                self._timings[int(line["epoch"])] = float(line[TIMING[0]]), float(line[TIMING[1]])
            except (KeyError, TypeError, ValueError):
                continue
