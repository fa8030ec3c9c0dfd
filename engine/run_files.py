"""What a run's folder holds, read without loading what computes: for the window, and for tables of runs.

config.json   what was asked for: network, settings, data
network.json  the network file
history.csv   one line an epoch
last.safetensors, best.safetensors   checkpoint to go on from, and the best epoch's numbers alone
metrics.json  how the best epoch did: accuracy, confusion matrix, precision and recall for each part
curve.npy     the loss of every step, where a window was watching
marks.csv     what was changed in the middle of the run, and after which step; missing where nothing was
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import attrs

from engine import graph as graphs
from engine.atomic import write_text
from engine.errors import EngineError
from engine.graph import Graph
from engine.mishaps import in_words
from engine.progress import EpochResult
from engine.settings import TrainingSettings, settings_from_json

CONFIG, NETWORK, HISTORY, METRICS, CURVE = "config.json", "network.json", "history.csv", "metrics.json", "curve.npy"
MARKS = "marks.csv"
LAST, BEST = "last.safetensors", "best.safetensors"
FILES = (CONFIG, NETWORK, HISTORY, METRICS, CURVE, MARKS, LAST, BEST)
FORMAT, VERSION = "convstudio-run", 1
CHECKPOINT_KEY = "convstudio"  # of what a checkpoint says beside its numbers
TIMING = ("seconds", "samples_per_second")  # measured by whoever drives the trainer, which has no clock
COLUMNS = (*(field.name for field in attrs.fields(EpochResult)), *TIMING)
MARK_COLUMNS = "step", "change"
MOST_MARKS, LONGEST_MARK = 10_000, 200  # that are read: a file that somebody else wrote would fill the charts
MOST_BYTES = 64 << 20  # of a text file in the folder: more is not ours
LONGEST_TITLE = 120


class RunError(EngineError):
    """A folder that is no run, or holds one already."""


@attrs.frozen
class Mark:
    """Something that changed in the middle of a run, after a step."""

    step: int
    text: str


@attrs.frozen
class RunSummary:
    """One line of the table of runs."""

    folder: Path
    title: str
    network_name: str
    data: Mapping[str, Any]
    settings: TrainingSettings
    history: tuple[EpochResult, ...]
    seconds: float  # of training, as far as it was measured
    samples_per_second: float
    written: float  # when its newest file was, in seconds since 1970
    can_go_on: bool
    layers: str = ""  # a mark of the network's layers and wires: equal where these are

    @property
    def best(self) -> EpochResult | None:
        """The epoch whose numbers are kept: by validation, or by training where nothing was set aside."""
        return max(self.history, key=_merit, default=None)

    def graph(self) -> Graph:
        """The network that was trained."""
        return graphs.load(self.folder / NETWORK)

    def settings_reached(self) -> TrainingSettings:
        """Those of the last checkpoint: learning rate and batch may have been turned since the run began."""
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(str(self.folder / LAST), framework="numpy") as file:
                return settings_from_json(json.loads((file.metadata() or {})[CHECKPOINT_KEY])["settings"])
        except (OSError, SafetensorError, ValueError, LookupError, TypeError, RecursionError, EngineError):
            return self.settings  # whoever goes on from it is told what is wrong with it


@attrs.frozen
class BrokenRun:
    """A folder of a run that cannot be read any more, and why."""

    folder: Path
    why: str
    written: float

    @property
    def title(self) -> str:
        return self.folder.name


def _merit(result: EpochResult) -> tuple[float, float]:
    accuracy = result.train_accuracy if result.validation_accuracy is None else result.validation_accuracy
    loss = result.train_loss if result.validation_loss is None else result.validation_loss
    return (0.0 if accuracy is None else accuracy), -loss


def read_config(place: Path) -> dict[str, Any]:
    """What the run was asked to do, or a sentence."""
    try:
        config = json.loads(_text(place / CONFIG))
    except (OSError, ValueError, RecursionError) as problem:
        raise RunError(f"{place} is no folder of a run: its {CONFIG} cannot be read.") from problem
    if not isinstance(config, dict) or config.get("format") != FORMAT or not isinstance(config.get("data"), dict):
        raise RunError(f"{place} is no folder of a run: its {CONFIG} describes something else.")
    return config


def write_config(place: Path, config: Mapping[str, Any]) -> None:
    """Writes it, whole or not at all."""
    write_text(place / CONFIG, json.dumps(config, indent=2, ensure_ascii=False) + "\n")


def rename(place: Path, title: str) -> None:
    """Gives a run a name of the user's; its folder keeps its own."""
    write_config(place, {**read_config(place), "title": title.strip()[:LONGEST_TITLE]})


