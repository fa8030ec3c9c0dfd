"""A run's folder, made for other tools to read; `engine.run_files` says what it holds."""

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
from engine.graph import Graph
from engine.network import Network
from engine.progress import EpochResult
from engine.run_files import (
    BEST,
    COLUMNS,
    CONFIG,
    FORMAT,
    HISTORY,
    LAST,
    METRICS,
    NETWORK,
    VERSION,
    RunError,
    read_config,
    read_timings,
    write_config,
)
from engine.settings import TrainingSettings, settings_from_json
from engine.trainer import Trainer


def describe(data: Any) -> dict[str, Any]:
    """What a run remembers of its data, so that its network can be used without them."""
    images = data.train.images
    facts: dict[str, Any] = {"samples": len(images), "shape": list(images.shape[1:]), "bytes": images.dtype == np.uint8}
    for name in ("mean", "std"):
        facts[name] = [float(v) for v in np.broadcast_to(np.asarray(getattr(data, name)), images.shape[1])]
    known = {"name": getattr(data, "name", ""), "classes": list(getattr(data, "classes", ()))}
    return {**{key: value for key, value in known.items() if value}, **facts}


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
        write_config(place, config)  # first: by what is in it a run is known
        write_text(place / NETWORK, graphs.dumps(graph))
        return cls(place, dict(data))

    @classmethod
    def open(cls, folder: Path | str) -> Run:
        """A run that is there."""
        place = Path(folder)
        run = cls(place, read_config(place)["data"])
        run._timings = read_timings(place)
        return run

    def settings(self) -> TrainingSettings:
        """How the network was trained."""
        return settings_from_json(read_config(self.folder).get("training"))

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


__all__ = ["NETWORK", "Run", "RunError", "describe"]
