"""Checkpoints: a run as one safetensors file, whose metadata holds everything else as JSON.

Tensors are `network/NODE.NAME` (parameters, and what layers measure), `optimizer/STATE/NODE.NAME` and `best/NODE.NAME`
(the best epoch so far), all float32 in PyTorch's shapes.  The metadata's one entry, `convstudio`, is a JSON object:
format, version, network (the network file's content), settings, and facts (epoch, place in it, history, ...).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as tensors_to_bytes

from engine import graph as graphs
from engine.atomic import write_atomically
from engine.batches import Data
from engine.errors import EngineError
from engine.graph import Graph
from engine.progress import State
from engine.run_files import CHECKPOINT_KEY
from engine.settings import TrainingSettings, settings_from_json
from engine.trainer import Trainer

Array = np.ndarray[Any, Any]
FORMAT, VERSION, KEY = "convstudio-checkpoint", 1, CHECKPOINT_KEY
BLOCK_BYTES = 1 << 20  # written at a time
Arrays = Mapping[str, Array]


class CheckpointError(EngineError):
    """A checkpoint that cannot be read, or does not belong to the network."""


@attrs.frozen(eq=False)
class Checkpoint:
    """A run at one moment."""

    graph: Graph
    settings: TrainingSettings
    state: State
    about: Mapping[str, Any] = attrs.field(factory=dict)  # what others want to remember, such as the name of the data

    @property
    def arrays(self) -> dict[str, Array]:
        """The network's numbers by "node.name"."""
        return {n.removeprefix("network/"): a for n, a in self.state.arrays.items() if n.startswith("network/")}

    @property
    def best_arrays(self) -> dict[str, Array]:
        """Those of the best epoch; of the newest where none was kept."""
        best = {n.removeprefix("best/"): a for n, a in self.state.arrays.items() if n.startswith("best/")}
        return best or self.arrays


def capture(trainer: Trainer, about: Mapping[str, Any] | None = None) -> Checkpoint:
    """The run as it stands between two steps."""
    return Checkpoint(trainer.graph, trainer.settings, trainer.state(), about or {})


def save(checkpoint: Checkpoint, path: Path | str) -> None:
    """Writes the file, or leaves the one before it as it was."""
    content = {
        "format": FORMAT,
        "version": VERSION,
        "network": graphs.to_json(checkpoint.graph),
        "settings": checkpoint.settings.to_json(),
        "facts": checkpoint.state.facts,
        "about": checkpoint.about,
    }
    tensors = {name: np.ascontiguousarray(array) for name, array in checkpoint.state.arrays.items()}
    data = memoryview(tensors_to_bytes(tensors, metadata={KEY: json.dumps(content)}))
    write_atomically(Path(path), (bytes(data[at : at + BLOCK_BYTES]) for at in range(0, len(data), BLOCK_BYTES)))


def load(path: Path | str) -> Checkpoint:
    """Reads a file that may be anybody's: nothing in it is trusted, and nothing in it is run."""
    try:
        with safe_open(str(path), framework="numpy") as file:
            content = _content(path, file.metadata())
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    except FileNotFoundError as problem:
        raise CheckpointError(f"There is no checkpoint {path}.") from problem
    except (OSError, SafetensorError, TypeError, ValueError) as problem:
        raise CheckpointError(f"{path} is no checkpoint, or a damaged one: {problem}.") from problem
    for name, array in arrays.items():
        if array.dtype != np.float32 or not np.isfinite(array).all():
            raise CheckpointError(f"{path} is damaged: {name} holds something else than finite float32 numbers.")
    try:
        graph, settings = graphs.from_json(content.get("network")), settings_from_json(content.get("settings"))
    except EngineError as problem:
        raise CheckpointError(f"{path} is damaged: {problem}") from problem
    facts, about = (content.get(key) for key in ("facts", "about"))
    if not isinstance(facts, dict) or not isinstance(about, dict):
        raise CheckpointError(f"{path} is damaged: its facts are missing.")
    return Checkpoint(graph, settings, State(arrays, facts), about)


def _content(path: Path | str, metadata: Any) -> Mapping[str, Any]:
    text = metadata.get(KEY) if metadata else None
    if text is None:
        raise CheckpointError(f"{path} holds arrays, but is no checkpoint: it lacks the description of a run.")
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise CheckpointError(f"{path} is damaged: its description is not JSON.") from problem
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise CheckpointError(f"{path} is damaged: its description is of another kind.")
    version = content.get("version")
    if not isinstance(version, int) or not 1 <= version <= VERSION:
        raise CheckpointError(f"{path} has version {version!r}; this program reads versions 1 to {VERSION}.")
    return content


def resume(checkpoint: Checkpoint, data: Data) -> Trainer:
    """A trainer that goes on where the checkpoint was made, with the same bits as if nothing had happened."""
    trainer = Trainer(checkpoint.graph, data, checkpoint.settings)
    try:
        _check_shapes(trainer, checkpoint.state.arrays)
        trainer.restore(checkpoint.state)
    except CheckpointError:
        raise
    except KeyError as problem:
        raise CheckpointError(f"The checkpoint is damaged: it lacks {problem}.") from problem
    except (EngineError, TypeError, ValueError, AttributeError) as problem:
        raise CheckpointError(f"The checkpoint is damaged: {problem}") from problem
    progress = trainer.progress
    if not 0 <= progress.seen <= trainer.samples_per_epoch or progress.epoch != len(trainer.history):
        raise CheckpointError(
            f"The checkpoint stands at sample {progress.seen} of an epoch, and this data has "
            f"{trainer.samples_per_epoch}. Go on with the data that the run began with."
        )
    return trainer


def _check_shapes(trainer: Trainer, arrays: Arrays) -> None:
    wanted = trainer.state().arrays
    for name, array in wanted.items():
        if name not in arrays:
            raise CheckpointError(f"The checkpoint lacks {name}, which the network has.")
        if arrays[name].shape != array.shape:
            shapes = f"{arrays[name].shape}, but the network needs {array.shape}"
            raise CheckpointError(f"{name} of the checkpoint has the shape {shapes}.")
    own = trainer.network.store.arrays
    for name, array in arrays.items():
        kind, _, rest = name.partition("/")
        if kind == "best" and (rest not in own or own[rest].shape != array.shape):
            raise CheckpointError(f"{name} of the checkpoint does not fit the network.")


def put_arrays(store_arrays: Arrays, arrays: Arrays) -> list[str]:
    """Copies arrays into a network's by name where shapes agree; returns the names that found nothing to take."""
    missing = []
    for name, array in store_arrays.items():
        if name in arrays and arrays[name].shape == array.shape:
            array[...] = arrays[name]
        else:
            missing.append(name)
    return missing