def read_timings(place: Path) -> dict[int, tuple[float, float]]:
    """Seconds and samples a second of each epoch; lines that somebody changed by hand have none."""
    found = {}
    for line in _lines(place / HISTORY):
        try:
            found[int(line["epoch"])] = float(line[TIMING[0]]), float(line[TIMING[1]])
        except (KeyError, TypeError, ValueError):
            continue
    return found


def write_marks(place: Path, marks: Sequence[Mark]) -> None:
    """Keeps what was changed in a run's folder; a run in which nothing was has no such file."""
    if marks or (place / MARKS).exists():
        write_text(place / MARKS, _csv([MARK_COLUMNS, *map(attrs.astuple, marks)]))


def read_marks(place: Path) -> list[Mark]:
    """What was changed in the middle of a run, in the order of its steps; lines that say nothing are left out."""
    found = []
    for line in _lines(place / MARKS)[:MOST_MARKS]:
        step, text = (line.get(name) or "" for name in MARK_COLUMNS)
        if step.isdecimal() and text.strip():
            found.append(Mark(int(step), text.strip()[:LONGEST_MARK]))
    return sorted(found, key=lambda mark: mark.step)


def summary(place: Path) -> RunSummary:
    """All that a table of runs shows of one."""
    config, timings = read_config(place), read_timings(place)
    name, title = config.get("network_name"), config.get("title")
    seconds = sum(time for time, _ in timings.values())
    rates = [rate for _, rate in timings.values()]
    grown = [path for path in (place / HISTORY, place / LAST) if path.exists()] or [
        place / CONFIG
    ]  # a new name is no news
    written = max(path.stat().st_mtime for path in grown)
    return RunSummary(
        folder=place,
        title=title if isinstance(title, str) and title else place.name,
        network_name=name if isinstance(name, str) else "",
        data=config["data"],
        settings=settings_from_json(config.get("training")),
        history=tuple(_results(_lines(place / HISTORY))),
        seconds=seconds,
        samples_per_second=sum(rates) / len(rates) if rates else 0.0,
        written=written,
        can_go_on=(place / LAST).is_file(),
        layers=_mark_of_layers(place / NETWORK),
    )


def _mark_of_layers(path: Path) -> str:
    """Where layers stand on the canvas does not matter; a network that cannot be read is told where it is wanted."""
    try:
        network = json.loads(_text(path))
        layers = [{**node, "position": None} for node in network["nodes"]]
        return sha256(json.dumps([layers, network["edges"]], sort_keys=True).encode()).hexdigest()
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return ""


def listing(base: Path) -> list[RunSummary | BrokenRun]:
    """Every run in a folder, the newest first, also those that cannot be read; what is none of ours is left out."""
    found: list[RunSummary | BrokenRun] = []
    for place in base.iterdir() if base.is_dir() else ():
        try:
            found.append(summary(place))
        except Exception as problem:  # noqa: BLE001  (one that is broken hides no others)
            if _may_be_ours(place):
                found.append(BrokenRun(place, in_words(f"Reading {place}", problem), _changed_at(place)))
    return sorted(found, key=lambda one: one.written, reverse=True)


def _may_be_ours(place: Path) -> bool:
    """Whether a folder has at least one of a run's files, or does not let anybody look."""
    try:
        return place.is_dir() and any(path.name in FILES for path in place.iterdir())
    except OSError:
        return True


def _changed_at(place: Path) -> float:
    try:
        return place.lstat().st_mtime
    except OSError:
        return 0.0


def _csv(rows: Iterable[Iterable[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _lines(path: Path) -> list[dict[str, str]]:
    try:
        return list(csv.DictReader(_text(path).splitlines()))
    except (OSError, ValueError, csv.Error):
        return []


def _results(lines: Iterable[Mapping[str, str]]) -> Iterable[EpochResult]:
    names = [field.name for field in attrs.fields(EpochResult)]
    for line in lines:
        try:
            values: dict[str, Any] = {name: float(line[name]) if line[name] else None for name in names}
            yield EpochResult(**{**values, "epoch": int(line["epoch"]), "steps": int(line["steps"])})
        except (KeyError, TypeError, ValueError):
            continue


def _text(path: Path) -> str:
    if not path.is_file():  # a pipe would be waited for
        raise FileNotFoundError(f"{path} is no file")
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"{path} is larger than a run's file can be")
    return path.read_text(encoding="utf-8")
